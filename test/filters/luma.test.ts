import { grad, memory, ones, tensor4d, tidy, zeros } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { luma, ssim, ssimLoss } from '../../src/index.js';
import { asTensor, naturalImages, noisy } from '../support/images.js';
import { largestError } from '../support/reference.js';

describe('luma', () => {
  test('of the primaries and of gray: Rec. 601', () => {
    tidy(() => {
      const colours = [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 0.25, 0.25, 0.25];
      const y = luma(tensor4d(colours, [1, 1, 5, 3]));
      expect(y.shape).toEqual([1, 1, 5, 1]);
      expect(largestError(y.dataSync(), [0.299, 0.587, 0.114, 1, 0.25])).toBeLessThan(1e-7);
      expect(luma(zeros([2, 3, 4, 5, 3])).shape).toEqual([2, 3, 4, 5, 1]);
    });
  });

  test('its gradient is the three shares', () => {
    tidy(() => {
      const g = grad((x: Tensor) => luma(x))(ones([1, 1, 2, 3]));
      expect(largestError(g.dataSync(), [0.299, 0.587, 0.114, 0.299, 0.587, 0.114])).toBeLessThan(1e-7);
    });
  });

  test('gray images compare by luma as they do by channel', () => {
    const gray = naturalImages([1, 14, 13, 1], 1);
    const other = noisy(gray, 0.1, 2);
    const rgb = (image: typeof gray): Tensor =>
      asTensor({
        shape: [1, 14, 13, 3],
        data: Float32Array.from({ length: 3 * image.data.length }, (_, k) => image.data[Math.floor(k / 3)]!),
      });
    tidy(() => {
      const byLuma = ssim(luma(rgb(gray)), luma(rgb(other))).dataSync();
      expect(largestError(byLuma, ssim(asTensor(gray), asTensor(other)).dataSync())).toBeLessThan(1e-6);
      const g = grad((x: Tensor) => ssimLoss(luma(rgb(gray)), luma(x)))(rgb(other));
      expect(g.dataSync().some((slope) => slope !== 0)).toBe(true);
    });
  });

  test.each([
    [zeros([1, 4, 4, 1]), RangeError, 'must have 3 channels, red, green and blue, but got 1'],
    [
      zeros([1, 4, 4, 4]),
      RangeError,
      'must have 3 channels, red, green and blue, but got 4; drop an alpha channel',
    ],
    [
      zeros([4, 4, 3]),
      RangeError,
      'must have shape [batch, height, width, channels], but got [4, 4, 3]; add the batch',
    ],
    [zeros([1, 4, 4, 3], 'int32'), TypeError, 'must be of dtype float32, but got int32'],
    [undefined, TypeError, 'must be a tensor, but got undefined'],
  ] as const)('rejects %#', (bad, error, text) => {
    const before = memory().numTensors;
    expect(() => luma(bad as Tensor)).toThrow(error);
    expect(() => luma(bad as Tensor)).toThrow(`luma: images ${text}`);
    expect(memory().numTensors).toBe(before);
  });
});
