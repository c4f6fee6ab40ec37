// The fused kernels of a GPU backend, called by name and measured against float64.
import { cast, engine, memory, mul, slice, tensor, tidy } from '@tensorflow/tfjs-core';
import type { KernelBackend, NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { resolveSsimOptions } from '../../../src/ssim/ssimOptions.js';
import type { SsimOptions } from '../../../src/index.js';
import { mapShape, SsimBackward, SsimForward, valueShape } from '../../../src/ssim/kernels/contract.js';
import type { SsimAttrs, SsimForm } from '../../../src/ssim/kernels/contract.js';
import { presets } from '../../../src/ssim/presets.js';
import { windowOf } from '../../../src/filters/window.js';
import { hardCases } from '../../support/hardCases.js';
import { asTensor, imagesFrom, naturalImages, noisy, randomImages } from '../../support/images.js';
import {
  centralDifferences,
  largest,
  largestError,
  referenceSsimLoss,
  referenceSsimResidual,
  referenceTerms,
} from '../../support/reference.js';
import type { Images, Shape4D } from '../../support/reference.js';
import type { Padding } from '../../../src/filters/paddings.js';

type Method = (...args: unknown[]) => unknown;

export const forms: readonly SsimForm[] = ['mean', 'distance', 'residual'];
export const wrts = ['yTrue', 'yPred'] as const;
export type Wrt = (typeof wrts)[number];

export function attrsOf(options: SsimOptions, form: SsimForm): SsimAttrs {
  const resolved = resolveSsimOptions('test', options, { padding: 'valid', spatialAxes: 2 });
  const { alpha, unit, c1, c2, varianceScale, padding } = resolved;
  const [rows, columns] = windowOf(resolved);
  return { taps: [rows!, columns!], unit, luminance: alpha > 0, c1, c2, varianceScale, padding, form };
}

function run(name: string, inputs: object, attrs: object): Tensor[] {
  return engine().runKernel<Tensor | Tensor[]>(
    name,
    inputs as NamedTensorMap,
    attrs as NamedAttrMap,
  ) as unknown as Tensor[];
}

export async function read(tensors: Tensor[]): Promise<Float32Array> {
  const values = (await tensors[0]!.data<'float32'>()).slice();
  for (const t of tensors) t.dispose();
  return values;
}

/** The forward kernel's value. */
export async function value(
  x: Images,
  y: Images,
  options: SsimOptions,
  form: SsimForm,
  gradient = false,
): Promise<Float32Array> {
  const attrs = attrsOf(options, form);
  const outputs = tidy(() =>
    run(SsimForward, { yTrue: asTensor(x), yPred: asTensor(y) }, { ...attrs, gradient }),
  );
  expect(outputs).toHaveLength(gradient ? 2 : 1);
  expect(outputs[0]!.shape).toEqual(valueShape(mapShape([...x.shape], attrs), form));
  return read(outputs);
}

/** The backward kernel's gradient, with what the forward kernel saved or without. */
export async function gradient(
  x: Images,
  y: Images,
  dy: ArrayLike<number>,
  options: SsimOptions,
  form: SsimForm,
  wrt: Wrt,
  withSaved = true,
): Promise<Float32Array> {
  const attrs = attrsOf(options, form);
  const outputs = tidy(() => {
    const images = { yTrue: asTensor(x), yPred: asTensor(y) };
    const saved = withSaved ? { saved: run(SsimForward, images, { ...attrs, gradient: true })[1]! } : {};
    const weights = tensor(Float32Array.from(dy), valueShape(mapShape([...x.shape], attrs), form));
    return run(SsimBackward, { ...images, dy: weights, ...saved }, { ...attrs, wrt });
  });
  expect(outputs[0]!.shape).toEqual([...x.shape]);
  return read(outputs);
}

/** The expected value of a form. */
export function expectedValue(x: Images, y: Images, options: SsimOptions, form: SsimForm): ArrayLike<number> {
  switch (form) {
    case 'mean':
      return referenceSsimLoss(x, y, options);
    case 'distance':
      return referenceTerms(x, y, options).ssim.map((s) => 1 - s);
    case 'residual':
      return referenceSsimResidual(x, y, { padding: 'valid', ...options });
  }
}

function sourceIndex(index: number, size: number, padding: Padding): number {
  if (index >= 0 && index < size) return index;
  switch (padding) {
    case 'reflect':
      return index < 0 ? -index : 2 * (size - 1) - index;
    case 'symmetric':
      return index < 0 ? -index - 1 : 2 * size - 1 - index;
    case 'edge':
      return index < 0 ? 0 : size - 1;
    case 'wrap':
      return (index + size) % size;
    case 'zero':
    case 'valid':
      return -1;
  }
}

/** ∂ Σ dy · form / ∂ (x, y) in float64, window by window in the textbook form of SSIM (eqs 5 to 8). */
export function expectedGradient(
  x: Images,
  y: Images,
  dy: ArrayLike<number>,
  options: SsimOptions,
  form: SsimForm,
): Record<Wrt, Float64Array> {
  const attrs = attrsOf(options, form);
  const [, height, width, channels] = x.shape;
  const [batch, mapHeight, mapWidth] = mapShape([...x.shape], attrs);
  const { taps, padding, varianceScale: scale } = attrs;
  const [c1, c2] = [attrs.c1 * attrs.unit ** 2, attrs.c2 * attrs.unit ** 2];
  const inset = padding === 'valid' ? [0, 0] : taps.map((t) => (t.length - 1) / 2);
  const result = { yTrue: new Float64Array(x.data.length), yPred: new Float64Array(x.data.length) };
  const weightOfWindow = (n: number, i: number, j: number, c: number): number => {
    const place = (n * mapHeight + i) * mapWidth + j;
    switch (form) {
      case 'mean':
        return dy[n]! / (mapHeight * mapWidth * channels);
      case 'residual':
        return dy[place]! / channels;
      case 'distance':
        return dy[place * channels + c]!;
    }
  };
  for (let n = 0; n < batch; n++)
    for (let i = 0; i < mapHeight; i++)
      for (let j = 0; j < mapWidth; j++)
        for (let c = 0; c < channels; c++) {
          const window: [place: number, weight: number][] = [];
          taps[0].forEach((row, u) =>
            taps[1].forEach((column, v) => {
              const r = sourceIndex(i + u - inset[0]!, height, padding);
              const s = sourceIndex(j + v - inset[1]!, width, padding);
              const outside = r < 0 || s < 0;
              window.push([outside ? -1 : ((n * height + r) * width + s) * channels + c, row * column]);
            }),
          );
          const expectation = (f: (place: number) => number): number =>
            window.reduce((sum, [place, weight]) => sum + weight * f(place), 0);
          const at = (images: Images, place: number): number => (place < 0 ? 0 : images.data[place]!);
          const muX = expectation((k) => at(x, k));
          const muY = expectation((k) => at(y, k));
          const xx = scale * expectation((k) => (at(x, k) - muX) ** 2);
          const yy = scale * expectation((k) => (at(y, k) - muY) ** 2);
          const xy = scale * expectation((k) => (at(x, k) - muX) * (at(y, k) - muY));
          const [a1, a2] = [2 * muX * muY + c1, 2 * xy + c2];
          const [b1, b2] = [muX ** 2 + muY ** 2 + c1, xx + yy + c2];
          const ssim = (a1 * a2) / (b1 * b2);
          const part = (mu: number, other: number, deviation: number, otherDeviation: number): number =>
            (2 * other * a2 + 2 * scale * otherDeviation * a1) / (b1 * b2) -
            ssim * ((2 * mu) / b1 + (2 * scale * deviation) / b2);
          const outer = -weightOfWindow(n, i, j, c);
          for (const [place, weight] of window) {
            if (place < 0) continue;
            const [dx, dyy] = [x.data[place]! - muX, y.data[place]! - muY];
            result.yTrue[place]! += outer * weight * part(muX, muY, dx, dyy);
            result.yPred[place]! += outer * weight * part(muY, muX, dyy, dx);
          }
        }
  return result;
}

export const relative = (actual: ArrayLike<number>, expected: ArrayLike<number>): number =>
  largestError(actual, expected) / Math.max(largest(expected), 1e-12);

/** As many weights as the form has values, none of them alike. */
function weightsFor(x: Images, options: SsimOptions, form: SsimForm): Float32Array {
  const shape = valueShape(mapShape([...x.shape], attrsOf(options, form)), form);
  const size = shape.reduce((product, length) => product * length, 1);
  return Float32Array.from({ length: size }, (_, k) => 1.5 * Math.sin(1 + k) - 0.2);
}

interface Case {
  readonly shape: Shape4D;
  readonly options: SsimOptions;
}

const cases: Readonly<Record<string, Case>> = {
  default: { shape: [2, 15, 19, 3], options: {} },
  'reflect, five channels': { shape: [1, 13, 16, 5], options: { padding: 'reflect' } },
  'wrap, window wider than the image': {
    shape: [2, 7, 9, 2],
    options: { padding: 'wrap', windowSize: [11, 17] },
  },
  'symmetric, two channels': { shape: [1, 9, 11, 2], options: { padding: 'symmetric', windowSize: 7 } },
  'edge, tall window': { shape: [2, 11, 8, 1], options: { padding: 'edge', windowSize: [9, 3] } },
  'zero, wide window': { shape: [2, 7, 12, 3], options: { padding: 'zero', windowSize: [3, 9] } },
  'uniform, sample': { shape: [1, 17, 18, 2], options: presets.skimage },
  'window of the image': { shape: [3, 9, 7, 2], options: { windowSize: [9, 7] } },
  'window of the image, reflect': {
    shape: [1, 9, 7, 2],
    options: { windowSize: [9, 7], padding: 'reflect', windowType: 'uniform' },
  },
  'windows that reach over the far side': {
    shape: [1, 6, 5, 1],
    options: { windowSize: [11, 9], padding: 'reflect', windowSigma: 4 },
  },
  'edge, window larger than the image': {
    shape: [1, 4, 5, 1],
    options: { windowSize: [13, 11], padding: 'edge', windowSigma: 4 },
  },
  'one pixel wide windows': { shape: [2, 8, 9, 1], options: { windowSize: [1, 5] } },
  'one pixel high windows': { shape: [2, 8, 9, 1], options: { windowSize: [5, 1], padding: 'zero' } },
  'single pixels': { shape: [2, 5, 4, 3], options: { windowSize: 1 } },
  'nine images': { shape: [9, 12, 11, 1], options: {} },
  'large window': { shape: [1, 35, 37, 1], options: { windowSize: 33, windowSigma: 5 } },
  'four pixels': { shape: [1, 2, 2, 1], options: { windowSize: 1, padding: 'edge' } },
  'rows beyond the largest texture side': { shape: [1, 5, 8300, 1], options: { windowSize: 3 } },
  'dataRange 255, own constants': {
    shape: [1, 14, 13, 2],
    options: { dataRange: 255, padding: 'reflect', c1: 3, c2: 20, windowSigma: [0.8, 2.5] },
  },
};

const valueBound = 1e-6;
/** The largest, 1.02e-5, is of a flat image against a textured one: cs is the small difference of two sums. */
const gradientBound = 1.5e-5;

/** Everything that holds for the kernels of any GPU backend; `runMethod` is the one that runs its programs. */
export function describeKernels(runMethod: string): void {
  describe('values against float64', () => {
    test.each(Object.entries(cases))('%s', async (_, { shape, options }) => {
      // Two different pairs: a stale texture of the first must not pass for the second.
      for (const seed of [1, 2]) {
        const x = naturalImages(shape, seed, options.dataRange);
        const y = noisy(x, 0.1 * (options.dataRange ?? 1), seed + 10);
        for (const form of forms) {
          const expected = expectedValue(x, y, options, form);
          expect(largestError(await value(x, y, options, form), expected)).toBeLessThan(valueBound);
          expect(largestError(await value(x, y, options, form, true), expected)).toBeLessThan(valueBound);
        }
      }
    });

    test.each(Object.entries(hardCases))('%s, dataRange 1 and 255', async (_, make) => {
      for (const dataRange of [1, 255]) {
        const [x, y] = make(dataRange);
        const map = await value(x, y, { dataRange }, 'distance');
        expect(largestError(map, expectedValue(x, y, { dataRange }, 'distance'))).toBeLessThan(valueBound);
        for (const d of map) expect(d >= 0 && d <= 2).toBe(true);
      }
    });

    test('the mean of many pixels, near convergence too', async () => {
      const x = naturalImages([2, 210, 190, 1], 3);
      for (const deviation of [0.1, 1e-4]) {
        const y = noisy(x, deviation, 4);
        const expected = referenceSsimLoss(x, y, { windowSize: 5 });
        const actual = await value(x, y, { windowSize: 5 }, 'mean');
        expect(relative(actual, expected)).toBeLessThan(1e-5);
      }
    });

    test('0 for equal images, NaN where a pixel is NaN', async () => {
      const x = randomImages([1, 16, 15, 1], 5);
      expect([...(await value(x, x, {}, 'mean'))]).toEqual([0]);
      const spoiled = imagesFrom(x.shape, (k) => (k === 0 ? NaN : x.data[k]!));
      const map = await value(x, spoiled, {}, 'distance');
      expect(map[0]).toBeNaN();
      expect(map[map.length - 1]).not.toBeNaN();
      expect((await value(x, spoiled, {}, 'mean'))[0]).toBeNaN();
    });
  });

  describe('gradients', () => {
    test('the expected ones are those of central differences', () => {
      const shape = [2, 5, 6, 2] as const;
      const options = { windowSize: [3, 5], padding: 'reflect', covariance: 'sample' } as const;
      const x = randomImages(shape, 11);
      const y = noisy(x, 0.2, 12);
      const dy = weightsFor(x, options, 'distance');
      const loss = (a: Images, b: Images): number =>
        referenceTerms(a, b, options).ssim.reduce((sum, s, k) => sum + dy[k]! * (1 - s), 0);
      const { yTrue, yPred } = expectedGradient(x, y, dy, options, 'distance');
      expect(
        relative(
          centralDifferences((data) => loss({ shape, data }, y), x.data),
          yTrue,
        ),
      ).toBeLessThan(1e-5);
      expect(
        relative(
          centralDifferences((data) => loss(x, { shape, data }), y.data),
          yPred,
        ),
      ).toBeLessThan(1e-5);
    });

    test.each(Object.entries(cases))('%s', async (_, { shape, options }) => {
      for (const seed of [1, 2]) {
        const x = naturalImages(shape, seed, options.dataRange);
        const y = noisy(x, 0.1 * (options.dataRange ?? 1), seed + 10);
        for (const form of forms) {
          const dy = weightsFor(x, options, form);
          const expected = expectedGradient(x, y, dy, options, form);
          for (const wrt of wrts)
            for (const withSaved of [true, false]) {
              const actual = await gradient(x, y, dy, options, form, wrt, withSaved);
              expect(relative(actual, expected[wrt])).toBeLessThan(gradientBound);
            }
        }
      }
    });

    test.each(Object.entries(hardCases))('%s, dataRange 1 and 255', async (_, make) => {
      for (const dataRange of [1, 255]) {
        const [x, y] = make(dataRange);
        for (const padding of ['valid', 'reflect'] as const) {
          const expected = expectedGradient(x, y, [1], { dataRange, padding }, 'mean');
          for (const wrt of wrts) {
            const actual = await gradient(x, y, [1], { dataRange, padding }, 'mean', wrt);
            expect(relative(actual, expected[wrt])).toBeLessThan(gradientBound);
          }
        }
      }
    });

    test('exactly 0 at equality', async () => {
      const x = naturalImages([1, 16, 16, 1], 13);
      for (const wrt of wrts) expect(largest(await gradient(x, x, [1], {}, 'mean', wrt))).toBe(0);
    });
  });

  test('one shader serves images of every size', async () => {
    for (const shape of [
      [1, 12, 13, 1],
      [3, 20, 11, 2],
      [1, 11, 30, 4],
    ] as const) {
      const x = randomImages(shape, 14);
      const y = noisy(x, 0.2, 15);
      const options = { padding: 'symmetric' } as const;
      for (const form of forms) {
        const expected = expectedValue(x, y, options, form);
        expect(largestError(await value(x, y, options, form), expected)).toBeLessThan(valueBound);
      }
      const dy = weightsFor(x, options, 'mean');
      const actual = await gradient(x, y, dy, options, 'mean', 'yPred');
      expect(relative(actual, expectedGradient(x, y, dy, options, 'mean').yPred)).toBeLessThan(gradientBound);
    }
  });

  test('views of larger tensors, and results of other ops', async () => {
    const shape = [3, 13, 12, 1] as const;
    const images = randomImages(shape, 16);
    const others = noisy(images, 0.2, 17);
    const last = ({ data }: Images): Images => ({
      shape: [1, 13, 12, 1],
      data: Array.from(data).slice(-13 * 12),
    });
    const [x, y] = [last(images), last(others)];
    for (const form of forms) {
      const attrs = attrsOf({}, form);
      const dy = weightsFor(x, {}, form);
      const [d, g] = tidy(() => {
        const view = (i: Images): Tensor => slice(mul(asTensor(i), 1), [2, 0, 0, 0]);
        const pair = { yTrue: view(images), yPred: view(others) };
        const weights = mul(tensor(dy, valueShape(mapShape([...x.shape], attrs), form)), 1);
        const [result] = run(SsimForward, pair, { ...attrs, gradient: false });
        return [
          result!,
          run(SsimBackward, { ...pair, dy: weights }, { ...attrs, wrt: 'yPred' })[0]!,
        ] as const;
      });
      expect(largestError(await read([d]), expectedValue(x, y, {}, form))).toBeLessThan(valueBound);
      const expected = expectedGradient(x, y, dy, {}, form).yPred;
      expect(relative(await read([g]), expected)).toBeLessThan(gradientBound);
    }
  });

  describe('pixels and dataRange together', () => {
    const shape = [1, 13, 12, 2] as const;
    const at = (scale: number): [Images, Images, SsimOptions] => [
      randomImages(shape, 22, scale),
      randomImages(shape, 23, scale),
      { dataRange: scale, padding: 'reflect' },
    ];

    // A power of 2 changes no digit; pixels by a power of 10 are rounded.
    test.each([2 ** -100, 1e-30, 1e-18, 1e18, 1e20, 1e30, 2 ** 100])('%s times as large', async (scale) => {
      const exact = Number.isInteger(Math.log2(scale));
      for (const form of forms) {
        const expected = await value(...at(1), form);
        expect(largestError(await value(...at(scale), form), expected)).toBeLessThanOrEqual(exact ? 0 : 1e-6);
        const [x, , options] = at(1);
        const dy = weightsFor(x, options, form);
        const [xs, ys, given] = at(scale);
        for (const withSaved of [true, false]) {
          const slopes = await gradient(x, at(1)[1], dy, options, form, 'yPred', withSaved);
          const actual = await gradient(xs, ys, dy, given, form, 'yPred', withSaved);
          expect(
            relative(
              Float64Array.from(actual, (slope) => slope * scale),
              slopes,
            ),
          ).toBeLessThan(exact ? 1e-7 : 1e-5);
        }
      }
    });
  });

  // On webgpu they keep the buffer of what they were.
  test.each([
    ['yTrue', 'int32'],
    ['yPred', 'bool'],
    ['dy', 'int32'],
  ] as const)('%s that tf.cast made float32 of %s', async (name, origin) => {
    const shape = [2, 13, 12, 2] as const;
    const x = imagesFrom(shape, (k) => (7 * k * k) % 2);
    const y = imagesFrom(shape, (k) => ((5 * k * k + k) % 3 === 0 ? 1 : 0));
    for (const form of forms) {
      const attrs = attrsOf({}, form);
      const dy = weightsFor(x, {}, form).map((weight) => (weight > 0 ? 1 : 0));
      const compute = (): [Tensor, Tensor] =>
        tidy(() => {
          const given = (of: string, values: ArrayLike<number>, size: readonly number[]): Tensor =>
            cast(tensor(Array.from(values), [...size], of === name ? origin : 'float32'), 'float32');
          const pair = { yTrue: given('yTrue', x.data, shape), yPred: given('yPred', y.data, shape) };
          const [result, saved] = run(SsimForward, pair, { ...attrs, gradient: true });
          const outer = given('dy', dy, valueShape(mapShape([...shape], attrs), form));
          return [
            result!,
            run(SsimBackward, { ...pair, dy: outer, saved: saved! }, { ...attrs, wrt: 'yPred' })[0]!,
          ];
        });
      const [d, g] = compute();
      expect(largestError(await read([d]), expectedValue(x, y, {}, form))).toBeLessThan(valueBound);
      const expected = expectedGradient(x, y, dy, {}, form).yPred;
      expect(relative(await read([g]), expected)).toBeLessThan(gradientBound);
    }
  });

  describe('memory', () => {
    const backend = (): KernelBackend & Record<string, Method> =>
      engine().backend as KernelBackend & Record<string, Method>;
    const counts = (): number[] => [memory().numTensors, memory().numDataBuffers, backend().numDataIds()];

    /** Forward and backward, disposing of what they return. */
    function step(x: Tensor, y: Tensor, form: SsimForm): void {
      const attrs = attrsOf({}, form);
      const outputs = run(SsimForward, { yTrue: x, yPred: y }, { ...attrs, gradient: true });
      try {
        const images = { yTrue: x, yPred: y, dy: outputs[0]! };
        for (const saved of [{}, { saved: outputs[1]! }]) {
          const [result] = run(SsimBackward, { ...images, ...saved }, { ...attrs, wrt: 'yTrue' });
          result!.dispose();
        }
      } finally {
        for (const output of outputs) output.dispose();
      }
    }

    test.each(forms)('%s leaves nothing behind', (form) => {
      const x = asTensor(randomImages([2, 50, 40, 3], 18));
      const y = asTensor(randomImages([2, 50, 40, 3], 19));
      const before = counts();
      for (let k = 0; k < 3; k++) step(x, y, form);
      expect(counts()).toEqual(before);
      x.dispose();
      y.dispose();
    });

    test('nor does a pass that throws', () => {
      const x = asTensor(randomImages([2, 50, 40, 3], 20));
      const y = asTensor(randomImages([2, 50, 40, 3], 21));
      const before = counts();
      const failingBackend = backend();
      const runProgram = failingBackend[runMethod]!.bind(failingBackend);
      let passes = 0;
      let thrown = 0;
      try {
        for (let failing = 0; ; failing++) {
          let call = 0;
          failingBackend[runMethod] = (...args) => {
            if (call++ === failing) throw new Error('out of memory');
            return runProgram(...args);
          };
          try {
            step(x, y, 'mean');
            passes = call;
            break;
          } catch {
            thrown++;
          }
          expect(counts()).toEqual(before);
        }
      } finally {
        delete (failingBackend as Partial<Record<string, Method>>)[runMethod];
      }
      expect(thrown).toBe(passes);
      expect(passes).toBeGreaterThan(7);
      x.dispose();
      y.dispose();
    });
  });
}
