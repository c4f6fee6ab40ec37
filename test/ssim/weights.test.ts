// Weights of pixels: regions of interest and unlabelled borders.
import { grads, memory, ones, tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { dssimLoss, l1Loss, l2Loss, ssim, ssimLoss } from '../../src/index.js';
import type { SsimIndexOptions, SsimOptions } from '../../src/index.js';
import { useFusedKernels } from '../../src/kernels.js';
import { relativeError, values } from '../support/gradients.js';
import { anyOptions, asTensor, naturalImages, noisy, randomImages } from '../support/images.js';
import { centralDifferences, largestError, referenceTerms } from '../support/reference.js';
import type { Images, Shape4D } from '../support/reference.js';

afterEach(() => {
  useFusedKernels(true);
});

const weightsFor = ([batch, height, width]: Shape4D, weight: (k: number) => number): Images => ({
  shape: [batch, height, width, 1],
  data: Float32Array.from({ length: batch * height * width }, (_, k) => weight(k)),
});

/** Σ w (1 − S) / Σ w, windows by the weight of their middle pixel. */
function reference(x: Images, y: Images, weights: Images, options: SsimOptions): number[] {
  const { ssim: map, shape } = referenceTerms(x, y, options);
  const [batch, height, width, channels] = shape;
  const [top, left] = [(x.shape[1] - height) / 2, (x.shape[2] - width) / 2];
  return Array.from({ length: batch }, (_, n) => {
    let [total, sum] = [0, 0];
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++)
        for (let c = 0; c < channels; c++) {
          const w = weights.data[(n * x.shape[1] + i + top) * x.shape[2] + j + left]!;
          total += w;
          sum += w * (1 - map[((n * height + i) * width + j) * channels + c]!);
        }
    return total === 0 ? 0 : sum / total;
  });
}

describe.each(['fused', 'composed'])('SSIM, %s', (kernels) => {
  test('values, every option', () => {
    useFusedKernels(kernels === 'fused');
    const shapes = fc.tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 3 }),
    );
    const request = shapes.chain((shape: Shape4D) =>
      fc.record({ shape: fc.constant(shape), options: anyOptions(shape), seed: fc.nat(1000) }),
    );
    fc.assert(
      fc.property(request, ({ shape, options, seed }) => {
        const range = options.dataRange ?? 1;
        const x = randomImages(shape, seed, range);
        const y = noisy(x, 0.2 * range, seed + 1);
        const { data } = randomImages([shape[0], shape[1], shape[2], 1], seed + 2);
        const weights = weightsFor(shape, (k) => (data[k]! < 0.3 ? 0 : data[k]!));
        const expected = reference(x, y, weights, options);
        const actual = values(() =>
          ssimLoss(asTensor(x), asTensor(y), { ...options, weights: asTensor(weights) }),
        );
        expect(largestError(actual, expected)).toBeLessThan(2e-6);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['valid', {}],
    ['reflect', { padding: 'reflect' }],
  ] as const)('gradients of both images, %s', (_, padding) => {
    useFusedKernels(kernels === 'fused');
    const options = { ...padding, windowSize: 3 } as const;
    const shape = [2, 6, 7, 2] as const;
    const x = randomImages(shape, 1);
    const y = noisy(x, 0.2, 2);
    const weights = weightsFor(shape, (k) => (k % 5 === 0 ? 0 : 1 + (k % 3)));
    const factors = [1, -2];
    const [gx, gy] = tidy(() =>
      grads((a: Tensor, b: Tensor) => ssimLoss(a, b, { ...options, weights: asTensor(weights) }))(
        [asTensor(x), asTensor(y)],
        tensor(factors),
      ).map((g) => g.dataSync<'float32'>().slice()),
    );
    const loss = (a: Images, b: Images): number =>
      reference(a, b, weights, options).reduce((sum, value, n) => sum + value * factors[n]!, 0);
    const nx = centralDifferences((data) => loss({ shape, data }, y), x.data);
    const ny = centralDifferences((data) => loss(x, { shape, data }), y.data);
    expect(relativeError(gx!, nx)).toBeLessThan(1e-5);
    expect(relativeError(gy!, ny)).toBeLessThan(1e-5);
  });

  test('pixels that no weighed window sees have gradient exactly 0', () => {
    useFusedKernels(kernels === 'fused');
    const shape = [1, 15, 16, 1] as const;
    const [x, y] = [randomImages(shape, 3), randomImages(shape, 4)];
    // Columns 0 to 4 count, windows of 5 reach to column 6.
    const weights = asTensor(weightsFor(shape, (k) => (k % 16 < 5 ? 1 : 0)));
    const options: SsimIndexOptions = { windowSize: 5, padding: 'reflect', weights };
    const [g] = tidy(() =>
      grads((a: Tensor, b: Tensor) => ssimLoss(a, b, options))([asTensor(x), asTensor(y)]).map((t) =>
        t.dataSync<'float32'>().slice(),
      ),
    );
    g!.forEach((slope, k) => {
      if (k % 16 > 6) expect(slope).toBe(0);
    });
    expect(g!.some((slope) => slope !== 0)).toBe(true);
  });

  test('an image without any weight: loss 0, index 1, gradient 0, and its neighbours as ever', () => {
    useFusedKernels(kernels === 'fused');
    const shape = [2, 13, 12, 1] as const;
    const x = naturalImages(shape, 5);
    const y = noisy(x, 0.1, 6);
    const weights = weightsFor(shape, (k) => (k < 13 * 12 ? 0 : 1));
    const plain = values(() => ssimLoss(asTensor(x), asTensor(y)));
    const options = (): SsimIndexOptions => ({ weights: asTensor(weights) });
    const loss = values(() => ssimLoss(asTensor(x), asTensor(y), options()));
    expect(loss[0]).toBe(0);
    expect(Math.abs(loss[1]! - plain[1]!)).toBeLessThan(1e-6);
    expect(values(() => ssim(asTensor(x), asTensor(y), options()))[0]).toBe(1);
    expect(values(() => dssimLoss(asTensor(x), asTensor(y), options()))[0]).toBe(0);
    const [g] = tidy(() =>
      grads((a: Tensor, b: Tensor) => ssimLoss(a, b, options()))([asTensor(x), asTensor(y)]).map((t) =>
        t.dataSync<'float32'>().slice(),
      ),
    );
    expect(g!.slice(0, 13 * 12).every((slope) => slope === 0)).toBe(true);
    expect(g!.every(Number.isFinite)).toBe(true);
  });
});

