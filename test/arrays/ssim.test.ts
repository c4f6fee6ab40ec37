// Values of SSIM on arrays: against float64 in plain loops, the tensor functions, ssim.js, and what others published.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { grad, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { ssim as ssimJs } from 'ssim.js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as arrays from '../../src/arrays.js';
import type { ImageArray, SsimOptions } from '../../src/arrays.js';
import * as library from '../../src/index.js';
import { arrayKinds, arrayPair, comparedNumbers } from '../support/arrayMeasures.js';
import type { Channels } from '../support/arrayMeasures.js';
import { referenceTerms } from '../support/reference.js';
import type { Images } from '../support/reference.js';

/** Each leads through other code. */
const variants: Readonly<Record<string, SsimOptions>> = {
  defaults: {},
  'a uniform window': library.presets.skimage,
  "the paper's constants": { c1: 0.01, c2: 0.03 },
  'two sizes of window': { windowSize: [3, 9], windowSigma: [1, 2] },
  'a window of one pixel': { windowSize: 1 },
  reflect: { padding: 'reflect' },
  symmetric: { padding: 'symmetric', windowSize: [9, 5] },
  edge: { padding: 'edge' },
  zero: { padding: 'zero' },
  wrap: { padding: 'wrap' },
  'no luminance': { alpha: 0 },
  'other exponents': { alpha: 0.5, beta: 2, gamma: 2 },
  'contrast and structure apart': { beta: 0.5, gamma: 2, padding: 'reflect' },
  'structure alone': { alpha: 0, beta: 0 },
  'tiny constants': { k1: 1e-5, k2: 1e-5 },
};
const compositions = ['other exponents', 'contrast and structure apart', 'structure alone', 'tiny constants'];

const imagesOf = (image: ImageArray, color: 'luma' | 'channels'): Images => {
  const { data, channels } = comparedNumbers(image, color);
  return { shape: [1, image.height, image.width, channels], data };
};
const tensorOf = (image: ImageArray, color: 'luma' | 'channels'): Tensor4D => {
  const { shape, data } = imagesOf(image, color);
  return tensor4d(Float32Array.from(data), [...shape]);
};
const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const furthest = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, value, k) => Math.max(most, Math.abs(value - b[k]!)), 0);
};

