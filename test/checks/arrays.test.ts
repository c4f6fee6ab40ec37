import { runInNewContext } from 'node:vm';
import { memory, tensor1d } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { checkBinary, checkMaps, checkMasks, checkScores } from '../../src/checks/arrays.js';
import * as library from '../../src/index.js';
import {
  auPimo,
  auPro,
  averagePrecision,
  bestF1,
  connectedRegions,
  dice,
  iou,
  openMask,
  pimoAccumulator,
  pimoCurve,
  precisionRecallCurve,
  proAccumulator,
  proCurve,
  removeSmallRegions,
  rocAuc,
  rocCurve,
  scoreAccumulator,
  segment,
  thresholdAtF1,
  thresholdAtFalseAlarmRate,
  thresholdAtMinimumArea,
  thresholdAtQuantile,
} from '../../src/index.js';
import { measures, otherTensorFunctions } from '../support/measures.js';

/** Two normal images and two with a defect, of 2×3. */
const size = { height: 2, width: 3 };
const scores = [0, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0, 9, 1, 7, 3, 4, 5, 2, 8, 3, 9, 4, 6];
const labels = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0];
const bounds = [0.1, 0.9] as const;
const names = ['a', 'b', 'c', 'd'];

type Any = never;
interface Taker {
  /** Calls it with its arrays and with its options as a last argument. */
  readonly call: (arrays: readonly unknown[], options: unknown) => unknown;
  readonly arrays: Readonly<Record<string, readonly number[]>>;
  readonly options?: object;
}
const ranked = (metric: (scores: Any, labels: Any) => unknown): Taker => ({
  call: ([first, second]) => metric(first as Any, second as Any),
  arrays: { scores, labels },
});
const overMaps = (metric: (maps: Any, masks: Any, options: Any) => unknown, options: object = {}): Taker => ({
  call: ([maps, masks], given) => metric(maps as Any, masks as Any, given as Any),
  arrays: { maps: scores, masks: labels },
  options: { ...size, ...options },
});
const overMask = (metric: (mask: Any, options: Any) => unknown, options: object = {}): Taker => ({
  call: ([mask], given) => metric(mask as Any, given as Any),
  arrays: { mask: labels.slice(12, 18) },
  options: { ...size, ...options },
});

/** Every function that takes typed arrays. */
const takers: Readonly<Record<string, Taker>> = {
  rocAuc: ranked(rocAuc),
  rocCurve: ranked(rocCurve),
  precisionRecallCurve: ranked(precisionRecallCurve),
  averagePrecision: ranked(averagePrecision),
  bestF1: ranked(bestF1),
  thresholdAtF1: ranked(thresholdAtF1),
  thresholdAtFalseAlarmRate: {
    call: ([first]) => thresholdAtFalseAlarmRate(first as Any, 0.5),
    arrays: { scores },
  },
  thresholdAtQuantile: { call: ([first]) => thresholdAtQuantile(first as Any, 0.9), arrays: { scores } },
  iou: { call: ([a, b]) => iou(a as Any, b as Any), arrays: { maskTrue: labels, maskPred: labels } },
  dice: { call: ([a, b]) => dice(a as Any, b as Any), arrays: { maskTrue: labels, maskPred: labels } },
  auPro: overMaps(auPro),
  proCurve: overMaps(proCurve, { maxFalsePositiveRate: 0.5 }),
  auPimo: overMaps(auPimo, { falsePositiveRates: bounds }),
  pimoCurve: overMaps(pimoCurve, { falsePositiveRates: bounds }),
  segment: {
    call: ([maps], options) => segment(maps as Any, options as Any),
    arrays: { maps: scores },
    options: { ...size, threshold: 4, border: 0 },
  },
  thresholdAtMinimumArea: {
    call: ([maps], options) => thresholdAtMinimumArea(maps as Any, options as Any),
    arrays: { maps: scores },
    options: { ...size, minimumArea: 2 },
  },
  connectedRegions: {
    call: ([mask, of], options) =>
      connectedRegions(
        mask as Any,
        (typeof options === 'object' && options !== null && !Array.isArray(options)
          ? { ...options, scores: of }
          : options) as Any,
      ),
    arrays: { mask: labels.slice(12, 18), scores: scores.slice(12, 18) },
    options: { ...size, connectivity: 4 },
  },
  openMask: overMask(openMask, { radius: 0 }),
  removeSmallRegions: overMask(removeSmallRegions, { minimumArea: 1 }),
  'scoreAccumulator.add': ranked((of, truth) => {
    const kept = scoreAccumulator();
    kept.add(of, truth);
    return [kept.rocAuc(), kept.bestF1(), JSON.stringify(kept)];
  }),
  'proAccumulator.add': overMaps((maps, masks, options) => {
    const kept = proAccumulator();
    kept.add(maps, masks, options);
    return [kept.auPro(), JSON.stringify(kept)];
  }),
  'pimoAccumulator.add': {
    call: ([maps, masks], options) => {
      const kept = pimoAccumulator();
      kept.add(maps as Any, masks as Any, names, options as Any);
      return [kept.auPimo({ falsePositiveRates: bounds }), JSON.stringify(kept)];
    },
    arrays: { maps: scores, masks: labels },
    options: size,
  },
};
const each = Object.entries(takers);
const given = (taker: Taker, replace: (values: readonly number[], name: string) => unknown = (v) => v) =>
  taker.call(
    Object.entries(taker.arrays).map(([name, values]) => replace(values, name)),
    taker.options,
  );
