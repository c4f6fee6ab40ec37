// Values are awaited everywhere: on webgpu, dataSync may return zeros.
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import {
  env,
  getBackend,
  grads,
  memory,
  mul,
  ones,
  ready,
  setBackend,
  sum,
  tensor1d,
  tensor2d,
  tensor5d,
  tidy,
} from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  dssimLoss,
  featureMatchingLoss,
  featureResidualMap,
  gmsLoss,
  gmsd,
  heatmap,
  imageScore,
  klDivergence,
  l1Loss,
  l1ResidualMap,
  l2Loss,
  l2ResidualMap,
  luma,
  mixLoss,
  msGmsLoss,
  msGmsResidualMap,
  msSsim,
  msSsimLoss,
  overlay,
  presets,
  reparameterize,
  ssim,
  ssimLoss,
  ssimMap,
  ssimResidualMap,
  ssimTerms,
  tiledResidualMap,
  vaeLoss,
  vaeResidualMap,
} from '../../src/index.js';
import type { SsimOptions } from '../../src/index.js';
import { useFusedKernels } from '../../src/kernels.js';
import volumes from '../fixtures/volumes.json';
import { hardCases } from '../support/hardCases.js';
import { asTensor, naturalImages, noisy, randomImages } from '../support/images.js';
import {
  centralDifferences,
  largest,
  largestError,
  perImage,
  referenceDistance,
  referenceKl,
  referenceResidual,
  referenceSsim,
  referenceSsimLoss,
  referenceSsimResidual,
  referenceTerms,
} from '../support/reference.js';
import type { Images } from '../support/reference.js';
import { bordered } from '../support/paddings.js';
import { here } from './support/backend.js';

async function values(f: () => Tensor): Promise<Float32Array> {
  const result = tidy(f);
  const data = await result.data<'float32'>();
  result.dispose();
  return data.slice();
}

async function gradients(
  f: (x: Tensor, y: Tensor) => Tensor,
  x: Images,
  y: Images,
  weights: number[],
): Promise<[Float32Array, Float32Array]> {
  const both = tidy(() =>
    grads((a: Tensor, b: Tensor) => f(a, b))([asTensor(x), asTensor(y)], tensor1d(weights)),
  );
  const [gx, gy] = await Promise.all(both.map((gradient) => gradient.data<'float32'>()));
  for (const gradient of both) gradient.dispose();
  return [gx!.slice(), gy!.slice()];
}

const relative = (actual: ArrayLike<number>, expected: ArrayLike<number>): number =>
  largestError(actual, expected) / Math.max(largest(expected), 1e-12);

const options: Readonly<Record<string, SsimOptions>> = {
  default: {},
  reflect: { padding: 'reflect' },
  symmetric: { padding: 'symmetric', windowSize: 7 },
  edge: { padding: 'edge', windowSize: [5, 9] },
  zero: { padding: 'zero' },
  wrap: { padding: 'wrap', windowSize: [7, 5] },
  skimage: presets.skimage,
  'sample, Gaussian': { covariance: 'sample' },
  'β = γ = 2': { beta: 2, gamma: 2 },
  'broken exponents': { alpha: 0.5, beta: 0.7, gamma: 0.7 },
  'β ≠ γ': { gamma: 2 },
};

