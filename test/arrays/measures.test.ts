// What holds for every function that compares image arrays: all kinds of array, all numbers of channels, all bad inputs.
import { runInNewContext } from 'node:vm';
import { zeros } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import * as arrays from '../../src/arrays.js';
import * as library from '../../src/index.js';
import type { ImageArray } from '../../src/arrays.js';
import { arrayKinds, arrayMeasures, arrayPair } from '../support/arrayMeasures.js';
import type { Channels } from '../support/arrayMeasures.js';

const [bytes] = arrayKinds;
const allChannels: readonly Channels[] = [1, 2, 3, 4];
const colored: readonly Channels[] = [3, 4];

/** The same picture with another alpha, or with one where it had none. */
function withAlpha({ data, width, height }: ImageArray, alpha: (pixel: number) => number): ImageArray {
  const pixels = width * height;
  const channels = data.length / pixels;
  const colors = channels < 3 ? 1 : 3;
  const make = data.constructor as unknown as { from: (values: number[]) => ImageArray['data'] };
  const values: number[] = [];
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let channel = 0; channel < colors; channel++) values.push(data[pixel * channels + channel]!);
    values.push(alpha(pixel));
  }
  return { data: make.from(values), width, height };
}

/** An image as browsers give it: its properties are getters of the class, which `{ ...image }` does not copy. */
class ImageDataOfBrowser {
  readonly #image: ImageArray;

  constructor(image: ImageArray) {
    this.#image = image;
  }

  get data(): ImageArray['data'] {
    return this.#image.data;
  }

  get width(): number {
    return this.#image.width;
  }

  get height(): number {
    return this.#image.height;
  }
}

