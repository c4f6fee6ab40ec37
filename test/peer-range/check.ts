/**
 * The library with tfjs-core as old as its peer range allows: `npm run test:peer-range`, or with other
 * versions after `--`. It installs them from the registry into a temporary folder, which is why it is no part
 * of `npm test`, and packs dist/, which `npm run build` makes.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly peerDependencies: Readonly<Record<string, string>>;
};
const lowest = manifest.peerDependencies['@tensorflow/tfjs-core']!.replace('^', '');
const given = process.argv.slice(2);
const versions = given.length > 0 ? given : [lowest];

const sourceAsPackage: Plugin = {
  name: 'source-as-package',
  setup: (on) => {
    on.onResolve({ filter: /\/src\/index\.js$/ }, () => ({ path: 'ssim-ae', external: true }));
    on.onResolve({ filter: /\/src\/kernels\.js$/ }, () => ({
      path: 'ssim-ae/kernels',
      external: true,
    }));
  },
};

const typed = `
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { sequential } from '@tensorflow/tfjs-layers';
import { ssimLoss, withOptions } from 'ssim-ae';

export const loss: (yTrue: Tensor, yPred: Tensor) => Tensor1D = withOptions(ssimLoss, { dataRange: 255 });
sequential().compile({ optimizer: 'adam', loss });
`;

for (const version of versions) {
  const project = mkdtempSync(join(tmpdir(), 'ssim-ae-peer-range-'));
  const run = (program: string, args: readonly string[], cwd = project): void => {
    execFileSync(program, args, { cwd, stdio: ['ignore', 2, 2] });
  };
  try {
    run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', project], root);
    const tarball = readdirSync(project).find((name) => name.endsWith('.tgz'))!;
    writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
    const tfjs = ['core', 'layers', 'backend-cpu', 'backend-wasm'].map(
      (name) => `@tensorflow/tfjs-${name}@${version}`,
    );
    // Not --force, not --legacy-peer-deps: npm itself must find that the ranges fit.
    run('npm', [
      'install',
      '--silent',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      `./${tarball}`,
      ...tfjs,
    ]);

    await build({
      entryPoints: [join(root, 'test/peer-range/smoke.ts')],
      outfile: join(project, 'smoke.js'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      plugins: [sourceAsPackage],
      logLevel: 'warning',
    });
    run(process.execPath, ['smoke.js', version]);

    writeFileSync(join(project, 'typed.ts'), typed);
    const module = ['--module', 'node16', '--moduleResolution', 'node16', '--target', 'es2022'];
    run(process.execPath, [
      join(root, 'node_modules/typescript/bin/tsc'),
      ...['--noEmit', '--strict', '--skipLibCheck', ...module, 'typed.ts'],
    ]);
    process.stdout.write(`tfjs ${version}: values, gradients, training and types hold\n`);
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}
