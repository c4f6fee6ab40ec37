import { memory, tensor4d, tidy, zeros } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { imageScore } from '../../src/index.js';
import type { ImageScoreOptions } from '../../src/index.js';
import { anyShape, asTensor, randomImages } from '../support/images.js';
import { largestError } from '../support/reference.js';

const scores = (map: Tensor, options?: ImageScoreOptions): Float32Array =>
  tidy(() => imageScore(map, options).dataSync<'float32'>().slice());

describe('imageScore', () => {
  test('max, mean and the mean of the k largest, by sorting', () => {
    fc.assert(
      fc.property(
        anyShape(),
        fc.nat(1000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (shape, seed, share) => {
          const map = randomImages(shape, seed);
          const pixels = map.data.length / shape[0];
          const k = 1 + Math.floor(share * (pixels - 1));
          const mean = (values: number[]): number =>
            values.reduce((sum, value) => sum + value, 0) / values.length;
          const sorted = Array.from({ length: shape[0] }, (_, n) =>
            Array.from(map.data)
              .slice(n * pixels, (n + 1) * pixels)
              .sort((a, b) => b - a),
          );
          const t = asTensor(map);
          expect(
            largestError(
              scores(t),
              sorted.map(([first]) => first!),
            ),
          ).toBe(0);
          expect(largestError(scores(t, { method: 'mean' }), sorted.map(mean))).toBeLessThan(1e-6);
          const topK = sorted.map((values) => mean(values.slice(0, k)));
          expect(largestError(scores(t, { method: 'topK', k }), topK)).toBeLessThan(1e-6);
          t.dispose();
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a hundredth of the pixels unless k is given; volumes; memory', () => {
    const map = tensor4d(
      Float32Array.from({ length: 400 }, (_, k) => k),
      [1, 20, 20, 1],
    );
    expect(scores(map, { method: 'topK' })[0]).toBe(397.5);
    const before = memory().numTensors;
    imageScore(map, { method: 'topK' }).dispose();
    expect(memory().numTensors).toBe(before);
    map.dispose();
    expect([...scores(zeros([2, 3, 4, 5, 1]))]).toEqual([0, 0]);
  });

  test.each([
    [zeros([4, 4]), {}, RangeError, 'imageScore: map must have shape'],
    [
      zeros([1, 4, 4, 1]),
      { method: 'topK', k: 17 },
      RangeError,
      'k must be a whole number from 1 to 16, but got 17; each map has 16 values.',
    ],
    [
      zeros([1, 4, 4, 1]),
      { method: 'topK', k: 1.5 },
      RangeError,
      'k must be a whole number from 1 to 16, but got',
    ],
    [
      zeros([1, 4, 4, 1]),
      { method: 'topK', k: 0 },
      RangeError,
      'k must be a whole number from 1 to 16, but got',
    ],
    [
      zeros([1, 4, 4, 1]),
      { k: 3 },
      RangeError,
      "imageScore: method 'max' has no k; leave it out, or give { method: 'topK', k: 3 }.",
    ],
    [
      zeros([1, 4, 4, 1]),
      { method: 'mean', k: 3 },
      RangeError,
      "imageScore: method 'mean' has no k; leave it out",
    ],
    [zeros([1, 4, 4, 1]), { method: 'median' }, TypeError, 'method must be one of'],
    [zeros([1, 4, 4, 1]), { top: 3 }, TypeError, 'unknown option "top"'],
  ] as const)('rejects %#', (map, options, error, text) => {
    const before = memory().numTensors;
    const call = (): unknown => imageScore(map, options as unknown as ImageScoreOptions);
    expect(call).toThrow(error);
    expect(call).toThrow(text);
    expect(memory().numTensors).toBe(before);
  });
});

test.each(['max', 'mean', 'topK'] as const)('%s: NaN anywhere is NaN, of its image alone', (method) => {
  for (const pixels of [1, 2, 5, 40, 700]) {
    for (const place of new Set([0, Math.floor(pixels / 2), pixels - 1])) {
      const data = Float32Array.from({ length: 3 * pixels }, (_, k) => (k * 7) % 5);
      const clean = scores(tensor4d(data, [3, pixels, 1, 1]), { method });
      data[pixels + place] = NaN;
      expect([...scores(tensor4d(data, [3, pixels, 1, 1]), { method })]).toEqual([clean[0], NaN, clean[2]]);
      data[pixels + place] = Infinity;
      expect([...scores(tensor4d(data, [3, pixels, 1, 1]), { method })]).toEqual([
        clean[0],
        Infinity,
        clean[2],
      ]);
    }
  }
});
