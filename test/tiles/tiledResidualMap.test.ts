import { memory, mul, ones, reshape, slice, sub, tensor4d, tidy, zeros } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { l2ResidualMap, ssimResidualMap, tiledResidualMap } from '../../src/index.js';
import type { TiledResidualMapOptions } from '../../src/index.js';
import { asTensor, randomImages } from '../support/images.js';
import { largestError } from '../support/reference.js';
import type { Shape4D } from '../support/reference.js';

const dimmed = (tiles: Tensor4D): Tensor4D => mul<Tensor4D>(tiles, 0.8);

async function valuesOf(
  shape: Shape4D,
  seed: number,
  reconstruct: (tiles: Tensor4D) => Tensor,
  options: TiledResidualMapOptions,
): Promise<Float32Array> {
  const image = asTensor(randomImages(shape, seed));
  const map = await tiledResidualMap(image, reconstruct, options);
  expect(map.shape).toEqual([...shape.slice(0, 3), 1]);
  const values = map.dataSync<'float32'>().slice();
  image.dispose();
  map.dispose();
  return values;
}

const anyTiles = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 23 }),
    width: fc.integer({ min: 1, max: 23 }),
    channels: fc.integer({ min: 1, max: 3 }),
    tile: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
    step: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
    batchSize: fc.integer({ min: 1, max: 7 }),
    weighting: fc.constantFrom('uniform' as const, 'gaussian' as const),
  })
  .map(({ batch, height, width, channels, tile, step, batchSize, weighting }) => {
    const upTo = (most: number, share: number): number => 1 + Math.floor(share * (most - 1));
    const tileSize = [upTo(height, tile[0]), upTo(width, tile[1])] as const;
    const stride = [upTo(tileSize[0], step[0]), upTo(tileSize[1], step[1])] as const;
    return { shape: [batch, height, width, channels] as const, tileSize, stride, batchSize, weighting };
  });

