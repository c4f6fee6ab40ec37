import { build } from 'esbuild';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { InputError } from '../../running/inputError.js';
import { softwareVulkan } from '../../running/chromiumOptions.js';

/** Everything that the benchmark takes, in one folder: this Node, Dawn, the program, a Vulkan loader. */
export async function pack(folder: string): Promise<void> {
  if (process.platform !== 'linux') throw new InputError('--pack makes a folder for Linux, on Linux.');
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL('./main.ts', import.meta.url))],
    outfile: join(folder, 'bench.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    minify: true,
    external: ['webgpu', './pack.js'],
    // tfjs's builds for Node require() what they need.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module';const require = requireOf(import.meta.url);",
    },
    logLevel: 'error',
  });

  const webgpu = dirname(createRequire(import.meta.url).resolve('webgpu'));
  const place = join(folder, 'node_modules/webgpu');
  const dawn = `dist/linux-${process.arch}/dawn.node`;
  mkdirSync(dirname(join(place, dawn)), { recursive: true });
  for (const file of ['index.js', 'package.json', 'LICENSE.md'])
    copyFileSync(join(webgpu, file), join(place, file));
  writeFileSync(join(place, `${dawn}.gz`), gzipSync(readFileSync(join(webgpu, dawn))));
  writeFileSync(join(folder, 'node.gz'), gzipSync(readFileSync(process.execPath)));

  const loader = [join(softwareVulkan.LD_LIBRARY_PATH, 'libvulkan.so.1'), ...systemLoaders].find(existsSync);
  if (loader === undefined)
    console.error('No Vulkan loader is here: the other machine needs one (Debian: libvulkan1).');
  else {
    mkdirSync(join(folder, 'lib'), { recursive: true });
    copyFileSync(loader, join(folder, 'lib/libvulkan.so.1'));
  }
  writeFileSync(join(folder, 'run.sh'), runScript(dawn));
  chmodSync(join(folder, 'run.sh'), 0o755);
  console.log(`${folder}: ${(sizeOf(folder) / 1e6).toFixed(0)} MB. There: ${join(folder, 'run.sh')} --quick`);
}

const systemLoaders = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/libvulkan.so.1`);

const runScript = (dawn: string): string => `#!/bin/sh
# Measures ssim-ae on this machine's GPU, without network or installation: ./run.sh --help
here=$(cd "$(dirname "$0")" && pwd) || exit 1
for file in node node_modules/webgpu/${dawn}; do
  [ -f "$here/$file" ] || gunzip -c "$here/$file.gz" >"$here/$file" || exit 1
done
chmod +x "$here/node"
# The loader that came along, where the machine has none.
ldconfig -p 2>/dev/null | grep -q 'libvulkan\\.so\\.1' || export LD_LIBRARY_PATH="$here/lib:$LD_LIBRARY_PATH"
exec "$here/node" "$here/bench.mjs" "$@"
`;

const sizeOf = (path: string): number =>
  statSync(path).isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
    : statSync(path).size;
