// MS-SSIM, GMSD and PSNR on arrays: the values of the tensor functions, which are compared with others elsewhere.
import { tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as arrays from '../../src/arrays.js';
import * as library from '../../src/index.js';
import { arrayKinds, arrayPair, comparedNumbers } from '../support/arrayMeasures.js';

type Measure = 'msSsim' | 'gmsd' | 'psnr';
const cases: readonly (readonly [Measure, Readonly<Record<string, unknown>>])[] = [
  ['psnr', {}],
  ['gmsd', {}],
  ['gmsd', { downsample: false }],
  ...(['valid', 'reflect', 'symmetric', 'edge', 'wrap'] as const).map(
    (padding) => ['gmsd', { padding }] as const,
  ),
  ['msSsim', { levels: 2 }],
  ['msSsim', { levels: 3, windowSize: 5, windowSigma: 1 }],
  ['msSsim', { levelWeights: [0.5, 0, 1.5], windowSize: 7, padding: 'reflect' }],
  ['msSsim', { levels: 2, windowType: 'uniform', covariance: 'sample', windowSize: 7, padding: 'zero' }],
];

afterEach(() => {
  vi.unstubAllGlobals();
});

describe.each(cases)('%s %j', (name, options) => {
  const on = (of: unknown, ...args: unknown[]): unknown =>
    (of as Readonly<Record<string, (...given: unknown[]) => unknown>>)[name]!(...args);

  // Odd sizes, whose last line counts twice in a half.
  test.each([
    [0, 4],
    [2, 3],
    [3, 1],
    [4, 3],
  ] as const)('kind %i, %i channels', async (kind, channels) => {
    const { range } = arrayKinds[kind];
    const { x, y } = arrayPair(arrayKinds[kind], channels, { width: 33, height: 29 });
    for (const color of ['luma', 'channels'] as const) {
      const [first, second] = [x, y].map((image) => {
        const { data, channels: count } = comparedNumbers(image, color);
        return tensor4d(Float32Array.from(data), [1, image.height, image.width, count]);
      }) as [Tensor4D, Tensor4D];
      const expected = tidy(
        () => (on(library, first, second, { ...options, dataRange: range }) as Tensor).dataSync()[0]!,
      );
      const value = on(arrays, x, y, { ...options, color }) as number;
      expect(Math.abs(value - expected)).toBeLessThan(name === 'psnr' ? 1e-5 : 1e-6);
      vi.resetModules();
      vi.stubGlobal('WebAssembly', undefined);
      const plain = await import('../../src/arrays.js');
      expect(Math.abs((on(plain, x, y, { ...options, color }) as number) - value)).toBeLessThan(3e-7);
      vi.unstubAllGlobals();
    }
  });
});

test('unrelated textures have a positive MS-SSIM, and it is that of tensors', () => {
  const x = arrayPair(arrayKinds[0], 1, { width: 40, height: 40 }).x;
  const y = { ...x, data: x.data.map((value) => 255 - value) };
  const options = { levels: 2, dataRange: 255 };
  const of = ({ data }: arrays.ImageArray): Tensor4D => tensor4d(Float32Array.from(data), [1, 40, 40, 1]);
  const expected = tidy(() => library.msSsim(of(x), of(y), options).dataSync()[0]!);
  const value = arrays.msSsim(x, y, options);
  expect(value).toBeGreaterThan(0);
  expect(Math.abs(value - expected)).toBeLessThan(1e-6);
});

test.each([
  [{ alpha: 1 }, /msSsim: unknown option "alpha"/],
  [{ downsample: 2 }, /msSsim: unknown option "downsample"/],
  [{ levels: 6 }, /msSsim: levels must be a whole number from 1 to 5/],
  [{ levels: 2, levelWeights: [1] }, /msSsim: levels and levelWeights exclude each other/],
  [
    {},
    /msSsim: window of 11 pixels does not fit images of 40×40 at the smallest of 5 levels, 3×3; use .*levels ≤ 2/,
  ],
])('msSsim refuses %j', (options, text) => {
  const x = arrayPair(arrayKinds[0], 1, { width: 40, height: 40 }).x;
  expect(() => arrays.msSsim(x, x, options as arrays.MsSsimOptions)).toThrow(text);
});
