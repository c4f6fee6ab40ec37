import { tensor1d } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { msSsim, msSsimLoss, ssim } from '../../src/index.js';
import type { MsSsimOptions } from '../../src/index.js';
import { weightedProductDistance } from '../../src/multiscale/weightedProduct.js';
import { extremes, gradientsOf, pairsOf, relativeError, tensorGrowth, values } from '../support/gradients.js';
import {
  anyOptions,
  anyShape,
  asTensor,
  imagesFrom,
  naturalImages,
  noisy,
  randomImages,
} from '../support/images.js';
import { referenceLevels, referenceMsSsim } from '../support/multiscaleReference.js';
import { centralDifferences, largest, largestError } from '../support/reference.js';
import type { Images, Shape4D } from '../support/reference.js';

const indexOf = (x: Images, y: Images, options: MsSsimOptions = {}): Float32Array =>
  values(() => msSsim(asTensor(x), asTensor(y), options));

const lossOf = (x: Images, y: Images, options: MsSsimOptions = {}): Float32Array =>
  values(() => msSsimLoss(asTensor(x), asTensor(y), options));

const mapped = (images: Images, change: (value: number) => number): Images => ({
  shape: images.shape,
  data: Float32Array.from(images.data, change),
});

/** What takes levels down to one pixel has a padding that fits any window. */
const anyLevels: fc.Arbitrary<MsSsimOptions> = fc.oneof(
  fc.constantFrom({ levels: 1 }, { levels: 2 }, { levels: 3 }),
  fc.constantFrom({ levelWeights: [1] }, { levelWeights: [0.3, 1.2] }, { levelWeights: [0.5, 0, 2] }),
);

/** A shape, a seed and options: window, constants and padding as for ssim, and up to three levels. */
const anyCase = (most = 13): fc.Arbitrary<{ shape: Shape4D; seed: number; options: MsSsimOptions }> =>
  anyShape(5, most).chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      seed: fc.nat(1000),
      options: fc.tuple(anyOptions(shape), anyLevels).map(([options, levels]) => ({
        ...options,
        windowSize: 3,
        ...('levels' in levels && levels.levels === 3 ? { padding: 'edge' as const } : {}),
        ...('levelWeights' in levels && levels.levelWeights?.length === 3
          ? { padding: 'zero' as const }
          : {}),
        ...levels,
      })),
    }),
  );

const pairOf = (shape: Shape4D, seed: number, options: MsSsimOptions): readonly [Images, Images] => {
  const range = options.dataRange ?? 1;
  const x = randomImages(shape, seed, range);
  return [x, noisy(x, 0.1 * range, seed + 1)];
};