describe('properties', () => {
  test('a measure of single pixels gives what it gives for the whole image: a partition of unity', async () => {
    await fc.assert(
      fc.asyncProperty(anyTiles, async ({ shape, ...options }) => {
        const x = randomImages(shape, 1);
        const whole = tidy(() =>
          l2ResidualMap(asTensor(x), mul(asTensor(x), 0.8))
            .dataSync<'float32'>()
            .slice(),
        );
        for (const average of ['maps', 'reconstructions'] as const) {
          const tiled = await valuesOf(shape, 1, dimmed, { ...options, average, residualMap: l2ResidualMap });
          expect(largestError(tiled, whole)).toBeLessThan(1e-6);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('one tile as large as the image is the map of the image', async () => {
    const shape = [2, 15, 14, 1] as const;
    const x = randomImages(shape, 2);
    const whole = tidy(() =>
      ssimResidualMap(asTensor(x), mul(asTensor(x), 0.8))
        .dataSync<'float32'>()
        .slice(),
    );
    const tiled = await valuesOf(shape, 2, dimmed, { tileSize: [15, 14] });
    expect(largestError(tiled, whole)).toBeLessThan(1e-7);
  });

  test('every tile is the network’s size, and the last ones end at the border', async () => {
    const shapes: number[][] = [];
    let last: number[] = [];
    const image = tensor4d(
      Float32Array.from({ length: 20 * 17 }, (_, k) => k),
      [1, 20, 17, 1],
    );
    const map = await tiledResidualMap(
      image,
      (tiles) => {
        shapes.push(tiles.shape);
        const { shape } = tiles;
        last = [...slice(tiles, [shape[0] - 1, shape[1] - 1, shape[2] - 1, 0], [1, 1, 1, 1]).dataSync()];
        return tiles;
      },
      { tileSize: 8, stride: 5, batchSize: 5, residualMap: l2ResidualMap },
    );
    // Rows begin at 0, 5, 10, 12; columns at 0, 5, 9.
    expect(shapes).toEqual([
      [5, 8, 8, 1],
      [5, 8, 8, 1],
      [2, 8, 8, 1],
    ]);
    expect(last).toEqual([20 * 17 - 1]);
    map.dispose();
    image.dispose();
  });
});

/** Averages by the definition, pixel by pixel. */
describe('references', () => {
  test.each(['uniform', 'gaussian'] as const)('%s averages where tiles overlap', async (weighting) => {
    const [height, width, tile, stride] = [13, 11, 5, 3];
    const starts = (length: number): number[] => {
      const all: number[] = [];
      for (let s = 0; s + tile < length; s += stride) all.push(s);
      return [...all, length - tile];
    };
    const weight = (i: number): number =>
      weighting === 'uniform' ? 1 : Math.exp(-0.5 * ((i - 2) / (tile / 4)) ** 2);
    // The map of the k-th tile is k + 1 everywhere.
    let k = 0;
    const [sum, weights] = [new Float64Array(height * width), new Float64Array(height * width)];
    for (const top of starts(height))
      for (const left of starts(width)) {
        k++;
        for (let i = 0; i < tile; i++)
          for (let j = 0; j < tile; j++) {
            const w = weight(i) * weight(j);
            sum[(top + i) * width + left + j]! += w * k;
            weights[(top + i) * width + left + j]! += w;
          }
      }
    let seen = 0;
    const actual = await valuesOf([1, height, width, 1], 3, (tiles) => tiles, {
      tileSize: tile,
      stride,
      batchSize: 1,
      weighting,
      residualMap: () => mul(ones([1, tile, tile, 1]), ++seen),
    });
    expect(seen).toBe(k);
    expect(
      largestError(
        actual,
        sum.map((value, at) => value / weights[at]!),
      ),
    ).toBeLessThan(1e-5);
  });
});

describe('progress and abortion', () => {
  const image = (): Tensor => asTensor(randomImages([1, 16, 16, 1], 4));

  test('tells how far it is', async () => {
    const told: [number, number][] = [];
    const x = image();
    const map = await tiledResidualMap(x, dimmed, {
      tileSize: 8,
      stride: 4,
      batchSize: 4,
      residualMap: l2ResidualMap,
      onProgress: (...done) => told.push(done),
    });
    expect(told).toEqual([
      [4, 9],
      [8, 9],
      [9, 9],
    ]);
    map.dispose();
    x.dispose();
  });

  test('ends between batches with the signal’s reason, and leaves nothing', async () => {
    const x = image();
    const before = memory().numTensors;
    const controller = new AbortController();
    let batches = 0;
    const run = tiledResidualMap(x, dimmed, {
      tileSize: 8,
      batchSize: 1,
      residualMap: l2ResidualMap,
      signal: controller.signal,
      onProgress: () => {
        if (++batches === 2) controller.abort(new Error('enough'));
      },
    });
    await expect(run).rejects.toThrow('enough');
    expect(batches).toBe(2);
    const early = tiledResidualMap(x, dimmed, { tileSize: 8, signal: controller.signal });
    await expect(early).rejects.toThrow('enough');
    expect(memory().numTensors).toBe(before);
    x.dispose();
  });
});

test('memory: nothing but the result, and nothing when reconstruct throws', async () => {
  const x = asTensor(randomImages([2, 20, 20, 3], 5));
  const before = memory().numTensors;
  const map = await tiledResidualMap(x, dimmed, { tileSize: 12, stride: 5 });
  expect(memory().numTensors).toBe(before + 1);
  map.dispose();
  const failing = tiledResidualMap(
    x,
    () => {
      throw new Error('no network');
    },
    { tileSize: 12 },
  );
  await expect(failing).rejects.toThrow('no network');
  expect(memory().numTensors).toBe(before);
  x.dispose();
});

describe('rejects', () => {
  const good = { tileSize: 8 };
  const image = zeros([1, 16, 16, 1]);
  const same = (tiles: Tensor4D): Tensor4D => tiles;
  test.each([
    [[zeros([16, 16, 1]), same, good], RangeError, 'tiledResidualMap: image must have shape'],
    [[image, 3, good], TypeError, 'tiledResidualMap: reconstruct must be a function, but got 3.'],
    [[image, same, undefined], TypeError, 'tiledResidualMap: options must be an object, but got undefined.'],
    [[image, same, {}], TypeError, 'tiledResidualMap: tileSize must be a whole number ≥ 1'],
    [[image, same, { tileSize: 8.5 }], RangeError, 'tileSize must be a whole number ≥ 1, but got 8.5.'],
    [
      [image, same, { tileSize: 17 }],
      RangeError,
      'a tile of 17×17 is larger than images of 16×16; use a smaller tileSize, or pad the images.',
    ],
    [
      [image, same, { tileSize: 8, stride: 9 }],
      RangeError,
      'a stride of 9×9 leaves gaps between tiles of 8×8; use stride ≤ tileSize.',
    ],
    [[image, same, { tileSize: 8, stride: 0 }], RangeError, 'stride must be a whole number ≥ 1, but got 0.'],
    [[image, same, { tileSize: 8, batchSize: 0 }], RangeError, 'batchSize must be a whole number ≥ 1'],
    [[image, same, { tileSize: 8, average: 'mean' }], TypeError, 'average must be one of'],
    [[image, same, { tileSize: 8, weighting: 'hann' }], TypeError, 'weighting must be one of'],
    [[image, same, { tileSize: 8, step: 3 }], TypeError, 'unknown option "step"'],
    [[image, same, { tileSize: 8, onProgress: 1 }], TypeError, 'onProgress must be a function, but got 1.'],
    [[image, () => 1, good], TypeError, 'what reconstruct returns must be a tensor, but got 1.'],
    [
      [image, (tiles: Tensor4D) => slice(tiles, 0, [tiles.shape[0], 7, 8, 1]), good],
      RangeError,
      'the tiles and what reconstruct returns must have the same shape',
    ],
    [
      [image, same, { tileSize: 12, residualMap: (x: Tensor4D) => slice(x, 0, [x.shape[0], 5, 12, 1]) }],
      RangeError,
      'residualMap must return shape [4, 12, 12, 1] for these tiles, but returned [4, 5, 12, 1].',
    ],
    [
      [image, same, { tileSize: 12, residualMap: (x: Tensor4D, y: Tensor4D) => reshape(sub(x, y), [-1]) }],
      RangeError,
      'what residualMap returns must have shape',
    ],
  ] as const)('%#', async (given, error, text) => {
    const before = memory().numTensors;
    const call = tiledResidualMap(...(given as unknown as Parameters<typeof tiledResidualMap>));
    await expect(call).rejects.toThrow(error);
    await expect(call).rejects.toThrow(text);
    expect(memory().numTensors).toBe(before);
  });
});
