// What the own code of other libraries computes, of the images and maps that docs/coming-from.md draws.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { avgPool, mean, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  auPro,
  averagePrecision,
  dssimLoss,
  gmsd,
  haarPsi,
  luma,
  msSsim,
  presets,
  psnr,
  rocAuc,
  ssim,
  ssimMap,
  thresholdAtF1,
} from '../src/index.js';

const read = (file: string): string => readFileSync(join(import.meta.dirname, file), 'utf8');
const { figures } = JSON.parse(read('fixtures/elsewhere.json')) as {
  figures: Readonly<Record<string, Readonly<Record<string, number>>>>;
};
const page = read('../docs/coming-from.md');

// The same formulas as on the page and in elsewhere.py.
const wave = (k: number, period: number): number => Math.abs((k % (2 * period)) - period);
const drawn = (i: number, j: number, c: number): number =>
  2 * wave(i + 5 * c, 32) + 3 * wave(j + 2 * i, 24) + ((7 * i * i + 13 * j + 29 * c) % 17);
const changed = (i: number, j: number, c: number): number =>
  Math.max(0, drawn(i, j, c) + ((i * j + 3 * i + c) % 23) - 11);

function pair(height: number, width: number): [Tensor4D, Tensor4D] {
  const image = (pixel: typeof drawn): Tensor4D =>
    tensor4d(
      Float32Array.from(
        { length: 3 * height * width },
        (_, k) => pixel(Math.floor(k / 3 / width), Math.floor(k / 3) % width, k % 3) / 255,
      ),
      [1, height, width, 3],
    );
  return [image(drawn), image(changed)];
}

const side = 64;
const defect = (n: number, i: number, j: number): 0 | 1 => {
  const first = i >= 8 && i < 20 && j >= 10 + n && j < 30 - n;
  const second = n > 2 && i >= 40 && i < 50 && j >= 40 && j < 44;
  return (first || second) && n > 0 && n < 5 ? 1 : 0;
};
const images = (pixel: typeof defect | ((n: number, i: number, j: number) => number)): number[][] =>
  [0, 1, 2, 3, 4, 5].map((n) =>
    Array.from({ length: side * side }, (_, k) => pixel(n, Math.floor(k / side), k % side)),
  );
const masks = images(defect);
const maps = images(
  (n, i, j) => (((7 * i * i + 13 * j * j + 29 * n + i * j) % 389) + 100 * defect(n, i, j)) / 512,
);
const [scores, labels] = [maps.flat(), masks.flat()];
const highest = (of: number[][]): number[] => of.map((image) => Math.max(...image));

const size = [176, 192] as const;
const larger = [400, 416] as const;
type Ours = (x: Tensor4D, y: Tensor4D) => Tensor;
interface Row {
  readonly ours: Ours | (() => number);
  readonly of?: readonly [number, number];
  /** How far apart they may be, if not 1e-6; the page says why. */
  readonly within?: number;
}

const reflected = { padding: 'reflect' } as const;
const uniform = { windowType: 'uniform', windowSize: 7 } as const;
const halved = (image: Tensor4D): Tensor4D => avgPool(image, 2, 2, 'valid');

const rows: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  'pytorch-msssim': {
    ssim: { ours: (x, y) => ssim(x, y) },
    ms_ssim: { ours: (x, y) => msSsim(x, y) },
    'ssim, data_range left at 255': { ours: (x, y) => ssim(x, y, { dataRange: 255 }) },
  },
  piq: {
    ssim: { ours: (x, y) => ssim(x, y) },
    multi_scale_ssim: { ours: (x, y) => msSsim(x, y) },
    gmsd: { ours: (x, y) => gmsd(luma(x), luma(y)) },
    'haarpsi, grey': { ours: (x, y) => haarPsi(luma(x), luma(y)) },
    psnr: { ours: (x, y) => psnr(x, y), within: 1e-4 },
    'ssim, 400 x 416': { of: larger, ours: (x, y) => ssim(halved(x), halved(y)) },
    'ssim, 400 x 416, downsample False': { of: larger, ours: (x, y) => ssim(x, y) },
  },
  kornia: {
    'metrics.ssim, mean': { ours: (x, y) => ssim(x, y, reflected) },
    'metrics.ssim, padding valid, mean': { ours: (x, y) => ssim(x, y) },
    'losses.ssim_loss': { ours: (x, y) => dssimLoss(x, y, reflected) },
  },
  torchmetrics: {
    ssim: { ours: (x, y) => ssim(x, y, { ...reflected, dataRange: 161 / 255 }) },
    'ssim, data_range 1': { ours: (x, y) => ssim(x, y, reflected) },
    'ssim, uniform 7, data_range 1': { ours: (x, y) => ssim(x, y, { ...reflected, ...uniform }) },
    // Another border at its last level.
    'ms_ssim, data_range 1': { ours: (x, y) => msSsim(x, y), within: 1e-4 },
    // Float32 holds 31.46 to 1e-6.
    'psnr, data_range 1': { ours: (x, y) => psnr(x, y), within: 4e-6 },
    binary_auroc: { ours: () => rocAuc(scores, labels) },
    binary_average_precision: { ours: () => averagePrecision(scores, labels) },
    // Through a sigmoid in float32 first, as it does: of different scores, the large ones become equal.
    'binary_auroc, scores of 0 to 100': {
      ours: () =>
        rocAuc(
          Float32Array.from(scores, (score) => 1 / Math.fround(1 + Math.fround(Math.exp(-100 * score)))),
          labels,
        ),
    },
  },
  'scikit-image': {
    structural_similarity: { ours: (x, y) => ssim(x, y, presets.skimage) },
    'structural_similarity, as Wang': { ours: (x, y) => ssim(x, y) },
    'structural_similarity, data_range from the dtype': {
      ours: (x, y) => ssim(x, y, { ...presets.skimage, dataRange: 2 }),
    },
    'full map, mean': {
      ours: (x, y) => mean(mean(ssimMap(x, y, { ...presets.skimage, padding: 'symmetric' }), [2, 3])),
    },
    peak_signal_noise_ratio: { ours: (x, y) => psnr(x, y), within: 4e-6 },
  },
  anomalib: {
    'AUROC, pixels': { ours: () => rocAuc(scores, labels) },
    'AUROC, images': { ours: () => rocAuc(highest(maps), highest(masks)) },
    // It resamples curves.
    AUPRO: { ours: () => auPro(maps, masks, { height: side, width: side }), within: 5e-3 },
    F1AdaptiveThreshold: { ours: () => thresholdAtF1(scores, labels) },
  },
};

describe.each(Object.entries(figures))('%s', (library, ofLibrary) => {
  test.each(Object.entries(ofLibrary))('%s: %d', (name, theirs) => {
    const { ours, of = size, within = 1e-6 } = rows[library]![name]!;
    const value = tidy(() => {
      const got = ours(...pair(...of));
      return typeof got === 'number' ? got : got.dataSync()[0]!;
    });
    expect(Math.abs(value - theirs)).toBeLessThan(within);
    const shown = Number.isInteger(theirs) ? String(theirs) : theirs.toFixed(6);
    const section = page.split(/^## /m).find((text) => text.startsWith(library))!;
    expect(section).toMatch(new RegExp(`\\| ${shown.replace('.', '\\.')} +\\|`));
  });
});
