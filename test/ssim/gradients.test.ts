import { grads, mul, ones, sub, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ssim, ssimLoss, ssimMap, ssimResidualMap, ssimTerms } from '../../src/index.js';
import type { SsimOptions } from '../../src/index.js';
import { extremes, gradientsOf, pairsOf, relativeError } from '../support/gradients.js';
import {
  anyOptions,
  anyShape,
  asTensor,
  imagesFrom,
  naturalImages,
  noisy,
  randomImages,
  randomNumbers,
} from '../support/images.js';
import {
  centralDifferences,
  largest,
  perImage,
  referenceSsim,
  referenceTerms,
} from '../support/reference.js';
import type { Images } from '../support/reference.js';

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0);

/** Central differences of Σ_n weights_n · ssim_n in float64, with respect to one of the images. */
function expectedGradient(
  x: Images,
  y: Images,
  options: SsimOptions,
  weights: readonly number[],
  of: 'x' | 'y',
): Float64Array {
  const step = 1e-5 * (options.dataRange ?? 1);
  const shape = x.shape;
  return centralDifferences(
    (data) =>
      sumOf(
        (of === 'x'
          ? referenceSsim({ shape, data }, y, options)
          : referenceSsim(x, { shape, data }, options)
        ).map((value, n) => value * weights[n]!),
      ),
    (of === 'x' ? x : y).data,
    step,
  );
}

const small = fc
  .tuple(anyShape(2, 8), fc.integer(), fc.boolean())
  .chain(([shape, seed, withExponents]) =>
    anyOptions(shape, withExponents).map((options) => ({ shape, seed, options })),
  );

