import { add, fill, memory, pad, randomNormal, randomUniform, tensor4d } from '@tensorflow/tfjs-core';
import type { Rank, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { msGmsResidualMap } from '../../src/index.js';
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

/** A faint texture, noise, and what a model makes of it: nearly all of the texture, and no stain. */
function stained(depth: number, rim: number): [image: Tensor4D, reconstruction: Tensor4D] {
  const side = 120;
  const noise = randomNormal([side * side], 0, 0.02, 'float32', 3).dataSync<'float32'>();
  const image = new Float32Array(side * side);
  const made = new Float32Array(side * side);
  for (let k = 0; k < image.length; k++) {
    const [row, column] = [Math.floor(k / side), k % side];
    const texture = 0.05 * Math.sin(0.8 * row) * Math.sin(0.8 * column);
    const cover = Math.min(1, Math.max(0, (36 - Math.hypot(row - 60, column - 60)) / rim));
    image[k] = 0.5 + texture - depth * cover + noise[k]!;
    made[k] = 0.5 + 0.92 * texture;
  }
  return [tensor4d(image, [1, side, side, 1]), tensor4d(made, [1, side, side, 1])];
}

test.each([
  ['hard', 1],
  ['soft', 30],
])(
  'l1AndGms: the middle of a large plain stain with a %s rim exceeds all of a good image',
  async (_, rim) => {
    const [good, bad] = await Promise.all(
      [0, 0.08].map((depth) => detectorMaps.l1AndGms(...stained(depth, rim)).data<'float32'>()),
    );
    const middle = bad!.filter((_, k) => Math.hypot(Math.floor(k / 120) - 60, (k % 120) - 60) < 6);
    const largest = good!.reduce((most, value) => Math.max(most, value), 0);
    expect(middle.every((value) => value > largest)).toBe(true);
  },
);

/** A Gaussian over an image with a mirrored border, number by number. */
function blurred(image: readonly number[], side: number, sigma: number): number[] {
  const reach = 3 * sigma;
  const taps = Array.from({ length: 2 * reach + 1 }, (_, k) =>
    Math.exp(-((k - reach) ** 2) / (2 * sigma ** 2)),
  );
  const total = taps.reduce((sum, tap) => sum + tap, 0);
  const mirrored = (k: number): number => (k < 0 ? -1 - k : k >= side ? 2 * side - 1 - k : k);
  const along = (values: readonly number[], placeOf: (line: number, k: number) => number): number[] => {
    const made = new Array<number>(values.length);
    for (let line = 0; line < side; line++)
      for (let k = 0; k < side; k++)
        made[placeOf(line, k)] = taps.reduce(
          (sum, tap, j) => sum + (tap / total) * values[placeOf(line, mirrored(k + j - reach))]!,
          0,
        );
    return made;
  };
  return along(
    along(image, (row, column) => row * side + column),
    (column, row) => row * side + column,
  );
}

test.each([1, 3])(
  'l1AndGms is √(d · (d / 4 + g)) with d = (ℓ1 + 4 s) / 5, of %d channels',
  async (channels) => {
    const side = 24;
    const [x, y] = [random(side, channels, 5), random(side, channels, 6)];
    const [a, b, gms] = await Promise.all(
      [x, y, msGmsResidualMap(x, y, { levels: 3 })].map((tensor) => tensor.data<'float32'>()),
    );
    const meanOver = (value: (difference: number) => number): number[] =>
      Array.from({ length: side * side }, (_, k) => {
        const differences = Array.from(
          { length: channels },
          (__, c) => a![k * channels + c]! - b![k * channels + c]!,
        );
        return differences.reduce((sum, difference) => sum + value(difference), 0) / channels;
      });
    const l1 = blurred(meanOver(Math.abs), side, 3);
    const signed = blurred(
      meanOver((difference) => difference),
      side,
      2,
    );
    const s = blurred(signed.map(Math.abs), side, 3);
    const g = blurred(Array.from(gms!), side, 3);
    const map = await detectorMaps.l1AndGms(x, y).data();
    for (let k = 0; k < side * side; k++) {
      const d = (l1[k]! + 4 * s[k]!) / 5;
      expect(map[k]).toBeCloseTo(Math.sqrt(d * (d / 4 + g[k]!)), 5);
    }
  },
);
