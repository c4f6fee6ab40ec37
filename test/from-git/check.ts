/**
 * The library as `npm install git+…` gives it: `npm run test:from-git`. npm clones what is committed here, installs the
 * development dependencies in the clone and runs `prepare` there, which takes about a minute and the registry, so
 * this is no part of `npm test`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly devDependencies: Readonly<Record<string, string>>;
};
const tfjs = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'].map(
  (name) => `${name}@${devDependencies[name]}`,
);
const use = `
const x = tf.tensor4d(Float32Array.from({ length: 256 }, (_, i) => ((i * 37) % 101) / 101), [1, 16, 16, 1]);
const [same] = ssimLoss(x, x).dataSync();
const [inverted] = ssimLoss(x, tf.sub(1, x)).dataSync();
if (same !== 0 || !(inverted > 1.5 && inverted <= 2)) throw new Error('ssimLoss: ' + same + ', ' + inverted);
registerWasmTraining();
`;
const programs = {
  'module.mjs': `
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { ssimLoss } from 'ssim-ae';
import { registerWasmTraining } from 'ssim-ae/kernels';
${use}`,
  'module.cjs': `
require('@tensorflow/tfjs-backend-cpu');
const tf = require('@tensorflow/tfjs-core');
const { ssimLoss } = require('ssim-ae');
const { registerWasmTraining } = require('ssim-ae/kernels');
${use}`,
};

const project = mkdtempSync(join(tmpdir(), 'ssim-ae-from-git-'));
try {
  const run = (program: string, args: readonly string[]): void => {
    execFileSync(program, args, { cwd: project, stdio: ['ignore', 2, 2] });
  };
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  const url = `git+${pathToFileURL(root).href}`;
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', url, ...tfjs]);
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(project, name), text);
    run(process.execPath, [name]);
  }
  process.stdout.write('installed from git: both entries, as ES and CommonJS modules\n');
} finally {
  rmSync(project, { recursive: true, force: true });
}
