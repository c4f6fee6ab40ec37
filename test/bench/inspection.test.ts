import { memory, mul } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { inspect } from '../../bench/inspection/inspect.js';
import { l1ResidualMap, l2ResidualMap } from '../../src/index.js';

test('a picture of any size through a model of tiles: its reconstruction in colour, and every map', async () => {
  const [height, width, channels] = [21, 34, 3];
  const data = Float32Array.from({ length: height * width * channels }, (_, k) => 0.5 + 0.4 * Math.sin(k));
  const { numTensors } = memory();
  const { reconstruction, maps } = await inspect(
    { height, width, channels, data },
    {
      size: 8,
      stride: 5,
      reconstruct: (tiles) => mul(tiles, 0.75),
      residualMaps: { ℓ1: l1ResidualMap, ℓ2: l2ResidualMap },
    },
  );
  expect(memory().numTensors).toBe(numTensors);
  expect(reconstruction).toHaveLength(data.length);
  reconstruction.forEach((value, k) => expect(value).toBeCloseTo(0.75 * data[k]!, 6));
  const sums = (power: number): number[] =>
    Array.from({ length: height * width }, (_, k) =>
      [0, 1, 2].reduce((sum, c) => sum + (0.25 * data[3 * k + c]!) ** power, 0),
    );
  for (const [map, expected] of [
    [maps.ℓ1, sums(1)],
    [maps.ℓ2, sums(2)],
  ] as const) {
    expect(map).toHaveLength(height * width);
    map.forEach((value, k) => expect(value).toBeCloseTo(expected[k]!, 6));
  }
});
