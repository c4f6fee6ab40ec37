// `npm run build:kernels`: compiles every AssemblyScript source `src/…/assembly/NAME.ts` to WebAssembly and writes it
// beside it as `NAMECode.ts`, a module that holds the bytes as text, unless that is newer than all sources.
// What such sources share lies in folders of `assembly/`. A first line `// asc: OPTIONS` adds options of the compiler.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const root = import.meta.dirname;
const all = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .map((path) => join('src', path))
  .filter((path) => /[/\\]assembly[/\\].*\.ts$/.test(path));
const isCode = (path) => path.endsWith('Code.ts');
const isEntry = (path) => /[/\\]assembly[/\\][^/\\]+\.ts$/.test(path) && !isCode(path);
const codeOf = (entry) => entry.replace(/\.ts$/, 'Code.ts');

const modified = async (path) => (await stat(join(root, path))).mtimeMs;
const reader = join('src', 'backends', 'instantiate.ts');
const [, digits] = /digits =\s+'(.*)'/.exec(await readFile(join(root, reader), 'utf8'));
const newest = Math.max(
  ...(await Promise.all(
    [...all.filter((path) => !isCode(path)), 'compileAssembly.js', reader].map(modified),
  )),
);
const isStale = async (entry) => !all.includes(codeOf(entry)) || (await modified(codeOf(entry))) < newest;

const scratch = await mkdtemp(join(tmpdir(), 'ssim-ae-'));
try {
  for (const entry of all.filter(isEntry)) {
    if (await isStale(entry)) await compile(entry);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function compile(entry) {
  const { default: asc } = await import('assemblyscript/asc');
  const name = basename(entry, '.ts');
  const binary = join(scratch, `${name}.wasm`);
  const [, options = ''] = /^\/\/ asc: (.*)/.exec(await readFile(join(root, entry), 'utf8')) ?? [];
  const { error, stderr } = await asc.main([
    join(root, entry),
    ...['--outFile', binary],
    ...['--baseDir', '/'],
    ...['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd,bulk-memory'],
    ...options.split(' ').filter(Boolean),
  ]);
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  const code = await readFile(binary);
  await writeFile(
    join(root, codeOf(entry)),
    `// Made from ${name}.ts.\nexport const ${name}Code =\n  '${textOf(code)}';\n`,
  );
  console.log(`${entry}: ${code.length} bytes`);
}

/**
 * Bytes as ASCII characters, the frequent ones as one of 88 and the others as two or three: gzip finds repeated code in
 * them, as it does not in base64. src/backends/instantiate.ts reads them.
 */
function textOf(code) {
  return Array.from(code, (byte) => {
    const value = (byte + 16) % 256;
    return ','.repeat(Math.floor(value / 88)) + digits[value % 88];
  }).join('');
}