describe.each(Object.entries(variants))('%s', (name, options) => {
  // Wide enough for several tiles in the first, and one pixel more than the window in the last.
  const sizes: readonly (readonly [number, number, Channels, number])[] = [
    [800, 13, 4, 0],
    [23, 19, 3, 2],
    [12, 40, 1, 3],
    [31, 17, 4, 4],
    [12, 11, 2, 5],
  ];
  test.each(sizes)('%i × %i, %i channels', (width, height, channels, kind) => {
    const { name: type, range } = arrayKinds[kind]!;
    const { x, y } = arrayPair(arrayKinds[kind]!, channels, { width, height, seed: width });
    const scaled =
      options.c1 === undefined ? {} : { c1: options.c1 * range ** 2, c2: options.c2! * range ** 2 };
    const all = { ...options, ...scaled };
    const colors: readonly ('luma' | 'channels')[] = width > 500 ? ['luma'] : ['luma', 'channels'];
    for (const color of colors) {
      const reference = referenceTerms(imagesOf(x, color), imagesOf(y, color), { ...all, dataRange: range });
      const expected = mean(reference.ssim);
      expect(Math.abs(arrays.ssim(x, y, { ...all, color }) - expected), type).toBeLessThan(3e-7);
      const map = arrays.ssimMap(x, y, { ...all, color });
      expect([map.height, map.width]).toEqual(reference.shape.slice(1, 3));
      const count = reference.shape[3];
      const overChannels = Array.from(map.data, (_, k) =>
        mean(reference.ssim.slice(k * count, (k + 1) * count)),
      );
      expect(furthest(map.data, overChannels)).toBeLessThan(1e-6);
      const index = tidy(
        () =>
          library.ssim(tensorOf(x, color), tensorOf(y, color), { ...all, dataRange: range }).dataSync()[0]!,
      );
      expect(Math.abs(arrays.ssim(x, y, { ...all, color }) - index)).toBeLessThan(1e-6);
    }
  });

  test('the residual map is that of tensors', () => {
    const { x, y } = arrayPair(arrayKinds[4], 3, { width: 21, height: 18 });
    for (const color of ['luma', 'channels'] as const) {
      const all = { ...options, padding: options.padding ?? ('reflect' as const) };
      const map = arrays.ssimResidualMap(x, y, { ...all, color });
      const expected = tidy(() =>
        library.ssimResidualMap(tensorOf(x, color), tensorOf(y, color), all).dataSync(),
      );
      expect([map.width, map.height]).toEqual([21, 18]);
      expect(furthest(map.data, expected)).toBeLessThan(2e-6);
    }
  });

  test('value and gradient are those of tensors', () => {
    const kind = arrayKinds[4];
    const { x, y } = arrayPair(kind, 3, { width: 14, height: 13 });
    for (const color of ['luma', 'channels'] as const) {
      const { value, gradient } = arrays.ssimWithGradient(x, y, { ...options, color });
      expect(Math.abs(value - arrays.ssim(x, y, { ...options, color }))).toBeLessThan(3e-7);
      const { shape, data } = imagesOf(y, 'channels');
      const expected = tidy(() => {
        const of = (image: Tensor4D): Tensor4D => (color === 'luma' ? library.luma(image) : image);
        const slope = grad((image) =>
          library.ssim(of(tensorOf(x, 'channels')), of(image as Tensor4D), options),
        );
        return slope(tensor4d(Float32Array.from(data), [...shape])).dataSync();
      });
      const largest = Math.max(...Array.from(expected, Math.abs));
      expect(furthest(gradient, expected)).toBeLessThan(2e-5 * largest);
    }
    expect(arrays.ssimWithGradient(x, x, options).gradient.every((slope) => slope === 0)).toBe(true);
  });

  test('and where WebAssembly is forbidden', async () => {
    vi.resetModules();
    vi.stubGlobal('WebAssembly', undefined);
    const plain = await import('../../src/arrays.js');
    const { x, y } = arrayPair(arrayKinds[0], 4, { width: 20, height: 15 });
    const all = options.c1 === undefined ? options : { ...options, c1: 0.01 * 255 ** 2, c2: 0.03 * 255 ** 2 };
    for (const color of ['luma', 'channels'] as const) {
      const named = { ...all, color };
      const [first, second] = [plain.ssim(x, y, named), arrays.ssim(x, y, named)];
      expect(Math.abs(first - second)).toBeLessThan(3e-7);
      if (!compositions.includes(name) && name !== 'a window of one pixel') expect(first).not.toBe(second); // another way
      expect(furthest(plain.ssimMap(x, y, named).data, arrays.ssimMap(x, y, named).data)).toBeLessThan(1e-6);
      const [slow, fast] = [plain.ssimWithGradient(x, y, named), arrays.ssimWithGradient(x, y, named)];
      expect(Math.abs(slow.value - fast.value)).toBeLessThan(3e-7);
      const largest = Math.max(...slow.gradient.map(Math.abs));
      expect(furthest(slow.gradient, fast.gradient)).toBeLessThan(1e-6 * largest);
    }
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('hard images', () => {
  const flat = (value: number): ImageArray => ({
    data: new Uint8Array(400).fill(value),
    width: 20,
    height: 20,
  });
  // Published for constant images on [0, 1]: 1 against 0, and 0.5 against 0.25.
  test('constant ones', () => {
    expect(Math.abs(arrays.ssim(flat(255), flat(0)) - 9.9990001e-5)).toBeLessThan(1e-7);
    const half = (value: number): ImageArray => ({
      data: new Float32Array(400).fill(value),
      width: 20,
      height: 20,
    });
    expect(Math.abs(arrays.ssim(half(0.5), half(0.25)) - 0.8000639795)).toBeLessThan(1e-7);
  });

  test.each([
    ['bright and almost flat', (k: number) => 250 + (k % 2), (k: number) => 250 + (k % 3 === 0 ? 1 : 0)],
    [
      'half dark, half bright',
      (k: number) => (k % 40 < 20 ? 0 : 255),
      (k: number) => (k % 40 < 21 ? 0 : 255),
    ],
    ['shifted', (k: number) => (k * 7) % 200, (k: number) => ((k * 7) % 200) + 55],
    ['inverted', (k: number) => (k * 37) % 256, (k: number) => 255 - ((k * 37) % 256)],
    ['one pixel apart', (k: number) => (k * 37) % 256, (k: number) => (k === 900 ? 1 : (k * 37) % 256)],
  ])('%s', (_, of, other) => {
    const image = (pixel: (k: number) => number): ImageArray => ({
      data: Uint8ClampedArray.from({ length: 40 * 40 * 4 }, (__, k) => (k % 4 === 3 ? 255 : pixel(k >> 2))),
      width: 40,
      height: 40,
    });
    const [x, y] = [image(of), image(other)];
    const reference = referenceTerms(imagesOf(x, 'luma'), imagesOf(y, 'luma'), { dataRange: 255 });
    expect(Math.abs(arrays.ssim(x, y) - mean(reference.ssim))).toBeLessThan(1e-7);
  });
});

describe('the largest window of the kernel', () => {
  test.each([
    ['down', 5, 131, { windowSize: [257, 3], windowSigma: [60, 1], padding: 'reflect' }],
    ['across', 131, 5, { windowSize: [3, 257], windowSigma: [1, 60], padding: 'reflect' }],
    ['both', 259, 258, { windowSize: 257, windowSigma: [60, 90] }],
  ] as const)('%s', (_, width, height, options) => {
    const { x, y } = arrayPair(arrayKinds[4], 1, { width, height });
    const { ssim } = referenceTerms(imagesOf(x, 'luma'), imagesOf(y, 'luma'), options);
    expect(Math.abs(arrays.ssim(x, y, options) - mean(ssim))).toBeLessThan(3e-7);
  });
});

/** MATLAB's imfilter(image, ones(f) / f², 'symmetric', 'same') and every f-th pixel, as ssim.m has it, in plain loops. */
function boxed({ shape: [, height, width, channels], data }: Images, f: number): Images {
  const mirrored = (place: number, size: number): number =>
    place < 0 ? -place - 1 : place >= size ? 2 * size - 1 - place : place;
  const centre = Math.floor((f + 1) / 2) - 1;
  const values: number[] = [];
  for (let row = 0; row < height; row += f)
    for (let column = 0; column < width; column += f)
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let u = 0; u < f; u++)
          for (let v = 0; v < f; v++) {
            const [i, j] = [mirrored(row + u - centre, height), mirrored(column + v - centre, width)];
            sum += data[(i * width + j) * channels + channel]! / f ** 2;
          }
        values.push(sum);
      }
  return { shape: [1, Math.ceil(height / f), Math.ceil(width / f), channels], data: values };
}

describe('downsampled', () => {
  test.each([2, 3, 4, 5])('by %i, as in plain loops, and its gradient', (factor) => {
    const { x, y } = arrayPair(arrayKinds[5], 4, { width: 37, height: 41 });
    for (const color of ['luma', 'channels'] as const) {
      const options = { windowSize: 3, downsample: factor, color };
      const small = [x, y].map((image) => boxed(imagesOf(image, color), factor));
      const expected = mean(referenceTerms(small[0]!, small[1]!, { windowSize: 3 }).ssim);
      expect(Math.abs(arrays.ssim(x, y, options) - expected)).toBeLessThan(3e-7);
      const { value, gradient } = arrays.ssimWithGradient(x, y, options);
      expect(Math.abs(value - expected)).toBeLessThan(3e-7);
      for (const at of [0, 5, 37 * 4 * 20 + 41, gradient.length - 2]) {
        const moved = (by: number): number => {
          const data = Float64Array.from(y.data);
          data[at]! += by;
          const one = boxed(imagesOf({ ...y, data }, color), factor);
          return mean(referenceTerms(small[0]!, one, { windowSize: 3 }).ssim);
        };
        const slope = (moved(1e-4) - moved(-1e-4)) / 2e-4;
        expect(Math.abs(gradient[at]! - slope)).toBeLessThan(1e-6);
      }
      expect(gradient[3]).toBe(0);
    }
  });

  // ssim.js centres an even box one pixel before MATLAB's imfilter, so its factor must be odd here.
  test("'auto' takes the factor of MATLAB's script, as ssim.js computes it", () => {
    for (const [width, height] of [
      [700, 768],
      [384, 300],
    ] as const) {
      const gray = arrayPair(arrayKinds[0], 1, { width: height, height: width });
      const rgba = ({ data, ...size }: ImageArray): ImageArray => ({
        data: Uint8ClampedArray.from({ length: 4 * data.length }, (_, k) =>
          k % 4 === 3 ? 255 : data[k >> 2]!,
        ),
        ...size,
      });
      const [x, y] = [rgba(gray.x), rgba(gray.y)];
      const { mssim } = ssimJs(x as ImageData, y as ImageData, { ssim: 'fast', downsample: 'original' });
      for (const pair of [{ x, y }, gray]) {
        expect(Math.abs(arrays.ssim(pair.x, pair.y, { downsample: 'auto' }) - mssim)).toBeLessThan(1e-6);
      }
      expect(arrays.ssim(x, y, { downsample: 'auto' })).not.toBe(arrays.ssim(x, y, { downsample: 2 }));
    }
  });
});

const folder = join(import.meta.dirname, '../../../shared/reference/ssim');
const present = existsSync(join(folder, 'cases.json'));
interface Case {
  readonly id: string;
  readonly imageA: string;
  readonly imageB: string;
  readonly metric: string;
  readonly expected: number | string;
  readonly tolerance: number | null;
  readonly convention: Readonly<Record<'window' | 'border' | 'covariance', string>> &
    Readonly<Record<'size' | 'K1' | 'K2', number>> & {
      readonly sigma?: number;
      readonly downsample?: number;
      readonly weights?: readonly number[];
    };
}
const cases = present
  ? (JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as { cases: Case[] }).cases.filter(
      ({ metric, imageA }) => ['ssim', 'ms-ssim'].includes(metric) && existsSync(join(folder, imageA)),
    )
  : [];

describe.runIf(present)('published values', () => {
  test.each(cases.map((one) => [one.id, one] as const))(
    '%s',
    async (_, { imageA, imageB, convention, ...one }) => {
      const [x, y] = await Promise.all(
        [imageA, imageB].map(async (file) => {
          const { data, info } = await sharp(join(folder, file)).raw().toBuffer({ resolveWithObject: true });
          return { data, ...info };
        }),
      );
      const options: SsimOptions = {
        windowType: convention.window as 'gaussian',
        windowSize: convention.size,
        ...(convention.sigma !== undefined && { windowSigma: convention.sigma }),
        k1: convention.K1,
        k2: convention.K2,
        covariance: convention.covariance.startsWith('sample') ? 'sample' : 'population',
        padding: convention.border.startsWith('replicate') ? 'edge' : 'valid',
        color: 'channels',
      };
      const { weights: levelWeights } = convention;
      const value =
        levelWeights === undefined
          ? arrays.ssim(x!, y!, options)
          : arrays.msSsim(x!, y!, { ...options, levelWeights });
      if (typeof one.expected === 'number') {
        expect(Math.abs(value - one.expected)).toBeLessThan(Math.max(one.tolerance ?? 0, 1e-6));
      } else expect(value).toBeLessThan(0);
    },
  );
});

test('compared row by row: memory does not grow with the height', () => {
  const { x, y } = arrayPair(arrayKinds[0], 4, { width: 64, height: 64 });
  const tall = ({ data }: ImageArray): ImageArray => {
    const all = new Uint8Array(data.length * 64);
    for (let k = 0; k < 64; k++) all.set(data, k * data.length);
    return { data: all, width: 64, height: 64 * 64 };
  };
  const [tallX, tallY] = [tall(x), tall(y)]; // a megabyte each
  arrays.ssim(tallX, tallY);
  const before = process.memoryUsage().arrayBuffers;
  for (let k = 0; k < 4; k++) arrays.ssim(tallX, tallY);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000);
});
