import { conv2d, grads, memory, stack, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  featureResidualMap,
  l1ResidualMap,
  l2ResidualMap,
  ssimMap,
  ssimResidualMap,
  vaeResidualMap,
} from '../src/index.js';
import { relativeError, tensorGrowth, values } from './support/gradients.js';
import { anyShape, asTensor, imagesFrom, naturalImages, noisy, randomImages } from './support/images.js';
import {
  centralDifferences,
  largest,
  largestError,
  referenceResidual,
  referenceSsimResidual,
} from './support/reference.js';
import type { Images } from './support/reference.js';
import { bordered } from './support/paddings.js';

const shapeOf = (f: () => Tensor): number[] => tidy(() => f().shape);

/** Not `same`: with a 1 × 2 filter at stride 2 tfjs 4.22's wasm backend then gives zeros. */
const edges = (image: Tensor4D): Tensor => {
  const channels = image.shape[3];
  return conv2d(
    image,
    tensor4d(
      new Float32Array(2 * channels).map((_, k) => (k < channels ? -1 : 1)),
      [1, 2, channels, 1],
    ),
    2,
    'valid',
  );
};

const maps: Readonly<Record<string, (x: Tensor, y: Tensor) => Tensor4D>> = {
  l1ResidualMap,
  l2ResidualMap,
  ssimResidualMap: (x, y) => ssimResidualMap(x, y, { windowSize: 5 }),
  featureResidualMap: (x, y) => featureResidualMap(x, y, { features: edges }),
  vaeResidualMap: (x, y) => vaeResidualMap(x, [y, y]),
};

describe.each(Object.entries(maps))('%s', (name, map) => {
  test('has the size of the input and one channel', () => {
    fc.assert(
      fc.property(anyShape(4), fc.integer(), (shape, seed) => {
        const [x, y] = [randomImages(shape, seed), randomImages(shape, seed + 1)];
        expect(shapeOf(() => map(asTensor(x), asTensor(y)))).toEqual([shape[0], shape[1], shape[2], 1]);
      }),
      { numRuns: 20 },
    );
  });

  test('is lowest where the images agree, and higher at a change', () => {
    const x = naturalImages([1, 24, 24, 1], 1);
    const y: Images = {
      shape: x.shape,
      data: Float32Array.from(x.data, (value, k) => {
        const [row, column] = [Math.floor(k / 24), k % 24];
        return row >= 16 && row < 20 && column >= 16 && column < 20 ? 1 - value : value;
      }),
    };
    const map24 = values(() => map(asTensor(x), asTensor(y)));
    const quiet = map24[4 * 24 + 4]!;
    expect(quiet).toBeCloseTo(name === 'vaeResidualMap' ? Math.log(2 * Math.PI) / 2 : 0, 6);
    expect(Math.max(...map24)).toBeGreaterThan(quiet + 0.001);
    const peak = map24.indexOf(Math.max(...map24));
    expect(Math.floor(peak / 24)).toBeGreaterThanOrEqual(14);
    expect(peak % 24).toBeGreaterThanOrEqual(14);
  });

  test('grows memory by its one result', () => {
    const [x, y] = [asTensor(randomImages([2, 9, 9, 2], 2)), asTensor(randomImages([2, 9, 9, 2], 3))];
    expect(tensorGrowth(() => tidy(() => map(x, y)))).toBe(1);
  });
});

