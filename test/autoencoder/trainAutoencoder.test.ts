import { memory, mul, ones, zeros } from '@tensorflow/tfjs-core';
import type { Rank, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { autoencoder, trainAutoencoder } from '../../src/autoencoder.js';
import type { PatchVariation, TrainingState } from '../../src/autoencoder.js';
import { l2Loss } from '../../src/index.js';
import { stripes } from '../support/stripes.js';

const small = (seed = 1): LayersModel => autoencoder({ size: 16, width: 0.5, seed });
const weightsOf = (model: LayersModel): number[] =>
  model.getWeights().flatMap((weight) => [...weight.dataSync()]);
const good = stripes(6);

describe('training', () => {
  test('learns stripes, and to repair them', async () => {
    const model = autoencoder({ size: 16, seed: 1 });
    const seen: number[] = [];
    const { losses, reproduced, repaired, doubts } = await trainAutoencoder(model, good, {
      steps: 120,
      seed: 1,
      onProgress: ({ step, steps, loss, secondsLeft }) => {
        seen.push(step);
        expect(steps).toBe(120);
        expect(loss).toBeGreaterThan(0);
        expect(secondsLeft).toBeGreaterThanOrEqual(0);
      },
    });
    expect(seen).toEqual(Array.from({ length: 120 }, (_, k) => k + 1));
    expect(losses).toHaveLength(120);
    expect(losses.at(-1)!).toBeLessThan(0.5 * losses[0]!);
    expect(reproduced).toBeGreaterThan(0.5);
    expect(repaired).toBeGreaterThan(0.3);
    expect(doubts.map(({ what }) => what)).not.toContain('not trained');
  });

  test('a model that has not learnt is doubted', async () => {
    const { repaired, doubts } = await trainAutoencoder(small(), good, { steps: 2, seed: 1, corrupt: false });
    expect(doubts.map(({ what }) => what)).toEqual(['not trained']);
    expect(repaired).toBeUndefined();
  });

  test('a seed gives the same weights to the last digit, another one others', async () => {
    const trained = async (seed: number): Promise<number[]> => {
      const model = small();
      await trainAutoencoder(model, good, { steps: 4, batchSize: 4, seed });
      return weightsOf(model);
    };
    const first = await trained(0);
    expect(await trained(0)).toEqual(first);
    expect(await trained(0.5)).not.toEqual(first);
  });

  test('stopped and resumed, it ends where it would have ended', async () => {
    const options = { steps: 7, batchSize: 4, seed: 3 };
    const whole = small();
    const { losses } = await trainAutoencoder(whole, good, options);

    const controller = new AbortController();
    let state: TrainingState | undefined;
    const stopped = trainAutoencoder(small(), good, {
      ...options,
      signal: controller.signal,
      onProgress: ({ step }) => (step === 3 ? controller.abort() : undefined),
      onCheckpoint: (given) => {
        state = structuredClone(given);
      },
    });
    await expect(stopped).rejects.toThrow(/abort/i);
    expect(state!.step).toBe(3);
    // Other weights at first: those of the state count.
    const other = small(2);
    const resumed = await trainAutoencoder(other, good, { resume: state! });
    expect(resumed.losses).toEqual(losses);
    expect(weightsOf(other)).toEqual(weightsOf(whole));
  });

  test('memory is flat, and what it took is freed', async () => {
    const model = small();
    const before = memory();
    const counts = new Set<number>();
    await trainAutoencoder(model, good, {
      steps: 6,
      batchSize: 4,
      onProgress: () => void counts.add(memory().numTensors),
    });
    expect(counts.size).toBe(1);
    expect(memory().numTensors).toBe(before.numTensors);
    expect(memory().numBytes).toBe(before.numBytes);
  });

  test('takes images of many sizes and kinds, another loss, and varied patches', async () => {
    const pixels = { width: 20, height: 18, data: new Uint8ClampedArray(4 * 360).fill(100) };
    const images = [pixels, { ...pixels, height: 17, data: new Uint8ClampedArray(4 * 340).fill(120) }];
    const { losses } = await trainAutoencoder(small(), images, {
      steps: 2,
      batchSize: 2,
      loss: l2Loss,
      vary: { flips: true, rows: [0.8, 1.2], columns: [0.5, 1], contrast: 1.5 },
      corrupt: { kinds: ['noise'], places: 1 },
    });
    expect(losses.every(Number.isFinite)).toBe(true);
    const colour = autoencoder({ size: 16, channels: 3, width: 0.25 });
    await trainAutoencoder(colour, images, { steps: 1, batchSize: 2 });
    const tensors = [stripes(1, 20, 3), stripes(1, 17, 3)];
    await trainAutoencoder(colour, tensors, { steps: 1, batchSize: 2 });
  });

  test.each([
    ['repair', [0.5, 1.2]],
    ['paper', [1, 1]],
  ] as const)(
    'the rows of patches for the architecture %s are stretched by %o',
    async (architecture, rows) => {
      const data = Float32Array.from({ length: 1600 }, (_, k) => 0.5 + 0.4 * Math.sin(Math.floor(k / 40)));
      const size = architecture === 'paper' ? 32 : 16;
      const image = { width: 40, height: 40, data };
      const lossesBy = async (vary?: PatchVariation): Promise<readonly number[]> => {
        const model = autoencoder({ architecture, size, width: 0.25, seed: 1 });
        const options = { steps: 2, batchSize: 2, seed: 1, ...(vary && { vary }) };
        return (await trainAutoencoder(model, [image, image], options)).losses;
      };
      expect(await lossesBy()).toEqual(await lossesBy({ rows }));
      expect(await lossesBy({ flips: true })).toEqual(await lossesBy({ flips: true, rows }));
      expect(await lossesBy()).not.toEqual(await lossesBy({ rows: [0.9, 1.1] }));
    },
  );

  test('a model of one’s own is trained without spoiling', async () => {
    const model = sequential({
      layers: [
        layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same', inputShape: [16, 16, 1] }),
        layers.conv2d({ filters: 1, kernelSize: 3, padding: 'same' }),
      ],
    });
    const { repaired } = await trainAutoencoder(model, good, { steps: 2, batchSize: 2 });
    expect(repaired).toBeUndefined();
  });
});

describe('before any step, it refuses', () => {
  const one = zeros<Rank.R4>([1, 32, 32, 1]);
  const pixels = { width: 20, height: 20, data: new Float32Array(400) };
  const call = (goodImages: unknown, options: object = {}, model: unknown = small()): Promise<unknown> =>
    trainAutoencoder(model as LayersModel, goodImages as Tensor4D, options);

  test.each<[string, () => Promise<unknown>, ErrorConstructor, string]>([
    ['no model', () => call(good, {}, 7), TypeError, 'trainAutoencoder: model must be a LayersModel'],
    [
      'a model of vectors',
      () => call(good, {}, sequential({ layers: [layers.dense({ units: 3, inputShape: [3] })] })),
      RangeError,
      'square patches',
    ],
    ['one image', () => call(one), RangeError, 'good must hold at least two images'],
    ['an empty list', () => call([]), RangeError, 'good must hold at least two images'],
    ['small images', () => call(zeros([2, 12, 40, 1])), RangeError, 'good is 12×40 pixels, smaller than'],
    ['a small one', () => call([one, zeros([8, 8, 1])]), RangeError, 'good[1] is 8×8 pixels, smaller than'],
    ['colour', () => call(zeros([2, 32, 32, 3])), RangeError, 'good has 3 channels, but the model takes 1'],
    ['NaN', () => call(mul(good, NaN)), RangeError, 'good must hold pixels in [0, 1], but got NaN'],
    [
      '8 bits as floats',
      () => call(mul(ones([2, 32, 32, 1]), 255)),
      RangeError,
      'divide 8-bit pixels by 255',
    ],
    ['whole numbers', () => call(zeros([2, 32, 32, 1], 'int32')), TypeError, 'float32'],
    ['three axes', () => call(zeros([32, 32, 1])), RangeError, 'tf.expandDims'],
    ['no images', () => call('folder'), TypeError, 'a list of images, but got "folder"'],
    ['a list of paths', () => call(['a.png']), TypeError, 'good[0] must be a tensor'],
    ['a batch within a list', () => call([good, good]), RangeError, 'good[0] must be one image'],
    [
      'mixed channels',
      () => call([pixels, { ...pixels, data: new Uint8Array(1600) }]),
      RangeError,
      'good[1] has 4 channels, but the first has 1',
    ],
    [
      'too little data',
      () => call([{ ...pixels, width: 21 }, pixels]),
      RangeError,
      'data must hold 1 to 4 values',
    ],
    [
      'signed data',
      () => call([{ ...pixels, data: new Int8Array(400) }]),
      TypeError,
      '8-bit, 16-bit or float',
    ],
    ['steps', () => call(good, { steps: 0 }), RangeError, 'trainAutoencoder: steps'],
    ['a loss', () => call(good, { loss: 'ssim' }), TypeError, 'trainAutoencoder: loss must be a function'],
    [
      'kinds',
      () => call(good, { corrupt: { kinds: ['holes'] } }),
      TypeError,
      'corrupt: kinds[0] must be one',
    ],
    [
      'variation',
      () => call(good, { vary: { rows: [2, 1] } }),
      RangeError,
      'vary: rows must be [least, most]',
    ],
    ['an option', () => call(good, { epochs: 3 }), TypeError, 'unknown option "epochs"'],
    ['a signal', () => call(good, { signal: {} }), TypeError, 'trainAutoencoder: signal'],
    [
      'a state of another model',
      () =>
        call(good, {
          resume: { step: 1, steps: 2, batchSize: 1, seed: 1, losses: [1], weights: [], moments: [] },
        }),
      RangeError,
      'resume is of another model',
    ],
    [
      'other steps than it began with',
      () => call(good, { steps: 3, resume: { steps: 2, weights: [] } }),
      RangeError,
      'leave it out to go on',
    ],
  ])('%s', async (_, begin, kind, text) => {
    const outcome = await begin().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(outcome).toBeInstanceOf(kind);
    expect((outcome as Error).message).toContain(text);
  });

  test('and leaves no tensor and the weights as they were', async () => {
    const model = small();
    const before = weightsOf(model);
    const count = memory().numTensors;
    await expect(call(one, {}, model)).rejects.toThrow();
    await expect(call(good, { steps: -1 }, model)).rejects.toThrow();
    expect(memory().numTensors).toBe(count);
    expect(weightsOf(model)).toEqual(before);
  });

  test('a loss that is not finite ends it', async () => {
    const loss = (x: Tensor4D, y: Tensor4D): Tensor => mul(l2Loss(x, y), NaN);
    await expect(call(good, { loss, steps: 2 })).rejects.toThrow(/NaN at step 1; use a smaller learningRate/);
  });
});
