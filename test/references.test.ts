// The library against values that scikit-image and PyTorch computed in float64: see fixtures/README.md.
import { tensor2d, tensor4d } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { resizeBilinear } from '../src/filters/resizeBilinear.js';
import {
  featureMatchingLoss,
  gmsd,
  klDivergence,
  l1Loss,
  l2Loss,
  msGmsLoss,
  msGmsResidualMap,
  msSsim,
  ssim,
  ssimLoss,
  ssimMap,
  ssimTerms,
  vaeResidualMap,
} from '../src/index.js';
import type { MsSsimOptions, SsimOptions } from '../src/index.js';
import losses from './fixtures/losses.json';
import multiscale from './fixtures/multiscale.json';
import fixtures from './fixtures/ssim.json';
import { gradientsOf, relativeError } from './support/gradients.js';
import { asTensor, imagesFrom } from './support/images.js';
import { largestError } from './support/reference.js';
import type { Images, Shape4D } from './support/reference.js';
import { values } from './support/gradients.js';

interface Case {
  readonly id: string;
  readonly engine: string;
  readonly x: string;
  readonly y: string;
  readonly options: SsimOptions;
  readonly index?: readonly number[];
  readonly map?: readonly number[];
  readonly gradientX?: readonly number[];
  readonly gradientY?: readonly number[];
  readonly luminance?: readonly number[];
  readonly contrast?: readonly number[];
  readonly structure?: readonly number[];
}

const imagesOf = ({ shape, data }: { shape: number[]; data: number[] }): Images => ({
  shape: shape as unknown as Shape4D,
  data,
});

describe('SSIM', () => {
  const cases = fixtures.cases as unknown as Case[];
  const images = fixtures.images as Readonly<Record<string, { shape: number[]; data: number[] }>>;

  test.each(cases.map((one) => [one.id, one.engine, one] as const))('%s (%s)', (_, _engine, one) => {
    const [x, y] = [imagesOf(images[one.x]!), imagesOf(images[one.y]!)];
    const { options } = one;
    if (one.index !== undefined) {
      expect(
        largestError(
          values(() => ssim(asTensor(x), asTensor(y), options)),
          one.index,
        ),
      ).toBeLessThan(1e-6);
    }
    if (one.map !== undefined) {
      expect(
        largestError(
          values(() => ssimMap(asTensor(x), asTensor(y), options)),
          one.map,
        ),
      ).toBeLessThan(1e-6);
    }
    for (const term of ['luminance', 'contrast', 'structure'] as const) {
      const expected = one[term];
      if (expected === undefined) continue;
      const actual = values(() => ssimTerms(asTensor(x), asTensor(y), options)[term]);
      expect(largestError(actual, expected)).toBeLessThan(1e-6);
    }
    if (one.gradientX === undefined || one.gradientY === undefined) return;
    const ofLoss = new Array<number>(x.shape[0]).fill(-1);
    const [gx, gy] = gradientsOf((a, b) => ssimLoss(a, b, options), x, y, ofLoss);
    expect(relativeError(gx, one.gradientX)).toBeLessThan(2e-5);
    expect(relativeError(gy, one.gradientY)).toBeLessThan(2e-5);
  });

  test('the cases are all there, with gradients in most of PyTorch’s', () => {
    expect(cases.length).toBe(40);
    expect(cases.filter(({ gradientY }) => gradientY !== undefined).length).toBeGreaterThanOrEqual(15);
  });
});