const isScore = (name: string): boolean => name === 'scores' || name === 'maps';

test('no function that takes typed arrays is left out', () => {
  const ofTensors: readonly string[] = [...measures.map(({ name }) => name), ...otherTensorFunctions];
  const without = /^presets$|Annealing$|FromJSON$/;
  const others = Object.keys(library).filter((name) => !ofTensors.includes(name) && !without.test(name));
  const covered = new Set(each.map(([name]) => name.split('.')[0]));
  expect(others.filter((name) => !covered.has(name))).toEqual([]);
});

describe.each(each)('%s', (name, taker) => {
  const argumentsOf = Object.keys(taker.arrays);
  const instead = (argument: string, value: unknown) => () =>
    given(taker, (values, of) => (of === argument ? value : values));

  test('a promise says that it must be awaited, and a tensor how it is read', () => {
    const before = memory().numTensors;
    const tensor = tensor1d([0, 1]);
    for (const argument of argumentsOf) {
      const promise = Promise.resolve(Float32Array.of(0, 1));
      expect(instead(argument, promise)).toThrow(TypeError);
      expect(instead(argument, promise)).toThrow(`${name}: ${argument} must be`);
      expect(instead(argument, promise)).toThrow('but got a Promise; await it first.');
      expect(instead(argument, tensor)).toThrow(TypeError);
      expect(instead(argument, tensor)).toThrow(
        'but got a float32 tensor of shape [2]; pass its values, await tensor.data().',
      );
      if (argument !== 'maps' && argument !== 'masks') continue;
      expect(instead(argument, [promise])).toThrow(`${name}: ${argument}[0] must be`);
      expect(instead(argument, [promise])).toThrow('but got a Promise; await it first.');
      expect(instead(argument, [tensor])).toThrow('; pass its values, await tensor.data().');
    }
    tensor.dispose();
    expect(memory().numTensors).toBe(before);
  });

  test('typed arrays, lists and options of another realm are what they are in this one', () => {
    const expected = given(taker);
    for (const [forScores, forLabels] of [
      ['Float32Array', 'Uint8Array'],
      ['Float64Array', 'Float32Array'],
      ['Int32Array', 'Int32Array'],
      ['Uint8Array', 'Uint8ClampedArray'],
      ['Array', 'Array'],
    ] as const) {
      const foreign = (type: string, values: readonly number[]): unknown =>
        runInNewContext(`${type}.from(${JSON.stringify(values)})`);
      const arrays = Object.entries(taker.arrays).map(([argument, values]) =>
        foreign(isScore(argument) ? forScores : forLabels, values),
      );
      const own =
        name === 'thresholdAtMinimumArea' && forScores === 'Float32Array'
          ? given(taker, (values) => Float32Array.from(values))
          : expected;
      const options: unknown = runInNewContext(`(${JSON.stringify(taker.options)})`);
      const got = taker.call(arrays, options);
      expect(JSON.stringify(got)).toBe(JSON.stringify(own));
    }
  });

  test('every typed array of numbers is taken as its values, and no other', () => {
    const expected = JSON.stringify(given(taker));
    for (const type of [
      Int8Array,
      Uint8Array,
      Uint8ClampedArray,
      Int16Array,
      Uint16Array,
      Int32Array,
      Uint32Array,
      Float64Array,
    ]) {
      expect(JSON.stringify(given(taker, (values) => type.from(values)))).toBe(expected);
    }
    expect(JSON.stringify(given(taker, (values) => Buffer.from(values)))).toBe(expected);
    const shared = (values: readonly number[]): Float64Array => {
      const array = new Float64Array(new SharedArrayBuffer(8 * values.length));
      array.set(values);
      return array;
    };
    expect(JSON.stringify(given(taker, shared))).toBe(expected);
    for (const argument of argumentsOf) {
      for (const [value, text] of [
        [BigInt64Array.of(0n, 1n), 'a BigInt64Array of 2'],
        [new DataView(new ArrayBuffer(8)), 'a DataView'],
        [new ArrayBuffer(8), 'an ArrayBuffer'],
        [{ length: 2, 0: 0, 1: 1 }, 'an object'],
      ] as const) {
        expect(instead(argument, value)).toThrow(TypeError);
        expect(instead(argument, value)).toThrow(`${name}: ${argument} must be`);
        expect(instead(argument, value)).toThrow(`but got ${text}.`);
      }
    }
  });

  test('options that say the size of the images', () => {
    if (taker.options === undefined) return;
    const arrays = Object.values(taker.arrays);
    const hint = 'give the size of every image, { height, width }, in pixels';
    for (const [wrong, text] of [
      [undefined, 'undefined'],
      [null, 'null'],
      [256, '256'],
      [[2, 3], 'an array of 2'],
    ] as const) {
      expect(() => taker.call(arrays, wrong)).toThrow(TypeError);
      expect(() => taker.call(arrays, wrong)).toThrow(
        `${name}: options must be an object, but got ${text}; ${hint}.`,
      );
    }
    for (const side of ['height', 'width']) {
      const without = Object.fromEntries(Object.entries(taker.options).filter(([key]) => key !== side));
      expect(() => taker.call(arrays, without)).toThrow(TypeError);
      expect(() => taker.call(arrays, without)).toThrow(
        `${name}: ${side} must be a whole number ≥ 1, but got`,
      );
    }
    expect(() => taker.call(arrays, { ...taker.options, heigth: 2 })).toThrow(
      `${name}: unknown option "heigth"; did you mean "height"?`,
    );
  });
});