describe('properties', () => {
  test('1 for equal images', () => {
    fc.assert(
      fc.property(anyCase(), ({ shape, seed, options }) => {
        const x = randomImages(shape, seed, options.dataRange);
        expect([...indexOf(x, x, options)]).toEqual(new Array(shape[0]).fill(1));
      }),
      { numRuns: 20 },
    );
  });

  test('symmetric', () => {
    fc.assert(
      fc.property(anyCase(), ({ shape, seed, options }) => {
        const [x, y] = pairOf(shape, seed, options);
        expect(largestError(indexOf(x, y, options), indexOf(y, x, options))).toBeLessThan(1e-6);
      }),
      { numRuns: 20 },
    );
  });

  test('in [0, 1], whatever the pixels', () => {
    fc.assert(
      fc.property(
        anyCase(),
        fc.constantFrom(1e-6, 1, 30, 1e4),
        fc.constantFrom(-1, 0, 5),
        ({ shape, seed, options }, scale, offset) => {
          const x = mapped(randomImages(shape, seed), (value) => scale * value + offset);
          const y = mapped(randomImages(shape, seed + 1), (value) => offset - scale * value);
          for (const value of indexOf(x, y, options)) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test('unchanged when pixels and dataRange scale together', () => {
    const [x, y] = [naturalImages([1, 24, 21, 2], 1), noisy(naturalImages([1, 24, 21, 2], 1), 0.1, 2)];
    const options = { levels: 2, windowSize: 7 };
    const before = indexOf(x, y, options);
    const after = indexOf(
      mapped(x, (value) => 255 * value),
      mapped(y, (value) => 255 * value),
      { ...options, dataRange: 255 },
    );
    expect(largestError(after, before)).toBeLessThan(1e-6);
  });

  test('one level is ssim, where that is above 0.01', () => {
    const x = naturalImages([2, 14, 17, 3], 3);
    const y = noisy(x, 0.1, 4);
    for (const options of [{ levels: 1 }, { levelWeights: [1] }]) {
      expect(
        largestError(
          indexOf(x, y, options),
          values(() => ssim(asTensor(x), asTensor(y))),
        ),
      ).toBeLessThan(1e-6);
    }
  });

  test('five levels are the default, with weights that are left as published', () => {
    const x = naturalImages([1, 35, 33, 1], 5);
    const y = noisy(x, 0.2, 6);
    const all = indexOf(x, y, { windowSize: 3 });
    const published = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
    expect([...indexOf(x, y, { windowSize: 3, levels: 5 })]).toEqual([...all]);
    expect([...indexOf(x, y, { windowSize: 3, levelWeights: published })]).toEqual([...all]);
  });

  test('a batch of images with channels is the mean over channels of each alone', () => {
    const x = naturalImages([2, 14, 13, 3], 7);
    const y = noisy(x, 0.2, 8);
    const options = { windowSize: 5, levels: 2 };
    const plane = (images: Images, n: number, c: number): Images =>
      imagesFrom([1, 14, 13, 1], (k) => images.data[(n * 14 * 13 + k) * 3 + c]!);
    const expected = [0, 1].map(
      (n) =>
        [0, 1, 2]
          .map((c) => indexOf(plane(x, n, c), plane(y, n, c), options)[0]!)
          .reduce((sum, value) => sum + value, 0) / 3,
    );
    expect(largestError(indexOf(x, y, options), expected)).toBeLessThan(1e-6);
  });
});

describe('references', () => {
  test('float64, random shapes and options: within 2e-6', () => {
    fc.assert(
      fc.property(anyCase(), ({ shape, seed, options }) => {
        const [x, y] = pairOf(shape, seed, options);
        expect(largestError(indexOf(x, y, options), referenceMsSsim(x, y, options))).toBeLessThan(2e-6);
      }),
      { numRuns: 60 },
    );
  });

  test('the default window over odd sizes', () => {
    const x = naturalImages([1, 47, 43, 1], 9);
    const y = noisy(x, 0.1, 10);
    expect(largestError(indexOf(x, y, { levels: 3 }), referenceMsSsim(x, y, { levels: 3 }))).toBeLessThan(
      1e-6,
    );
  });

  test.each([1, 255])('near convergence 1 − msSsim keeps 1e-5 of itself (dataRange %i)', (dataRange) => {
    const x = naturalImages([2, 33, 30, 2], 11, dataRange);
    for (const deviation of [1e-1, 1e-2, 1e-3, 1e-4, 1e-5]) {
      const y = noisy(x, deviation * dataRange, 12);
      const options = { dataRange, windowSize: 5, levels: 3 };
      const loss = lossOf(x, y, options);
      referenceMsSsim(x, y, options).forEach((index, n) => {
        expect(Math.abs(loss[n]! / (1 - index) - 1)).toBeLessThan(1e-5);
      });
    }
  });
});

describe('means below 0.01', () => {
  const options = { windowSize: 3, levels: 2 };
  const shape = [1, 8, 9, 1] as const;
  const x = naturalImages(shape, 13);
  // From an inverted image over nearly unrelated ones to one that shows a little of x.
  const faces = (
    [
      [-1, 0.02],
      [-1, 0.5],
      [-1, 1],
      [-0.2, 0.5],
      [0.02, 0.02],
    ] as const
  ).map(([share, noise]) => {
    const other = randomImages(shape, 14);
    return imagesFrom(shape, (k) => 0.5 + share * (x.data[k]! - 0.5) + noise * (other.data[k]! - 0.5));
  });

  test('count as 0.01 e^(t / 0.01 − 1), in the value and in the gradient', () => {
    const means = faces.map((y) => referenceLevels(x, y, options).flat());
    expect(Math.min(...means.flat())).toBeLessThan(-0.5);
    expect(means.flat().filter((mean) => mean > -0.1 && mean < 0.01).length).toBeGreaterThan(1);
    for (const y of faces) {
      expect(largestError(indexOf(x, y, options), referenceMsSsim(x, y, options))).toBeLessThan(1e-6);
      const [, gy] = gradientsOf((a, b) => msSsim(a, b, options), x, y, [1]);
      const expected = centralDifferences(
        (data) => referenceMsSsim(x, { shape, data }, options)[0]!,
        y.data,
        1e-6,
      );
      expect(largestError(gy, expected)).toBeLessThan(1e-4 * Math.max(largest(expected), 1e-6));
    }
  });

  test('the value grows with t, and joins t at 0.01 without a step', () => {
    const terms = [-0.05, -0.01, 0, 0.005, 0.0099, 0.0101, 0.02].map((t) => 1 - t);
    const distances = values(() => weightedProductDistance([tensor1d(terms)], [1]));
    const counted = distances.map((distance) => 1 - distance);
    expect([...counted].sort((a, b) => a - b)).toEqual([...counted]);
    expect(counted[0]).toBeGreaterThan(0);
    expect(counted[2]).toBeCloseTo(0.01 / Math.E, 6);
    expect(counted[4]).toBeCloseTo(0.0099, 5);
    expect(counted[6]).toBeCloseTo(0.02, 6);
  });

  test('one level below has the others keep their gradient', () => {
    // Fine structure inverted, coarse structure the same.
    const [first, second] = [1, -1].map((sign) =>
      imagesFrom([1, 12, 11, 1], (_, row, column) => {
        const slow = 0.5 + 0.2 * Math.sin((row + 2 * column) / 5);
        return slow * (1 + sign * 0.05) + sign * ((row + column) % 2 ? 0.1 : -0.1);
      }),
    ) as [Images, Images];
    const three = { windowSize: 3, levels: 3 };
    const means = referenceLevels(first, second, three).flat();
    expect(means[0]).toBeLessThan(0);
    expect(Math.min(...means.slice(1))).toBeGreaterThan(0.5);
    const [, actual] = gradientsOf((a, b) => msSsim(a, b, three), first, second, [1]);
    const expected = centralDifferences(
      (data) => referenceMsSsim(first, { shape: second.shape, data }, three)[0]!,
      second.data,
      1e-6,
    );
    expect(largest(actual)).toBeGreaterThan(0);
    expect(relativeError(actual, expected)).toBeLessThan(1e-4);
  });
});

describe('gradients', () => {
  const expectedGradient = (
    x: Images,
    y: Images,
    options: MsSsimOptions,
    weights: readonly number[],
    of: 'x' | 'y',
  ): Float64Array =>
    centralDifferences(
      (data) =>
        referenceMsSsim(
          of === 'x' ? { shape: x.shape, data } : x,
          of === 'y' ? { shape: y.shape, data } : y,
          options,
        ).reduce((sum, value, n) => sum + weights[n]! * value, 0),
      (of === 'x' ? x : y).data,
      1e-5 * (options.dataRange ?? 1),
    );

  test('equal central differences in float64, for both images, random shapes and options', () => {
    fc.assert(
      fc.property(anyCase(8), ({ shape, seed, options }) => {
        const [x, y] = pairOf(shape, seed, options);
        const weights = [1, -0.5, 0.7].slice(0, shape[0]);
        const [gx, gy] = gradientsOf((a, b) => msSsim(a, b, options), x, y, weights);
        expect(relativeError(gx, expectedGradient(x, y, options, weights, 'x'))).toBeLessThan(1e-4);
        expect(relativeError(gy, expectedGradient(x, y, options, weights, 'y'))).toBeLessThan(1e-4);
      }),
      { numRuns: 15 },
    );
  });

  test('with an 11-pixel window over an odd size: within 1e-5 of the largest', () => {
    const x = naturalImages([1, 23, 21, 1], 14);
    const y = noisy(x, 0.1, 15);
    const options = { levels: 2 };
    const [gx, gy] = gradientsOf((a, b) => msSsim(a, b, options), x, y, [1]);
    expect(relativeError(gx, expectedGradient(x, y, options, [1], 'x'))).toBeLessThan(1e-5);
    expect(relativeError(gy, expectedGradient(x, y, options, [1], 'y'))).toBeLessThan(1e-5);
  });

  test('exactly 0 at equality, on flat images too', () => {
    fc.assert(
      fc.property(anyCase(), fc.boolean(), ({ shape, seed, options }, isFlat) => {
        const x = isFlat ? imagesFrom(shape, () => 0.4) : randomImages(shape, seed, options.dataRange);
        const [gx, gy] = gradientsOf(
          (a, b) => msSsim(a, b, options),
          x,
          x,
          new Array<number>(shape[0]).fill(1),
        );
        expect([largest(gx), largest(gy)]).toEqual([0, 0]);
      }),
      { numRuns: 20 },
    );
  });

  test('finite on flat, extreme and inverted images', () => {
    for (const options of [
      { levels: 2 },
      { levelWeights: [2, 1] },
      { levels: 3, padding: 'zero' },
    ] as const) {
      const { x, y, ones } = pairsOf(extremes, 7, 8);
      const all = { windowSize: 3, ...options };
      const [gx, gy] = gradientsOf((a, b) => msSsim(a, b, all), x, y, ones);
      expect([...gx, ...gy, ...indexOf(x, y, all)].filter((value) => !Number.isFinite(value))).toEqual([]);
    }
  });
});

describe('memory', () => {
  test('grows by exactly what is returned', () => {
    const [x, y] = [asTensor(randomImages([2, 15, 16, 3], 1)), asTensor(randomImages([2, 15, 16, 3], 2))];
    for (const options of [
      { windowSize: 3, levels: 3 },
      { windowSize: 5, levelWeights: [1, 0], dataRange: 255 },
    ]) {
      expect(tensorGrowth(() => msSsim(x, y, options))).toBe(1);
    }
    expect(x.isDisposed || y.isDisposed).toBe(false);
  });
});

describe('rejects', () => {
  const call = (options: unknown, size: readonly [number, number] = [176, 176]) => {
    const x = asTensor(imagesFrom([1, ...size, 1], () => 0));
    return () => msSsim(x, x, options as MsSsimOptions);
  };
  const rejects = (f: () => unknown, error: typeof RangeError | typeof TypeError, message: string): void => {
    expect(tensorGrowth(() => expect(f).toThrow(new error(message)))).toBe(0);
    expect(f).toThrow(error);
  };

  test('unknown names, exponents of ssim among them', () => {
    const known =
      'dataRange, windowType, windowSize, windowSigma, k1, k2, c1, c2, covariance, padding, checkRange, levels, levelWeights, weights';
    rejects(call({ alpha: 1 }), TypeError, `msSsim: unknown option "alpha"; known are ${known}.`);
    rejects(
      call({ weights: [1] }),
      TypeError,
      'msSsim: weights must be a tensor with the weights of pixels; give the weights of levels as levelWeights.',
    );
    rejects(call({ weights: 1 }), TypeError, 'msSsim: weights must be a tensor, but got 1.');
    rejects(call({ Levels: 2 }), TypeError, 'msSsim: unknown option "Levels"; did you mean "levels"?');
    rejects(call(3), TypeError, 'msSsim: options must be an object, but got 3.');
  });

  test('what ssim rejects', () => {
    rejects(call({ k1: 0 }), RangeError, 'msSsim: k1 must be a finite number > 0, but got 0.');
    rejects(
      call({ windowSize: 4 }),
      RangeError,
      'msSsim: windowSize must be odd, so that the window has a centre, but got 4; use 3 or 5.',
    );
  });

  test('levels', () => {
    for (const bad of [6, 2.5, 0, -1, NaN, Infinity]) {
      rejects(
        call({ levels: bad }),
        RangeError,
        `msSsim: levels must be a whole number from 1 to 5, but got ${bad}; for other levels give levelWeights.`,
      );
    }
    rejects(
      call({ levels: '3' }),
      TypeError,
      'msSsim: levels must be a whole number from 1 to 5, but got "3".',
    );
  });

  test('levelWeights', () => {
    const where = 'msSsim: levelWeights';
    rejects(call({ levelWeights: 1 }), TypeError, `${where} must be a list of numbers, but got 1.`);
    rejects(call({ levelWeights: [] }), RangeError, `${where} is empty; give one weight for each level.`);
    rejects(
      call({ levelWeights: [0, 0] }),
      RangeError,
      `${where} are all 0, which leaves nothing to compare.`,
    );
    rejects(
      call({ levelWeights: [1, -1] }),
      RangeError,
      `${where}[1] must be a finite number ≥ 0, but got -1.`,
    );
    rejects(
      call({ levels: 2, levelWeights: [1, 1] }),
      TypeError,
      'msSsim: levels and levelWeights exclude each other; as many levels as weights are used.',
    );
  });

  test('images too small: it says which would fit, and which levels', () => {
    rejects(
      call({}, [64, 100]),
      RangeError,
      'msSsim: window of 11 pixels does not fit images of 64×100 at the smallest of 5 levels, 4×7; ' +
        'use images of at least 161×161, levels ≤ 3 or a smaller windowSize.',
    );
    rejects(
      call({ levelWeights: [1, 1, 1], windowSize: [3, 7] }, [20, 12]),
      RangeError,
      'msSsim: window of 3×7 pixels does not fit images of 20×12 at the smallest of 3 levels, 5×3; ' +
        'use images of at least 9×25, at most 1 levelWeights or a smaller windowSize.',
    );
    rejects(
      call({}, [8, 8]),
      RangeError,
      'msSsim: window of 11 pixels does not fit images of 8×8 at the smallest of 5 levels, 1×1; ' +
        'use images of at least 161×161 or a smaller windowSize.',
    );
    rejects(
      call({ levels: 1 }, [8, 8]),
      RangeError,
      'msSsim: window of 11 pixels does not fit images of 8×8; ' +
        'use images of at least 11×11 or a smaller windowSize.',
    );
    rejects(
      call({ padding: 'reflect' }, [64, 64]),
      RangeError,
      `msSsim: window of 11 pixels does not fit images of 64×64 at the smallest of 5 levels, 4×4 with padding ` +
        `'reflect'; use images of at least 81×81, levels ≤ 4 or a smaller windowSize.`,
    );
  });

  test('the smallest size that it names does fit, and one pixel less does not', () => {
    for (const [padding, least] of [
      ['valid', 17],
      ['reflect', 9],
      ['symmetric', 5],
      ['edge', 1],
    ] as const) {
      const options = { windowSize: 5, levels: 3, padding };
      const index = (size: number): number[] => {
        const x = randomImages([1, size, size, 1], size);
        return [...indexOf(x, x, options)];
      };
      expect(index(least)).toEqual([1]);
      if (least > 1) expect(() => index(least - 1)).toThrow(RangeError);
    }
  });
});
