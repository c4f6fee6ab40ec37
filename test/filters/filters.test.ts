import { grads, tensor, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { halve } from '../../src/filters/halve.js';
import { padForWindow } from '../../src/filters/pad.js';
import { prewitt, prewittTransposed } from '../../src/gradientMagnitude/prewitt.js';
import { resizeBilinear } from '../../src/filters/resizeBilinear.js';
import { windowFilter, windowFilterTransposed } from '../../src/filters/windowFilter.js';
import { localCovariance, localMoments } from '../../src/filters/localMoments.js';
import { planeDeviation } from '../../src/gradientMagnitude/planeDeviation.js';
import { gaussianTaps, uniformTaps } from '../../src/filters/window.js';
import { anyShape, asTensor, imagesFrom, randomImages, randomNumbers } from '../support/images.js';
import { centralDifferences, largest, largestError } from '../support/reference.js';
import type { paddings } from '../support/paddings.js';
import { bordered } from '../support/paddings.js';

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, k) => sum + value * b[k]!, 0);

const anyWindow = fc
  .tuple(fc.constantFrom(1, 3, 5, 7), fc.constantFrom(1, 3, 5, 11), fc.constantFrom(0.5, 1.5, 4))
  .map(([h, w, sigma]) => [gaussianTaps(h, sigma), gaussianTaps(w, sigma)]);

describe('windows', () => {
  test('sum to 1, are symmetric, and fall off from the middle', () => {
    for (const size of [1, 3, 11, 33]) {
      for (const taps of [gaussianTaps(size, 1.5), uniformTaps(size)]) {
        expect(Math.abs(taps.reduce((sum, tap) => sum + tap, 0) - 1)).toBeLessThan(1e-6);
        expect([...taps].reverse()).toEqual([...taps]);
        expect(Math.max(...taps)).toBe(taps[(size - 1) / 2]);
      }
    }
  });

  test('the Gaussian of 11 pixels and σ 1.5 is Wang’s', () => {
    // fspecial('gaussian', 11, 1.5), its row sums
    const published = [0.00102838, 0.00759876, 0.03600077, 0.10936069, 0.21300554, 0.26601172];
    expect(largestError(gaussianTaps(11, 1.5).slice(0, 6), published)).toBeLessThan(1e-8);
  });

  test('a σ so small that the outer taps vanish leaves the middle one', () => {
    expect([...gaussianTaps(5, 1e-3)]).toEqual([0, 0, 1, 0, 0]);
  });
});

describe('windowFilter', () => {
  test('is adjoint to its transposed: ⟨F x, y⟩ = ⟨x, Fᵀ y⟩', () => {
    fc.assert(
      fc.property(anyWindow, fc.integer(), (window, seed) => {
        tidy(() => {
          const x = asTensor(randomImages([2, 12, 13, 2], seed));
          const filtered = windowFilter(x, window);
          const random = randomNumbers(seed + 1);
          const y = tensor(Array.from({ length: filtered.size }, random), filtered.shape);
          const left = dot(filtered.dataSync(), y.dataSync());
          const right = dot(x.dataSync(), windowFilterTransposed(y, window).dataSync());
          expect(Math.abs(left / right - 1)).toBeLessThan(1e-5);
          const [g] = grads((a: Tensor) => windowFilter(a, window))([x], y);
          expect(largestError(g!.dataSync(), windowFilterTransposed(y, window).dataSync())).toBeLessThan(
            1e-6,
          );
        });
      }),
      { numRuns: 20 },
    );
  });
});

