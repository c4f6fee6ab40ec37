// Volumes [N, D, H, W, C]: windows in three dimensions.
import { grads, memory, ones, slice, tensor1d, tensor5d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor5D } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, test } from 'vitest';
import {
  dssimLoss,
  l1Loss,
  l1ResidualMap,
  l2Loss,
  l2ResidualMap,
  ssim,
  ssimLoss,
  ssimMap,
  ssimResidualMap,
  ssimTerms,
} from '../../src/index.js';
import type { SsimOptions } from '../../src/index.js';
import { useFusedKernels } from '../../src/kernels.js';
import fixtures from '../fixtures/volumes.json';
import { relativeError, tensorGrowth, values } from '../support/gradients.js';
import { asTensor, normalNumbers, randomNumbers } from '../support/images.js';
import { centralDifferences, largestError, referenceSsim, referenceTerms } from '../support/reference.js';
import { bordered } from '../support/paddings.js';

afterEach(() => {
  useFusedKernels(true);
});

type Shape5D = [number, number, number, number, number];

function pair(shape: Shape5D, seed: number): readonly [Float32Array, Float32Array] {
  const random = randomNumbers(seed);
  const normal = normalNumbers(random);
  const size = shape.reduce((product, length) => product * length, 1);
  const x = Float32Array.from({ length: size }, () => random());
  return [x, x.map((value) => value + 0.1 * normal())];
}

const volume = (data: ArrayLike<number>, shape: Shape5D): Tensor5D =>
  tensor5d(Float32Array.from(data), shape);

describe('references', () => {
  const { x, y, cases } = fixtures;
  const shape = fixtures.shape as Shape5D;

  test.each(cases.map((one) => [one.engine, JSON.stringify(one.options), one] as const))(
    '%s %s',
    (_, _text, one) => {
      const options = one.options as SsimOptions;
      const f = (a: Tensor, b: Tensor): Tensor => ssim(a, b, options);
      const [index] = values(() => f(volume(x, shape), volume(y, shape)));
      expect(Math.abs(index! - one.index)).toBeLessThan(1e-6);
      if (one.map === undefined) return;
      const map = values(() => ssimMap(volume(x, shape), volume(y, shape), options));
      expect(
        largestError(
          map.filter((_, k) => k % 17 === 0),
          one.map,
        ),
      ).toBeLessThan(1e-6);
      const [gx, gy] = tidy(() =>
        grads(f)([volume(x, shape), volume(y, shape)]).map((g) => g.dataSync<'float32'>().slice()),
      );
      const every13 = (g: Float32Array): Float32Array => g.filter((_, k) => k % 13 === 0);
      expect(relativeError(every13(gx!), one.gradientX)).toBeLessThan(2e-5);
      expect(relativeError(every13(gy!), one.gradientY)).toBeLessThan(2e-5);
    },
  );
});

describe.each(['fused', 'composed'])('a window one plane deep, %s', (kernels) => {
  const shape: Shape5D = [2, 3, 8, 9, 2];
  const [x, y] = pair(shape, 1);
  const planes = [6, 8, 9, 2] as const;
  const [imagesX, imagesY] = [x, y].map((data) => ({ shape: planes, data })) as [
    { shape: typeof planes; data: Float32Array },
    { shape: typeof planes; data: Float32Array },
  ];
  const options = { windowSize: [1, 5, 3], windowSigma: [9, 1.2, 0.8] } as const;
  const flat = { windowSize: [5, 3], windowSigma: [1.2, 0.8] } as const;

  test('compares plane by plane', () => {
    useFusedKernels(kernels === 'fused');
    const map = values(() => ssimMap(volume(x, shape), volume(y, shape), options));
    expect(largestError(map, referenceTerms(imagesX, imagesY, flat).ssim)).toBeLessThan(1e-6);
    const residual = tidy(() => ssimResidualMap(volume(x, shape), volume(y, shape), options));
    expect(residual.shape).toEqual([2, 3, 8, 9, 1]);
    residual.dispose();
    const index = values(() => ssim(volume(x, shape), volume(y, shape), options));
    const each = referenceSsim(imagesX, imagesY, flat);
    const expected = [0, 3].map((n) => (each[n]! + each[n + 1]! + each[n + 2]!) / 3);
    expect(largestError(index, expected)).toBeLessThan(1e-6);
  });

  test('with the gradient of the planes', () => {
    useFusedKernels(kernels === 'fused');
    const [gx, gy] = tidy(() =>
      grads((a, b) => ssimLoss(a, b, options))([volume(x, shape), volume(y, shape)], tensor1d([3, -6])).map(
        (g) => g.dataSync<'float32'>().slice(),
      ),
    );
    const [ex, ey] = tidy(() =>
      grads((a, b) => ssimLoss(a, b, flat))(
        [asTensor(imagesX), asTensor(imagesY)],
        tensor1d([1, 1, 1, -2, -2, -2]),
      ).map((g) => g.dataSync<'float32'>().slice()),
    );
    expect(relativeError(gx!, ex!)).toBeLessThan(1e-6);
    expect(relativeError(gy!, ey!)).toBeLessThan(1e-6);
  });
});

