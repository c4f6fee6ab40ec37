import { grads, tensor, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { padForWindow } from '../../src/filters/pad.js';
import { resizeBilinear } from '../../src/filters/resizeBilinear.js';
import { windowFilter, windowFilterTransposed } from '../../src/filters/windowFilter.js';
import { localCovariance, localMoments } from '../../src/statistics/localMoments.js';
import { gaussianTaps, uniformTaps } from '../../src/windows/window.js';
import { asTensor, randomImages, randomNumbers } from '../support/images.js';
import { largestError } from '../support/reference.js';

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
  const row = (padding: 'valid' | 'reflect' | 'symmetric' | 'edge' | 'zero'): number[] =>
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
  });

  test('has its adjoint as gradient, also where both borders meet the same pixels', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('reflect', 'symmetric', 'edge', 'zero'),
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
