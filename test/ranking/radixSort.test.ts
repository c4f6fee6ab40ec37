import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { sortKeys, sortPairs } from '../../src/ranking/radixSort.js';

/** Keys that differ in some of their three digits only: of 11, 11 and 10 bits, from the lowest. */
const keys = (minLength: number, maxLength: number): fc.Arbitrary<Int32Array> =>
  fc
    .record({
      length: fc.integer({ min: minLength, max: maxLength }),
      differing: fc.constantFrom(-1, 0x7ff, 0x3ff800, 0x3fffff, -0x400000, -0x400000 | 0x7ff, 3, 0),
      base: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      seed: fc.integer(),
    })
    .map(({ length, differing, base, seed }) => {
      let state = seed;
      return Int32Array.from({ length }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
        return (base & ~differing) | ((mixed ^ (mixed >>> 13)) & differing);
      });
    });
const ascending = (values: Int32Array): number[] => [...values].sort((a, b) => a - b);

describe('sortKeys', () => {
  test.each([
    ['few keys', 0, 40],
    ['as few as are compared, or just enough for counters', 2040, 2056],
    ['many keys', 3000, 6000],
  ])('%s', (_, least, most) => {
    fc.assert(
      fc.property(keys(least, most), (given) => {
        expect([...sortKeys(given.slice())]).toEqual(ascending(given));
      }),
      { numRuns: 40 },
    );
  });

  test('compares fewer than 2,048 keys where they are, which is faster than counting', () => {
    const sort = vi.spyOn(Int32Array.prototype, 'sort');
    try {
      for (const [length, times] of [
        [1, 1],
        [2047, 1],
        [2048, 0],
      ] as const) {
        sort.mockClear();
        const given = Int32Array.from({ length }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
        const sorted = sortKeys(given);
        expect(sort).toHaveBeenCalledTimes(times);
        expect(sorted === given).toBe(times === 1);
      }
    } finally {
      sort.mockRestore();
    }
  });
});

test('sortPairs takes a number along with each key, and keeps equal keys in their order', () => {
  fc.assert(
    fc.property(fc.oneof(keys(0, 40), keys(3000, 3100)), (given) => {
      const places = Int32Array.from(given, (_, i) => i);
      const expected = [...places].sort((a, b) => given[a]! - given[b]! || a - b);
      const sorted = sortPairs(given.slice(), places);
      expect([...sorted.payload]).toEqual(expected);
      expect([...sorted.keys]).toEqual(ascending(given));
    }),
    { numRuns: 60 },
  );
});
