import '@tensorflow/tfjs-layers'; // registers the gradients
import { tensor4d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { imageScore } from '../../../src/index.js';
import type { TestPicture } from '../../../bench/pictures/dataset.js';
import { doubtsAbout } from '../../../bench/paper/judge/doubts.js';
import { figuresOf } from '../../../bench/inspection/figures.js';
import { curveOf } from '../../../bench/paper/judge/figures.js';
import { mapNames } from '../../../bench/paper/judge/maps.js';

describe('figures', () => {
  const picture = (kind: string, mask: number[]) => ({
    name: kind,
    kind,
    height: 2,
    width: 2,
    channels: 1,
    data: new Float32Array(4),
    mask: Uint8Array.from(mask),
  });
  const test_ = [
    picture('good', [0, 0, 0, 0]),
    picture('hole', [1, 0, 0, 0]),
    picture('stain', [0, 0, 1, 1]),
  ];
  const maps = [
    [0, 1, 2, 3],
    [9, 8, 1, 0],
    [2.5, 0, 4, 5],
  ].map((map) => Float32Array.from(map));

  test('over all pixels, kind by kind, within images and of images', () => {
    const { pixels, kinds, within, images, auPro } = figuresOf(test_, maps);
    // Nine good pixels against 9, 4 and 5: only the 8 lies between.
    expect(pixels).toBeCloseTo(1 - 2 / 27, 12);
    expect(kinds).toEqual({ hole: 1, stain: 1 });
    expect(within).toBe(1);
    expect(images).toBe(1);
    expect(auPro).toBeGreaterThan(0.8);
  });

  test('one hot pixel of a good image decides by the largest, not by the top hundredth', () => {
    const large = (kind: string, hot: number[]): [TestPicture, Float32Array] => [
      {
        name: kind,
        kind,
        height: 16,
        width: 16,
        channels: 1,
        data: new Float32Array(256),
        mask: Uint8Array.from({ length: 256 }, (_, k) => (kind === 'good' || k > 5 ? 0 : 1)),
      },
      Float32Array.from({ length: 256 }, (_, k) => hot[k] ?? 0),
    ];
    const all = [large('good', [10]), large('hole', [5, 5, 5, 5, 5, 5])];
    const { images, imagesTop } = figuresOf(
      all.map(([made]) => made),
      all.map(([, map]) => map),
    );
    expect([images, imagesTop]).toEqual([0, 1]);
    // What a user of the library gets: 10 / 3, since a hundredth of 256 pixels are 3, and 5.
    const scores = tidy(() =>
      all.map(([, map]) => imageScore(tensor4d(map, [1, 16, 16, 1]), { method: 'topK' }).dataSync()[0]!),
    );
    expect(scores[0]).toBeCloseTo(10 / 3, 6);
    expect(scores[1]).toBe(5);
  });

  test('null where there is nothing to compare', () => {
    const { pixels, kinds, within, auPro, images, imagesTop } = figuresOf([test_[0]!], [maps[0]!]);
    expect([pixels, within, auPro, images, imagesTop]).toEqual([null, null, null, null, null]);
    expect(kinds).toEqual({});
    expect(curveOf([test_[0]!], [maps[0]!])).toEqual([]);
  });

  test('the curve goes from nothing to everything', () => {
    const curve = curveOf(test_, maps);
    expect(curve[0]).toEqual([0, 0]);
    expect(curve.at(-1)).toEqual([1, 1]);
  });
});

describe('doubts', () => {
  const inspection = (level: number) => ({
    reconstruction: new Float32Array(9),
    maps: Object.fromEntries(mapNames.map((name) => [name, new Float32Array(9).fill(level)])) as Record<
      (typeof mapNames)[number],
      Float32Array
    >,
  });
  const learnt = {
    losses: new Array<number>(90).fill(1),
    check: { structure: 0.8, variance: 0.8, repaired: 0 },
    good: [inspection(1)],
    test: [inspection(1.2)],
  };
  const whats = (...given: Parameters<typeof doubtsAbout>): string[] =>
    doubtsAbout(...given).map(({ what }) => what);

  test('none about a model that has learnt', () => {
    expect(whats('SSIM', learnt)).toEqual([]);
  });
  test('a model is judged by the measure of its own loss', () => {
    const onlyStructure = { ...learnt, check: { structure: 0.8, variance: 0, repaired: 0 } };
    expect(whats('SSIM', onlyStructure)).toEqual([]);
    expect(whats('ℓ2', onlyStructure)).toEqual(['not trained']);
    const [doubt] = doubtsAbout('SSIM', { ...learnt, check: { structure: 0.1, variance: 0.9, repaired: 0 } });
    expect(doubt?.text).toMatch(/reproduces 10 % of good images .* more steps/);
  });
  test('a loss that still falls', () => {
    const falling = Array.from({ length: 90 }, (_, k) => Math.exp(-k / 50));
    expect(whats('SSIM', { ...learnt, losses: falling })).toEqual(['still learning']);
  });
  test('test images unlike the good ones are counted', () => {
    const [doubt] = doubtsAbout('SSIM', { ...learnt, test: [1, 4, 2].map(inspection) });
    expect(doubt?.what).toBe('other images');
    expect(doubt?.text).toMatch(/^2 of 3 test images/);
  });
});
