import {
  add,
  fill,
  memory,
  pad,
  randomNormal,
  randomUniform,
  reshape,
  tensor4d,
  transpose,
} from '@tensorflow/tfjs-core';
import type { Rank, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { msGmsResidualMap } from '../../src/index.js';
import { alongLines } from '../../src/autoencoder/alongLines.js';
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

type Size = readonly [height: number, width: number];

/** Σ_k taps_k · the k-th pixel in a direction, over a mirrored border, number by number. */
function along(
  image: readonly number[],
  [height, width]: Size,
  sigma: number,
  reach: number,
  [down, right]: readonly [number, number],
): number[] {
  const taps = Array.from({ length: 2 * reach + 1 }, (_, k) =>
    Math.exp(-((k - reach) ** 2) / (2 * sigma ** 2)),
  );
  const total = taps.reduce((sum, tap) => sum + tap, 0);
  const mirrored = (k: number, length: number): number =>
    k < 0 ? -1 - k : k >= length ? 2 * length - 1 - k : k;
  return image.map((_, pixel) => {
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    const at = (k: number): number =>
      mirrored(row + k * down, height) * width + mirrored(column + k * right, width);
    return taps.reduce((sum, tap, j) => sum + (tap / total) * image[at(j - reach)]!, 0);
  });
}

function blurred(image: readonly number[], size: Size, sigma: number): number[] {
  const reach = Math.ceil(3 * sigma);
  return along(along(image, size, sigma, reach, [1, 0]), size, sigma, reach, [0, 1]);
}

/** The largest |sum| along a line: straight ones of deviation 5, diagonal ones in steps of √2. */
function largestSum(image: readonly number[], size: Size): number[] {
  const [straight, diagonal] = [13, 9].map((reach) => Math.min(reach, ...size)) as [number, number];
  const sums = [
    along(image, size, 5, straight, [0, 1]),
    along(image, size, 5, straight, [1, 0]),
    along(image, size, 5 / Math.SQRT2, diagonal, [1, 1]),
    along(image, size, 5 / Math.SQRT2, diagonal, [1, -1]),
  ];
  return image.map((_, k) => Math.max(...sums.map((sum) => Math.abs(sum[k]!))));
}

test.each([
  [24, 24, 1],
  [20, 37, 3],
  [41, 9, 2],
  [8, 8, 1],
])('alongLines of images of %d × %d pixels with %d channels', async (height, width, channels) => {
  const images = randomNormal<Rank.R4>([2, height, width, channels], 0, 1, 'float32', 7);
  const planes = reshape(transpose(images, [0, 3, 1, 2]), [2 * channels, height * width]);
  const sums = transpose(alongLines(images), [0, 3, 1, 2]);
  const values = await sums.data();
  const expected = ((await planes.array()) as number[][]).flatMap((plane) =>
    largestSum(plane, [height, width]),
  );
  expect(sums.shape).toEqual([2, channels, height, width]);
  expect(expected.every((value, k) => Math.abs(value - values[k]!) < 1e-6)).toBe(true);
});

test.each([1, 3])(
  'l1AndGms is √(d · (d / 4 + g)) with d = (ℓ1 + 19 s) / 20, of %d channels',
  async (channels) => {
    const side = 24;
    const size = [side, side] as const;
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
    const l1 = blurred(meanOver(Math.abs), size, 3);
    const signed = meanOver((difference) => difference);
    const s = blurred(largestSum(blurred(signed, size, 1.5), size), size, 3);
    const g = blurred(Array.from(gms!), size, 3);
    const map = await detectorMaps.l1AndGms(x, y).data();
    for (let k = 0; k < side * side; k++) {
      const d = (l1[k]! + 19 * s[k]!) / 20;
      expect(map[k]).toBeCloseTo(Math.sqrt(d * (d / 4 + g[k]!)), 5);
    }
  },
);

test.each([
  ['lines', (row: number, column: number) => Number(row === column || column === 20)],
  ['colour alone', (row: number, _: number, c: number) => (row === 20 ? [1, -0.5, -0.5][c]! : 0)],
] as const)('l1AndGms shows thin %s', async (_, shape) => {
  const side = 48;
  const ground = fill<Rank.R4>([1, side, side, 3], 0.5);
  const lines = Float32Array.from({ length: side * side * 3 }, (__, k) => {
    const pixel = Math.floor(k / 3);
    return 0.2 * shape(Math.floor(pixel / side), pixel % side, k % 3);
  });
  const map = await detectorMaps.l1AndGms(add(ground, tensor4d(lines, [1, side, side, 3])), ground).data();
  const [on, off] = [map[20 * side + 20]!, map[40 * side + 4]!];
  expect(on).toBeGreaterThan(0.005);
  expect(on).toBeGreaterThan(10 * off);
});
