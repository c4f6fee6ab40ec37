// Weights of pixels in the multi-scale, gradient, feature and variational losses.
import { conv2d, getBackend, grads, ones, tensor, tensor4d, tidy, zeros } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // the gradients of conv2d, for the features
import { beforeAll, describe, expect, test } from 'vitest';
import {
  featureMatchingLoss,
  gmsd,
  gmsLoss,
  gmsMap,
  mixLoss,
  msGmsLoss,
  msSsim,
  msSsimLoss,
  ssim,
  vaeLoss,
} from '../src/index.js';
import { registerWasmTraining } from '../src/kernels.js';
import { relativeError, tensorGrowth, values } from './support/gradients.js';
import { asTensor, naturalImages, noisy, randomImages } from './support/images.js';
import { centralDifferences, largestError } from './support/reference.js';
import type { Images } from './support/reference.js';

beforeAll(() => {
  if (getBackend() === 'wasm') registerWasmTraining();
});

type Weighed = (x: Tensor, y: Tensor, weights?: Tensor) => Tensor;
const withWeights = (weights: Tensor | undefined): { weights?: Tensor } =>
  weights === undefined ? {} : { weights };
const features = (image: Tensor4D): Tensor =>
  conv2d(image, tensor4d([-1, 1, 0.5, -0.5], [1, 1, 2, 2]), 2, 'valid');
const posterior = (): { mean: Tensor; logVariance: Tensor } => ({
  mean: zeros([2, 3]),
  logVariance: zeros([2, 3]),
});

/** Means: weights count relative to each other. */
const means: Readonly<Record<string, Weighed>> = {
  msSsimLoss: (x, y, w) => msSsimLoss(x, y, { levels: 2, windowSize: 5, ...withWeights(w) }),
  'msSsimLoss, reflect': (x, y, w) =>
    msSsimLoss(x, y, { levels: 3, windowSize: 5, padding: 'reflect', ...withWeights(w) }),
  mixLoss: (x, y, w) => mixLoss(x, y, { levels: 2, windowSize: 5, ...withWeights(w) }),
  'mixLoss, l1Sigma': (x, y, w) => mixLoss(x, y, { levels: 2, windowSize: 5, l1Sigma: 1, ...withWeights(w) }),
  gmsLoss: (x, y, w) => gmsLoss(x, y, withWeights(w)),
  'gmsLoss, valid': (x, y, w) => gmsLoss(x, y, { padding: 'valid', ...withWeights(w) }),
  msGmsLoss: (x, y, w) => msGmsLoss(x, y, { levels: 2, ...withWeights(w) }),
  gmsd: (x, y, w) => gmsd(x, y, withWeights(w)),
};
/** Sums: weights scale them. */
const sums: Readonly<Record<string, Weighed>> = {
  featureMatchingLoss: (x, y, w) => featureMatchingLoss(x, y, { features, ...withWeights(w) }),
  vaeLoss: (x, y, w) => vaeLoss(x, y, posterior(), withWeights(w)),
};

const shape = [2, 14, 15, 2] as const;
const x = naturalImages(shape, 1);
const y = noisy(x, 0.1, 2);
const some: Images = { shape: [2, 14, 15, 1], data: randomImages([2, 14, 15, 1], 3).data };