describe('properties', () => {
  const shape = [2, 14, 13, 3] as const;
  const x = naturalImages(shape, 7);
  const y = noisy(x, 0.1, 8);

  test('equal weights change nothing, whatever they are', () => {
    for (const weight of [1, 1e-3, 7]) {
      const weights = weightsFor(shape, () => weight);
      const actual = values(() => ssim(asTensor(x), asTensor(y), { weights: asTensor(weights) }));
      expect(
        largestError(
          actual,
          values(() => ssim(asTensor(x), asTensor(y))),
        ),
      ).toBeLessThan(1e-6);
      const sums = values(() => l2Loss(asTensor(x), asTensor(y), { weights: asTensor(weights) }));
      const plain = values(() => l2Loss(asTensor(x), asTensor(y)));
      expect(
        relativeError(
          sums,
          plain.map((value) => weight * value),
        ),
      ).toBeLessThan(1e-6);
    }
  });

  test('sums of differences: values, and gradient 0 where the weight is 0', () => {
    const weights = weightsFor(shape, (k) => (k % 2 === 0 ? 0 : 2));
    for (const [loss, power] of [
      [l1Loss, 1],
      [l2Loss, 2],
    ] as const) {
      const expected = [0, 0];
      for (let k = 0; k < x.data.length; k++) {
        const n = k < x.data.length / 2 ? 0 : 1;
        expected[n]! += weights.data[Math.floor(k / 3)]! * Math.abs(x.data[k]! - y.data[k]!) ** power;
      }
      expect(
        relativeError(
          values(() => loss(asTensor(x), asTensor(y), { weights: asTensor(weights) })),
          expected,
        ),
      ).toBeLessThan(1e-6);
      const [g] = tidy(() =>
        grads((a: Tensor, b: Tensor) => loss(a, b, { weights: asTensor(weights) }))([
          asTensor(x),
          asTensor(y),
        ]).map((t) => t.dataSync<'float32'>().slice()),
      );
      g!.forEach((slope, k) => {
        const d = x.data[k]! - y.data[k]!;
        const w = weights.data[Math.floor(k / 3)]!;
        expect(Math.abs(slope - (power === 1 ? w * Math.sign(d) : 2 * w * d))).toBeLessThan(1e-5);
      });
    }
  });

  test('nothing flows into the weights', () => {
    const weights = weightsFor(shape, () => 1);
    const [g] = tidy(() =>
      grads((w: Tensor) => ssimLoss(asTensor(x), asTensor(y), { weights: w }))([asTensor(weights)]).map((t) =>
        t.dataSync<'float32'>().slice(),
      ),
    );
    expect(g!.every((slope) => slope === 0)).toBe(true);
  });

  test('volumes have weights of their own shape', () => {
    tidy(() => {
      const volumes = zeros([1, 4, 5, 6, 2]);
      expect([
        ...ssim(volumes, ones([1, 4, 5, 6, 2]), {
          windowSize: 3,
          weights: zeros([1, 4, 5, 6, 1]),
        }).dataSync(),
      ]).toEqual([1]);
      const half = tensor(
        Float32Array.from({ length: 120 }, (_, k) => (k < 60 ? 1 : 0)),
        [1, 4, 5, 6, 1],
      );
      expect([...l1Loss(volumes, ones([1, 4, 5, 6, 2]), { weights: half }).dataSync()]).toEqual([120]);
    });
  });
});

test('memory: nothing but the result', () => {
  const shape = [2, 12, 12, 1] as const;
  const [x, y, weights] = [1, 2, 3].map((seed) => asTensor(randomImages(shape, seed))) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  for (const loss of [ssimLoss, dssimLoss, ssim, l1Loss, l2Loss]) {
    const before = memory().numTensors;
    loss(x, y, { weights }).dispose();
    tidy(() => {
      grads((a: Tensor, b: Tensor) => loss(a, b, { weights }))([x, y]);
    });
    expect(memory().numTensors).toBe(before);
  }
});
