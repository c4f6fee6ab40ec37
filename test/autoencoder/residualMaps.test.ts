import { add, fill, memory, pad, randomUniform } from '@tensorflow/tfjs-core';
import type { Rank, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { detectorMaps } from '../../src/autoencoder/residualMaps.js';
import type { DetectorMap } from '../../src/autoencoder/residualMaps.js';

const random = (size: number, channels: number, seed: number): Tensor4D =>
  randomUniform([1, size, size, channels], 0, 1, 'float32', seed);

describe.each(Object.keys(detectorMaps) as DetectorMap[])('%s', (name) => {
  const map = detectorMaps[name];

  // From the smallest patch of `repair` on.
  test.each([8, 16, 23, 24, 40])(
    'of images of %d pixels is finite, ≥ 0, and 0 for equal ones',
    async (size) => {
      const [x, y] = [random(size, 3, 1), random(size, 3, 2)];
      const before = memory().numTensors;
      const [different, equal] = [map(x, y), map(x, x)];
      expect(memory().numTensors).toBe(before + 2);
      expect(different.shape).toEqual([1, size, size, 1]);
      expect((await different.data()).every((value) => value > 0 && value < 4)).toBe(true);
      expect((await equal.data()).every((value) => value === 0)).toBe(true);
    },
  );

  test('shows a stain without a texture all over', async () => {
    const ground = fill<Rank.R4>([1, 40, 40, 1], 0.5);
    const stain = pad(fill([1, 20, 20, 1], -0.2), [[0, 0], [10, 10], [10, 10], [0, 0]]); // prettier-ignore
    const values = await map(add(ground, stain), ground).data();
    const [middle, beside] = [values[20 * 40 + 20]!, values[2 * 40 + 2]!];
    expect(middle).toBeGreaterThan(0.02);
    expect(middle).toBeGreaterThan(10 * beside);
  });
});
