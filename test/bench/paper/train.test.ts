import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  add,
  dispose,
  memory,
  mul,
  setBackend,
  square,
  sum,
  tensor1d,
  tensor4d,
  tidy,
  variable,
  variableGrads,
} from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { l2Loss, ssimLoss } from '../../../src/index.js';
import { registerWasmTraining } from '../../../src/kernels.js';
import { autoencoder } from '../../../src/autoencoder.js';
import { ownerOfCheckpoint, readCheckpoint, writeCheckpoint } from '../../../bench/paper/train/checkpoint.js';
import { LocalLearner, decayed } from '../../../bench/paper/train/learner.js';
import type { Learner, LearnerOptions } from '../../../bench/paper/train/learner.js';
import { networkOf, variablesOf } from '../../../bench/paper/train/networks.js';
import { modelNames } from '../../../bench/paper/models.js';
import type { ModelName } from '../../../bench/paper/models.js';
import { preset } from '../../../bench/paper/presets.js';
import { stepOf } from '../../../bench/paper/train/schedule.js';

let folder = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ssim-ae-paper-'));
  registerWasmTraining();
  await setBackend('wasm');
});
afterEach(() => rmSync(folder, { recursive: true }));

const small = { size: 16, channels: 1, latent: 5, width: 0.1, mean: 0.5, deviation: 0.1, seed: 3 };

describe('networks', () => {
  test('a VAE has a mean and a log-variance for every latent; the others are the model of the door', () => {
    const given = { ...small, initialiser: 'he' } as const;
    const { whole, halves } = networkOf('VAE', given);
    expect(whole.outputShape).toEqual([null, 16, 16, 1]);
    expect(halves!.encoder.outputShape).toEqual([null, 1, 1, 2 * small.latent]);
    expect(halves!.decoder.inputs.map(({ shape }) => shape)).toEqual([[null, 1, 1, small.latent]]);
    expect(halves!.decoder.outputShape).toEqual([null, 16, 16, 1]);
    const network = networkOf('SSIM', given);
    expect([network.whole.name, network.halves]).toEqual(['paper_autoencoder', undefined]);
    const { size, latent, width, seed } = small;
    const theDoors = autoencoder({ architecture: 'paper', size, latent, width, seed });
    const valuesOf = (variables: readonly Variable[]) => variables.map((one) => [...one.dataSync()]);
    expect(valuesOf(variablesOf(network))).toEqual(valuesOf(variablesOf({ whole: theDoors })));
    // Standardised, as the statistics say.
    const [standardised] = tidy(() => {
      const given = tensor4d([0.4, 0.5, 0.6], [1, 1, 3, 1]);
      const layer = network.whole.getLayer('standardised');
      return [(layer.call([given], {}) as Tensor4D).dataSync<'float32'>()];
    }) as unknown as [Float32Array];
    [-1, 0, 1].forEach((value, k) => expect(standardised[k]).toBeCloseTo(value, 5));
  });

  test.each(['SSIM', 'VAE'] as const)('%s: Glorot weights have their variance', (model) => {
    const network = networkOf(model, { ...small, width: 1, initialiser: 'glorot' });
    const kernels = variablesOf(network).filter(({ size, rank }) => rank === 4 && size > 5000);
    expect(kernels.length).toBeGreaterThan(10);
    for (const kernel of kernels) {
      const [height, width, from, to] = kernel.shape as [number, number, number, number];
      const squares = kernel.dataSync<'float32'>().reduce((total, value) => total + value * value, 0);
      const deviation = Math.sqrt(squares / kernel.size);
      expect(deviation / Math.sqrt(2 / ((from + to) * height * width))).toBeCloseTo(1, 1);
    }
    network.whole.dispose();
  });
});

test('weight decay is the gradient of half its square norm', () => {
  const [ours, theirs] = [0, 1].map(() => variable(tensor1d([1, -2]))) as [Variable, Variable];
  const gradient = (w: Variable, loss: () => Scalar) => variableGrads(loss, [w]).grads;
  const [decaying, plain] = tidy(() => [
    decayed(
      gradient(ours, () => sum(square(ours))),
      [ours],
      0.3,
    )[ours.name]!.dataSync(),
    gradient(theirs, () => sum(add(square(theirs), mul(square(theirs), 0.15))))[theirs.name]!.dataSync(),
  ]) as unknown as [Float32Array, Float32Array];
  expect(decaying).toHaveLength(2);
  decaying.forEach((value, k) => expect(value).toBeCloseTo(plain[k]!, 6));
  dispose([ours, theirs]);
});

