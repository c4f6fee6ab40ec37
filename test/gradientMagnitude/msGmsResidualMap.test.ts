import { grads, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gmsMap, msGmsLoss, msGmsResidualMap } from '../../src/index.js';
import type { MsGmsOptions } from '../../src/index.js';
import { relativeError, tensorGrowth, values } from '../support/gradients.js';
import { anyShape, asTensor, imagesFrom, naturalImages, noisy, randomImages } from '../support/images.js';
import { referenceMsGmsResidual } from '../support/multiscaleReference.js';
import { centralDifferences, largest, largestError } from '../support/reference.js';
import type { Images } from '../support/reference.js';
import { bordered } from '../support/paddings.js';

const mapOf = (x: Images, y: Images, options: MsGmsOptions = {}): Float32Array =>
  values(() => msGmsResidualMap(asTensor(x), asTensor(y), options));

describe('properties', () => {
  test('the size of the input and one channel, whatever the size', () => {
    fc.assert(
      fc.property(anyShape(9, 21), fc.nat(1000), (shape, seed) => {
        const [x, y] = [randomImages(shape, seed), randomImages(shape, seed + 1)];
        const map = tidy(() => msGmsResidualMap(asTensor(x), asTensor(y)).shape);
        expect(map).toEqual([shape[0], shape[1], shape[2], 1]);
        const all = mapOf(x, y);
        expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...all)).toBeLessThan(1);
        expect(largest(mapOf(x, x))).toBe(0);
      }),
      { numRuns: 15 },
    );
  });

  test('is highest at a defect, in the corner too', () => {
    const x = naturalImages([1, 40, 40, 1], 1);
    for (const [top, left] of [
      [0, 0],
      [18, 20],
      [35, 35],
    ] as const) {
      const y = imagesFrom([1, 40, 40, 1], (k, row, column) =>
        row >= top && row < top + 5 && column >= left && column < left + 5
          ? 0.9 * ((row + column) % 2)
          : x.data[k]!,
      );
      const map = mapOf(x, y);
      const peak = map.indexOf(Math.max(...map));
      expect(Math.abs(Math.floor(peak / 40) - top - 2)).toBeLessThanOrEqual(4);
      expect(Math.abs((peak % 40) - left - 2)).toBeLessThanOrEqual(4);
    }
  });

  test('one level is 1 − gmsMap over the channels; its mean over sizes that halve is near the loss', () => {
    const x = naturalImages([1, 32, 40, 2], 2);
    const y = noisy(x, 0.1, 3);
    const similarity = values(() => gmsMap(asTensor(x), asTensor(y), { padding: 'reflect' }));
    const expected = Float32Array.from(
      { length: 32 * 40 },
      (_, k) => 1 - (similarity[2 * k]! + similarity[2 * k + 1]!) / 2,
    );
    expect(largestError(mapOf(x, y, { levels: 1 }), expected)).toBeLessThan(1e-6);

    const map = mapOf(x, y);
    const [loss] = values(() => msGmsLoss(asTensor(x), asTensor(y), { padding: 'reflect' }));
    const mean = map.reduce((sum, value) => sum + value, 0) / map.length;
    expect(Math.abs(mean / loss! - 1)).toBeLessThan(0.01); // bilinear resizing keeps a mean but for its border
  });
});

describe('references', () => {
  test.each(bordered)('float64, padding %s: within 1e-6', (padding) => {
    const x = naturalImages([2, 21, 18, 3], 4);
    const y = noisy(x, 0.1, 5);
    expect(largestError(mapOf(x, y, { padding }), referenceMsGmsResidual(x, y, { padding }))).toBeLessThan(
      1e-6,
    );
  });

  test('near convergence, to 1e-5 of its largest', () => {
    const x = naturalImages([1, 21, 18, 1], 6, 255);
    const y = noisy(x, 1e-4 * 255, 7);
    const options = { dataRange: 255 };
    expect(relativeError(mapOf(x, y, options), referenceMsGmsResidual(x, y, options))).toBeLessThan(1e-5);
  });
});

describe('gradients', () => {
  test('equal central differences in float64, pixel by pixel, for both images', () => {
    const shape = [1, 9, 10, 1] as const;
    const [x, y] = [randomImages(shape, 8), randomImages(shape, 9)];
    const weights = randomImages(shape, 10);
    const weighted = (map: Float64Array): number =>
      map.reduce((sum, value, k) => sum + value * weights.data[k]!, 0);
    const [gx, gy] = tidy(() =>
      grads((a: Tensor, b: Tensor) => msGmsResidualMap(a, b))(
        [asTensor(x), asTensor(y)],
        asTensor(weights),
      ).map((g) => g.dataSync<'float32'>().slice()),
    ) as [Float32Array, Float32Array];
    const ofX = centralDifferences(
      (data) => weighted(referenceMsGmsResidual({ shape, data }, y)),
      x.data,
      1e-5,
    );
    const ofY = centralDifferences(
      (data) => weighted(referenceMsGmsResidual(x, { shape, data })),
      y.data,
      1e-5,
    );
    expect(relativeError(gx, ofX)).toBeLessThan(1e-4);
    expect(relativeError(gy, ofY)).toBeLessThan(1e-4);
  });

  test('exactly 0 at equality, on flat images too', () => {
    for (const x of [randomImages([1, 9, 11, 2], 11), imagesFrom([1, 9, 11, 2], () => 0.3)]) {
      tidy(() => {
        const [gx, gy] = grads((a: Tensor, b: Tensor) => msGmsResidualMap(a, b))([asTensor(x), asTensor(x)]);
        expect([largest(gx!.dataSync()), largest(gy!.dataSync())]).toEqual([0, 0]);
      });
    }
  });
});

describe('memory', () => {
  test('grows by its one result, and by nothing over steps of training', () => {
    const [x, y] = [asTensor(randomImages([2, 9, 9, 2], 12)), asTensor(randomImages([2, 9, 9, 2], 13))];
    expect(tensorGrowth(() => msGmsResidualMap(x, y))).toBe(1);
    expect(
      tensorGrowth(() => {
        for (let k = 0; k < 10; k++) {
          tidy(() => {
            grads((a: Tensor, b: Tensor) => msGmsResidualMap(a, b))([x, y]);
          });
        }
      }),
    ).toBe(0);
  });
});

describe('rejects', () => {
  test('padding valid, and images too small', () => {
    const x = asTensor(imagesFrom([1, 8, 20, 1], () => 0));
    const call = (options: MsGmsOptions) => () => msGmsResidualMap(x, x, options);
    const growth = tensorGrowth(() => {
      expect(call({ padding: 'valid' })).toThrow(
        new RangeError(
          `msGmsResidualMap: padding 'valid' gives a map smaller than the image; ` +
            `use 'reflect', 'symmetric', 'edge', 'zero' or 'wrap' here, or gmsMap for the smaller map.`,
        ),
      );
      expect(call({})).toThrow(
        new RangeError(
          'msGmsResidualMap: window of 3 pixels does not fit images of 8×20 at the smallest of 4 levels, 1×3 ' +
            `with padding 'reflect'; use images of at least 9×9, levels ≤ 3 or padding 'zero'.`,
        ),
      );
    });
    expect(growth).toBe(0);
    expect(call({ levels: 3 })).not.toThrow();
  });
});
