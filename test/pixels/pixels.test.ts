import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { l1Loss, l1ResidualMap, l2Loss, l2ResidualMap } from '../../src/index.js';
import { gradientsOf, relativeError, values } from '../support/gradients.js';
import { anyShape, asTensor, randomImages } from '../support/images.js';
import { largestError, perImage, referenceDistance } from '../support/reference.js';

const relative = (actual: ArrayLike<number>, expected: ArrayLike<number>): number =>
  relativeError(actual, expected);

const pair = anyShape().chain((shape) =>
  fc.integer().map((seed) => [randomImages(shape, seed), randomImages(shape, seed + 1)] as const),
);

describe('l2Loss and l1Loss', () => {
  test('are the sums of squared and absolute differences', () => {
    fc.assert(
      fc.property(pair, ([x, y]) => {
        expect(
          relative(
            values(() => l2Loss(asTensor(x), asTensor(y))),
            referenceDistance(x, y, 2),
          ),
        ).toBeLessThan(1e-6);
        expect(
          relative(
            values(() => l1Loss(asTensor(x), asTensor(y))),
            referenceDistance(x, y, 1),
          ),
        ).toBeLessThan(1e-6);
      }),
      { numRuns: 30 },
    );
  });

  test('are the sums of their residual maps', () => {
    fc.assert(
      fc.property(pair, ([x, y]) => {
        for (const [loss, map] of [
          [l2Loss, l2ResidualMap],
          [l1Loss, l1ResidualMap],
        ] as const) {
          const total = perImage(
            values(() => map(asTensor(x), asTensor(y))),
            x.shape[0],
          );
          expect(
            relative(
              values(() => loss(asTensor(x), asTensor(y))),
              total,
            ),
          ).toBeLessThan(1e-6);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('have the gradients 2(x̂ − x) and sign(x̂ − x), times dy', () => {
    const [x, y] = [randomImages([2, 5, 7, 3], 1), randomImages([2, 5, 7, 3], 2)];
    const weights = [0.5, -2];
    const difference = Float64Array.from(y.data, (value, k) => value - x.data[k]!);
    const weight = (k: number): number => weights[Math.floor(k / 105)]!;
    const [gx2, gy2] = gradientsOf(l2Loss, x, y, weights);
    expect(
      largestError(
        gy2,
        difference.map((d, k) => 2 * d * weight(k)),
      ),
    ).toBeLessThan(1e-6);
    expect(
      largestError(
        gx2,
        difference.map((d, k) => -2 * d * weight(k)),
      ),
    ).toBeLessThan(1e-6);
    const [gx1, gy1] = gradientsOf(l1Loss, x, y, weights);
    expect(
      largestError(
        gy1,
        difference.map((d, k) => Math.sign(d) * weight(k)),
      ),
    ).toBe(0);
    expect(
      largestError(
        gx1,
        difference.map((d, k) => -Math.sign(d) * weight(k)),
      ),
    ).toBe(0);
  });

  test('keep six digits over a megapixel', () => {
    const shape = [1, 1024, 1024, 1] as const;
    const [x, y] = [randomImages(shape, 3), randomImages(shape, 4)];
    expect(
      relative(
        values(() => l2Loss(asTensor(x), asTensor(y))),
        referenceDistance(x, y, 2),
      ),
    ).toBeLessThan(2e-6);
    expect(
      relative(
        values(() => l1Loss(asTensor(x), asTensor(y))),
        referenceDistance(x, y, 1),
      ),
    ).toBeLessThan(2e-6);
  });
});
