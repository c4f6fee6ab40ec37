import { grads, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gmsMap, gmsd } from '../../src/index.js';
import type { GmsOptions, GmsdOptions } from '../../src/index.js';
import { gradientsOf, pairsOf, relativeError, tensorGrowth, values } from '../support/gradients.js';
import {
  anyShape,
  asTensor,
  imagesFrom,
  naturalImages,
  noisy,
  randomImages,
  randomNumbers,
} from '../support/images.js';
import { referenceGmsDistances, referenceGmsd } from '../support/multiscaleReference.js';
import { centralDifferences, largest, largestError } from '../support/reference.js';
import type { Images, Shape4D } from '../support/reference.js';
import { paddings } from '../support/paddings.js';

const mapOf = (x: Images, y: Images, options: GmsOptions = {}): Float32Array =>
  values(() => gmsMap(asTensor(x), asTensor(y), options));

const deviationOf = (x: Images, y: Images, options: GmsdOptions = {}): Float32Array =>
  values(() => gmsd(asTensor(x), asTensor(y), options));

const similarities = (x: Images, y: Images, options: GmsOptions = {}): Float64Array =>
  Float64Array.from(referenceGmsDistances(x, y, options).data, (distance) => 1 - distance);

const anyCase = (most = 13): fc.Arbitrary<{ shape: Shape4D; seed: number; options: GmsOptions }> =>
  fc.record({
    shape: anyShape(5, most),
    seed: fc.nat(1000),
    options: fc.constantFrom(1, 255).chain((dataRange) =>
      fc.record({
        dataRange: fc.constant(dataRange),
        c: fc.constantFrom(undefined, 0.001, 0.1).map((c) => (c ?? 170 / 255 ** 2) * dataRange ** 2),
        padding: fc.constantFrom(...paddings),
      }),
    ),
  });

const pairOf = (shape: Shape4D, seed: number, { dataRange = 1 }: GmsOptions): readonly [Images, Images] => {
  const x = randomImages(shape, seed, dataRange);
  return [x, noisy(x, 0.1 * dataRange, seed + 1)];
};

