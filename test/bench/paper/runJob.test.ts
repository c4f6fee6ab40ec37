import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { fill, setBackend, square, sub, sum, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { l2Loss } from '../../../src/index.js';
import { registerWasmTraining } from '../../../src/kernels.js';
import { without } from '../../../bench/paper/without.js';
import { preset } from '../../../bench/paper/presets.js';
import { unvaried } from '../../../src/autoencoder/drawPatches.js';
import { weaveDataset } from '../../../bench/pictures/weave.js';
import { featuresFrom } from '../../../bench/features/features.js';
import { runJob } from '../../../bench/paper/runJob.js';
import type { Outcome } from '../../../bench/paper/report/outcome.js';
import type { Job } from '../../../bench/paper/job.js';
import type { Progress } from '../../../bench/running/progress.js';
import { LocalLearner } from '../../../bench/paper/train/learner.js';
import type { Learner, LearnerOptions } from '../../../bench/paper/train/learner.js';
import { modelNames } from '../../../bench/paper/models.js';
import type { ModelName } from '../../../bench/paper/models.js';

let folder = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ssim-ae-paper-'));
  registerWasmTraining();
  await setBackend('wasm');
});
afterEach(() => rmSync(folder, { recursive: true }));

const small = { size: 16, channels: 1, latent: 5, width: 0.1, mean: 0.5, deviation: 0.1, seed: 3 };
const options = (model: ModelName): LearnerOptions => ({
  ...small,
  initialiser: 'he',
  model,
  ssim: {},
  weightDecay: 1e-5,
  stride: 8,
  samples: 2,
  features: { kind: 'gabor' },
});
const open = (given: LearnerOptions): Promise<Learner> => LocalLearner.open(given, 'wasm');
const dataset = weaveDataset(4, { size: 48, train: 9, good: 1, ofEachKind: 1 });
const job = (model: ModelName, more: Partial<Job> = {}): Job => ({
  name: model,
  model,
  settings: {
    ...preset,
    size: 16,
    stride: 8,
    width: 0.1,
    latent: 5,
    steps: 8,
    batch: 2,
    samples: 2,
    seed: 2,
  },
  features: { kind: 'gabor' },
  folder,
  shown: [0, 1],
  checkpointSeconds: 0,
  leastDefect: 100,
  ...more,
});
const untimed = (outcome: Outcome): object => without(outcome, 'seconds', 'inspectionSeconds');

test.each(modelNames)('%s: an interrupted run goes on to identical results', async (model) => {
  const whole = await runJob(job(model, { folder: mkdtempSync(join(folder, 'a')) }), dataset, open, () => {});
  const halves = job(model, { folder: mkdtempSync(join(folder, 'b')) });
  const stopAt5 = (progress: Progress): void => {
    if (progress.kind === 'step' && progress.step === 5) throw new Error('interrupted');
  };
  await expect(runJob(halves, dataset, open, stopAt5)).rejects.toThrow('interrupted');
  const steps: number[] = [];
  const resumed = await runJob(halves, dataset, open, (progress) => {
    if (progress.kind === 'step') steps.push(progress.step);
  });
  expect(steps).toEqual([5, 6, 7, 8]); // the fifth was made, but not written down
  expect(untimed(resumed)).toEqual(untimed(whole));
  expect(whole.losses).toHaveLength(8);
  expect(whole.maps.SSIM.all.pixels).toBeGreaterThan(0);
  expect(whole.drawings).toHaveLength(2);
});

test('what is done is not done again, until something changes', async () => {
  const first = await runJob(job('SSIM'), dataset, open, () => {});
  const never = (): Promise<Learner> => Promise.reject(new Error('opened'));
  expect(await runJob(job('SSIM'), dataset, never, () => {})).toEqual(JSON.parse(JSON.stringify(first)));
  const { settings } = job('SSIM');
  for (const changed of [{ seed: 3 }, { stride: 16 }, { variation: { ...unvaried, flips: true } }]) {
    await expect(
      runJob(job('SSIM', { settings: { ...settings, ...changed } }), dataset, never, () => {}),
    ).rejects.toThrow('opened');
  }
});

test('what another training has left stays, and is gone on from; what cannot be written costs no training', async () => {
  const { settings } = job('SSIM');
  const other = job('SSIM', { settings: { ...settings, seed: 3 } });
  await runJob(job('SSIM'), dataset, open, () => {});
  const before = ['SSIM.checkpoint', 'SSIM.json'].map((name) => readFileSync(join(folder, name)));
  for (const name of ['SSIM-2.checkpoint.new', 'SSIM-2.json.new'])
    symlinkSync('/dev/full', join(folder, name));
  const texts: string[] = [];
  const steps = new Set<number>();
  const outcome = await runJob(other, dataset, open, (progress) => {
    if (progress.kind === 'unwritten') texts.push(progress.text);
    if (progress.kind === 'step') steps.add(progress.step);
  });
  expect(steps.size).toBe(settings.steps);
  expect(outcome.losses).toHaveLength(settings.steps);
  expect(texts).toHaveLength(2);
  for (const text of texts)
    expect(text).toMatch(/SSIM-2\.\w+ cannot be written: ENOSPC: no space left on device\.$/);
  const after = ['SSIM.checkpoint', 'SSIM.json'].map((name) => readFileSync(join(folder, name)));
  expect(after).toEqual(before);
  // The later checkpoints were written; the outcome is made from them.
  const again: number[] = [];
  await runJob(other, dataset, open, (progress) => {
    if (progress.kind === 'step') again.push(progress.step);
  });
  expect(again).toEqual([]);
});

test('λ is such that both parts of the FM loss begin alike, and no other model asks for it', async () => {
  const learner = await open(options('FM'));
  const patches = Float32Array.from({ length: 256 }, (_, k) => 0.5 + 0.2 * Math.sin(k));
  const features = await featuresFrom({ kind: 'gabor' }, 1);
  const expected = tidy(() => {
    const x = tensor4d(patches, [1, 16, 16, 1]);
    const grey = fill<Tensor4D['rankType']>([1, 16, 16, 1], patches.reduce((a, b) => a + b, 0) / 256);
    const distance = sum(square(sub(features(x) as Tensor4D, features(grey) as Tensor4D))).dataSync()[0]!;
    return l2Loss(x, grey).dataSync()[0]! / distance;
  });
  expect((await learner.balance(patches)) / expected).toBeCloseTo(1, 4);
  await learner.close();
  const { lambda } = await runJob(job('FM'), dataset, open, () => {});
  expect(lambda).toBeGreaterThan(0);
  expect(lambda).not.toBe(1);
  const { settings } = job('SSIM');
  await runJob(job('SSIM'), dataset, open, () => {});
  const never = (): Promise<Learner> => Promise.reject(new Error('opened'));
  await runJob(job('SSIM', { settings: { ...settings, lambda: 7 } }), dataset, never, () => {});
});

test('another way of judging trains nothing anew', async () => {
  await runJob(job('SSIM'), dataset, open, () => {});
  const steps: number[] = [];
  const { settings } = job('SSIM');
  await runJob(job('SSIM', { settings: { ...settings, stride: 16 } }), dataset, open, (progress) => {
    if (progress.kind === 'step') steps.push(progress.step);
  });
  expect(steps).toEqual([]);
});

test('the deterministic models rank by the VAE map as by the ℓ2 map', async () => {
  const { maps } = await runJob(job('ℓ2'), dataset, open, () => {});
  expect(maps.VAE.all.pixels).toBeCloseTo(maps.ℓ2.all.pixels!, 4);
});
