import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dssimLoss, ssim, ssimLoss } from '../../src/index.js';
import { values } from '../support/gradients.js';
import { anyShape, asTensor, randomImages } from '../support/images.js';
import { largestError, referenceSsimLoss } from '../support/reference.js';

const pair = anyShape().chain((shape) =>
  fc.integer().map((seed) => [randomImages(shape, seed), randomImages(shape, seed + 1)] as const),
);

describe('ssimLoss and dssimLoss', () => {
  test('are 1 − ssim and half of it', () => {
    fc.assert(
      fc.property(pair, ([x, y]) => {
        const options = { windowSize: 3, padding: 'edge' } as const;
        const loss = values(() => ssimLoss(asTensor(x), asTensor(y), options));
        const index = values(() => ssim(asTensor(x), asTensor(y), options));
        expect(
          largestError(
            loss,
            index.map((value) => 1 - value),
          ),
        ).toBeLessThan(1e-6);
        expect(largestError(loss, referenceSsimLoss(x, y, options))).toBeLessThan(1e-5);
        expect(
          largestError(
            values(() => dssimLoss(asTensor(x), asTensor(y), options)),
            loss.map((value) => value / 2),
          ),
        ).toBe(0);
      }),
      { numRuns: 20 },
    );
  });
});