describe('padForWindow', () => {
  const row = (padding: (typeof paddings)[number]): number[] =>
    tidy(() => [
      ...padForWindow(
        tensor([1, 2, 3, 4], [1, 1, 4, 1]),
        [uniformTaps(1), uniformTaps(5)],
        padding,
      ).dataSync(),
    ]);

  test('extends as numpy.pad does', () => {
    expect(row('valid')).toEqual([1, 2, 3, 4]);
    expect(row('reflect')).toEqual([3, 2, 1, 2, 3, 4, 3, 2]);
    expect(row('symmetric')).toEqual([2, 1, 1, 2, 3, 4, 4, 3]);
    expect(row('edge')).toEqual([1, 1, 1, 2, 3, 4, 4, 4]);
    expect(row('zero')).toEqual([0, 0, 1, 2, 3, 4, 0, 0]);
    expect(row('wrap')).toEqual([3, 4, 1, 2, 3, 4, 1, 2]);
  });

  test('has its adjoint as gradient, also where both borders meet the same pixels', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...bordered),
        fc.integer({ min: 2, max: 7 }),
        fc.integer({ min: 2, max: 7 }),
        fc.constantFrom(1, 3),
        fc.integer(),
        (padding, height, width, channels, seed) => {
          tidy(() => {
            const window = [uniformTaps(3), uniformTaps(2 * width - 1)];
            const x = asTensor(randomImages([2, height, width, channels], seed));
            const padded = padForWindow(x, window, padding);
            const random = randomNumbers(seed + 1);
            const y = tensor(Array.from({ length: padded.size }, random), padded.shape);
            const [g] = grads((a: Tensor) => padForWindow(a, window, padding))([x], y);
            expect(
              Math.abs(dot(padded.dataSync(), y.dataSync()) / dot(x.dataSync(), g!.dataSync()) - 1),
            ).toBeLessThan(1e-5);
          });
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('localMoments', () => {
  test('are mean, variance and covariance of a single window that covers the image', () => {
    const x = randomImages([1, 5, 7, 1], 1);
    const y = randomImages([1, 5, 7, 1], 2);
    const mean = (data: ArrayLike<number>): number =>
      Array.from(data).reduce((sum, value) => sum + value, 0) / 35;
    const [mx, my] = [mean(x.data), mean(y.data)];
    tidy(() => {
      const window = [uniformTaps(5), uniformTaps(7)];
      const moments = localMoments(asTensor(x), window, 35 / 34);
      expect(moments.mean.dataSync()[0]).toBeCloseTo(mx, 6);
      const variance = Array.from(x.data).reduce((sum, value) => sum + (value - mx) ** 2, 0) / 34;
      expect(moments.variance.dataSync()[0]).toBeCloseTo(variance, 6);
      const covariance =
        Array.from(x.data).reduce((sum, value, k) => sum + (value - mx) * (y.data[k]! - my), 0) / 35;
      expect(localCovariance(asTensor(x), asTensor(y), window, 1).dataSync()[0]).toBeCloseTo(covariance, 6);
    });
  });

  test('a variance is never negative, and exactly 0 where the image is flat', () => {
    fc.assert(
      fc.property(anyWindow, fc.integer(), fc.constantFrom(1, 255, 1e4), (window, seed, level) => {
        tidy(() => {
          const textured = randomImages([1, 12, 13, 1], seed, 1e-3);
          const x = { ...textured, data: Float32Array.from(textured.data, (value) => level + value) };
          const { variance } = localMoments(asTensor(x), window, 1);
          expect(Math.min(...variance.dataSync())).toBeGreaterThanOrEqual(0);
          const flat = { ...textured, data: new Float32Array(156).fill(level / 3) };
          expect(Math.max(...localMoments(asTensor(flat), window, 1).variance.dataSync())).toBe(0);
        });
      }),
      { numRuns: 20 },
    );
  });
});

describe('resizeBilinear', () => {
  const resized = (values: number[], from: [number, number], to: [number, number]): number[] =>
    tidy(() => [...resizeBilinear(tensor(values, [1, ...from, 1]), to).dataSync()]);

  test('interpolates between pixel centres and holds the edge', () => {
    expect(resized([0, 1], [1, 2], [1, 4])).toEqual([0, 0.25, 0.75, 1]);
    expect(resized([1, 2, 3, 4], [2, 2], [2, 2])).toEqual([1, 2, 3, 4]);
    expect(resized([5], [1, 1], [2, 3])).toEqual([5, 5, 5, 5, 5, 5]);
  });

  test('keeps a flat map flat and has its adjoint as gradient', () => {
    tidy(() => {
      const x = asTensor(randomImages([2, 3, 5, 1], 1));
      const y = asTensor(randomImages([2, 8, 7, 1], 2));
      const left = dot(resizeBilinear(x, [8, 7]).dataSync(), y.dataSync());
      const [g] = grads((a: Tensor) => resizeBilinear(a as typeof x, [8, 7]))([x], y);
      expect(Math.abs(left / dot(x.dataSync(), g!.dataSync()) - 1)).toBeLessThan(1e-5);
      const flat = tensor4d(new Array<number>(6).fill(0.7), [1, 2, 3, 1]);
      expect(
        largestError(resizeBilinear(flat, [9, 11]).dataSync(), new Array<number>(99).fill(0.7)),
      ).toBeLessThan(1e-6);
    });
  });
});

describe('halve', () => {
  const rows = (images: number[][]): number[] =>
    tidy(() => [...halve(tensor4d([images.map((row) => row.map((value) => [value]))])).dataSync()]);

  test('is the mean of 2 × 2, the last line of an odd size taken twice', () => {
    expect(
      rows([
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ]),
    ).toEqual([3.5, 5.5]);
    expect(
      rows([
        [1, 2, 3],
        [5, 6, 7],
        [0, 4, 8],
      ]),
    ).toEqual([3.5, 5, 2, 8]);
    expect(rows([[7]])).toEqual([7]);
  });

  test('keeps flat images as flat as they are, and has its adjoint as gradient', () => {
    fc.assert(
      fc.property(anyShape(1, 9), fc.integer(), (shape, seed) => {
        tidy(() => {
          const flat = halve(asTensor({ shape, data: new Float32Array(asSize(shape)).fill(0.3) })).dataSync();
          expect(new Set(flat).size).toBe(1);
          const x = asTensor(randomImages(shape, seed));
          const halved = halve(x);
          const y = asTensor(randomImages(halved.shape, seed + 1));
          const [g] = grads((a: Tensor) => halve(a as Tensor4D))([x], y);
          const [left, right] = [dot(halved.dataSync(), y.dataSync()), dot(x.dataSync(), g!.dataSync())];
          expect(Math.abs(left / right - 1)).toBeLessThan(1e-5);
        });
      }),
      { numRuns: 30 },
    );
  });
});

describe('prewitt', () => {
  test('is the slope per two pixels along its axis, exactly 0 on flat images', () => {
    const plane = imagesFrom([1, 5, 6, 2], (_, row, column, channel) => 0.25 * row - 0.5 * column + channel);
    tidy(() => {
      for (const value of prewitt(asTensor(plane), 1).dataSync()) expect(value).toBeCloseTo(0.5, 6);
      for (const value of prewitt(asTensor(plane), 2).dataSync()) expect(value).toBeCloseTo(-1, 6);
      const flat = asTensor(imagesFrom([1, 5, 6, 2], () => 0.3));
      for (const axis of [1, 2] as const) expect(largest(prewitt(flat, axis).dataSync())).toBe(0);
    });
  });

  test('is adjoint to its transposed', () => {
    tidy(() => {
      const x = asTensor(randomImages([2, 7, 8, 3], 1));
      const y = asTensor(randomImages([2, 5, 6, 3], 2));
      for (const axis of [1, 2] as const) {
        const [g] = grads((a: Tensor) => prewitt(a as Tensor4D, axis))([x], y);
        expect(
          largestError([dot(prewitt(x, axis).dataSync(), y.dataSync())], [dot(x.dataSync(), g!.dataSync())]),
        ).toBeLessThan(1e-4);
        expect([...g!.dataSync()]).toEqual([...prewittTransposed(y, axis).dataSync()]);
      }
    });
  });
});

describe('planeDeviation', () => {
  test('is the deviation of each channel of each image, with its gradient, 0 where all is equal', () => {
    const x = randomImages([2, 4, 5, 2], 3);
    const deviations = (data: ArrayLike<number>): number[] =>
      [0, 1, 40, 41].map((start) => {
        const own = Array.from({ length: 20 }, (_, k) => data[start + 2 * k]!);
        const mean = own.reduce((sum, value) => sum + value, 0) / 20;
        return Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 20);
      });
    tidy(() => {
      const sigma = planeDeviation(asTensor(x));
      expect(sigma.shape).toEqual([2, 2]);
      expect(largestError(sigma.dataSync(), deviations(x.data))).toBeLessThan(1e-6);
      const weights = [1, -2, 0.5, 3];
      const [g] = grads((a: Tensor) => planeDeviation(a as Tensor4D))([asTensor(x)], tensor(weights, [2, 2]));
      const expected = centralDifferences(
        (data) => deviations(data).reduce((sum, value, k) => sum + weights[k]! * value, 0),
        x.data,
      );
      expect(largestError(g!.dataSync(), expected)).toBeLessThan(1e-5);
      const flat = asTensor(imagesFrom([1, 4, 4, 1], () => 0.3));
      const [ofFlat] = grads((a: Tensor) => planeDeviation(a as Tensor4D))([flat]);
      expect(largest(ofFlat!.dataSync())).toBe(0);
    });
  });
});

function asSize(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