describe('losses and maps', () => {
  const [x, y] = [imagesOf(losses.x), imagesOf(losses.y)];

  test('ℓ2 and ℓ1 (PyTorch mse_loss and l1_loss, summed)', () => {
    expect(
      relativeError(
        values(() => l2Loss(asTensor(x), asTensor(y))),
        losses.l2,
      ),
    ).toBeLessThan(1e-6);
    expect(
      relativeError(
        values(() => l1Loss(asTensor(x), asTensor(y))),
        losses.l1,
      ),
    ).toBeLessThan(1e-6);
  });

  test('KL divergence (torch.distributions.kl_divergence)', () => {
    const { mean, logVariance, expected } = losses.kl;
    const actual = values(() =>
      klDivergence({ mean: tensor2d(mean, [3, 6]), logVariance: tensor2d(logVariance, [3, 6]) }),
    );
    expect(relativeError(actual, expected)).toBeLessThan(1e-6);
  });

  test('negative log-probability of samples (torch.distributions.Normal.log_prob)', () => {
    const { samples, sigma, map } = losses.vae;
    const actual = values(() =>
      vaeResidualMap(
        asTensor(x),
        samples.map((data) => asTensor({ shape: x.shape, data })),
        { sigma },
      ),
    );
    expect(relativeError(actual, map)).toBeLessThan(1e-6);
  });

  test('features of unit length, the pixels’ own channels', () => {
    const actual = values(() =>
      featureMatchingLoss(asTensor(x), asTensor(y), { features: (image) => image, normalize: 'unit' }),
    );
    const expected = losses.l2.map((value, n) => value + losses.unitFeatures[n]!);
    expect(relativeError(actual, expected)).toBeLessThan(2e-6);
  });

  test.each(losses.resize.map((one) => [one.from, one.to, one] as const))(
    'bilinear resizing %j to %j (PyTorch interpolate, align_corners=False)',
    ([h, w], [height, width], { input, output }) => {
      const actual = values(() => resizeBilinear(tensor4d(input, [2, h!, w!, 1]), [height!, width!]));
      expect(largestError(actual, output)).toBeLessThan(1e-6);
    },
  );
});

describe('several scales', () => {
  /** The images of fixtures/multiscale.py: overlaid triangle waves, and the first with a pattern added. */
  const pairOf = (size: readonly number[]): readonly [Images, Images] => {
    const shape = [2, size[0]!, size[1]!, size[2]!] as const;
    const perImage = shape[1] * shape[2] * shape[3];
    const wave = (value: number, period: number): number => Math.abs((value % (2 * period)) - period);
    const x = imagesFrom(shape, (k, i, j, c) => {
      const n = Math.floor(k / perImage);
      const waves = 2 * wave(i + 5 * c + 7 * n, 32) + 3 * wave(j + 2 * i, 24);
      return waves + ((i * i * 7 + j * 13 + c * 29 + n) % 17);
    });
    const y = imagesFrom(shape, (k, i, j, c) => {
      const pattern = ((i * j + 3 * i + c) % (23 + 40 * Math.floor(k / perImage))) - 11;
      return Math.min(Math.max(x.data[k]! + pattern, 0), 255);
    });
    return [x, y];
  };
  const every = (data: Float32Array, step: number): Float32Array => data.filter((_, k) => k % step === 0);
  const functions = { msSsim, gmsd, msGmsLoss };
  const cases = (['msSsim', 'gmsd', 'msGmsLoss'] as const).flatMap((name) =>
    multiscale[name].map((one) => [name, one.id, one] as const),
  );

  test.each(cases)('%s, %s (PyTorch, float64)', (name, _, one) => {
    const [x, y] = pairOf(one.size);
    const f = (a: Tensor, b: Tensor): Tensor =>
      functions[name](a, b, { dataRange: 255, ...(one.options as MsSsimOptions) });
    expect(
      largestError(
        values(() => f(asTensor(x), asTensor(y))),
        one.values,
      ),
    ).toBeLessThan(1e-6);
    const [gx, gy] = gradientsOf(f, x, y, [1, 1]);
    expect(relativeError(every(gx, one.every), one.gradientX)).toBeLessThan(2e-5);
    expect(relativeError(every(gy, one.every), one.gradientY)).toBeLessThan(2e-5);
  });

  test('msGmsResidualMap (PyTorch, float64)', () => {
    const { size, every: step, values: expected } = multiscale.msGmsResidualMap;
    const [x, y] = pairOf(size);
    const map = values(() => msGmsResidualMap(asTensor(x), asTensor(y), { dataRange: 255 }));
    expect(largestError(every(map, step), expected)).toBeLessThan(1e-6);
  });
});
