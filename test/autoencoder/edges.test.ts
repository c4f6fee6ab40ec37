import { describe, expect, test } from 'vitest';
import { evenEdges } from '../../src/autoencoder/edges.js';
import { randomFrom } from '../../src/autoencoder/random.js';

const [height, width, reach] = [40, 56, 4];
/** How far from top and bottom, and from left and right. */
const distancesOf = (k: number): [number, number] => {
  const [row, column] = [Math.floor(k / width), k % width];
  return [Math.min(row, height - 1 - row), Math.min(column, width - 1 - column)];
};
const distanceOf = (k: number): number => Math.min(...distancesOf(k));
const random = randomFrom(5);
/** As noisy everywhere. */
const flat = Float32Array.from({ length: height * width }, () => 0.5 + random());
const even = (map: Float32Array): Float32Array => evenEdges(map, { height, width }, reach);
const largestGap = (x: Float32Array, y: Float32Array): number =>
  x.reduce((most, value, k) => Math.max(most, Math.abs(value - y[k]!)), 0);
const meanAt = (map: Float32Array, distance: number): number => {
  const values = map.filter((_, k) => distanceOf(k) === distance);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
};

describe('a map that is larger along the edges', () => {
  const harder = (ofRows: readonly number[], ofColumns: readonly number[]): Float32Array =>
    flat.map((value, k) => {
      const [down, across] = distancesOf(k);
      return value * (ofRows[down] ?? 1) * (ofColumns[across] ?? 1);
    });
  const biased = harder([1.9, 1.7, 1.6, 1.5], [2, 1.8, 1.6, 1.5]);

  test('is made as even as it would be without', () => {
    expect(meanAt(biased, 0) / meanAt(biased, 10)).toBeGreaterThan(1.8);
    const made = even(biased);
    for (const distance of [0, 1, 2, 3]) {
      expect(meanAt(made, distance) / meanAt(made, 4)).toBeGreaterThan(0.85);
      expect(meanAt(made, distance) / meanAt(made, 4)).toBeLessThan(1.15);
    }
  });

  test('is the same whatever the factors are, to rounding', () => {
    const other = harder([1.5, 1.4, 1.4, 1.4], [2.4, 2, 1.7, 1.5]);
    expect(largestGap(even(biased), even(other))).toBeLessThan(1e-5);
    // As of stripes that run from top to bottom.
    const leftAndRight = harder([1.5, 1.5, 1.5, 1.5], [3.5, 3, 2, 1.5]);
    const corner = (k: number): boolean => Math.max(...distancesOf(k)) < reach;
    expect(
      largestGap(
        even(biased),
        even(leftAndRight).map((value, k) => (corner(k) ? even(biased)[k]! : value)),
      ),
    ).toBeLessThan(1e-5);
  });

  test('keeps a defect at the edge: one that covers less than half of a line', () => {
    const defect = (k: number): boolean => Math.floor(k / width) < 3 && k % width > 10 && k % width < 20;
    const made = even(biased.map((value, k) => (defect(k) ? 4 * value : value)));
    const inside = made.filter((_, k) => defect(k));
    const elsewhere = made.filter((_, k) => !defect(k));
    expect(Math.min(...inside)).toBeGreaterThan(1.2);
    expect(inside.reduce((sum, value) => sum + value, 0) / inside.length).toBeGreaterThan(
      Math.max(...elsewhere),
    );
  });
});

describe('what stays as it is', () => {
  test('pixels further in, and the map that was given', () => {
    const given = flat.slice();
    const made = even(given);
    expect(given).toEqual(flat);
    expect(made.every((value, k) => distanceOf(k) < reach || value === flat[k])).toBe(true);
  });

  test('a map that is smaller along the edges, such as that of a thing before a plain ground', () => {
    const smaller = flat.map((value, k) => (distanceOf(k) < reach ? 0.01 * value : value));
    expect(even(smaller)).toEqual(smaller);
  });

  test('an edge far above the rest is brought down by no more than 4', () => {
    const frame = flat.map((value, k) => (distanceOf(k) < reach ? 100 * value : value));
    expect(
      largestGap(
        even(frame),
        frame.map((value, k) => (distanceOf(k) < reach ? value / 4 : value)),
      ),
    ).toBe(0);
  });

  test('zeros', () =>
    expect(even(new Float32Array(height * width)).every((value) => value === 0)).toBe(true));

  test('an image of one patch, odd and all', () => {
    const made = evenEdges(
      Float32Array.from({ length: 81 }, () => 2),
      { height: 9, width: 9 },
      2,
    );
    expect(made.every((value) => value === 2)).toBe(true);
  });
});
