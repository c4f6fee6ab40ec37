// Weights for every image alike, of any batch; weights that no window's middle meets; what checkRange says of weights.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import {
  fill,
  getBackend,
  grad,
  memory,
  ones,
  pad,
  reshape,
  tensor,
  tensor4d,
  tidy,
  tile,
} from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import * as library from '../src/index.js';
import {
  gmsLoss,
  l2Loss,
  mixLoss,
  msGmsLoss,
  msSsimLoss,
  ssim,
  ssimLoss,
  withOptions,
} from '../src/index.js';
import { registerWasmTraining } from '../src/kernels.js';
import { asTensor, naturalImages, noisy, randomImages } from './support/images.js';
import { valueAndGradients } from './support/leftOut.js';
import { measures } from './support/measures.js';
import { largest, largestError } from './support/reference.js';
import { weightedCases } from './support/weightedCases.js';

beforeAll(() => {
  if (getBackend() === 'wasm') registerWasmTraining();
});

const x = naturalImages([3, 12, 12, 2], 1);
const y = noisy(x, 0.1, 2);
const { data } = randomImages([1, 12, 12, 1], 3);
const shared = (): Tensor =>
  tensor4d(
    Float32Array.from({ length: 144 }, (_, k) => (data[k]! < 0.3 ? 0 : data[k]!)),
    [1, 12, 12, 1],
  );

describe.each(weightedCases)('$name', ({ call }) => {
  test('weights of one image are those of every image', async () => {
    const [expected, actual] = await Promise.all([
      valueAndGradients((a, b) => call(a, b, tile(shared(), [3, 1, 1, 1])), { x, y }),
      valueAndGradients((a, b) => call(a, b, shared()), { x, y }),
    ]);
    expect(actual.value.length).toBe(3);
    expect(largestError(actual.value, expected.value)).toBeLessThan(1e-6 * largest(expected.value));
    for (const n of [0, 1]) {
      const slopes = expected.gradients[n]!;
      expect(largestError(actual.gradients[n]!, slopes)).toBeLessThanOrEqual(1e-6 * largest(slopes));
    }
  });
});

test('pixels that are not finite, under weights of every image alike', () => {
  tidy(() => {
    const w = tensor4d([1, 0], [1, 1, 2, 1]);
    const [a, b] = [tensor4d([0.2, 0.4, 0.2, 7], [2, 1, 2, 1]), tensor4d([0.5, NaN, 0.4, 0], [2, 1, 2, 1])];
    const loss = (at: Tensor): Tensor => l2Loss(a, at, { weights: w });
    expect(largestError(loss(b).dataSync(), [0.09, 0.04])).toBeLessThan(1e-7);
    expect(largestError(grad(loss)(b).dataSync(), [0.6, 0, 0.4, 0])).toBeLessThan(1e-6);
  });
});

test('volumes', async () => {
  const asVolumes = (images: Tensor): Tensor => reshape(images, [images.shape[0], 4, 6, 6, images.shape[3]!]);
  for (const { name, call, volumes } of weightedCases) {
    if (!volumes || !/l[12]Loss|uniform/.test(name)) continue;
    const of = async (weights: () => Tensor) =>
      valueAndGradients((a, b) => call(asVolumes(a), asVolumes(b), asVolumes(weights())), { x, y });
    const [expected, actual] = await Promise.all([of(() => tile(shared(), [3, 1, 1, 1])), of(shared)]);
    expect(largestError(actual.value, expected.value), name).toBeLessThan(1e-6 * largest(expected.value));
    for (const n of [0, 1]) {
      const slopes = expected.gradients[n]!;
      expect(largestError(actual.gradients[n]!, slopes), name).toBeLessThan(1e-6 * largest(slopes));
    }
  }
});

test('fit, with a last batch that is smaller', async () => {
  const images = asTensor(naturalImages([5, 12, 12, 1], 4));
  const weights = pad(ones([1, 8, 8, 1]), [
    [0, 0],
    [2, 2],
    [2, 2],
    [0, 0],
  ]);
  const model = sequential({
    layers: [layers.conv2d({ inputShape: [12, 12, 1], filters: 1, kernelSize: 3, padding: 'same' })],
  });
  for (const loss of [
    withOptions(ssimLoss, { windowSize: 5, weights }),
    withOptions(gmsLoss, { weights }),
    withOptions(l2Loss, { weights }),
  ]) {
    model.compile({ optimizer: 'sgd', loss });
    const { history } = await model.fit(images, images, { batchSize: 2, epochs: 2, verbose: 0 });
    expect(history['loss']!.every((value) => Number.isFinite(value))).toBe(true);
  }
});

