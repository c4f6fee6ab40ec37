import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs-layers'; // registers the gradients
import {
  add,
  dispose,
  memory,
  mul,
  randomUniform,
  setBackend,
  square,
  sub,
  sum,
  tensor1d,
  tensor4d,
  tidy,
  train,
  variable,
  variableGrads,
} from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { l2Loss, ssimLoss } from '../../../src/index.js';
import { registerWasmTraining } from '../../../src/kernels.js';
import { Adam } from '../../../bench/paper/train/adam.js';
import { autoencoder } from '../../../bench/autoencoders/paper.js';
import { ownerOfCheckpoint, readCheckpoint, writeCheckpoint } from '../../../bench/paper/train/checkpoint.js';
import { LocalLearner } from '../../../bench/paper/train/learner.js';
import type { Learner, LearnerOptions } from '../../../bench/paper/train/learner.js';
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

describe('autoencoder', () => {
  test('at full width and 128 pixels it is the one of table 1 of the paper', () => {
    const { encoder, decoder } = autoencoder({
      ...small,
      size: 128,
      latent: 100,
      width: 1,
      initialiser: 'he',
      variational: false,
    });
    const shapes = encoder.layers
      .filter(({ name }) => name.startsWith('conv2d'))
      .map(({ outputShape }) => (outputShape as number[]).slice(1));
    expect(shapes).toEqual([
      [64, 64, 32],
      [32, 32, 32],
      [32, 32, 32],
      [16, 16, 64],
      [16, 16, 64],
      [8, 8, 128],
      [8, 8, 64],
      [8, 8, 32],
      [1, 1, 100],
    ]);
    expect(decoder.outputShape).toEqual([null, 128, 128, 1]);
    encoder.dispose();
    decoder.dispose();
  });

  test('its activations begin as wide as its input, layer by layer, and its output near the mean', () => {
    const { encoder, decoder } = autoencoder({
      ...small,
      size: 32,
      width: 1,
      latent: 100,
      initialiser: 'he',
      variational: false,
    });
    const x = randomUniform<Tensor4D['rankType']>([8, 32, 32, 1], 0.3, 0.7, 'float32', 5);
    const [code, output] = tidy(() => {
      const z = encoder.predict(x) as Tensor4D;
      return [
        z.dataSync<'float32'>().slice(),
        (decoder.predict(z) as Tensor4D).dataSync<'float32'>().slice(),
      ];
    });
    const deviation = Math.hypot(...code) / Math.sqrt(code.length);
    expect(deviation).toBeGreaterThan(0.1);
    expect(deviation).toBeLessThan(10);
    output.forEach((value) => expect(Math.abs(value - 0.5)).toBeLessThan(0.3));
    dispose(x);
    encoder.dispose();
    decoder.dispose();
  });
});

describe('Adam', () => {
  test("takes algorithm 1's steps, to more digits than tfjs's own", () => {
    const goal = [0.3, 0.1, -4];
    const target = tensor1d(goal);
    const [ours, theirs] = [0, 1].map(() => variable(tensor1d([1, -2, 0.5]))) as [Variable, Variable];
    const loss = (w: Variable) => (): Scalar => sum<Scalar>(square(sub(w, target)));
    const adam = new Adam([ours], 0);
    const tfjs = train.adam(0.05, 0.9, 0.999, 1e-7);
    // Kingma and Ba 2015, in float64.
    const [w, m, v] = [
      [1, -2, 0.5],
      [0, 0, 0],
      [0, 0, 0],
    ];
    for (let step = 1; step <= 20; step++) {
      const { grads, value } = variableGrads(loss(ours), [ours]);
      adam.apply(grads, step, 0.05);
      dispose([value, ...Object.values(grads)]);
      tfjs.minimize(loss(theirs), false, [theirs]);
      for (let k = 0; k < 3; k++) {
        const gradient = 2 * (w[k]! - goal[k]!);
        m[k] = 0.9 * m[k]! + 0.1 * gradient;
        v[k] = 0.999 * v[k]! + 0.001 * gradient ** 2;
        const [first, second] = [m[k]! / (1 - 0.9 ** step), v[k]! / (1 - 0.999 ** step)];
        w[k]! -= (0.05 * first) / (Math.sqrt(second) + 1e-7);
      }
    }
    ours.dataSync().forEach((value, k) => expect(value).toBeCloseTo(w[k]!, 6));
    theirs.dataSync().forEach((value, k) => expect(value).toBeCloseTo(w[k]!, 4));
    expect(w[0]).not.toBeCloseTo(1, 1);
    adam.dispose();
    tfjs.dispose();
    dispose([ours, theirs, target]);
  });

  test('weight decay is the gradient of half its square norm', () => {
    const [ours, theirs] = [0, 1].map(() => variable(tensor1d([1, -2]))) as [Variable, Variable];
    const plain = new Adam([theirs], 0);
    const decaying = new Adam([ours], 0.3);
    for (let step = 1; step <= 5; step++) {
      for (const [w, adam, loss] of [
        [ours, decaying, () => sum<Scalar>(square(ours))],
        [theirs, plain, () => sum<Scalar>(add(square(theirs), mul(square(theirs), 0.15)))],
      ] as const) {
        const { grads, value } = variableGrads(() => loss(), [w]);
        adam.apply(grads, step, 0.05);
        dispose([value, ...Object.values(grads)]);
      }
    }
    const expected = theirs.dataSync();
    ours.dataSync().forEach((value, k) => expect(value).toBeCloseTo(expected[k]!, 6));
    plain.dispose();
    decaying.dispose();
    dispose([ours, theirs]);
  });
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
