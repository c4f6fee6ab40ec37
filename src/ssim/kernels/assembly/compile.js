// Compiles ssim.ts to WebAssembly and writes it as a module that holds its bytes in base64: `npm run build:kernels`.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const folder = import.meta.dirname;
const scratch = await mkdtemp(join(tmpdir(), 'ssim-ae-'));
try {
  const { error, stderr } = await asc.main([
    join(folder, 'ssim.ts'),
    ...['--outFile', join(scratch, 'ssim.wasm')],
    ...['--baseDir', '/'],
    ...['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd,bulk-memory'],
  ]);
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  const code = await readFile(join(scratch, 'ssim.wasm'));
  await writeFile(
    join(folder, 'ssimCode.ts'),
    `// Made from ssim.ts by compile.js.\nexport const ssimCode =\n  '${code.toString('base64')}';\n`,
  );
  console.log(`ssim.wasm: ${code.length} bytes`);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