describe('checkRange', () => {
  const frame = tensor4d(
    Float32Array.from({ length: 288 }, (_, k) => (k >= 144 && k % 12 === 11 ? 1 : 0)),
    [2, 12, 12, 1],
  );
  const images = asTensor(randomImages([2, 12, 12, 1], 5));
  const checked = { weights: frame, checkRange: true };
  const ways = `padding 'reflect', or weights further inside.`;

  test.each([
    [
      'ssim',
      () => ssim(images, images, checked),
      `ssim: weights[1] are 0 at the middle of every window of 11×11 pixels: with padding 'valid' a middle is at ` +
        `least 5×5 pixels from the edge, and the image would count as perfect; use a smaller window, ${ways}`,
    ],
    [
      'msSsimLoss, below the full size',
      () => msSsimLoss(images, images, { levelWeights: [0, 1], windowSize: 3, ...checked }),
      `msSsimLoss: weights[1] are 0 at the middle of every window of 3×3 pixels at level 1, 6×6: with padding ` +
        `'valid' a middle is at least 1×1 pixels from the edge, and the image would count as perfect; ` +
        `use fewer levels, a smaller window, ${ways}`,
    ],
    [
      'mixLoss, the Gaussian of ℓ1',
      () => mixLoss(images, images, { levels: 1, windowSize: 1, l1Sigma: 2, ...checked }),
      'mixLoss: weights[1] are 0 at the middle of every window of 9×9 pixels: ',
    ],
    [
      'gmsLoss',
      () => gmsLoss(images, images, { padding: 'valid', ...checked }),
      'gmsLoss: weights[1] are 0 at the middle of every window of 3×3 pixels: ',
    ],
    [
      'msGmsLoss',
      () => msGmsLoss(images, images, { padding: 'valid', levels: 2, ...checked }),
      'msGmsLoss: weights[1] are 0 at the middle of every window of 3×3 pixels: ',
    ],
  ])('%s: weights that meet no window’s middle', (_, loss, text) => {
    const before = memory().numTensors;
    expect(loss).toThrow(RangeError);
    expect(loss).toThrow(text);
    expect(memory().numTensors).toBe(before);
  });

  test('with another padding every pixel is a middle', () => {
    tidy(() => {
      for (const padding of ['reflect', 'zero'] as const) {
        expect([...ssimLoss(images, images, { padding, ...checked }).dataSync()]).toEqual([0, 0]);
        gmsLoss(images, images, { padding, ...checked });
      }
    });
  });

  test('a pyramid halves weights as it halves images: one pixel is enough', () => {
    tidy(() => {
      const one = (at: number): Tensor =>
        tensor4d(
          Float32Array.from({ length: 144 }, (_, k) => (k === at ? 1 : 0)),
          [1, 12, 12, 1],
        );
      const loss = (at: number) => () =>
        msSsimLoss(images, images, { levels: 2, windowSize: 3, weights: one(at), checkRange: true });
      // Row 2 is row 1 of the 6 × 6, the first with a middle; row 1 is its row 0.
      expect(loss(2 * 12 + 2)).not.toThrow();
      expect(loss(1 * 12 + 2)).toThrow('at level 1, 6×6');
    });
  });

  test('volumes', () => {
    tidy(() => {
      const volume = ones([1, 4, 6, 6, 1]);
      const at = (plane: number): Tensor =>
        tensor(
          Float32Array.from({ length: 144 }, (_, k) => (k === plane * 36 + 14 ? 1 : 0)),
          [1, 4, 6, 6, 1],
        );
      const loss = (plane: number) => () =>
        ssimLoss(volume, volume, { windowSize: 3, weights: at(plane), checkRange: true });
      expect(loss(1)).not.toThrow();
      expect(loss(0)).toThrow('ssimLoss: weights[0] are 0 at the middle of every window of 3×3×3 pixels');
    });
  });

  const withRange = measures.filter(({ weights, dataRange }) => weights && dataRange);
  test.each(withRange)('$name: weights that are none, and pixels left out', ({ call, variants }) => {
    const [{ options }] = variants as [(typeof variants)[0]];
    tidy(() => {
      for (const bad of [-1, NaN, Infinity]) {
        const weights = tensor4d(
          Float32Array.from({ length: 144 }, (_, k) => (k === 50 ? bad : 1)),
          [1, 12, 12, 1],
        );
        expect(() => call(images, images, { ...options, weights, checkRange: true })).toThrow(
          `weights must be finite and ≥ 0, but one is ${bad}`,
        );
      }
      const weights = tensor4d(
        Float32Array.from({ length: 144 }, (_, k) => (k === 50 ? 0 : 1)),
        [1, 12, 12, 1],
      );
      const at = (value: number): Tensor =>
        tensor4d(
          Float32Array.from({ length: 144 }, (_, k) => (k === 50 ? value : 0.5)),
          [1, 12, 12, 1],
        );
      const given = { ...options, weights, checkRange: true };
      expect(() => call(at(NaN), at(0.2), given)).not.toThrow();
      expect(() => call(at(NaN), at(0.2), { ...options, checkRange: true })).toThrow('NaN');
      expect(() => call(at(NaN), at(7), given)).toThrow(RangeError);
      expect(() => call(at(7), at(0.5), given)).toThrow('outside of [0, 1]');
    });
  });

  test('maps of gradient magnitudes know it too', () => {
    tidy(() => {
      const bright = fill([1, 12, 12, 1], 200);
      expect(() => library.gmsMap(bright, bright, { checkRange: true })).toThrow('divide the pixels by 255');
      expect(() => library.msGmsResidualMap(bright, bright, { levels: 2, checkRange: true })).toThrow(
        'divide the pixels by 255',
      );
    });
  });
});