describe.each(
  here([
    ['webgl', 'fused'],
    ['webgl', 'composed'],
    ['webgpu', 'fused'],
    ['webgpu', 'composed'],
    ['cpu', 'fused'],
  ] as const),
)('%s, %s', (backend, kernels) => {
  beforeAll(async () => {
    useFusedKernels(kernels === 'fused');
    expect(await setBackend(backend)).toBe(true);
    await ready();
    expect(getBackend()).toBe(backend);
    // Half precision would hide behind these tests' names.
    if (backend === 'webgl') expect(env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')).toBe(true);
  });

  describe('values against float64', () => {
    test.each(Object.entries(options))('ssimMap and ssim, %s, three channels, odd sizes', async (_, some) => {
      // Two different pairs: a stale buffer of the first must not pass for the second.
      for (const seed of [1, 2]) {
        const x = naturalImages([2, 15, 19, 3], seed);
        const y = noisy(x, 0.1, seed + 10);
        const map = await values(() => ssimMap(asTensor(x), asTensor(y), some));
        expect(largestError(map, referenceTerms(x, y, some).ssim)).toBeLessThan(1e-5);
        const index = await values(() => ssim(asTensor(x), asTensor(y), some));
        expect(largestError(index, referenceSsim(x, y, some))).toBeLessThan(1e-5);
      }
    });

    test.each(Object.entries(hardCases))('%s, dataRange 1 and 255', async (_, make) => {
      for (const dataRange of [1, 255]) {
        const [x, y] = make(dataRange);
        const map = await values(() => ssimMap(asTensor(x), asTensor(y), { dataRange }));
        expect(largestError(map, referenceTerms(x, y, { dataRange }).ssim)).toBeLessThan(1e-5);
        for (const value of map) expect(Math.abs(value)).toBeLessThanOrEqual(1);
      }
    });

    test('terms', async () => {
      const x = naturalImages([1, 17, 16, 2], 3);
      const y = noisy(x, 0.1, 4);
      const expected = referenceTerms(x, y);
      for (const term of ['luminance', 'contrast', 'structure'] as const) {
        const actual = await values(() => ssimTerms(asTensor(x), asTensor(y))[term]);
        expect(largestError(actual, expected[term])).toBeLessThan(1e-5);
      }
    });

    test('losses', async () => {
      const x = randomImages([2, 14, 13, 3], 5);
      const y = noisy(x, 0.2, 6);
      const loss = referenceSsimLoss(x, y);
      const l2 = referenceDistance(x, y, 2);
      expect(largestError(await values(() => ssimLoss(asTensor(x), asTensor(y))), loss)).toBeLessThan(1e-5);
      expect(
        largestError(
          await values(() => dssimLoss(asTensor(x), asTensor(y))),
          loss.map((value) => value / 2),
        ),
      ).toBeLessThan(1e-5);
      expect(relative(await values(() => l2Loss(asTensor(x), asTensor(y))), l2)).toBeLessThan(1e-5);
      expect(
        relative(await values(() => l1Loss(asTensor(x), asTensor(y))), referenceDistance(x, y, 1)),
      ).toBeLessThan(1e-5);
      const features = await values(() =>
        featureMatchingLoss(asTensor(x), asTensor(y), { features: (image) => image, lambda: 2 }),
      );
      expect(
        relative(
          features,
          l2.map((value) => 3 * value),
        ),
      ).toBeLessThan(1e-5);
      const [mean, logVariance] = [
        [0.5, -1, 0, 2],
        [0, 0.5, -1, 0.25],
      ];
      const posterior = () => ({
        mean: tensor2d([mean, mean]),
        logVariance: tensor2d([logVariance, logVariance]),
      });
      const kl = referenceKl([...mean, ...mean], [...logVariance, ...logVariance], 2);
      expect(relative(await values(() => klDivergence(posterior())), kl)).toBeLessThan(1e-5);
      const vae = await values(() => vaeLoss(asTensor(x), asTensor(y), posterior()));
      expect(
        relative(
          vae,
          l2.map((value, n) => value + kl[n]!),
        ),
      ).toBeLessThan(1e-5);
      const z = await values(() => reparameterize(posterior(), { seed: 1 }));
      expect(z.every(Number.isFinite)).toBe(true);
    });

    test('residual maps', async () => {
      const x = randomImages([2, 14, 13, 3], 7);
      const y = noisy(x, 0.2, 8);
      const l2 = referenceResidual(x, y, 2);
      for (const padding of bordered) {
        const map = await values(() => ssimResidualMap(asTensor(x), asTensor(y), { padding }));
        expect(largestError(map, referenceSsimResidual(x, y, { padding }))).toBeLessThan(1e-5);
      }
      expect(largestError(await values(() => l2ResidualMap(asTensor(x), asTensor(y))), l2)).toBeLessThan(
        1e-5,
      );
      expect(
        largestError(await values(() => l1ResidualMap(asTensor(x), asTensor(y))), referenceResidual(x, y, 1)),
      ).toBeLessThan(1e-5);
      const features = await values(() =>
        featureResidualMap(asTensor(x), asTensor(y), { features: (image) => image }),
      );
      expect(largestError(features, l2)).toBeLessThan(1e-5);
      const vae = await values(() => vaeResidualMap(asTensor(x), [asTensor(y), asTensor(x)]));
      expect(
        largestError(
          vae,
          l2.map((value) => value / 4 + 1.5 * Math.log(2 * Math.PI)),
        ),
      ).toBeLessThan(1e-5);
    });

    test('the loss near convergence keeps 1e-4 of itself', async () => {
      for (const dataRange of [1, 255]) {
        const x = naturalImages([1, 32, 30, 1], 9, dataRange);
        const y = noisy(x, 1e-4 * dataRange, 10);
        const { ssim: map } = referenceTerms(x, y, { dataRange });
        const expected = perImage(
          map.map((value) => 1 - value),
          1,
        )[0]!;
        const [actual] = await values(() => ssimLoss(asTensor(x), asTensor(y), { dataRange }));
        expect(Math.abs((actual! * map.length) / expected - 1)).toBeLessThan(1e-4);
      }
    });
  });

  describe('volumes, weights, tiles and pictures', () => {
    test('volumes, as scikit-image and PyTorch compare them', async () => {
      const shape = volumes.shape as [number, number, number, number, number];
      const volume = (data: number[]): Tensor => tensor5d(data, shape);
      for (const one of volumes.cases) {
        const index = await values(() =>
          ssim(volume(volumes.x), volume(volumes.y), one.options as SsimOptions),
        );
        expect(Math.abs(index[0]! - one.index)).toBeLessThan(1e-5);
      }
      const planes = await values(() =>
        ssimMap(volume(volumes.x), volume(volumes.y), { windowSize: [1, 7, 7], padding: 'reflect' }),
      );
      const images = [volumes.x, volumes.y].map((data): Images => ({ shape: [9, 10, 11, 1], data }));
      const expected = referenceTerms(images[0]!, images[1]!, { windowSize: 7, padding: 'reflect' }).ssim;
      expect(largestError(planes, expected)).toBeLessThan(1e-5);
    });

    test('weights', async () => {
      const x = randomImages([2, 13, 14, 2], 21);
      const y = noisy(x, 0.1, 22);
      const half: Images = {
        shape: [2, 13, 14, 1],
        data: Float32Array.from({ length: 2 * 13 * 14 }, (_, k) => (k % 14 < 8 ? 1 : 0)),
      };
      const { ssim: map } = referenceTerms(x, y, { windowSize: 5, padding: 'reflect' });
      const kept = map.map((value, k) => (Math.floor(k / 2) % 14 < 8 ? 1 - value : 0));
      const expected = perImage(kept, 2).map((sum) => sum / (13 * 8 * 2));
      const weighed = { windowSize: 5, padding: 'reflect' } as const;
      const f = (a: Tensor, b: Tensor): Tensor => ssimLoss(a, b, { ...weighed, weights: asTensor(half) });
      expect(largestError(await values(() => f(asTensor(x), asTensor(y))), expected)).toBeLessThan(1e-5);
      const [gx] = await gradients(f, x, y, [1, 1]);
      gx.forEach((slope, k) => {
        if (Math.floor(k / 2) % 14 > 9) expect(slope).toBe(0);
      });
    });

    test('tiles, scores and pictures', async () => {
      const x = randomImages([1, 20, 17, 1], 23);
      const image = asTensor(x);
      const map = await tiledResidualMap(image, (tiles) => mul(tiles, 0.5), {
        tileSize: 8,
        stride: 5,
        residualMap: l2ResidualMap,
      });
      const expected = Array.from(x.data, (value) => (value / 2) ** 2);
      expect(largestError(await map.data(), expected)).toBeLessThan(1e-6);
      const score = await values(() => imageScore(map, { method: 'topK', k: 3 }));
      const top = [...expected].sort((a, b) => b - a).slice(0, 3);
      expect(Math.abs(score[0]! - (top[0]! + top[1]! + top[2]!) / 3)).toBeLessThan(1e-6);
      const gray = await values(() => heatmap(map, { colormap: 'gray', range: [0, 0.25] }));
      expect(
        largestError(
          gray,
          expected.flatMap((value) => new Array<number>(3).fill(4 * value)),
        ),
      ).toBeLessThan(0.6 / 255);
      const covered = await values(() => overlay(image, map, { opacity: 0 }));
      expect(
        largestError(
          covered,
          Array.from(x.data).flatMap((value) => [value, value, value]),
        ),
      ).toBeLessThan(1e-6);
      const bright = await values(() => luma(asTensor(randomImages([1, 4, 4, 3], 24))));
      const rgb = randomImages([1, 4, 4, 3], 24).data;
      bright.forEach((value, k) => {
        const y = 0.299 * rgb[3 * k]! + 0.587 * rgb[3 * k + 1]! + 0.114 * rgb[3 * k + 2]!;
        expect(Math.abs(value - y)).toBeLessThan(1e-6);
      });
      image.dispose();
      map.dispose();
    });
  });

  describe('gradients', () => {
    test.each(Object.entries(options))('of both images against central differences, %s', async (_, some) => {
      const fitting = { ...some, windowSize: 5 };
      const shape = [2, 7, 8, 2] as const;
      const x = randomImages(shape, 11);
      const y = noisy(x, 0.1, 12);
      const [gx, gy] = await gradients((a, b) => ssim(a, b, fitting), x, y, [1, -2]);
      const weighted = (a: Images, b: Images): number => {
        const [first, second] = referenceSsim(a, b, fitting);
        return first! - 2 * second!;
      };
      const expectedX = centralDifferences((data) => weighted({ shape, data }, y), x.data);
      const expectedY = centralDifferences((data) => weighted(x, { shape, data }), y.data);
      expect(relative(gx, expectedX)).toBeLessThan(1e-4);
      expect(relative(gy, expectedY)).toBeLessThan(1e-4);
    });

    test('exactly 0 at equality', async () => {
      const x = naturalImages([1, 16, 16, 1], 13);
      for (const loss of [ssimLoss, dssimLoss, l1Loss, l2Loss] as ((a: Tensor, b: Tensor) => Tensor)[]) {
        const [gx, gy] = await gradients(loss, x, x, [1]);
        expect([largest(gx), largest(gy)]).toEqual([0, 0]);
        expect([...(await values(() => loss(asTensor(x), asTensor(x))))]).toEqual([0]);
      }
    });
  });

  // What the cpu backend gives is compared with PyTorch and float64 in the tests for Node.
  describe('the other measures, as on the cpu backend', () => {
    const posterior = () => ({
      mean: tensor2d([
        [0.5, -1],
        [0, 2],
      ]),
      logVariance: tensor2d([
        [0, 0.5],
        [-100, 0.25],
      ]),
    });
    const measures: Readonly<Record<string, (x: Tensor, y: Tensor) => Tensor>> = {
      'msSsim, 3 levels': (x, y) => msSsim(x, y, { levels: 3, windowSize: 5 }),
      'msSsimLoss, odd sizes, reflect': (x, y) => msSsimLoss(x, y, { levels: 2, padding: 'reflect' }),
      mixLoss: (x, y) => mixLoss(x, y, { levels: 2, windowSize: 5 }),
      gmsLoss,
      gmsd: (x, y) => gmsd(x, y),
      msGmsLoss: (x, y) => msGmsLoss(x, y, { levels: 3 }),
      msGmsResidualMap: (x, y) => sum(msGmsResidualMap(x, y, { levels: 3 }), [1, 2, 3]),
      'featureMatchingLoss, unit length': (x, y) =>
        featureMatchingLoss(x, y, { features: (image) => image, normalize: 'unit' }),
      'vaeLoss, optimal σ': (x, y) => vaeLoss(x, y, posterior(), { sigma: 'optimal', freeBits: 0.5 }),
      'vaeLoss, laplace, capacity': (x, y) =>
        vaeLoss(x, y, posterior(), { likelihood: 'laplace', sigma: 0.3, capacity: 2 }),
      'vaeLoss, bernoulli': (x, y) => vaeLoss(x, y, posterior(), { likelihood: 'bernoulli' }),
      'vaeResidualMap, log of the mean': (x, y) =>
        sum(vaeResidualMap(x, [y, x], { aggregate: 'logOfMean', sigma: 0.2 }), [1, 2, 3]),
    };

    test.each(Object.entries(measures))('%s', async (name, f) => {
      const x = naturalImages([2, 23, 26, 3], 31);
      const y = noisy(x, 0.1, 32);
      const slopes = !name.includes('ResidualMap');
      const compute = async () => ({
        value: await values(() => f(asTensor(x), asTensor(y))),
        gradient: slopes ? (await gradients(f, x, y, [1, -2]))[1] : new Float32Array(1),
      });
      await setBackend('cpu');
      const expected = await compute();
      await setBackend(backend);
      const actual = await compute();
      expect(expected.value.every(Number.isFinite)).toBe(true);
      expect(largest(expected.value)).toBeGreaterThan(1e-3);
      if (slopes) expect(largest(expected.gradient)).toBeGreaterThan(0);
      expect(relative(actual.value, expected.value)).toBeLessThan(2e-5);
      expect(relative(actual.gradient, expected.gradient)).toBeLessThan(1e-4);
    });
  });

  test('memory grows by the results alone, and by nothing over 20 steps', () => {
    const x = asTensor(randomImages([2, 16, 16, 1], 14));
    const y = asTensor(randomImages([2, 16, 16, 1], 15));
    const before = memory().numTensors;
    const result = ssimLoss(x, y);
    expect(memory().numTensors).toBe(before + 1);
    result.dispose();
    for (let step = 0; step < 20; step++) {
      tidy(() => {
        grads((a: Tensor, b: Tensor) => ssimLoss(a, b, { padding: 'reflect' }))([x, y], ones([2]));
      });
    }
    expect(memory().numTensors).toBe(before);
  });
});
