import { square, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { featureMatchingLoss } from '../../src/index.js';
import { gradientsOf, relativeError, tensorGrowth, values } from '../support/gradients.js';
import { asTensor, randomImages } from '../support/images.js';
import { centralDifferences, largestError, referenceDistance } from '../support/reference.js';
import type { Images } from '../support/reference.js';

const relative = (actual: ArrayLike<number>, expected: ArrayLike<number>): number =>
  relativeError(actual, expected);

const features = (image: Tensor4D): Tensor[] => [square(image)];

describe('featureMatchingLoss', () => {
  const [x, y] = [randomImages([2, 6, 5, 2], 9), randomImages([2, 6, 5, 2], 10)];
  /** x², which has its gradient here without tfjs's. */
  const twoLayers = (image: Tensor4D): Tensor[] => [image, image];

  test('is L2 + λ Σ w ‖F(x) − F(x̂)‖²', () => {
    const l2 = referenceDistance(x, y, 2);
    const result = values(() =>
      featureMatchingLoss(asTensor(x), asTensor(y), {
        features: twoLayers,
        lambda: 0.5,
        layerWeights: [1, 3],
      }),
    );
    expect(
      relative(
        result,
        l2.map((value) => value * (1 + 0.5 * 4)),
      ),
    ).toBeLessThan(1e-6);
  });

  test('with squares as features, whose value is theirs', () => {
    const squares = (images: Images): Images => ({
      shape: images.shape,
      data: Float64Array.from(images.data, (v) => v * v),
    });
    const expected = referenceDistance(x, y, 2).map(
      (value, n) => value + referenceDistance(squares(x), squares(y), 2)[n]!,
    );
    expect(
      relative(
        values(() => featureMatchingLoss(asTensor(x), asTensor(y), { features })),
        expected,
      ),
    ).toBeLessThan(1e-6);
  });

  test('lets no gradient flow into F(x): that of x is the pixels’ alone', () => {
    const [gx, gy] = gradientsOf(
      (a, b) => featureMatchingLoss(a, b, { features: (image) => image, lambda: 3 }),
      x,
      y,
      [1, 1],
    );
    const difference = Float64Array.from(y.data, (value, k) => value - x.data[k]!);
    expect(
      largestError(
        gx,
        difference.map((d) => -2 * d),
      ),
    ).toBeLessThan(1e-5);
    expect(
      largestError(
        gy,
        difference.map((d) => 2 * d + 6 * d),
      ),
    ).toBeLessThan(1e-5);
  });

  test('normalised to unit length: blind to the scale of a feature vector, with the right gradient', () => {
    const unit = { features: (image: Tensor4D) => image, normalize: 'unit' } as const;
    const doubled = { shape: x.shape, data: Float32Array.from(x.data, (value) => 2 * value) };
    const l2 = referenceDistance(x, doubled, 2);
    expect(
      relative(
        values(() => featureMatchingLoss(asTensor(x), asTensor(doubled), unit)),
        l2,
      ),
    ).toBeLessThan(1e-5);

    const small: Images = { shape: [1, 2, 2, 2], data: Array.from(x.data).slice(0, 8) };
    const other: Images = { shape: [1, 2, 2, 2], data: Array.from(y.data).slice(0, 8) };
    const normalised = (data: ArrayLike<number>): number[] =>
      Array.from(data, (value, k) => {
        const [p, q] = [data[k - (k % 2)]!, data[k - (k % 2) + 1]!];
        return value / Math.sqrt(p * p + q * q + 1e-10);
      });
    const target = normalised(small.data);
    const expected = centralDifferences((data) => {
      const unitVectors = normalised(data);
      return Array.from(
        data,
        (value, k) => (value - small.data[k]!) ** 2 + (unitVectors[k]! - target[k]!) ** 2,
      ).reduce((sum, value) => sum + value, 0);
    }, other.data);
    const [, gy] = gradientsOf((a, b) => featureMatchingLoss(a, b, unit), small, other, [1]);
    expect(relativeError(gy, expected)).toBeLessThan(1e-4);
  });

  test('calls the extractor once for each image, and keeps nothing when it throws', () => {
    const [a, b] = [asTensor(x), asTensor(y)];
    let calls = 0;
    const counted = (image: Tensor4D): Tensor => {
      calls++;
      if (calls === 4) throw new Error('the extractor failed');
      return image;
    };
    tidy(() => featureMatchingLoss(a, b, { features: counted }));
    expect(calls).toBe(2);
    expect(
      tensorGrowth(() => {
        expect(() => featureMatchingLoss(a, b, { features: counted })).toThrow('the extractor failed');
      }),
    ).toBe(0);
    expect(a.isDisposed || b.isDisposed).toBe(false);
  });

  test('leaves alone a tensor of his own that the extractor returns', () => {
    const own = tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const [a, b] = [asTensor(x), asTensor(y)];
    expect(tensorGrowth(() => featureMatchingLoss(a, b, { features: () => own }))).toBe(1);
    expect([...own.dataSync()]).toEqual([1, 2, 3, 4]);
  });
});