test('Int32Array scores are exact where float32 would round them', () => {
  const large = Int32Array.of(2 ** 24, 2 ** 24 + 1, 2 ** 31 - 1, 2 ** 31 - 2);
  const truth = [0, 1, 1, 0];
  expect(rocAuc(large, truth)).toBe(rocAuc([0, 1, 3, 2], truth));
  expect([...rocCurve(large, truth).thresholds]).toEqual([Infinity, ...[...large].sort((a, b) => b - a)]);
  expect(segment(large, { height: 1, width: 4, threshold: 2 ** 24 + 1 })).toEqual(Uint8Array.of(0, 1, 1, 1));
  expect(thresholdAtQuantile(large, 1)).toBe(2 ** 31 - 1);
  expect(thresholdAtFalseAlarmRate(large, 0.2)).toBe(2 ** 31 - 1);
});

test('a mask of which nothing is taken away is a copy, also of a Buffer', () => {
  const mask = Buffer.from([0, 1, 1, 0]);
  const opened = openMask(mask, { height: 2, width: 2, radius: 0 });
  opened[0] = 1;
  expect([...mask]).toEqual([0, 1, 1, 0]);
});

test('booleans are labels, and no scores', () => {
  expect(rocAuc([0.1, 0.9], [false, true])).toBe(1);
  expect(() => rocAuc([true, false] as never, [0, 1])).toThrow(
    'rocAuc: scores[0] must be a number, but got true.',
  );
});

