// `npm run build:kernels`: compiles every AssemblyScript source `src/…/assembly/NAME.ts` to WebAssembly and writes it
// beside it as `NAMECode.ts`, a module that holds the bytes in hexadecimal digits, which compress better than base64;
// unless that is newer than all sources.
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
const newest = Math.max(
  ...(await Promise.all([...all.filter((path) => !isCode(path)), 'compileAssembly.js'].map(modified))),
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
    `// Made from ${name}.ts.\nexport const ${name}Code =\n  '${code.toString('hex')}';\n`,
  );
  console.log(`${entry}: ${code.length} bytes`);
}