describe('references', () => {
  test('ℓ1 and ℓ2 maps are the differences summed over channels', () => {
    const [x, y] = [randomImages([2, 6, 7, 3], 4), randomImages([2, 6, 7, 3], 5)];
    expect(
      largestError(
        values(() => l1ResidualMap(asTensor(x), asTensor(y))),
        referenceResidual(x, y, 1),
      ),
    ).toBeLessThan(1e-6);
    expect(
      largestError(
        values(() => l2ResidualMap(asTensor(x), asTensor(y))),
        referenceResidual(x, y, 2),
      ),
    ).toBeLessThan(1e-6);
  });

  test.each(bordered)('the SSIM map is 1 − SSIM over channels, padding %s', (padding) => {
    const x = naturalImages([2, 13, 17, 3], 6);
    const y = noisy(x, 0.1, 7);
    const map = values(() => ssimResidualMap(asTensor(x), asTensor(y), { padding }));
    expect(largestError(map, referenceSsimResidual(x, y, { padding }))).toBeLessThan(1e-6);
  });

  test('away from the border every padding gives the same, that of ssimMap', () => {
    const x = naturalImages([1, 23, 25, 1], 8);
    const y = noisy(x, 0.1, 9);
    const valid = values(() => ssimMap(asTensor(x), asTensor(y))); // 13 × 15
    for (const padding of bordered) {
      const map = values(() => ssimResidualMap(asTensor(x), asTensor(y), { padding }));
      const inner = valid.map((_, k) => 1 - map[(Math.floor(k / 15) + 5) * 25 + (k % 15) + 5]!);
      expect(largestError(inner, valid)).toBeLessThan(1e-6);
    }
  });

  test('the SSIM map sees a change of structure that keeps the grey values, the ℓ2 map of a flat patch does not', () => {
    const x = imagesFrom([1, 32, 32, 1], (_, row, column) => ((row + column) % 4 < 2 ? 0.4 : 0.6));
    const turned = imagesFrom([1, 32, 32, 1], (_, row, column) =>
      row > 12 && row < 20 ? ((row - column + 64) % 4 < 2 ? 0.4 : 0.6) : (row + column) % 4 < 2 ? 0.4 : 0.6,
    );
    const map = values(() => ssimResidualMap(asTensor(x), asTensor(turned)));
    expect(map[16 * 32 + 16]!).toBeGreaterThan(0.5);
    expect(map[2 * 32 + 16]!).toBeLessThan(1e-6);
  });

  test('the feature map of the pixels themselves is the ℓ2 map', () => {
    const [x, y] = [randomImages([1, 8, 9, 3], 10), randomImages([1, 8, 9, 3], 11)];
    const map = values(() =>
      featureResidualMap(asTensor(x), asTensor(y), {
        features: (image) => [image, image],
        layerWeights: [0.25, 0.75],
      }),
    );
    expect(largestError(map, referenceResidual(x, y, 2))).toBeLessThan(1e-6);
  });

  test('the VAE map is the mean negative log-density of the samples', () => {
    const x = randomImages([2, 5, 6, 2], 12);
    const samples = [1, 2, 3].map((seed) => randomImages([2, 5, 6, 2], 12 + seed));
    const sigma = 0.3;
    const expected = new Float64Array(60);
    for (const sample of samples) {
      for (let k = 0; k < 120; k++) {
        const z = (x.data[k]! - sample.data[k]!) / sigma;
        expected[k >> 1]! += (z * z + Math.log(2 * Math.PI * sigma * sigma)) / 2 / samples.length;
      }
    }
    const list = values(() => vaeResidualMap(asTensor(x), samples.map(asTensor), { sigma }));
    const stacked = values(() => vaeResidualMap(asTensor(x), stack(samples.map(asTensor)), { sigma }));
    expect(relativeError(list, expected)).toBeLessThan(1e-6);
    expect([...stacked]).toEqual([...list]);
  });
});

describe('gradients', () => {
  const [x, y] = [randomImages([1, 6, 7, 2], 13), randomImages([1, 6, 7, 2], 14)];
  const weights = randomImages([1, 6, 7, 1], 15);
  const gradient = (map: (x: Tensor, y: Tensor) => Tensor): Float32Array =>
    tidy(() => {
      const [gy] = grads((b: Tensor) => map(asTensor(x), b))([asTensor(y)], asTensor(weights));
      return gy!.dataSync<'float32'>().slice();
    });
  const weighted = (map: Float64Array): number =>
    map.reduce((sum, value, k) => sum + value * weights.data[k]!, 0);

  test('of every map, pixel by pixel, against central differences', () => {
    const other = (data: ArrayLike<number>): Images => ({ shape: y.shape, data });
    const cases: readonly [(x: Tensor, y: Tensor) => Tensor, (y: Images) => Float64Array][] = [
      [l1ResidualMap, (b) => referenceResidual(x, b, 1)],
      [l2ResidualMap, (b) => referenceResidual(x, b, 2)],
      [
        (a, b) => ssimResidualMap(a, b, { windowSize: 5 }),
        (b) => referenceSsimResidual(x, b, { windowSize: 5 }),
      ],
      [(a, b) => featureResidualMap(a, b, { features: (image) => image }), (b) => referenceResidual(x, b, 2)],
      [(a, b) => vaeResidualMap(a, [b, a]), (b) => referenceResidual(x, b, 2).map((value) => value / 4)],
    ];
    for (const [map, reference] of cases) {
      const expected = centralDifferences((data) => weighted(reference(other(data))), y.data, 1e-5);
      expect(relativeError(gradient(map), expected)).toBeLessThan(1e-4);
    }
  });

  test('exactly 0 at equality', () => {
    for (const map of Object.values(maps)) {
      if (map === maps['featureResidualMap']) continue; // its conv2d has no gradient here
      tidy(() => {
        const [gx, gy] = grads((a: Tensor, b: Tensor) => map(a, b))([asTensor(x), asTensor(x)]);
        expect([largest(gx!.dataSync()), largest(gy!.dataSync())]).toEqual([0, 0]);
      });
    }
  });

  test('leave nothing behind over 100 steps', () => {
    const [a, b] = [asTensor(x), asTensor(y)];
    const before = memory().numTensors;
    for (let k = 0; k < 100; k++) {
      tidy(() => {
        grads((s: Tensor, t: Tensor) => ssimResidualMap(s, t, { windowSize: 5 }))([a, b]);
      });
    }
    expect(memory().numTensors).toBe(before);
  });
});
