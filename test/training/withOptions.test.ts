import { describe, expect, test } from 'vitest';
import { ssimLoss, withOptions } from '../../src/index.js';
import { values } from '../support/gradients.js';
import { asTensor, randomImages } from '../support/images.js';

describe('withOptions', () => {
  test('binds options and has a name of its own', () => {
    const loss = withOptions(ssimLoss, { dataRange: 255 });
    expect(loss.name).toBe('ssimLoss');
    expect(loss.length).toBe(2);
    expect(withOptions(ssimLoss, { windowSize: 7 }, 'ssim7').name).toBe('ssim7');
    const [x, y] = [randomImages([1, 12, 12, 1], 11, 255), randomImages([1, 12, 12, 1], 12, 255)];
    expect([...values(() => loss(asTensor(x), asTensor(y)))]).toEqual([
      ...values(() => ssimLoss(asTensor(x), asTensor(y), { dataRange: 255 })),
    ]);
  });
});
