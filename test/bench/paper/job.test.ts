import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs-layers'; // registers the gradients
import {
  add,
  dispose,
  fill,
  getBackend,
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
import { imageScore, l2Loss, ssimLoss } from '../../../src/index.js';
import { registerWasmTraining } from '../../../src/kernels.js';
import type { TestPicture } from '../../../bench/pictures/dataset.js';
import { unvaried } from '../../../bench/pictures/drawPatch.js';
import { without } from '../../../bench/paper/without.js';
import { weaveDataset } from '../../../bench/pictures/weave.js';
import { Adam } from '../../../bench/paper/train/adam.js';
import { autoencoder } from '../../../bench/autoencoders/paper.js';
import { ownerOfCheckpoint, readCheckpoint, writeCheckpoint } from '../../../bench/paper/train/checkpoint.js';
import { doubtsAbout } from '../../../bench/paper/judge/doubts.js';
import { featuresFrom } from '../../../bench/features/features.js';
import { curveOf, figuresOf } from '../../../bench/paper/judge/figures.js';
import { run } from '../../../bench/paper/job.js';
import type { Job, Outcome, Progress } from '../../../bench/paper/job.js';
import { LocalLearner } from '../../../bench/paper/train/learner.js';
import type { Learner, LearnerOptions } from '../../../bench/paper/train/learner.js';
import { mapNames } from '../../../bench/paper/judge/maps.js';
import { modelNames } from '../../../bench/paper/train/objectives.js';
import type { ModelName } from '../../../bench/paper/train/objectives.js';
import { preset } from '../../../bench/paper/presets.js';
import { stepOf } from '../../../bench/paper/train/schedule.js';

const onWasm = getBackend() === 'wasm';

let folder = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ssim-ae-defects-'));
  if (onWasm) registerWasmTraining();
  await setBackend(onWasm ? 'wasm' : 'cpu');
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

describe('figures', () => {
  const picture = (kind: string, mask: number[]) => ({
    name: kind,
    kind,
    height: 2,
    width: 2,
    channels: 1,
    data: new Float32Array(4),
    mask: Uint8Array.from(mask),
  });
  const test_ = [
    picture('good', [0, 0, 0, 0]),
    picture('hole', [1, 0, 0, 0]),
    picture('stain', [0, 0, 1, 1]),
  ];
  const maps = [
    [0, 1, 2, 3],
    [9, 8, 1, 0],
    [2.5, 0, 4, 5],
  ].map((map) => Float32Array.from(map));

  test('over all pixels, kind by kind, within images and of images', () => {
    const { pixels, kinds, within, images, auPro } = figuresOf(test_, maps);
    // Nine good pixels against 9, 4 and 5: only the 8 lies between.
    expect(pixels).toBeCloseTo(1 - 2 / 27, 12);
    expect(kinds).toEqual({ hole: 1, stain: 1 });
    expect(within).toBe(1);
    expect(images).toBe(1);
    expect(auPro).toBeGreaterThan(0.8);
  });

  test('one hot pixel of a good image decides by the largest, not by the top hundredth', () => {
    const large = (kind: string, hot: number[]): [TestPicture, Float32Array] => [
      {
        name: kind,
        kind,
        height: 16,
        width: 16,
        channels: 1,
        data: new Float32Array(256),
        mask: Uint8Array.from({ length: 256 }, (_, k) => (kind === 'good' || k > 5 ? 0 : 1)),
      },
      Float32Array.from({ length: 256 }, (_, k) => hot[k] ?? 0),
    ];
    const all = [large('good', [10]), large('hole', [5, 5, 5, 5, 5, 5])];
    const { images, imagesTop } = figuresOf(
      all.map(([made]) => made),
      all.map(([, map]) => map),
    );
    expect([images, imagesTop]).toEqual([0, 1]);
    // What a user of the library gets: 10 / 3, since a hundredth of 256 pixels are 3, and 5.
    const scores = tidy(() =>
      all.map(([, map]) => imageScore(tensor4d(map, [1, 16, 16, 1]), { method: 'topK' }).dataSync()[0]!),
    );
    expect(scores[0]).toBeCloseTo(10 / 3, 6);
    expect(scores[1]).toBe(5);
  });

  test('null where there is nothing to compare', () => {
    const { pixels, kinds, within, auPro, images, imagesTop } = figuresOf([test_[0]!], [maps[0]!]);
    expect([pixels, within, auPro, images, imagesTop]).toEqual([null, null, null, null, null]);
    expect(kinds).toEqual({});
    expect(curveOf([test_[0]!], [maps[0]!])).toEqual([]);
  });

  test('the curve goes from nothing to everything', () => {
    const curve = curveOf(test_, maps);
    expect(curve[0]).toEqual([0, 0]);
    expect(curve.at(-1)).toEqual([1, 1]);
  });
});

describe('doubts', () => {
  const inspection = (level: number) => ({
    reconstruction: new Float32Array(9),
    maps: Object.fromEntries(mapNames.map((name) => [name, new Float32Array(9).fill(level)])) as Record<
      (typeof mapNames)[number],
      Float32Array
    >,
  });
  const flat = new Array<number>(90).fill(1);
  const learnt = { structure: 0.8, variance: 0.8 };
  const whats = (...args: Parameters<typeof doubtsAbout>): string[] =>
    doubtsAbout(...args).map(({ what }) => what);

  test('none about a model that has learnt', () => {
    expect(whats('SSIM', flat, learnt, [inspection(1)], [inspection(1.2)])).toEqual([]);
  });
  test('a model is judged by the measure of its own loss', () => {
    const onlyStructure = { structure: 0.8, variance: 0 };
    expect(whats('SSIM', flat, onlyStructure, [inspection(1)], [])).toEqual([]);
    expect(whats('ℓ2', flat, onlyStructure, [inspection(1)], [])).toEqual(['not trained']);
    const [doubt] = doubtsAbout('SSIM', flat, { structure: 0.1, variance: 0.9 }, [inspection(1)], []);
    expect(doubt?.text).toMatch(/10 % of the structure .* more --steps/);
  });
  test('a loss that still falls', () => {
    const falling = Array.from({ length: 90 }, (_, k) => Math.exp(-k / 50));
    expect(whats('SSIM', falling, learnt, [inspection(1)], [])).toEqual(['still learning']);
  });
  test('test images unlike the good ones are counted', () => {
    const [doubt] = doubtsAbout(
      'SSIM',
      flat,
      learnt,
      [inspection(1)],
      [inspection(1), inspection(4), inspection(2)],
    );
    expect(doubt?.what).toBe('other images');
    expect(doubt?.text).toMatch(/^2 of 3 test images/);
  });
});

// Training on plain cpu takes long, and is the same code.
describe.runIf(onWasm)('learning', () => {
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

  test.each(modelNames)('%s: an interrupted run goes on to identical results', async (model) => {
    const whole = await run(job(model, { folder: mkdtempSync(join(folder, 'a')) }), dataset, open, () => {});
    const halves = job(model, { folder: mkdtempSync(join(folder, 'b')) });
    const stopAt5 = (progress: Progress): void => {
      if (progress.kind === 'step' && progress.step === 5) throw new Error('interrupted');
    };
    await expect(run(halves, dataset, open, stopAt5)).rejects.toThrow('interrupted');
    const steps: number[] = [];
    const resumed = await run(halves, dataset, open, (progress) => {
      if (progress.kind === 'step') steps.push(progress.step);
    });
    expect(steps).toEqual([5, 6, 7, 8]); // the fifth was made, but not written down
    expect(untimed(resumed)).toEqual(untimed(whole));
    expect(whole.losses).toHaveLength(8);
    expect(whole.maps.SSIM.all.pixels).toBeGreaterThan(0);
    expect(whole.drawings).toHaveLength(2);
  });

  test('what is done is not done again, until something changes', async () => {
    const first = await run(job('SSIM'), dataset, open, () => {});
    const never = (): Promise<Learner> => Promise.reject(new Error('opened'));
    expect(await run(job('SSIM'), dataset, never, () => {})).toEqual(JSON.parse(JSON.stringify(first)));
    const { settings } = job('SSIM');
    for (const changed of [{ seed: 3 }, { stride: 16 }, { variation: { ...unvaried, flips: true } }]) {
      await expect(
        run(job('SSIM', { settings: { ...settings, ...changed } }), dataset, never, () => {}),
      ).rejects.toThrow('opened');
    }
  });

  test('what another training has left stays, and is gone on from; what cannot be written costs no training', async () => {
    const { settings } = job('SSIM');
    const other = job('SSIM', { settings: { ...settings, seed: 3 } });
    await run(job('SSIM'), dataset, open, () => {});
    const before = ['SSIM.checkpoint', 'SSIM.json'].map((name) => readFileSync(join(folder, name)));
    for (const name of ['SSIM-2.checkpoint.new', 'SSIM-2.json.new'])
      symlinkSync('/dev/full', join(folder, name));
    const texts: string[] = [];
    const steps = new Set<number>();
    const outcome = await run(other, dataset, open, (progress) => {
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
    await run(other, dataset, open, (progress) => {
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
    const { lambda } = await run(job('FM'), dataset, open, () => {});
    expect(lambda).toBeGreaterThan(0);
    expect(lambda).not.toBe(1);
    const { settings } = job('SSIM');
    await run(job('SSIM'), dataset, open, () => {});
    const never = (): Promise<Learner> => Promise.reject(new Error('opened'));
    await run(job('SSIM', { settings: { ...settings, lambda: 7 } }), dataset, never, () => {});
  });

  test('another way of judging trains nothing anew', async () => {
    await run(job('SSIM'), dataset, open, () => {});
    const steps: number[] = [];
    const { settings } = job('SSIM');
    await run(job('SSIM', { settings: { ...settings, stride: 16 } }), dataset, open, (progress) => {
      if (progress.kind === 'step') steps.push(progress.step);
    });
    expect(steps).toEqual([]);
  });

  test('the deterministic models rank by the VAE map as by the ℓ2 map', async () => {
    const { maps } = await run(job('ℓ2'), dataset, open, () => {});
    expect(maps.VAE.all.pixels).toBeCloseTo(maps.ℓ2.all.pixels!, 4);
  });

  test('the check: 0 for the mean grey, 1 for a copy', async () => {
    const learner = (await open(options('ℓ2'))) as LocalLearner;
    const patches = Float32Array.from({ length: 2 * 256 }, (_, k) => 0.5 + 0.2 * Math.sin(k));
    const expected = tidy(() => {
      const x = tensor4d(patches, [2, 16, 16, 1]);
      const { reconstruction } = learner.reconstruct(x);
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

describe('Gabor features', () => {
  test('see a wave across, and nothing in plain grey', async () => {
    const features = await featuresFrom({ kind: 'gabor' }, 1);
    const energy = (value: (row: number, column: number) => number): number =>
      tidy(() => {
        const x = tensor4d(
          Float32Array.from({ length: 1024 }, (_, k) => value(k >> 5, k & 31)),
          [1, 32, 32, 1],
        );
        const inner = (features(x) as Tensor4D)
          .arraySync()[0]!
          .slice(4, 12)
          .map((row) => row.slice(4, 12));
        return Math.max(...inner.flat(2));
      });
    expect(energy(() => 0.7)).toBeLessThan(1e-5);
    expect(energy((_, column) => Math.cos((2 * Math.PI * column) / 4))).toBeGreaterThan(0.5);
  });
});