describe('properties', () => {
  const shape: Shape5D = [2, 5, 6, 7, 2];
  const [x, y] = pair(shape, 2);
  const both = (): [Tensor5D, Tensor5D] => [volume(x, shape), volume(y, shape)];

  test('a volume of equal planes is compared like one of them', () => {
    const [a, b] = [x, y].map((data) => data.slice(0, 7 * 8));
    const plane = { shape: [1, 7, 8, 1] as const };
    const stacked = (data: Float32Array): Float32Array =>
      Float32Array.from({ length: 5 * 56 }, (_, k) => data[k % 56]!);
    const [index] = values(() =>
      ssim(volume(stacked(a!), [1, 5, 7, 8, 1]), volume(stacked(b!), [1, 5, 7, 8, 1]), { windowSize: 5 }),
    );
    const [expected] = referenceSsim({ ...plane, data: a! }, { ...plane, data: b! }, { windowSize: 5 });
    expect(Math.abs(index! - expected!)).toBeLessThan(1e-6);
  });

  test.each(bordered)(
    'padding %s gives maps of the size of the volume, within it those of valid',
    (padding) => {
      const options = { windowSize: 5, padding } as const;
      tidy(() => {
        const map = ssimMap(...both(), options);
        expect(map.shape).toEqual(shape);
        const inside = slice(map, [0, 2, 2, 2, 0], [2, 1, 2, 3, 2]);
        const valid = ssimMap(...both(), { windowSize: 5 });
        expect(largestError(inside.dataSync(), valid.dataSync())).toBeLessThan(1e-6);
        expect(ssimResidualMap(...both(), options).shape).toEqual([2, 5, 6, 7, 1]);
      });
    },
  );

  test('the terms multiply to SSIM', () => {
    tidy(() => {
      const options = { windowSize: 3 };
      const { luminance, contrast, structure } = ssimTerms(...both(), options);
      const [l, c, s] = [luminance, contrast, structure].map((term) => term.dataSync());
      const product = l!.map((value, k) => value * c![k]! * s![k]!);
      expect(largestError(product, ssimMap(...both(), options).dataSync())).toBeLessThan(1e-6);
    });
  });

  test('1 and 0 for equal volumes, with gradient exactly 0', () => {
    tidy(() => {
      const [a] = both();
      const options = { windowSize: 5 };
      expect([...ssim(a, a, options).dataSync()]).toEqual([1, 1]);
      expect([...dssimLoss(a, a, options).dataSync()]).toEqual([0, 0]);
      const [g] = grads((p: Tensor, q: Tensor) => ssimLoss(p, q, options))([a, a]);
      expect(g!.dataSync().every((value) => value === 0)).toBe(true);
    });
  });

  test('sums and maps of differences', () => {
    tidy(() => {
      const [l1, l2] = [0, 1].map((n) => {
        let [absolute, square] = [0, 0];
        for (let k = 0; k < x.length / 2; k++) {
          const d = x[n * (x.length / 2) + k]! - y[n * (x.length / 2) + k]!;
          absolute += Math.abs(d);
          square += d * d;
        }
        return [absolute, square];
      });
      expect(relativeError(l1Loss(...both()).dataSync(), [l1![0]!, l2![0]!])).toBeLessThan(1e-6);
      expect(relativeError(l2Loss(...both()).dataSync(), [l1![1]!, l2![1]!])).toBeLessThan(1e-6);
      expect(l1ResidualMap(...both()).shape).toEqual([2, 5, 6, 7, 1]);
      const map = l2ResidualMap(...both());
      const total = map.dataSync<'float32'>().reduce((sum, value) => sum + value, 0);
      expect(Math.abs(total / (l1![1]! + l2![1]!) - 1)).toBeLessThan(1e-5);
    });
  });
});

test.each([
  ['all one size', { windowSize: 3 }],
  ['anisotropic, padded', { windowSize: [1, 3, 5], padding: 'reflect' }],
  ['every axis its own, sample', { windowSize: [3, 1, 5], covariance: 'sample', padding: 'symmetric' }],
  ['exponents', { windowSize: 3, beta: 2, gamma: 2 }],
] as const)('gradients: %s', (_, options) => {
  const shape: Shape5D = [1, 3, 4, 5, 1];
  const [x, y] = pair(shape, 3);
  // The value itself is checked above; here the slope of it, in float32, so with a wide step.
  const f = (a: Tensor, b: Tensor): Tensor => ssimLoss(a, b, options);
  const of = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
    values(() => f(volume(a, shape), volume(b, shape)))[0]!;
  const [gx, gy] = tidy(() =>
    grads(f)([volume(x, shape), volume(y, shape)]).map((g) => g.dataSync<'float32'>().slice()),
  );
  const [nx, ny] = [
    centralDifferences((a) => of(a, y), x, 4e-3),
    centralDifferences((b) => of(x, b), y, 4e-3),
  ];
  expect(relativeError(gx!, nx)).toBeLessThan(3e-3);
  expect(relativeError(gy!, ny)).toBeLessThan(3e-3);
});

test('memory: nothing but the result', () => {
  const shape: Shape5D = [1, 4, 6, 6, 2];
  const [x, y] = pair(shape, 4).map((data) => volume(data, shape)) as [Tensor5D, Tensor5D];
  for (const windowSize of [3, [1, 3, 3]] as const) {
    expect(tensorGrowth(() => ssimMap(x, y, { windowSize }))).toBe(1);
    const before = memory().numTensors;
    tidy(() => {
      grads((a: Tensor, b: Tensor) => ssimLoss(a, b, { windowSize }))([x, y], ones([1]));
    });
    expect(memory().numTensors).toBe(before);
  }
});
