// checkRange: pixels outside of the data range are the commonest mistake with SSIM.
import { fill, grad, memory, ones, tensor4d, tidy, zeros } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  dssimLoss,
  mixLoss,
  msSsim,
  msSsimLoss,
  ssim,
  ssimLoss,
  ssimMap,
  ssimResidualMap,
  ssimTerms,
} from '../../src/index.js';

const checked = { checkRange: true };
const bright = (): Tensor => fill([1, 12, 12, 1], 200);

describe('checkRange', () => {
  test('is off unless asked for', () => {
    tidy(() => {
      expect(ssim(bright(), bright()).dataSync()[0]).toBe(1);
    });
  });

  test.each([
    ['8-bit pixels', bright, {}, 'from 200 to 200, outside of [0, 1]; divide the pixels by 255'],
    [
      'pixels in [−1, 1]',
      () => fill([1, 12, 12, 1], -1),
      {},
      'from -1 to -1, outside of [0, 1]; shift and scale the pixels to begin at 0',
    ],
    [
      'more than the range',
      () => fill([1, 12, 12, 1], 300),
      { dataRange: 255 },
      'from 300 to 300, outside of [0, 255]; give the range',
    ],
  ] as const)('reports %s, in either image', (_, make, options, text) => {
    const [bad, good] = [make(), zeros([1, 12, 12, 1])];
    const before = memory().numTensors;
    expect(() => ssimLoss(bad, good, { ...options, ...checked })).toThrow(RangeError);
    expect(() => ssimLoss(bad, good, { ...options, ...checked })).toThrow('ssimLoss: yTrue has pixels ');
    expect(() => ssimLoss(good, bad, { ...options, ...checked })).toThrow('ssimLoss: yPred has pixels ');
    expect(() => ssimLoss(good, bad, { ...options, ...checked })).toThrow(text);
    expect(memory().numTensors).toBe(before);
  });

  test.each([
    [[NaN], 'NaN in 1 of its 144 pixels'],
    [[0.5, NaN, 7, NaN], 'NaN in 2 of its 144 pixels'],
    [[Infinity], 'pixels from 0 to Infinity, outside of [0, 1]'],
    [[-Infinity, NaN], 'NaN in 1 of its 144 pixels'],
    [[0.5, -3, 0.25, 7, 1], 'pixels from -3 to 7, outside of [0, 1]'],
  ])('reports %j, in either image of every function that takes it', (pixels, text) => {
    const good = zeros([1, 12, 12, 1]);
    const bad = tensor4d([...pixels, ...new Array<number>(144 - pixels.length).fill(0)], [1, 12, 12, 1]);
    const ofScales = [msSsim, msSsimLoss, mixLoss].map(
      (f) => (x: Tensor, y: Tensor) => f(x, y, { ...checked, levels: 1 }),
    );
    const ofOne = [ssim, ssimMap, ssimTerms, ssimLoss, dssimLoss, ssimResidualMap].map(
      (f) => (x: Tensor, y: Tensor) => f(x, y, checked),
    );
    const before = memory().numTensors;
    for (const call of [...ofOne, ...ofScales]) {
      expect(() => call(bad, good)).toThrow(RangeError);
      expect(() => call(bad, good)).toThrow(`: yTrue has ${text}`);
      expect(() => call(good, bad)).toThrow(`: yPred has ${text}`);
    }
    expect(memory().numTensors).toBe(before);
  });

  test('passes over NaN and infinities of weight 0, which count as equal', () => {
    tidy(() => {
      const x = zeros([2, 12, 12, 2]);
      const y = tensor4d([NaN, Infinity, ...new Array<number>(574).fill(0)], [2, 12, 12, 2]);
      const without = tensor4d([0, ...new Array<number>(287).fill(1)], [2, 12, 12, 1]);
      const elsewhere = tensor4d([1, 0, ...new Array<number>(286).fill(1)], [2, 12, 12, 1]);
      for (const f of [ssim, ssimLoss, dssimLoss, msSsim, msSsimLoss, mixLoss]) {
        const own = f === msSsim || f === msSsimLoss || f === mixLoss ? { levels: 1 } : {};
        const perfect = f === ssim || f === msSsim ? 1 : 0;
        const value = f(x, y, { ...own, ...checked, weights: without });
        expect([...value.dataSync()]).toEqual([perfect, perfect]);
        expect(() => f(x, y, { ...own, ...checked, weights: elsewhere })).toThrow(
          'NaN in 1 of its 576 pixels',
        );
        const bright = tensor4d([7, ...new Array<number>(575).fill(0)], [2, 12, 12, 2]);
        expect(() => f(x, bright, { ...own, ...checked, weights: without })).toThrow('from 0 to 7');
      }
    });
  });

  test('lets pixels in the range pass, with a little rounding, under a gradient too', () => {
    tidy(() => {
      const [x, y] = [ones([1, 12, 12, 1]), fill([1, 12, 12, 1], 1.00001)];
      for (const f of [ssim, ssimMap, ssimTerms, ssimLoss, dssimLoss, ssimResidualMap]) f(x, y, checked);
      const g = grad((b: Tensor) => ssimLoss(x, b, checked))(y);
      expect(g.dataSync().every(Number.isFinite)).toBe(true);
      expect(ssim(bright(), bright(), { dataRange: 255, ...checked }).dataSync()[0]).toBe(1);
    });
  });

  test('lets a ten-thousandth of the range pass, and no more', () => {
    const options = { dataRange: 10_000, ...checked };
    const black = zeros([1, 12, 12, 1]);
    for (const pixel of [-1, 10_001]) {
      expect(tidy(() => ssim(black, fill([1, 12, 12, 1], pixel), options).shape)).toEqual([1]);
    }
    for (const [pixel, hint] of [
      [-1.0009765625, 'shift and scale the pixels to begin at 0'],
      [10_001.0009765625, 'give the range that the pixels have'],
    ] as const) {
      expect(() => tidy(() => ssim(black, fill([1, 12, 12, 1], pixel), options))).toThrow(
        `ssim: yPred has pixels from ${pixel} to ${pixel}, outside of [0, 10000]; ${hint}.`,
      );
    }
  });

  test('must be a boolean', () => {
    expect(() => ssim(bright(), bright(), { checkRange: 1 as unknown as boolean })).toThrow(
      'ssim: checkRange must be true or false, but got 1.',
    );
  });
});
