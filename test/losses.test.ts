import { grads, ones, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  dssimLoss,
  featureMatchingLoss,
  l1Loss,
  l2Loss,
  ssimLoss,
  vaeLoss,
  withOptions,
} from '../src/index.js';
import { gradientsOf, tensorGrowth, values } from './support/gradients.js';
import { asTensor, noisy, randomImages } from './support/images.js';
import { largest } from './support/reference.js';

/** Losses of an image pair, each with what else it takes bound. */
const pairLosses: Readonly<Record<string, (x: Tensor, y: Tensor) => Tensor>> = {
  l2Loss,
  l1Loss,
  ssimLoss: withOptions(ssimLoss, { windowSize: 5 }),
  dssimLoss: withOptions(dssimLoss, { windowSize: 5 }),
  featureMatchingLoss: (x, y) => featureMatchingLoss(x, y, { features: (image) => image, lambda: 2 }),
  vaeLoss: (x, y) => vaeLoss(x, y, { mean: tensor2d([[0], [0]]), logVariance: tensor2d([[0], [0]]) }),
};

describe.each(Object.entries(pairLosses))('%s', (_, loss) => {
  const x = randomImages([2, 6, 7, 2], 5);
  const y = noisy(x, 0.3, 6);

  test('is 0 with a gradient of exactly 0 at equality', () => {
    expect([...values(() => loss(asTensor(x), asTensor(x)))]).toEqual([0, 0]);
    const [gx, gy] = gradientsOf(loss, x, x, [1, 1]);
    expect([largest(gx), largest(gy)]).toEqual([0, 0]);
  });

  test('is above 0 elsewhere, one number for each image', () => {
    const result = values(() => loss(asTensor(x), asTensor(y)));
    expect(result.length).toBe(2);
    expect(Math.min(...result)).toBeGreaterThan(0);
  });

  test('grows memory by its one result, and training it for 100 steps by nothing', () => {
    const [a, b] = [asTensor(x), asTensor(y)];
    const fresh = tensorGrowth(() => tidy(() => loss(a, b)));
    expect(fresh).toBe(1);
    const step = (): void =>
      tidy(() => {
        grads((s: Tensor, t: Tensor) => loss(s, t))([a, b], ones([2]));
      });
    step();
    expect(
      tensorGrowth(() => {
        for (let k = 0; k < 100; k++) step();
      }),
    ).toBe(0);
  });
});
