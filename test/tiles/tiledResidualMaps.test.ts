// Several maps through one pass: each is what tiledResidualMap gives with it alone.
import { memory, mul, slice, tensor4d, zeros } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  l1ResidualMap,
  l2ResidualMap,
  ssimResidualMap,
  tiledResidualMap,
  tiledResidualMaps,
} from '../../src/index.js';
import { asTensor, randomImages } from '../support/images.js';

const residualMaps = {
  ssim: (x: Tensor4D, y: Tensor4D): Tensor4D => ssimResidualMap(x, y, { windowSize: 5 }),
  l2: l2ResidualMap,
  l1: l1ResidualMap,
} as const;
const tiling = { tileSize: 8, stride: 5, batchSize: 3 } as const;
const image = (): Tensor4D => asTensor(randomImages([2, 13, 17, 2], 6));
const dimmed = (tiles: Tensor4D): Tensor4D => mul<Tensor4D>(tiles, 0.8);
const elsewhere = async (tiles: Tensor4D): Promise<Tensor4D> =>
  tensor4d(
    (await tiles.data<'float32'>()).map((pixel) => pixel * Math.fround(0.8)),
    tiles.shape,
  );

describe.each([
  ['maps', 'uniform', dimmed],
  ['maps', 'gaussian', elsewhere],
  ['reconstructions', 'uniform', elsewhere],
  ['reconstructions', 'gaussian', dimmed],
] as const)('average: %s, weighting: %s', (average, weighting, reconstruct) => {
  test('each is the map of its own, and the network runs once', async () => {
    const x = image();
    const options = { ...tiling, average, weighting };
    let calls = 0;
    const counted = (tiles: Tensor4D): Tensor4D | Promise<Tensor4D> => {
      calls++;
      return reconstruct(tiles);
    };
    const before = memory().numTensors;
    const maps = await tiledResidualMaps(x, counted, { ...options, residualMaps });
    expect(memory().numTensors).toBe(before + 3);
    // Two images of 2 × 3 tiles, three at a time.
    expect(calls).toBe(4);
    expect(Object.keys(maps)).toEqual(['ssim', 'l2', 'l1']);
    for (const name of ['ssim', 'l2', 'l1'] as const) {
      const alone = await tiledResidualMap(x, reconstruct, { ...options, residualMap: residualMaps[name] });
      expect(maps[name].shape).toEqual([2, 13, 17, 1]);
      expect([...maps[name].dataSync()]).toEqual([...alone.dataSync()]);
      alone.dispose();
      maps[name].dispose();
    }
    x.dispose();
    expect(memory().numTensors).toBe(before - 1);
  });
});

describe('rejects, and leaves nothing', () => {
  const x = zeros<Tensor4D['rankType']>([1, 16, 16, 1]);
  const example = 'such as { ssim: ssimResidualMap, l2: l2ResidualMap }, but got';
  test.each<[Readonly<Record<string, unknown>>, typeof Error, string]>([
    [
      {},
      TypeError,
      `tiledResidualMaps: residualMaps must be residual maps by names of your own, ${example} undefined.`,
    ],
    [{ residualMaps: {} }, TypeError, `${example} an object.`],
    [{ residualMaps: [l2ResidualMap] }, TypeError, `${example} an array of 1.`],
    [{ residualMaps: l2ResidualMap }, TypeError, `${example} function.`],
    [
      { residualMaps: { l2: l2ResidualMap, best: 3 } },
      TypeError,
      'tiledResidualMaps: residualMaps.best must be a function, but got 3.',
    ],
    [
      {
        residualMaps: {
          l2: l2ResidualMap,
          flat: (tiles: Tensor4D) => slice(tiles, 0, [tiles.shape[0], 5, 12, 1]),
        },
      },
      RangeError,
      'tiledResidualMaps: residualMaps.flat must return shape [4, 12, 12, 1] for these tiles, but returned [4, 5, 12, 1].',
    ],
    [
      { residualMaps: { l2: l2ResidualMap, none: () => 1 as unknown as Tensor } },
      TypeError,
      'tiledResidualMaps: what residualMaps.none returns must be a tensor, but got 1.',
    ],
    [
      { residualMap: l2ResidualMap },
      TypeError,
      'tiledResidualMaps: unknown option "residualMap"; tiledResidualMap returns one map.',
    ],
  ])('%#', async (given, error, text) => {
    for (const reconstruct of [dimmed, elsewhere]) {
      const before = memory().numTensors;
      const call = tiledResidualMaps(x, reconstruct, { tileSize: 12, ...given } as unknown as Parameters<
        typeof tiledResidualMaps
      >[2]);
      await expect(call).rejects.toThrow(error);
      await expect(call).rejects.toThrow(text);
      expect(memory().numTensors).toBe(before);
    }
  });

  test('and tiledResidualMap knows where several maps are', async () => {
    const options = { tileSize: 12, residualMaps } as unknown as Parameters<typeof tiledResidualMap>[2];
    await expect(tiledResidualMap(x, dimmed, options)).rejects.toThrow(
      'tiledResidualMap: unknown option "residualMaps"; tiledResidualMaps returns several maps.',
    );
  });
});