describe('properties', () => {
  test('1 and 0 for equal images', () => {
    fc.assert(
      fc.property(anyCase(), ({ shape, seed, options }) => {
        const x = randomImages(shape, seed, options.dataRange);
        expect(new Set(mapOf(x, x, options))).toEqual(new Set([1]));
        expect([...deviationOf(x, x, options)]).toEqual(new Array(shape[0]).fill(0));
      }),
      { numRuns: 20 },
    );
  });

  test('symmetric, and within (0, 1] and [0, 0.5]', () => {
    fc.assert(
      fc.property(
        anyCase(),
        fc.constantFrom(1e-6, 1, 30, 1e4),
        fc.constantFrom(-1, 0, 5),
        ({ shape, seed, options }, scale, offset) => {
          const moved = (images: Images): Images => ({
            shape,
            data: Float32Array.from(images.data, (value) => scale * value + offset),
          });
          const [x, y] = [moved(randomImages(shape, seed)), moved(randomImages(shape, seed + 1))];
          const map = mapOf(x, y, options);
          expect(largestError(map, mapOf(y, x, options))).toBeLessThan(1e-6);
          expect(Math.min(...map)).toBeGreaterThan(0);
          expect(Math.max(...map)).toBeLessThanOrEqual(1);
          const deviation = deviationOf(x, y, options);
          expect(largestError(deviation, deviationOf(y, x, options))).toBeLessThan(1e-6);
          expect(Math.min(...deviation)).toBeGreaterThanOrEqual(0);
          expect(Math.max(...deviation)).toBeLessThanOrEqual(0.5);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('the shape of the map: that of the images, and two pixels less with valid', () => {
    const x = asTensor(randomImages([2, 7, 9, 3], 1));
    expect(tidy(() => gmsMap(x, x).shape)).toEqual([2, 7, 9, 3]);
    expect(tidy(() => gmsMap(x, x, { padding: 'valid' }).shape)).toEqual([2, 5, 7, 3]);
  });

  test('unchanged when pixels and dataRange scale together', () => {
    const x = naturalImages([1, 14, 13, 2], 2);
    const y = noisy(x, 0.1, 3);
    const scaled = (images: Images): Images => ({
      shape: images.shape,
      data: Float32Array.from(images.data, (value) => value * 255),
    });
    expect(largestError(mapOf(scaled(x), scaled(y), { dataRange: 255 }), mapOf(x, y))).toBeLessThan(1e-6);
  });

  test('an edge turned by 90° is the same edge, an added constant no edge', () => {
    const vertical = imagesFrom([1, 8, 8, 1], (_, _row, column) => 0.1 * column);
    const horizontal = imagesFrom([1, 8, 8, 1], (_, row) => 0.7 - 0.1 * row);
    const brighter = imagesFrom([1, 8, 8, 1], (k) => vertical.data[k]! + 0.2);
    for (const other of [horizontal, brighter]) {
      expect(Math.min(...mapOf(vertical, other, { padding: 'valid' }))).toBeGreaterThan(1 - 1e-6);
    }
  });

  test('a deviation sees what differs from place to place, not what differs everywhere', () => {
    const ramp = (slope: number): Images => imagesFrom([1, 9, 9, 1], (_, row) => slope * row);
    const options = { padding: 'valid', downsample: false } as const;
    expect(largest(deviationOf(ramp(0.1), ramp(0.05), options))).toBeLessThan(1e-6);
    expect(Math.max(...mapOf(ramp(0.1), ramp(0.05), { padding: 'valid' }))).toBeLessThan(0.9);
  });
});

describe('references', () => {
  test('float64, random shapes and options: as far as float32 can tell gradients from each other', () => {
    fc.assert(
      fc.property(anyCase(), fc.boolean(), ({ shape, seed, options }, downsample) => {
        const [x, y] = pairOf(shape, seed, options);
        // A magnitude, a sum of six pixels, is off by a few roundings; the similarity is steepest at 1/√c.
        const { dataRange = 1, c = NaN } = options;
        const bound = 2e-7 + (4 * 2 ** -24 * dataRange) / Math.sqrt(c);
        expect(largestError(mapOf(x, y, options), similarities(x, y, options))).toBeLessThan(bound);
        const all = { ...options, downsample };
        expect(largestError(deviationOf(x, y, all), referenceGmsd(x, y, all))).toBeLessThan(bound);
      }),
      { numRuns: 60 },
    );
  });

  test('by hand: one bright pixel against none', () => {
    const dot = imagesFrom([1, 5, 5, 1], (k) => (k === 12 ? 0.3 : 0));
    const black = imagesFrom([1, 5, 5, 1], () => 0);
    const map = mapOf(dot, black, { c: 0.01 });
    // Beside it one of the slopes is 0.3 / 3, diagonally both are; in the middle they cancel.
    expect(Math.abs(map[7]! - 0.5)).toBeLessThan(1e-6);
    expect(Math.abs(map[6]! - 1 / 3)).toBeLessThan(1e-6);
    expect([map[0], map[12]]).toEqual([1, 1]);
  });

  test.each([1, 255])('near convergence gmsd keeps 1e-5 of itself (dataRange %i)', (dataRange) => {
    const x = naturalImages([2, 22, 21, 1], 4, dataRange);
    for (const deviation of [1e-2, 1e-3, 1e-4, 1e-5]) {
      const y = noisy(x, deviation * dataRange, 5);
      const expected = referenceGmsd(x, y, { dataRange });
      deviationOf(x, y, { dataRange }).forEach((value, n) => {
        expect(Math.abs(value / expected[n]! - 1)).toBeLessThan(1e-5);
      });
    }
  });
});

describe('gradients', () => {
  const bothEqual = (
    f: (x: Tensor, y: Tensor) => Tensor,
    reference: (x: Images, y: Images) => number,
    x: Images,
    y: Images,
    dy: Tensor,
    tolerance: number,
  ): void => {
    const [gx, gy] = tidy(() =>
      grads((a: Tensor, b: Tensor) => f(a, b))([asTensor(x), asTensor(y)], dy).map((g) =>
        g.dataSync<'float32'>().slice(),
      ),
    ) as [Float32Array, Float32Array];
    const { shape } = x;
    const ofX = centralDifferences((data) => reference({ shape, data }, y), x.data, 1e-5);
    const ofY = centralDifferences((data) => reference(x, { shape, data }), y.data, 1e-5);
    expect(relativeError(gx, ofX)).toBeLessThan(tolerance);
    expect(relativeError(gy, ofY)).toBeLessThan(tolerance);
  };

  test.each(paddings)('of the map, pixel by pixel, for both images, padding %s', (padding) => {
    const shape = [2, 7, 6, 2] as const;
    const [x, y] = [randomImages(shape, 6), randomImages(shape, 7)];
    const random = randomNumbers(8);
    const weights = similarities(x, y, { padding }).map(() => random() - 0.3);
    tidy(() => {
      bothEqual(
        (a, b) => gmsMap(a, b, { padding }),
        (a, b) => similarities(a, b, { padding }).reduce((sum, value, k) => sum + value * weights[k]!, 0),
        x,
        y,
        asTensor({ shape: padding === 'valid' ? [2, 5, 4, 2] : shape, data: weights }),
        1e-4,
      );
    });
  });

  test.each([true, false])('of gmsd, downsample %s', (downsample) => {
    const shape = [1, 9, 8, 2] as const;
    const x = naturalImages(shape, 9);
    const y = noisy(x, 0.1, 10);
    tidy(() => {
      bothEqual(
        (a, b) => gmsd(a, b, { downsample }),
        (a, b) => referenceGmsd(a, b, { downsample })[0]!,
        x,
        y,
        tensor1d([1]),
        1e-4,
      );
    });
  });

  test('of a flat image against a textured one', () => {
    const shape = [1, 8, 7, 1] as const;
    const [flat, textured] = [imagesFrom(shape, () => 0.3), naturalImages(shape, 11)];
    tidy(() => {
      for (const [x, y] of [
        [flat, textured],
        [textured, flat],
      ] as const) {
        bothEqual(
          (a, b) => gmsMap(a, b),
          (a, b) => similarities(a, b).reduce((sum, value) => sum + value, 0),
          x,
          y,
          asTensor({ shape, data: new Float32Array(56).fill(1) }),
          0.03, // x + y and x − y are rounded: a slope of 0 is one of 1e-8, with a little of its direction
        );
      }
    });
  });

  test('exactly 0 at equality, on flat images too', () => {
    fc.assert(
      fc.property(anyCase(), fc.boolean(), ({ shape, seed, options }, isFlat) => {
        const x = isFlat ? imagesFrom(shape, () => 0.4) : randomImages(shape, seed, options.dataRange);
        const ones = new Array<number>(shape[0]).fill(1);
        const [gx, gy] = gradientsOf((a, b) => gmsd(a, b, options), x, x, ones);
        const ofMap = tidy(() =>
          grads((a: Tensor, b: Tensor) => gmsMap(a, b, options))([asTensor(x), asTensor(x)]).map((g) =>
            largest(g.dataSync()),
          ),
        );
        expect([largest(gx), largest(gy), ...ofMap]).toEqual([0, 0, 0, 0]);
      }),
      { numRuns: 20 },
    );
  });

  test('finite on flat, extreme and inverted images', () => {
    const extremes: readonly ((k: number) => number)[] = [
      () => 0,
      () => 1,
      () => 1e-20,
      () => 1e6,
      (k) => (k % 2 ? 1e6 : -1e6),
      (k) => (k % 2 ? -1e6 : 1e6),
      (k) => (k === 30 ? 1e-10 : 0),
      (k) => (k % 7) / 7,
    ];
    for (const padding of ['zero', 'reflect'] as const) {
      const { x, y, ones } = pairsOf(extremes, 7, 8);
      const [gx, gy] = gradientsOf((a, b) => gmsd(a, b, { padding }), x, y, ones);
      const all = [...gx, ...gy, ...mapOf(x, y, { padding }), ...deviationOf(x, y, { padding })];
      expect(all.filter((value) => !Number.isFinite(value))).toEqual([]);
    }
  });
});

describe('memory', () => {
  test('grows by exactly what is returned', () => {
    const [x, y] = [asTensor(randomImages([2, 9, 10, 3], 1)), asTensor(randomImages([2, 9, 10, 3], 2))];
    for (const options of [{}, { padding: 'reflect', dataRange: 255 }] as const) {
      expect(tensorGrowth(() => gmsMap(x, y, options))).toBe(1);
      expect(tensorGrowth(() => gmsd(x, y, options))).toBe(1);
    }
    expect(x.isDisposed || y.isDisposed).toBe(false);
  });
});

describe('rejects', () => {
  const call =
    (f: 'gmsMap' | 'gmsd', options: unknown, size: readonly [number, number] = [8, 8]) =>
    () => {
      const x = asTensor(imagesFrom([1, ...size, 1], () => 0));
      try {
        (f === 'gmsd' ? gmsd : gmsMap)(x, x, options as GmsOptions);
      } finally {
        x.dispose();
      }
    };
  const rejects = (f: () => unknown, error: typeof RangeError | typeof TypeError, message: string): void => {
    expect(tensorGrowth(() => expect(f).toThrow(new error(message)))).toBe(0);
    expect(f).toThrow(error);
  };

  test('unknown names', () => {
    rejects(
      call('gmsMap', { windowSize: 3 }),
      TypeError,
      'gmsMap: unknown option "windowSize"; known are dataRange, c, padding, checkRange.',
    );
    rejects(call('gmsMap', { C: 3 }), TypeError, 'gmsMap: unknown option "C"; did you mean "c"?');
    rejects(
      call('gmsMap', { downsample: true }),
      TypeError,
      'gmsMap: unknown option "downsample"; known are dataRange, c, padding, checkRange.',
    );
  });

  test.each(['gmsMap', 'gmsd'] as const)('%s, values out of range', (name) => {
    for (const option of ['dataRange', 'c']) {
      for (const bad of [0, -1, NaN, Infinity]) {
        rejects(
          call(name, { [option]: bad }),
          RangeError,
          `${name}: ${option} must be a finite number > 0, but got ${bad}.`,
        );
      }
      rejects(
        call(name, { [option]: '1' }),
        TypeError,
        `${name}: ${option} must be a finite number > 0, but got "1".`,
      );
    }
    rejects(
      call(name, { c: 1e-37, dataRange: 255 }),
      RangeError,
      `${name}: c makes a constant of ${1e-37 / 255 ** 2} for images divided by dataRange, ` +
        'beyond what float32 holds; flat places would divide by 0.',
    );
    rejects(
      call(name, { padding: 'same' }),
      TypeError,
      `${name}: padding must be one of 'valid', 'reflect', 'symmetric', 'edge', 'zero', 'wrap', but got "same".`,
    );
  });

  test('downsample that is neither true nor false', () => {
    rejects(call('gmsd', { downsample: 2 }), TypeError, 'gmsd: downsample must be true or false, but got 2.');
  });

  test('images too small', () => {
    rejects(
      call('gmsMap', { padding: 'valid' }, [2, 8]),
      RangeError,
      `gmsMap: window of 3 pixels does not fit images of 2×8; use images of at least 3×3 or padding 'zero'.`,
    );
    rejects(
      call('gmsd', { padding: 'reflect' }, [2, 8]),
      RangeError,
      `gmsd: window of 3 pixels does not fit images of 2×8 at the smallest of 2 levels, 1×4 with padding ` +
        `'reflect'; use images of at least 3×3, downsample: false or padding 'zero'.`,
    );
  });
});
