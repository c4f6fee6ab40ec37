import { grads, ones, tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { haarPsi, haarPsiLoss, haarPsiResidualMap } from '../../src/index.js';
import type { HaarPsiOptions, HaarPsiResidualMapOptions } from '../../src/index.js';
import { extremes, gradientsOf, pairsOf, relativeError, tensorGrowth, values } from '../support/gradients.js';
import {
  anyShape,
  asTensor,
  imagesFrom,
  naturalImages,
  noisy,
  randomImages,
  randomNumbers,
} from '../support/images.js';
import { centralDifferences, largest, largestError } from '../support/reference.js';
import type { Images, Shape4D } from '../support/reference.js';
import { referenceHaarPsi, referenceHaarPsiResidual } from './haarPsiReference.js';

const indexOf = (x: Images, y: Images, options: HaarPsiOptions = {}): Float32Array =>
  values(() => haarPsi(asTensor(x), asTensor(y), options));
const lossOf = (x: Images, y: Images, options: HaarPsiOptions = {}): Float32Array =>
  values(() => haarPsiLoss(asTensor(x), asTensor(y), options));
const mapOf = (x: Images, y: Images, options: HaarPsiResidualMapOptions = {}): Float32Array =>
  values(() => haarPsiResidualMap(asTensor(x), asTensor(y), options));

const anyCase = fc.record({
  shape: anyShape(1, 13),
  seed: fc.nat(1000),
  options: fc.constantFrom(1, 255).chain((dataRange) =>
    fc.record({
      dataRange: fc.constant(dataRange),
      c: fc.constantFrom(30 / 255 ** 2, 0.001, 0.1).map((c) => c * dataRange ** 2),
      subsample: fc.boolean(),
    }),
  ),
  alpha: fc.constantFrom(2, 4.2, 8),
});

const pairOf = (shape: Shape4D, seed: number, dataRange: number): readonly [Images, Images] => {
  const x = randomImages(shape, seed, dataRange);
  return [x, noisy(x, 0.1 * dataRange, seed + 1)];
};

describe('properties', () => {
  test('1, 0 and 0 for equal images', () => {
    fc.assert(
      fc.property(anyCase, fc.boolean(), ({ shape, seed, options, alpha }, isFlat) => {
        const x = isFlat
          ? imagesFrom(shape, () => seed / 1000)
          : randomImages(shape, seed, options.dataRange);
        expect([...indexOf(x, x, { ...options, alpha })]).toEqual(new Array(shape[0]).fill(1));
        expect([...lossOf(x, x, { ...options, alpha })]).toEqual(new Array(shape[0]).fill(0));
        expect(largest(mapOf(x, x, options))).toBe(0);
      }),
      { numRuns: 15 },
    );
  });

  test('symmetric, within [0, 1], the loss 1 − the index, the map of the size of the input', () => {
    fc.assert(
      fc.property(
        anyCase,
        fc.constantFrom(1e-6, 1, 30, 1e4),
        fc.constantFrom(-1, 0, 5),
        ({ shape, seed, options, alpha }, scale, offset) => {
          const moved = (images: Images): Images => ({
            shape,
            data: Float32Array.from(images.data, (value) => scale * value + offset),
          });
          const [x, y] = [moved(randomImages(shape, seed)), moved(randomImages(shape, seed + 1))];
          const all = { ...options, alpha };
          const index = indexOf(x, y, all);
          expect(largestError(index, indexOf(y, x, all))).toBeLessThan(1e-6);
          const loss = lossOf(x, y, all);
          index.forEach((value, n) => expect(Math.abs(1 - value - loss[n]!)).toBeLessThan(1e-6));
          const map = mapOf(x, y, options);
          expect(largestError(map, mapOf(y, x, options))).toBeLessThan(1e-6);
          expect(map).toHaveLength(shape[0] * shape[1] * shape[2]);
          for (const value of [...index, ...loss, ...map]) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  test('every image and every channel for itself', () => {
    const shape = [3, 13, 12, 2] as const;
    const [x, y] = pairOf(shape, 1, 1);
    const part = (images: Images, n: number, channel?: number): Images => {
      const own = images.data as Float32Array;
      const image = own.slice((n * own.length) / 3, ((n + 1) * own.length) / 3);
      return channel === undefined
        ? { shape: [1, 13, 12, 2], data: image }
        : { shape: [1, 13, 12, 1], data: image.filter((_, k) => k % 2 === channel) };
    };
    const [all, map] = [indexOf(x, y), mapOf(x, y)];
    for (const n of [0, 1, 2]) {
      expect(all[n]).toBe(indexOf(part(x, n), part(y, n))[0]);
      const [first, second] = [0, 1].map((channel) => [part(x, n, channel), part(y, n, channel)] as const);
      expect(all[n]).toBeCloseTo((indexOf(...first!)[0]! + indexOf(...second!)[0]!) / 2, 6);
      const [left, right] = [mapOf(...first!), mapOf(...second!)];
      left.forEach((value, k) => expect(map[n * 156 + k]).toBeCloseTo((value + right[k]!) / 2, 6));
    }
  });

  test('unchanged when pixels, dataRange and c scale together', () => {
    const x = naturalImages([1, 14, 13, 2], 2);
    const y = noisy(x, 0.1, 3);
    const scaled = ({ shape, data }: Images): Images => ({
      shape,
      data: Float32Array.from(data, (value) => value * 255),
    });
    expect(largestError(indexOf(scaled(x), scaled(y), { dataRange: 255 }), indexOf(x, y))).toBeLessThan(1e-6);
    expect(largestError(mapOf(scaled(x), scaled(y), { dataRange: 255 }), mapOf(x, y))).toBeLessThan(1e-5);
    expect(indexOf(x, y, { c: 30 / 255 ** 2, alpha: 4.2, subsample: true })).toEqual(indexOf(x, y));
  });

  test('the map is highest at a defect', () => {
    const x = naturalImages([1, 40, 40, 1], 1);
    const y = imagesFrom([1, 40, 40, 1], (k, row, column) =>
      row >= 18 && row < 23 && column >= 20 && column < 25 ? 0.9 * ((row >> 1) % 2) : x.data[k]!,
    );
    const map = mapOf(x, y);
    const peak = map.indexOf(Math.max(...map));
    expect(Math.abs(Math.floor(peak / 40) - 20)).toBeLessThanOrEqual(5);
    expect(Math.abs((peak % 40) - 22)).toBeLessThanOrEqual(5);
  });
});

interface Fixture {
  readonly id: string;
  readonly size: readonly [number, number, number];
  readonly x: readonly [string, number];
  readonly y: readonly [string, number];
  readonly options: HaarPsiOptions;
  readonly value: number;
  readonly every: number;
  readonly map: readonly number[];
}

const fixtures = JSON.parse(
  readFileSync(new URL('../fixtures/haarpsi.json', import.meta.url), 'utf8'),
) as readonly Fixture[];

/** The images of the fixture, by its formulas. */
function fixtureImages([kind, argument]: Fixture['x'], size: Fixture['size']): Images {
  const shape = [1, ...size] as const;
  if (kind === 'flat') return imagesFrom(shape, () => argument);
  if (kind === 'noise') {
    let state = argument;
    return imagesFrom(shape, () => {
      state = (Math.imul(1664525, state) + 1013904223) >>> 0;
      return state >>> 24;
    });
  }
  const wave = (value: number, period: number): number => Math.abs((value % (2 * period)) - period);
  return imagesFrom(shape, (_, i, j, c) => {
    const x = 2 * wave(i + 5 * c, 32) + 3 * wave(j + 2 * i, 24) + ((i * i * 7 + j * 13 + c * 29) % 17);
    return Math.min(Math.max(x + argument * (((i * j + 3 * i + c) % 23) - 11), 0), 255);
  });
}

describe('references', () => {
  test.each(fixtures)('SciPy, $id: within 1e-6, the map too', ({ size, options, ...expected }) => {
    const [x, y] = [fixtureImages(expected.x, size), fixtureImages(expected.y, size)];
    const { c, subsample } = options;
    const ofMap = { ...(c !== undefined && { c }), ...(subsample !== undefined && { subsample }) };
    const all = { dataRange: 255, ...options };
    expect(Math.abs(indexOf(x, y, all)[0]! - expected.value)).toBeLessThan(1e-6);
    expect(Math.abs(lossOf(x, y, all)[0]! - (1 - expected.value))).toBeLessThan(1e-6);
    const map = mapOf(x, y, { dataRange: 255, ...ofMap }).filter((_, k) => k % expected.every === 0);
    expect(largestError(map, expected.map)).toBeLessThan(1e-6);
    // And so is the float64 reference of the tests.
    expect(Math.abs(referenceHaarPsi(x, y, all)[0]! - expected.value)).toBeLessThan(1e-10);
    const reference = referenceHaarPsiResidual(x, y, all).filter((_, k) => k % expected.every === 0);
    expect(largestError(reference, expected.map)).toBeLessThan(1e-7);
  });

  test('float64, random shapes and options', () => {
    fc.assert(
      fc.property(anyCase, ({ shape, seed, options, alpha }) => {
        const [x, y] = pairOf(shape, seed, options.dataRange);
        const all = { ...options, alpha };
        // As far as float32 can tell coefficients from each other; the similarity is steepest at 1/√c.
        const bound = 1e-6 + (8 * 2 ** -24 * options.dataRange) / Math.sqrt(options.c);
        expect(largestError(indexOf(x, y, all), referenceHaarPsi(x, y, all))).toBeLessThan(bound);
        expect(largestError(mapOf(x, y, options), referenceHaarPsiResidual(x, y, options))).toBeLessThan(
          bound,
        );
      }),
      { numRuns: 30 },
    );
  });

  test.each([1, 255])('near convergence the loss keeps 1e-5 of itself (dataRange %i)', (dataRange) => {
    const x = naturalImages([2, 22, 21, 1], 4, dataRange);
    for (const deviation of [1e-2, 1e-3, 1e-4]) {
      const y = noisy(x, deviation * dataRange, 5);
      const expected = referenceHaarPsi(x, y, { dataRange }).map((value) => 1 - value);
      lossOf(x, y, { dataRange }).forEach((value, n) => {
        expect(Math.abs(value / expected[n]! - 1)).toBeLessThan(1e-5);
      });
    }
  });

  test('weights: each place counts by that of its pixels', () => {
    const shape = [2, 12, 14, 2] as const;
    const [x, y] = pairOf(shape, 6, 1);
    const weights = randomImages([2, 12, 14, 1], 7);
    const halved = Float64Array.from({ length: 84 }, (_, k) => {
      const [n, i, j] = [Math.floor(k / 42), Math.floor(k / 7) % 6, k % 7];
      const at = (u: number, v: number): number => weights.data[(n * 12 + 2 * i + u) * 14 + 2 * j + v]!;
      return (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4;
    });
    for (const [options, places] of [
      [{}, halved],
      [{ subsample: false }, weights.data],
    ] as const) {
      const actual = values(() =>
        haarPsi(asTensor(x), asTensor(y), { ...options, weights: asTensor(weights) }),
      );
      expect(largestError(actual, referenceHaarPsi(x, y, options, places))).toBeLessThan(1e-6);
    }
    // One row of weights for every image alike, and no weight at all.
    const shared = asTensor({ shape: [1, 12, 14, 1], data: Float32Array.from(weights.data).slice(0, 168) });
    const twice = tensor([...shared.dataSync(), ...shared.dataSync()], [2, 12, 14, 1]);
    expect(values(() => haarPsi(asTensor(x), asTensor(y), { weights: shared }))).toEqual(
      values(() => haarPsi(asTensor(x), asTensor(y), { weights: twice })),
    );
    const none = tensor(new Float32Array(168), [1, 12, 14, 1]);
    expect([...values(() => haarPsiLoss(asTensor(x), asTensor(y), { weights: none }))]).toEqual([0, 0]);
  });
});

describe('gradients', () => {
  const bothEqual = (
    f: (x: Tensor, y: Tensor) => Tensor,
    reference: (x: Images, y: Images) => number,
    x: Images,
    y: Images,
    dy: Tensor,
  ): void => {
    const [gx, gy] = tidy(() =>
      grads((a: Tensor, b: Tensor) => f(a, b))([asTensor(x), asTensor(y)], dy).map((g) =>
        g.dataSync<'float32'>().slice(),
      ),
    ) as [Float32Array, Float32Array];
    const { shape } = x;
    const ofX = centralDifferences((data) => reference({ shape, data }, y), x.data, 1e-6);
    const ofY = centralDifferences((data) => reference(x, { shape, data }), y.data, 1e-6);
    expect(relativeError(gx, ofX)).toBeLessThan(1e-4);
    expect(relativeError(gy, ofY)).toBeLessThan(1e-4);
  };

  test.each([{}, { subsample: false }, { c: 1e-4, alpha: 8 }, { alpha: 0.5 }] as readonly HaarPsiOptions[])(
    'of the index and the loss, %j, equal central differences',
    (options) => {
      const shape = [2, 9, 8, 2] as const;
      const [x, y] = [randomImages(shape, 9), randomImages(shape, 10)];
      const sum = (a: Images, b: Images): number => {
        const [first, second] = referenceHaarPsi(a, b, options);
        return first! - 2 * second!;
      };
      tidy(() => {
        bothEqual((a, b) => haarPsi(a, b, options), sum, x, y, tensor1d([1, -2]));
        bothEqual(
          (a, b) => haarPsiLoss(a, b, options),
          (a, b) => -sum(a, b),
          x,
          y,
          tensor1d([1, -2]),
        );
      });
    },
  );

  test.each([true, false])('of the map, subsample %s', (subsample) => {
    const shape = [1, 9, 8, 2] as const;
    const [x, y] = [randomImages(shape, 11), randomImages(shape, 12)];
    const random = randomNumbers(13);
    const weights = Float32Array.from({ length: 72 }, () => random() - 0.3);
    tidy(() => {
      bothEqual(
        (a, b) => haarPsiResidualMap(a, b, { subsample }),
        (a, b) =>
          referenceHaarPsiResidual(a, b, { subsample }).reduce(
            (sum, value, k) => sum + value * weights[k]!,
            0,
          ),
        x,
        y,
        tensor(weights, [1, 9, 8, 1]),
      );
    });
  });

  test('exactly 0 at equality, on flat and black images too', () => {
    for (const subsample of [true, false]) {
      for (const x of [
        randomImages([1, 9, 11, 2], 14),
        imagesFrom([1, 9, 11, 2], () => 0.3),
        imagesFrom([1, 9, 11, 2], () => 0),
      ]) {
        const ofLoss = gradientsOf((a, b) => haarPsiLoss(a, b, { subsample }), x, x, [1]);
        const ofMap = tidy(() =>
          grads((a: Tensor, b: Tensor) => haarPsiResidualMap(a, b, { subsample }))([
            asTensor(x),
            asTensor(x),
          ]).map((g) => largest(g.dataSync())),
        );
        expect([...ofLoss.map(largest), ...ofMap]).toEqual([0, 0, 0, 0]);
      }
    }
  });

  test('finite on flat, extreme and inverted images', () => {
    const { x, y, ones } = pairsOf(extremes, 7, 8);
    const [gx, gy] = gradientsOf((a, b) => haarPsi(a, b), x, y, ones);
    const all = [...gx, ...gy, ...indexOf(x, y), ...lossOf(x, y), ...mapOf(x, y)];
    expect(all.filter((value) => !Number.isFinite(value))).toEqual([]);
  });
});

describe('memory', () => {
  test('grows by exactly what is returned, and by nothing over steps of training', () => {
    const [x, y] = [asTensor(randomImages([2, 9, 10, 3], 1)), asTensor(randomImages([2, 9, 10, 3], 2))];
    const weights = ones([1, 9, 10, 1]);
    expect(tensorGrowth(() => haarPsi(x, y, { weights }))).toBe(1);
    expect(tensorGrowth(() => haarPsiLoss(x, y, { subsample: false, checkRange: true }))).toBe(1);
    expect(tensorGrowth(() => haarPsiResidualMap(x, y))).toBe(1);
    expect(
      tensorGrowth(() => {
        for (let k = 0; k < 5; k++) {
          tidy(() => {
            grads((a: Tensor, b: Tensor) => haarPsiLoss(a, b, { weights }))([x, y]);
            grads((a: Tensor, b: Tensor) => haarPsiResidualMap(a, b))([x, y]);
          });
        }
      }),
    ).toBe(0);
    expect(x.isDisposed || y.isDisposed || weights.isDisposed).toBe(false);
  });
});

describe('rejects', () => {
  const functions = { haarPsi, haarPsiLoss, haarPsiResidualMap } as const;
  const x = asTensor(imagesFrom([1, 8, 8, 1], () => 0));
  const rejects = (
    name: keyof typeof functions,
    options: unknown,
    error: typeof RangeError | typeof TypeError,
    message: string,
  ): void => {
    const call = (): unknown => functions[name](x, x, options as HaarPsiOptions);
    expect(tensorGrowth(() => expect(call).toThrow(new error(`${name}: ${message}`)))).toBe(0);
    expect(call).toThrow(error);
  };

  test('unknown names', () => {
    const known = 'dataRange, c, subsample, checkRange';
    rejects('haarPsi', { k: 1 }, TypeError, `unknown option "k"; known are ${known}, alpha, weights.`);
    rejects('haarPsiLoss', { C: 3 }, TypeError, 'unknown option "C"; did you mean "c"?');
    rejects('haarPsiResidualMap', { weights: x }, TypeError, `unknown option "weights"; known are ${known}.`);
    rejects(
      'haarPsiResidualMap',
      { steepness: 1 },
      TypeError,
      `unknown option "steepness"; known are ${known}.`,
    );
  });

  test.each(['haarPsi', 'haarPsiLoss', 'haarPsiResidualMap'] as const)('%s, wrong values', (name) => {
    for (const option of ['dataRange', 'c']) {
      for (const bad of [0, -1, NaN, Infinity]) {
        rejects(
          name,
          { [option]: bad },
          RangeError,
          `${option} must be a finite number > 0, but got ${bad}.`,
        );
      }
      rejects(name, { [option]: '1' }, TypeError, `${option} must be a finite number > 0, but got "1".`);
    }
    rejects(name, { subsample: 2 }, TypeError, 'subsample must be true or false, but got 2.');
    rejects(
      name,
      { c: 1e-37, dataRange: 255 },
      RangeError,
      `c makes a constant of ${1e-37 / 255 ** 2} for images divided by dataRange, ` +
        'beyond what float32 holds; flat places would divide by 0.',
    );
  });

  test('alpha out of range', () => {
    rejects(
      'haarPsi',
      { alpha: 0 },
      RangeError,
      'alpha must be a finite number from 0.001 to 40, but got 0.',
    );
    rejects(
      'haarPsiLoss',
      { alpha: 41 },
      RangeError,
      'alpha must be a finite number from 0.001 to 40, but got 41.',
    );
    rejects(
      'haarPsi',
      { alpha: '4' },
      TypeError,
      'alpha must be a finite number from 0.001 to 40, but got "4".',
    );
  });

  test('no image is too small', () => {
    for (const call of Object.values(functions))
      expect(() => call(ones([1, 1, 1, 1]), ones([1, 1, 1, 1]))).not.toThrow();
  });
});