function thrown(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

const near = (found: readonly number[], expected: readonly number[], within: number): void => {
  expect(found.length).toBe(expected.length);
  found.forEach((value, k) => {
    if (value !== expected[k]) expect(Math.abs(value - expected[k]!)).toBeLessThanOrEqual(within);
  });
};

test('every function of two images is in the list, and so are the functions of typed arrays', () => {
  const own = arrayMeasures.map(({ name }) => name);
  const others = Object.entries(arrays).filter(([name]) => !own.includes(name));
  expect(others.length).toBeGreaterThan(25);
  for (const [name, value] of others) {
    expect(value, name).toBe((library as unknown as Record<string, unknown>)[name]);
  }
  const missing = Object.keys(library).filter(
    (name) =>
      !(name in arrays) &&
      /^(roc|precision|average|best|au|pro|pimo|iou|dice|score|threshold|segment|open|remove|connected)/.test(
        name,
      ),
  );
  expect(missing).toEqual([]);
});

describe.each(arrayMeasures)('$name', ({ name, call, perfect, options, least, downsamples }) => {
  test('an ImageData, whose properties are getters', () => {
    const { x, y } = arrayPair(bytes, 4);
    expect({ ...new ImageDataOfBrowser(x) }).toEqual({});
    expect(call(new ImageDataOfBrowser(x), new ImageDataOfBrowser(y), options)).toEqual(call(x, y, options));
  });

  describe.each(arrayKinds)('$name', (kind) => {
    test.each(allChannels)(
      '%i channels: equal images, and others in the same way with their channels said',
      (channels) => {
        const { x, y } = arrayPair(kind, channels);
        for (const color of ['luma', 'channels']) {
          const all = { ...options, color };
          expect(new Set(call(x, { ...x, data: x.data.slice() }, all).slice(0, 1))).toEqual(
            new Set([perfect]),
          );
          const found = call(x, y, all);
          expect(found.every(Number.isFinite)).toBe(true);
          expect(found).toEqual(call({ ...x, channels }, { ...y, channels }, all));
          expect(found[0]).not.toBe(perfect);
        }
      },
    );

    test.each(colored)('gray pixels in %i channels are gray', (channels) => {
      const { x, y } = arrayPair(kind, 1);
      const spread = ({ data, width, height }: ImageArray): ImageArray => ({
        data: kind.make(
          Array.from({ length: data.length * channels }, (_, k) => data[Math.floor(k / channels)]!),
        ),
        width,
        height,
      });
      const [gray] = call(x, y, options);
      for (const color of ['luma', 'channels']) {
        near(
          call(spread(x), spread(y), { ...options, color }).slice(0, 1),
          [gray!],
          1e-6 * Math.max(1, Math.abs(gray!)),
        );
      }
    });

    test('alpha never counts, be there none', () => {
      for (const channels of [1, 3] as const) {
        const { x, y } = arrayPair(kind, channels);
        for (const color of ['luma', 'channels']) {
          const all = { ...options, color };
          const [expected] = call(x, y, all);
          const clear = withAlpha(y, (pixel) => (pixel % 3) * 0.5 * kind.range);
          near(
            call(
              withAlpha(x, () => kind.range),
              clear,
              all,
            ).slice(0, 1),
            [expected!],
            1e-6 * Math.max(1, Math.abs(expected!)),
          );
          near(call(x, clear, all).slice(0, 1), [expected!], 1e-6 * Math.max(1, Math.abs(expected!)));
        }
      }
    });

    test('dataRange is that of the type unless it is given', () => {
      const { x, y } = arrayPair(kind, 1);
      expect(call(x, y, options)).toEqual(call(x, y, { ...options, dataRange: kind.range }));
      expect(call(x, y, options)).not.toEqual(call(x, y, { ...options, dataRange: 2 * kind.range }));
    });
  });

  test('arrays of another realm, and floats of both widths', () => {
    const { x, y } = arrayPair(bytes, 1);
    const foreign = { ...x, data: runInNewContext(`Uint8Array.from([${x.data.join()}])`) as Uint8Array };
    expect(call(foreign, y, options)).toEqual(call(x, y, options));
    const pair = arrayPair(arrayKinds[4], 3);
    expect(call(pair.x, { ...pair.y, data: Float64Array.from(pair.y.data) }, options)).toEqual(
      call(pair.x, pair.y, options),
    );
  });

  test('bytes and floats are compared where their range is said', () => {
    const { x, y } = arrayPair(bytes, 3);
    expect(call(x, { ...y, data: Float32Array.from(y.data) }, { ...options, dataRange: 255 })).toEqual(
      call(x, y, options),
    );
  });

  test('nothing that is given is changed', () => {
    const { x, y } = arrayPair(bytes, 4);
    const [first, second] = [x.data.slice(), y.data.slice()];
    const frozen = Object.freeze({ ...options });
    call(Object.freeze(x), Object.freeze(y), frozen);
    expect([x.data, y.data]).toEqual([first, second]);
  });

  test.each([NaN, Infinity, -Infinity])('a pixel of %d makes the value not finite', (bad) => {
    for (const channels of [1, 3] as const) {
      for (const at of [0, 77, 255]) {
        for (const broken of ['x', 'y'] as const) {
          const pair = arrayPair(arrayKinds[4], channels);
          pair[broken].data[at * channels] = bad;
          const others = { ...options, checkRange: false };
          for (const color of ['luma', 'channels']) {
            const found = call(pair.x, pair.y, { ...others, color });
            expect(found.some((value) => !Number.isFinite(value))).toBe(true);
            expect(found[0]).not.toBe(perfect);
          }
        }
      }
    }
  });

  test('checkRange finds what lies outside', () => {
    for (const [bad, said] of [
      [1.5, 'pixels from'],
      [NaN, 'NaN in 1'],
    ] as const) {
      const { x, y } = arrayPair(arrayKinds[4], 1);
      y.data[3] = bad;
      const error = thrown(() => call(x, y, options));
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toMatch(new RegExp(`^${name}: y has ${said}`));
    }
    // Alpha is not looked at.
    const { x, y } = arrayPair(arrayKinds[4], 4);
    y.data[3] = 7;
    expect(call(x, y, options)[0]).not.toBe(NaN);
  });

  const { x, y } = arrayPair(bytes, 3);
  const floats = arrayPair(arrayKinds[4], 3).y;
  const wrong: readonly (readonly [string, ErrorConstructor, RegExp, unknown, unknown, unknown?])[] = [
    ['nothing', TypeError, /: x must be an image \{ data, width, height \}, but got undefined/, undefined, y],
    ['null', TypeError, /: y must be an image .*but got null/, x, null],
    ['an array alone', TypeError, /: x must be an image .*Uint8Array of 768/, x.data, y],
    ['a list', TypeError, /: x must be an image .*an array of 2/, [1, 2], y],
    [
      'a tensor',
      TypeError,
      /: x must be an image .*float32 tensor.*await tensor\.data\(\)/,
      zeros([2, 2]),
      y,
    ],
    [
      'what sharp gives',
      TypeError,
      /pass \{ data, \.\.\.info \}/,
      { data: x.data, info: { width: 16, height: 16 } },
      y,
    ],
    [
      'data of numbers',
      TypeError,
      /: y\.data must be .*an array of 2; make it one with Float32Array\.from/,
      x,
      { ...y, data: [1, 2] },
    ],
    [
      'signed data',
      TypeError,
      /: y\.data must be .*an Int16Array of 768/,
      x,
      { ...y, data: new Int16Array(768) },
    ],
    [
      'no width',
      TypeError,
      /: x\.width must be a whole number ≥ 1, but got undefined/,
      { ...x, width: undefined },
      y,
    ],
    [
      'half a pixel',
      RangeError,
      /: x\.height must be a whole number ≥ 1, but got 1\.5/,
      { ...x, height: 1.5 },
      y,
    ],
    ['no rows', RangeError, /: y\.height must be a whole number ≥ 1, but got 0/, x, { ...y, height: 0 }],
    [
      'data too short',
      RangeError,
      /: x\.data must hold .*256 for each of 1 to 4 channels of 16×16.*but got 700/,
      { ...x, data: new Uint8Array(700) },
      y,
    ],
    [
      'five channels',
      RangeError,
      /: x\.data must hold .*but got 1280/,
      { ...x, data: new Uint8Array(1280) },
      y,
    ],
    [
      'other channels than said',
      RangeError,
      /: x\.data must hold .*1024 for 4 channels.*but got 768/,
      { ...x, channels: 4 },
      y,
    ],
    [
      '0 channels',
      RangeError,
      /: x\.channels must be a whole number from 1 to 4, but got 0/,
      { ...x, channels: 0 },
      y,
    ],
    [
      'another size',
      RangeError,
      /: x and y must have the same size, but got 16×16 and 8×32/,
      x,
      { ...y, width: 8, height: 32 },
    ],
    [
      'gray and colours',
      RangeError,
      /: x and y must both be gray or both have colours, but got 3 and 1/,
      x,
      arrayPair(bytes, 1).y,
    ],
    ['bytes and floats', TypeError, /: x holds 8 bits and y floats.*dataRange/, x, floats],
    [
      'unknown options',
      TypeError,
      /unknown option "colour"; did you mean "color"\?/,
      x,
      y,
      { colour: 'luma' },
    ],
    ['an option of tensors', TypeError, /unknown option "weights"/, x, y, { weights: new Float32Array(256) }],
    ['options that are none', TypeError, /: options must be an object, but got "auto"/, x, y, 'auto'],
    ['no options', TypeError, /: options must be an object, but got null/, x, y, null],
    [
      'another colour',
      TypeError,
      /: color must be one of 'luma', 'channels', but got "rgb"/,
      x,
      y,
      { color: 'rgb' },
    ],
    [
      'a range of 0',
      RangeError,
      /: dataRange must be a finite number > 0, but got 0/,
      x,
      y,
      { dataRange: 0 },
    ],
    ['a range in words', TypeError, /: dataRange must be .*"255"/, x, y, { dataRange: '255' }],
    ['a check that is none', TypeError, /: checkRange must be true or false/, x, y, { checkRange: 1 }],
  ];

  test.each(wrong.map((one) => [one[0], one] as const))('%s is refused', (_, one) => {
    const [, kind, text, first, second, given = options] = one;
    const error = thrown(() => call(first, second, given));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(text);
    expect(error.message.startsWith(`${name}: `)).toBe(true);
    expect(error.message).not.toContain('[object');
  });

  test('more arguments than it takes are refused', () => {
    expect(thrown(() => call(x, y, options, { dataRange: 1 })).message).toMatch(
      new RegExp(`^${name}: takes at most 3 arguments, but got 4`),
    );
  });

  test.runIf(least > 1)('an image smaller than the window is refused, and the least is taken', () => {
    const small = (size: number) => arrayPair(bytes, 1, { width: size, height: 16 });
    expect(call(small(least).x, small(least).y, options).every(Number.isFinite)).toBe(true);
    const error = thrown(() => call(small(least - 1).x, small(least - 1).y, options));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toMatch(new RegExp(`^${name}: .*(does not fit|fits?).*; use `));
  });

  test.runIf(downsamples)('downsample is a factor, or auto', () => {
    for (const [bad, kind] of [
      [true, TypeError],
      ['half', TypeError],
      [0, RangeError],
      [1.5, RangeError],
      [17, RangeError],
    ] as const) {
      expect(thrown(() => call(x, y, { ...options, downsample: bad }))).toBeInstanceOf(kind);
    }
    expect(thrown(() => call(x, y, { ...options, downsample: 8 })).message).toMatch(
      /: downsampled by 8: window of 5 pixels does not fit images of 2×2/,
    );
    expect(call(x, y, { ...options, downsample: 1 })).toEqual(call(x, y, options));
    expect(call(x, y, { ...options, downsample: 'auto' })).toEqual(call(x, y, options));
  });
});
