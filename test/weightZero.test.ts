// Weight 0 leaves a pixel out, whatever it holds: in every measure that takes weights.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { getBackend, grad, mul, reshape, square, sum, tensor, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { featureMatchingLoss, l1Loss, l2Loss, vaeLoss } from '../src/index.js';
import { registerWasmTraining } from '../src/kernels.js';
import { asTensor } from './support/images.js';
import {
  broken,
  leftOut,
  mended,
  plain,
  unweighted,
  valueAndGradients,
  weights,
  withoutHoles,
} from './support/leftOut.js';
import { largestError } from './support/reference.js';
import { weightedCases } from './support/weightedCases.js';
import type { WeightedCase } from './support/weightedCases.js';

beforeAll(() => {
  if (getBackend() === 'wasm') registerWasmTraining();
});

describe.each(weightedCases)('$name', ({ call, perfect, pixelwise }) => {
  test('a pixel that is not finite counts as equal in both images', async () => {
    const [expected, actual] = await Promise.all(
      [mended, broken].map((images) => valueAndGradients((a, b) => call(a, b, asTensor(weights)), images)),
    );
    expect(actual!.value.every(Number.isFinite)).toBe(true);
    expect(actual!.value).toEqual(expected!.value);
    for (const n of [0, 1]) {
      const [gradient, ofMended] = [actual!.gradients[n]!, expected!.gradients[n]!];
      expect(gradient.every(Number.isFinite)).toBe(true);
      expect(largestError(gradient, withoutHoles(ofMended))).toBe(0);
    }
  });

  test('second order: as without such pixels, and 0 there', () => {
    const seen = { shape: plain.x.shape, data: withoutHoles(Float32Array.from(plain.x.data, () => 1)) };
    const penalty = (images: typeof mended): Float32Array =>
      tidy(() =>
        grad((b: Tensor) => {
          const f = (c: Tensor): Tensor => sum(call(asTensor(images.x), c, asTensor(weights)));
          return sum(square(mul(grad(f)(b), asTensor(seen))));
        })(asTensor(images.y))
          .dataSync<'float32'>()
          .slice(),
      );
    let expected: Float32Array;
    try {
      expected = penalty(mended);
    } catch (error) {
      // Some ops of tfjs have no gradient of their gradient.
      expect(String(error)).toContain('gradient function not found');
      return;
    }
    // Some have none of their own where a magnitude is 0.
    if (!expected.every(Number.isFinite)) return;
    const actual = penalty(broken);
    expect(largestError(actual, withoutHoles(expected))).toBe(0);
    expect([...leftOut].every((pixel) => actual[2 * pixel] === 0 && actual[2 * pixel + 1] === 0)).toBe(true);
  });

  test('an image without any weight is perfect, whatever its pixels', async () => {
    const [expected, actual] = await Promise.all(
      [plain, unweighted].map((images) =>
        valueAndGradients((a, b) => call(a, b, asTensor(unweighted.weights)), images),
      ),
    );
    expect(actual!.value[0]).toBe(perfect);
    expect(actual!.value[1]).toBe(expected!.value[1]);
    for (const n of [0, 1]) {
      const gradient = actual!.gradients[n]!;
      const half = gradient.length / 2;
      expect(gradient.slice(0, half).every((slope) => slope === 0)).toBe(true);
      expect(largestError(gradient.slice(half), expected!.gradients[n]!.slice(half))).toBe(0);
    }
  });

  test(`finite pixels of weight 0 have ${pixelwise ? 'no' : 'a'} gradient`, async () => {
    const { gradients } = await valueAndGradients((a, b) => call(a, b, asTensor(weights)), plain);
    const slopes = gradients[1].filter((_, k) => leftOut.has(Math.floor(k / 2)));
    expect(slopes.some((slope) => slope !== 0)).toBe(!pixelwise);
  });
});

test('two pixels', () => {
  tidy(() => {
    const [x, y, w] = [
      [0.2, 0.4],
      [0.5, NaN],
      [1, 0],
    ].map((data) => tensor4d(data, [1, 1, 2, 1]));
    expect(l2Loss(x!, y!, { weights: w! }).dataSync()[0]).toBeCloseTo(0.09, 7);
    expect(l1Loss(y!, x!, { weights: w! }).dataSync()[0]).toBeCloseTo(0.3, 7);
  });
});

test('a pixel that counts is NaN still, and so is one without weights', () => {
  tidy(() => {
    const [x, y] = [tensor4d([0.2, NaN], [1, 1, 2, 1]), tensor4d([0.5, 0.1], [1, 1, 2, 1])];
    const w = tensor4d([0, 1e-3], [1, 1, 2, 1]);
    expect(l2Loss(x, y, { weights: w }).dataSync()[0]).toBeNaN();
    expect(l2Loss(x, y).dataSync()[0]).toBeNaN();
  });
});

test('volumes', async () => {
  const asVolumes = (images: Tensor): Tensor => reshape(images, [2, 4, 6, 6, images.shape[3]!]);
  const of = (call: WeightedCase['call'], images: typeof mended) =>
    valueAndGradients((a, b) => call(asVolumes(a), asVolumes(b), asVolumes(asTensor(weights))), images);
  for (const { name, call } of weightedCases.filter(({ volumes }) => volumes)) {
    // The list's windows of 5 do not fit four planes.
    if (!/l[12]Loss|uniform/.test(name)) continue;
    const [expected, actual] = await Promise.all([of(call, mended), of(call, broken)]);
    expect(actual.value.every(Number.isFinite), name).toBe(true);
    expect(actual.value, name).toEqual(expected.value);
    for (const n of [0, 1]) {
      expect(largestError(actual.gradients[n]!, withoutHoles(expected.gradients[n]!)), name).toBe(0);
    }
  }
});

test('vaeLoss: log σ of a pixel of weight 0', async () => {
  const posterior = { mean: tensor([[0]]), logVariance: tensor([[0]]) };
  const [x, y, w] = [
    [0.2, 0.4],
    [0.5, 0.1],
    [2, 0],
  ].map((data) => tensor4d(data, [1, 1, 2, 1]));
  const loss = (logSigma: Tensor): Tensor => vaeLoss(x!, y!, posterior, { logSigma, weights: w! });
  for (const at of [NaN, Infinity, 1e30]) {
    const logSigma = tensor4d([0.5, at], [1, 1, 2, 1]);
    const value = tidy(() => loss(logSigma).dataSync()[0]!);
    expect(value).toBeCloseTo(2 * (0.045 * Math.exp(-1) + 0.5 + 0.5 * Math.log(2 * Math.PI)), 5);
    const slopes = await grad(loss)(logSigma).data();
    expect(slopes[0]).toBeCloseTo(2 * (1 - 0.09 * Math.exp(-1)), 5);
    expect(slopes[1]).toBe(0);
  }
});

test('featureMatchingLoss: features that are not finite where the weight is 0', () => {
  tidy(() => {
    const [x, y, w] = [
      [0.2, 0.4],
      [0.5, 0.1],
      [1, 0],
    ].map((data) => tensor4d(data, [1, 1, 2, 1]));
    const features = (image: Tensor): Tensor => mul(image, tensor4d([2, NaN], [1, 1, 2, 1]));
    const loss = (b: Tensor): Tensor => featureMatchingLoss(x!, b, { features, weights: w! });
    expect(loss(y!).dataSync()[0]).toBeCloseTo(0.09 + 0.36, 6);
    expect(grad(loss)(y!).dataSync()[0]).toBeCloseTo(2 * 0.3 + 8 * 0.3, 6);
  });
});