describe('checkpoint', () => {
  const checkpoint = {
    fingerprint: 'a',
    step: 7,
    losses: [3, 2.5, Math.PI],
    seconds: 1.5,
    state: [Float32Array.of(0.1, -0, Infinity), Float32Array.of(), Float32Array.of(10)],
  };

  test('comes back as it was written', () => {
    const file = join(folder, 'x');
    writeCheckpoint(file, checkpoint);
    expect(readCheckpoint(file, 'a')).toEqual(checkpoint);
    expect(existsSync(`${file}.new`)).toBe(false);
  });

  test('is none of another training, nor a broken one', () => {
    const file = join(folder, 'x');
    expect(readCheckpoint(file, 'a')).toBeUndefined();
    writeCheckpoint(file, checkpoint);
    expect(readCheckpoint(file, 'b')).toBeUndefined();
    const bytes = readFileSync(file);
    for (const broken of [
      bytes.subarray(0, bytes.length - 4),
      bytes.subarray(5),
      Buffer.from('no checkpoint'),
      ...['{}', 'null', '[]', '3', '{"fingerprint":"a"}', '{}\n', '{"fingerprint":"a","lengths":[]}\n'].map(
        (text) => Buffer.from(text),
      ),
      Buffer.concat([Buffer.from(bytes.toString('latin1').replace('[3,0,1]', '[-1,5,0]'), 'latin1')]),
      Buffer.alloc(0),
    ]) {
      rmSync(file);
      writeFileSync(file, broken);
      expect(readCheckpoint(file, 'a')).toBeUndefined();
      expect(ownerOfCheckpoint(file, 'a')).toBe('nobody');
    }
    rmSync(file);
    mkdirSync(file);
    expect(readCheckpoint(file, 'a')).toBeUndefined();
    expect(ownerOfCheckpoint(file, 'a')).toBe('other');
  });
});

describe('schedule', () => {
  const settings = { ...preset, steps: 100, learningRate: 1 };
  test('rises, and falls to a hundredth', () => {
    expect(stepOf(1, settings, 1).learningRate).toBeCloseTo(0.2, 3);
    expect(stepOf(5, settings, 1).learningRate).toBeGreaterThan(0.98);
    expect(stepOf(100, settings, 1).learningRate).toBeCloseTo(0.01, 6);
  });
  test('the divergence comes later', () => {
    expect([1, 20, 40, 60, 100].map((step) => stepOf(step, settings, 1).beta)).toEqual([0, 0, 0.5, 1, 1]);
  });
});
describe('learner', () => {
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

  test.each(modelNames)('%s: the loss of one batch falls, and no tensor stays', async (model) => {
    const learner = await open(options(model));
    const patches = Float32Array.from(
      { length: 4 * 256 },
      (_, k) => 0.5 + 0.2 * Math.sin((k % 16) * 1.3 + (k >> 8)),
    );
    const { numTensors } = memory();
    const losses: number[] = [];
    for (let number = 1; number <= 200; number++) {
      losses.push(await learner.step(patches, { number, learningRate: 3e-3, beta: 0.01, lambda: 1 }));
    }
    const [first, last] = [losses[0]!, losses.at(-1)];
    // The likelihood of a σ-VAE has no bound below: it falls by the logarithm.
    expect(first - last).toBeGreaterThan(model === 'VAE' ? 50 : 0.5 * first);
    expect(memory().numTensors).toBe(numTensors);
    const { structure, variance } = await learner.check(patches);
    expect(Math.max(structure, variance)).toBeGreaterThan(0.3);
    await learner.close();
  });
  test('the check: 0 for the mean grey, 1 for a copy', async () => {
    const learner = (await open(options('ℓ2'))) as LocalLearner;
    const patches = Float32Array.from({ length: 2 * 256 }, (_, k) => 0.5 + 0.2 * Math.sin(k));
    const expected = tidy(() => {
      const x = tensor4d(patches, [2, 16, 16, 1]);
      const reconstruction = learner.reconstruct(x);
      const grey = mul(add(x, 1), 0);
      const means = [0, 1].map(
        (n) => patches.subarray(n * 256, (n + 1) * 256).reduce((a, b) => a + b, 0) / 256,
      );
      const flat = add<Tensor4D>(grey, tensor4d(means, [2, 1, 1, 1]));
      return [ssimLoss, l2Loss].map(
        (loss) => 1 - sum(loss(x, reconstruction)).dataSync()[0]! / sum(loss(x, flat)).dataSync()[0]!,
      );
    });
    const { structure, variance } = await learner.check(patches);
    expect(structure).toBeCloseTo(expected[0]!, 4);
    expect(variance).toBeCloseTo(expected[1]!, 4);
    await learner.close();
  });
});
