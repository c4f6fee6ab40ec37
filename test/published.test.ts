// Values that others published, read from a folder beside the checkout; without it these tests do not run.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tensor2d, tidy } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { klDivergence, msSsim, presets, ssim } from '../src/index.js';
import type { SsimOptions } from '../src/index.js';
import { asTensor, imagesFrom } from './support/images.js';
import type { Images } from './support/reference.js';

const folder = join(import.meta.dirname, '../../shared/reference/ssim');
const present = existsSync(join(folder, 'cases.json'));

interface Case {
  readonly id: string;
  readonly imageA: string;
  readonly imageB: string;
  readonly metric: string;
  readonly expected: number | string;
  readonly tolerance: number | null;
  readonly recomputed_float64: number;
  readonly convention: {
    readonly window: 'gaussian' | 'uniform';
    readonly size: number;
    readonly sigma?: number;
    readonly K1: number;
    readonly K2: number;
    readonly border: string;
    readonly covariance: string;
    readonly L: number;
    readonly weights?: readonly number[];
  };
}

const cases = present
  ? (JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as { cases: Case[] }).cases.filter(
      ({ metric, imageA }) => ['ssim', 'ms-ssim'].includes(metric) && existsSync(join(folder, imageA)),
    )
  : [];

async function readImage(file: string): Promise<Images> {
  const { data, info } = await sharp(join(folder, file)).raw().toBuffer({ resolveWithObject: true });
  return { shape: [1, info.height, info.width, info.channels], data: Float32Array.from(data) };
}

const index = (x: Images, y: Images, options: SsimOptions): number =>
  tidy(() => ssim(asTensor(x), asTensor(y), options).dataSync()[0]!);

describe.runIf(present)('published cases', () => {
  test('there are some', () => {
    expect(cases.length).toBeGreaterThanOrEqual(16);
    expect(cases.filter(({ metric }) => metric === 'ms-ssim').length).toBe(2);
  });

  test.each(cases.map((one) => [one.id, one] as const))('%s', async (_, one) => {
    const { convention, expected, tolerance, recomputed_float64: recomputed } = one;
    const [x, y] = [await readImage(one.imageA), await readImage(one.imageB)];
    const options = {
      dataRange: convention.L,
      windowType: convention.window,
      windowSize: convention.size,
      ...(convention.sigma === undefined ? {} : { windowSigma: convention.sigma }),
      k1: convention.K1,
      k2: convention.K2,
      covariance: convention.covariance.startsWith('sample') ? 'sample' : 'population',
      padding: convention.border.startsWith('replicate') ? 'edge' : 'valid',
    } as const;
    const { weights: levelWeights } = convention;
    const value =
      levelWeights === undefined
        ? index(x, y, options)
        : tidy(() => msSsim(asTensor(x), asTensor(y), { ...options, levelWeights }).dataSync()[0]!);
    if (typeof expected === 'number') {
      // What the source states, as precisely as it does, or as float32 can.
      expect(Math.abs(value - expected)).toBeLessThan(Math.max(tolerance ?? 0, 1e-6));
    } else {
      expect(expected).toBe('< 0');
      expect(value).toBeLessThan(0);
    }
    expect(Math.abs(value - recomputed)).toBeLessThan(1e-6);
  });
});

describe('values small enough to print', () => {
  const binary = (rows: string): Images => {
    const bits = rows.replaceAll(' ', '');
    return imagesFrom([1, 7, 7, 1], (k) => Number(bits[k]));
  };

  test.each([
    [{ windowSigma: [0.25, 0.5], windowSize: [3, 5] }, 0.20977394],
    [{ windowSigma: [0.5, 0.25], windowSize: [5, 3] }, 0.13884821],
    [{ windowType: 'uniform', windowSize: [3, 5] }, 0.05032664],
    [{ windowType: 'uniform', windowSize: [5, 3] }, 0.03472072],
  ] as const)(
    'torchmetrics, to the six digits of its float32, 7 × 7 binary images, %j',
    (options, expected) => {
      const prediction = binary('1101101 1011000 1000000 0010001 0010010 0100111 1101101');
      const truth = binary('1101101 0001110 1110101 1000101 1111011 0010100 0100110');
      expect(Math.abs(index(truth, prediction, { ...options, padding: 'reflect' }) - expected)).toBeLessThan(
        2e-6,
      );
    },
  );

  test('dm_pix, its lower bound: a ramp against its negative', () => {
    const ramp = (sign: number): Images =>
      imagesFrom([1, 11, 11, 1], (_, _row, column) => sign * (column / 5 - 1));
    expect(Math.abs(index(ramp(1), ramp(-1), { k1: 1e-5, k2: 1e-5 }) + 1)).toBeLessThan(1e-6);
  });

  test.each([
    [1, 0, {}, 9.9990001e-5],
    [1, 0, presets.bergmann2018, 0.0099009901],
    [0.5, 0.25, {}, 0.8000639795],
  ] as const)('constant images of %d and %d, %j', (a, b, options, expected) => {
    const flat = (value: number): Images => imagesFrom([1, 16, 16, 1], () => value);
    expect(Math.abs(index(flat(a), flat(b), options) - expected)).toBeLessThan(1e-7);
  });

  test('KL to the unit Gaussian', () => {
    const value = tidy(
      () =>
        klDivergence({
          mean: tensor2d([[0.5, -1, 0, 2]]),
          logVariance: tensor2d([[0, 0.5, -1, 0.25]]),
        }).dataSync()[0]!,
    );
    expect(Math.abs(value - 2.9003130643)).toBeLessThan(1e-6);
  });
});