describe('masks of bytes are read four at a time', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });
  /** Bytes that begin anywhere in a buffer whose other bytes are no mask. */
  const bytesAt = (offset: number, bytes: readonly number[]): Uint8Array => {
    const buffer = new Uint8Array(offset + bytes.length + 8).fill(255);
    buffer.set(bytes, offset);
    return buffer.subarray(offset, offset + bytes.length);
  };

  test('the first byte that is no 0 or 1 is found, wherever the array and the byte lie', () => {
    fc.assert(
      fc.property(
        fc.nat(9),
        fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 40 }),
        fc.nat(39),
        fc.constantFrom(2, 3, 128, 255),
        (offset, bytes, place, wrong) => {
          expect(checkBinary('f: mask', bytesAt(offset, bytes))).toEqual(Uint8Array.from(bytes));
          const first = place % bytes.length;
          const spoilt = bytes.map((byte, i) => (i === first || (i > first && i % 3 === 0) ? wrong : byte));
          expect(() => checkBinary('f: mask', bytesAt(offset, spoilt))).toThrow(
            `f: mask[${first}] must be 0 or 1, but got ${wrong};`,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('wherever that is possible', () => {
    const views: unknown[] = [];
    const Own = Uint32Array;
    class Seen extends Own {
      constructor(...args: [number]) {
        super(...args);
        if ((args[0] as unknown) instanceof ArrayBuffer) views.push(args.slice(1));
      }
    }
    vi.stubGlobal('Uint32Array', Seen);
    const mask = [0, 1, 1, 0, 0, 0, 1, 1];
    const read = (offset: number): unknown => {
      views.length = 0;
      connectedRegions(bytesAt(offset, mask), { height: 2, width: 4 });
      return [...views];
    };
    // Once to see that it is a mask, and once to see where its regions are.
    for (const offset of [0, 4, 8])
      expect(read(offset)).toEqual([
        [offset, 2],
        [offset, 2],
      ]);
    for (const offset of [1, 2, 3, 5]) expect(read(offset)).toEqual([]);
  });
});

describe('nothing large is copied without need', () => {
  const narrow = Float32Array.from({ length: 12 }, (_, i) => i / 7);
  const wide = Float64Array.from(narrow, (value) => value / 3);
  const bytes = Uint8Array.from(narrow, (_, i) => i % 2);

  test('scores of float32, those of float64 that need it, and masks of bytes', () => {
    for (const scores of [narrow, wide]) expect(checkScores('f: scores', scores)).toBe(scores);
    expect(checkBinary('f: mask', bytes)).toBe(bytes);
  });

  test('images are parts of the array that holds them', () => {
    for (const maps of [narrow, wide]) {
      const images = checkMaps('f', maps, size);
      for (const { buffer } of images) expect(buffer).toBe(maps.buffer);
      expect(images.map((image) => [...image])).toEqual([[...maps.slice(0, 6)], [...maps.slice(6)]]);
    }
    for (const { buffer } of checkMasks('f', bytes, size)) expect(buffer).toBe(bytes.buffer);
  });

  test('what float32 holds of other types is kept as that', () => {
    const scores = [0, -1.5, 2 ** 24];
    for (const given of [scores, Float64Array.from(scores), Int32Array.of(1, 2, 3), Uint8Array.of(1, 2)]) {
      expect(checkScores('f: scores', given)).toEqual(Float32Array.from(given));
    }
    for (const given of [[0.1], Float64Array.of(0.1), Int32Array.of(2 ** 24 + 1)]) {
      expect(checkScores('f: scores', given)).toEqual(Float64Array.from(given));
    }
  });
});