describe('gradients', () => {
  test('equal central differences in float64, for both images, random shapes and options', () => {
    fc.assert(
      fc.property(small, ({ shape, seed, options }) => {
        const range = options.dataRange ?? 1;
        // Correlated images: a structure below 0 with a broken exponent has a kink at its floor.
        const x = randomImages(shape, seed, range);
        const y = noisy(x, 0.1 * range, seed + 1);
        const random = randomNumbers(seed);
        const weights = Array.from({ length: shape[0] }, () => 0.5 + random());
        const terms = referenceTerms(x, y, options);
        fc.pre(![...terms.structure, ...terms.luminance].some((value) => Math.abs(value) < 0.02));
        // Taken apart, c and s turn within σ of flat: closer than a central difference can follow.
        const { beta = 1, gamma = 1 } = options;
        fc.pre(beta === gamma || terms.deviation.every((value) => value === 0 || value > 0.01 * range));
        const [gx, gy] = gradientsOf((a, b) => ssim(a, b, options), x, y, weights);
        expect(relativeError(gx, expectedGradient(x, y, options, weights, 'x'))).toBeLessThan(1e-3);
        expect(relativeError(gy, expectedGradient(x, y, options, weights, 'y'))).toBeLessThan(1e-3);
      }),
      { numRuns: 40 },
    );
  });

  test('with the default options, an 11-pixel window and three channels: within 1e-5 of the largest', () => {
    const x = naturalImages([1, 14, 13, 3], 1);
    const y = noisy(x, 0.1, 2);
    const [gx, gy] = gradientsOf((a, b) => ssimLoss(a, b), x, y, [-1]);
    expect(relativeError(gx, expectedGradient(x, y, {}, [1], 'x'))).toBeLessThan(1e-5);
    expect(relativeError(gy, expectedGradient(x, y, {}, [1], 'y'))).toBeLessThan(1e-5);
  });

  test('of the map and the residual map, weighted pixel by pixel', () => {
    const shape = [2, 9, 8, 2] as const;
    const x = randomImages(shape, 3);
    const y = noisy(x, 0.2, 4);
    const options = { windowSize: 5, padding: 'symmetric' } as const;
    const weights = randomImages(shape, 5).data;
    const expected = centralDifferences(
      (data) => {
        const { ssim: map } = referenceTerms(x, { shape, data }, options);
        return sumOf(
          perImage(
            map.map((value, k) => value * weights[k]!),
            2,
          ),
        );
      },
      y.data,
      1e-4,
    );
    const actual = tidy(() => {
      const dy = asTensor({ shape, data: weights });
      const [, gy] = grads((a: Tensor, b: Tensor) => ssimMap(a, b, options))([asTensor(x), asTensor(y)], dy);
      return gy!.dataSync().slice();
    });
    expect(relativeError(actual, expected)).toBeLessThan(1e-4);

    const residual = tidy(() => {
      const [, gy] = grads((a: Tensor, b: Tensor) => ssimResidualMap(a, b, options))([
        asTensor(x),
        asTensor(y),
      ]);
      return gy!.dataSync().slice();
    });
    const expectedResidual = expectedGradient(x, y, options, [-9 * 8, -9 * 8], 'y');
    expect(relativeError(residual, expectedResidual)).toBeLessThan(1e-4);
  });

  test.each(['luminance', 'contrast', 'structure'] as const)('of the term %s', (term) => {
    const shape = [1, 8, 9, 1] as const;
    const x = randomImages(shape, 6);
    const y = noisy(x, 0.2, 7);
    const options = { windowSize: 5 };
    const expected = centralDifferences(
      (data) => sumOf([...referenceTerms(x, { shape, data }, options)[term]]),
      y.data,
      1e-4,
    );
    const actual = tidy(() => {
      const [, gy] = grads((a: Tensor, b: Tensor) => ssimTerms(a, b, options)[term])([
        asTensor(x),
        asTensor(y),
      ]);
      return gy!.dataSync().slice();
    });
    expect(relativeError(actual, expected)).toBeLessThan(1e-4);
  });

  test('exactly 0 at equality, every option', () => {
    fc.assert(
      fc.property(small, fc.boolean(), ({ shape, seed, options }, flat) => {
        const range = options.dataRange ?? 1;
        const x = flat ? imagesFrom(shape, () => 0.4 * range) : randomImages(shape, seed, range);
        const [gx, gy] = gradientsOf(
          (a, b) => ssim(a, b, options),
          x,
          x,
          new Array<number>(shape[0]).fill(1),
        );
        expect([largest(gx), largest(gy)]).toEqual([0, 0]);
      }),
      { numRuns: 40 },
    );
  });

  test('exactly 0 when both arguments are one and the same tensor', () => {
    tidy(() => {
      const x = asTensor(randomImages([1, 12, 12, 1], 8));
      const [g] = grads((a: Tensor) => ssimLoss(a, a))([x]);
      expect(largest(g!.dataSync())).toBe(0);
    });
  });

  test('finite on flat and on extreme images, every option', () => {
    for (const options of [
      {},
      { gamma: 2 },
      { alpha: 0.5, beta: 0.3, gamma: 0.7 },
      { padding: 'zero' },
    ] as const) {
      const { x, y, ones } = pairsOf(extremes, 8, 8);
      const [gx, gy] = gradientsOf((a, b) => ssim(a, b, { windowSize: 7, ...options }), x, y, ones);
      expect([...gx, ...gy].filter((value) => !Number.isFinite(value))).toEqual([]);
    }
  });

  test('survive a mean of 200 with variance 1e-4 at dataRange 255', () => {
    const shape = [1, 13, 12, 1] as const;
    const base = imagesFrom(shape, () => 200);
    const [x, y] = [noisy(base, 0.01, 9), noisy(base, 0.01, 10)];
    const [, gy] = gradientsOf((a, b) => ssim(a, b, { dataRange: 255 }), x, y, [1]);
    const expected = expectedGradient(x, y, { dataRange: 255 }, [1], 'y');
    expect(relativeError(gy, expected)).toBeLessThan(2e-3);
  });

  test('a gradient step raises the similarity', () => {
    tidy(() => {
      const x = asTensor(naturalImages([1, 24, 24, 1], 11));
      const y = asTensor(randomImages([1, 24, 24, 1], 12));
      const [, gy] = grads((a: Tensor, b: Tensor) => ssimLoss(a, b))([x, y], ones([1]));
      const before = ssimLoss(x, y).dataSync()[0]!;
      const after = ssimLoss(x, sub(y, mul(gy!, 10))).dataSync()[0]!;
      expect(after).toBeLessThan(before);
    });
  });
});

describe('near convergence', () => {
  test.each([1, 255])(
    'with x̂ = x + 1e-4 · dataRange noise the loss keeps 1e-5 of itself (dataRange %i)',
    (range) => {
      const x = naturalImages([2, 32, 30, 1], 13, range);
      const y = noisy(x, 1e-4 * range, 14);
      const { ssim: map } = referenceTerms(x, y, { dataRange: range });
      const expected = perImage(
        map.map((value) => 1 - value),
        2,
      ).map((total) => total / (map.length / 2));
      const actual = tidy(() => ssimLoss(asTensor(x), asTensor(y), { dataRange: range }).dataSync().slice());
      expected.forEach((value, n) => {
        expect(value).toBeLessThan(1e-4);
        expect(Math.abs(actual[n]! / value - 1)).toBeLessThan(1e-5);
      });
    },
  );

  test.each([0.5, 2])('also with exponents of %d', (exponent) => {
    const x = naturalImages([1, 32, 30, 1], 15);
    const y = noisy(x, 1e-4, 16);
    const options = { alpha: exponent, beta: exponent, gamma: exponent };
    const expected = 1 - referenceSsim(x, y, options)[0]!;
    const [actual] = tidy(() => ssimLoss(asTensor(x), asTensor(y), options).dataSync().slice());
    expect(Math.abs(actual! / expected - 1)).toBeLessThan(1e-4);
  });
});