describe.each(Object.entries({ ...means, ...sums }))('%s', (name, loss) => {
  test('equal weights are no weights, or scale a sum', () => {
    for (const weight of [1, 0.25]) {
      const weights = tensor4d(new Float32Array(2 * 14 * 15).fill(weight), [2, 14, 15, 1]);
      const plain = values(() => loss(asTensor(x), asTensor(y)));
      const expected = name in sums ? plain.map((value) => weight * value) : plain;
      expect(
        relativeError(
          values(() => loss(asTensor(x), asTensor(y), weights)),
          expected,
        ),
      ).toBeLessThan(2e-6);
    }
  });

  test('nothing flows into the weights', () => {
    const [slopes] = tidy(() =>
      grads((w: Tensor) => loss(asTensor(x), asTensor(y), w))([asTensor(some)]).map((gradient) =>
        gradient.dataSync<'float32'>().slice(),
      ),
    );
    expect(new Set(slopes)).toEqual(new Set([0]));
  });

  test('an image without weight has loss 0 and gradient 0', () => {
    const weights = tensor4d(
      Float32Array.from({ length: 2 * 14 * 15 }, (_, k) => (k < 14 * 15 ? 0 : 1)),
      [2, 14, 15, 1],
    );
    const plain = values(() => loss(asTensor(x), asTensor(y)));
    const actual = values(() => loss(asTensor(x), asTensor(y), weights));
    expect(actual[0]).toBe(0);
    expect(Math.abs(actual[1]! / plain[1]! - 1)).toBeLessThan(1e-5);
    const [gx, gy] = tidy(() =>
      grads((a: Tensor, b: Tensor) => loss(a, b, weights))([asTensor(x), asTensor(y)]).map((g) =>
        g.dataSync<'float32'>().slice(),
      ),
    );
    for (const g of [gx!, gy!]) {
      expect(g.every(Number.isFinite)).toBe(true);
      expect(g.slice(0, g.length / 2).every((slope) => slope === 0)).toBe(true);
      expect(g.some((slope) => slope !== 0)).toBe(true);
    }
  });

  test('gradient with respect to the reconstruction', () => {
    const weights = asTensor(some);
    const small = { shape, data: y.data };
    const [g] = tidy(() =>
      grads((b: Tensor) => loss(asTensor(x), b, weights))([asTensor(small)], tensor([1, -2])).map((t) =>
        t.dataSync<'float32'>().slice(),
      ),
    );
    const entries = Array.from({ length: 24 }, (_, k) => 35 * k + 3);
    const along = Float64Array.from(entries, () => 0);
    const numeric = centralDifferences(
      (moves) => {
        const data = Float32Array.from(y.data);
        entries.forEach((entry, k) => (data[entry]! += moves[k]!));
        const [first, second] = values(() => loss(asTensor(x), asTensor({ shape, data }), weights));
        return first! - 2 * second!;
      },
      along,
      1e-2,
    );
    expect(
      relativeError(
        entries.map((entry) => g![entry]!),
        numeric,
      ),
    ).toBeLessThan(2e-2);
    weights.dispose();
  });

  test('memory: nothing but the result', () => {
    const [a, b, weights] = [asTensor(x), asTensor(y), asTensor(some)];
    const fixed = (): Tensor => tidy(() => loss(a, b, weights));
    expect(tensorGrowth(fixed)).toBe(1);
    for (const t of [a, b, weights]) t.dispose();
  });
});

describe('references', () => {
  test('one level of MS-SSIM is SSIM, weights included', () => {
    const [a, b] = [naturalImages([2, 14, 15, 1], 4), naturalImages([2, 14, 15, 1], 5)].map(asTensor);
    const weights = asTensor(some);
    const expected = values(() => ssim(a!, b!, { windowSize: 5, weights })).map((value) =>
      Math.max(value, 0.01),
    );
    const actual = values(() => msSsim(a!, b!, { windowSize: 5, levels: 1, weights }));
    expect(largestError(actual, expected)).toBeLessThan(1e-2);
    const near = asTensor(noisy(naturalImages([2, 14, 15, 1], 4), 0.05, 6));
    expect(
      largestError(
        values(() => msSsim(a!, near, { windowSize: 5, levels: 1, weights })),
        values(() => ssim(a!, near, { windowSize: 5, weights })),
      ),
    ).toBeLessThan(1e-6);
  });

  test('GMS: the weighted mean and deviation of the map', () => {
    const map = values(() => gmsMap(asTensor(x), asTensor(y)));
    const statistics = [0, 1].map((n) => {
      const ofChannel = [0, 1].map((c) => {
        let [total, sum, squares] = [0, 0, 0];
        for (let k = 0; k < 14 * 15; k++) {
          const w = some.data[n * 14 * 15 + k]!;
          const d = 1 - map[(n * 14 * 15 + k) * 2 + c]!;
          total += w;
          sum += w * d;
          squares += w * d * d;
        }
        return { mean: sum / total, deviation: Math.sqrt(squares / total - (sum / total) ** 2) };
      });
      return {
        mean: (ofChannel[0]!.mean + ofChannel[1]!.mean) / 2,
        deviation: (ofChannel[0]!.deviation + ofChannel[1]!.deviation) / 2,
      };
    });
    const weights = asTensor(some);
    expect(
      relativeError(
        values(() => gmsLoss(asTensor(x), asTensor(y), { weights })),
        statistics.map(({ mean }) => mean),
      ),
    ).toBeLessThan(1e-5);
    expect(
      relativeError(
        values(() => gmsd(asTensor(x), asTensor(y), { weights, downsample: false })),
        statistics.map(({ deviation }) => deviation),
      ),
    ).toBeLessThan(1e-5);
  });

  test('features need places to weigh', () => {
    expect(() =>
      featureMatchingLoss(ones([...shape]), zeros([...shape]), {
        features: () => zeros([2, 3]),
        weights: ones([2, 14, 15, 1]),
      }),
    ).toThrow('featureMatchingLoss: with weights, layer 0 of features must have shape');
  });
});
