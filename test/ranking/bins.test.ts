import fc from 'fast-check';
import { expect, test } from 'vitest';
import { binOf, cutAbove, cutCounts, cutShift, lowestKeyOf, shiftOf } from '../../src/ranking/bins.js';

const key = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(-(2 ** 31), -1, 0, 1, 2 ** 31 - 1),
);

test('a key lies in the bin between the lowest keys of its bin and of the next, and all bins are of one size', () => {
  fc.assert(
    fc.property(key, fc.constantFrom(10, 16, 20, 24), (of, bits) => {
      const shift = shiftOf(2 ** bits);
      const bin = binOf(of, shift);
      expect(bin).toBe(Math.floor((of + 2 ** 31) / 2 ** (32 - bits)));
      expect(lowestKeyOf(bin, shift)).toBe(bin * 2 ** (32 - bits) - 2 ** 31);
    }),
  );
});

test('the cut takes the fewest of the highest bins that hold enough', () => {
  const counts = cutCounts();
  expect(counts).toHaveLength(2 ** (32 - cutShift));
  counts.set([4, 0, 3], 100);
  counts[65535] = 2;
  for (const [enough, bin, kept] of [
    [0.5, 65535, 2],
    [2, 65535, 2],
    [2.5, 102, 5],
    [5, 102, 5],
    [6, 100, 9],
    [9, 100, 9],
    [Infinity, 0, 9],
  ] as const) {
    expect(cutAbove(counts, enough)).toEqual({ bin, kept, lowest: lowestKeyOf(bin, cutShift) });
  }
});
