// What `npm run bench:defects` leaves, in the hands of somebody who has the package alone.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshProject } from '../house/support/freshProject.js';
import { command } from '../support/command.js';
import { cloth, writeImage, writeSet } from '../support/set.js';

const main = fileURLToPath(new URL('../../bench/paper/main.ts', import.meta.url));
const project = freshProject();

beforeAll(async () => {
  await writeSet(join(project.folder, 'set'));
  // Of 72 good images nine are held back, enough for a rate of 0.1.
  for (let k = 8; k < 72; k++) {
    await writeImage(join(project.folder, `set/train/good/${k}.png`), (pixel) => cloth(pixel + (k % 3)));
  }
  project.install([
    'ssim-ae',
    '@tensorflow/tfjs-core',
    '@tensorflow/tfjs-layers',
    '@tensorflow/tfjs-backend-wasm',
    'sharp',
  ]);
});
afterAll(() => project.remove());

test('its models load with tfjs-layers, and as detectors that tell a torn image from a good one', async () => {
  const line =
    '--data set --size 16 --stride 16 --width 0.25 --latent 10 --steps 200 --batch 8 --learning-rate 0.005 --samples 1 ' +
    '--models l2,SSIM --threads 1 --out out';
  const { code, out, error } = await command(main, line.split(' '), project.folder);
  expect(code, error).toBe(0);
  expect(out).toMatch(/^Models for loadLayersModel of tfjs-layers, in out.set: ℓ2-model, SSIM-model\.$/m);
  expect(out).toMatch(
    /^Also detectors .* call 10 % of such good images defective: .*SSIM-model\. To use it/m,
  );
  // The ten lines that it ends with, as they stand there.
  const program = /^ {2}import fs[^]*regions\);$/m.exec(out)![0].replace(/^ {2}/gm, '');
  expect(program.split('\n')).toHaveLength(10);
  project.write('inspect.mjs', program);
  await writeImage(join(project.folder, 'good.png'), cloth);
  await writeImage(join(project.folder, 'torn.png'), (k) => (k < 600 ? 0 : cloth(k)));
  project.write(
    'load.mjs',
    `import fs from 'node:fs/promises';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { folderHandler } from 'ssim-ae/autoencoder';

await tf.setBackend('wasm');
const model = await loadLayersModel(folderHandler('out/set/ℓ2-model', fs));
console.log(JSON.stringify(model.predict(tf.fill([1, 16, 16, 1], 0.5)).shape));
`,
  );
  const loaded = await project.run('node load.mjs');
  expect(loaded.out.trim(), loaded.error).toBe('[1,16,16,1]');
  for (const [image, verdict] of [
    ['good.png', /^good /],
    ['torn.png', /^defective .*box/s],
  ] as const) {
    const judged = await project.run(`node inspect.mjs ${image}`);
    expect(judged.out, judged.error).toMatch(verdict);
  }
});
