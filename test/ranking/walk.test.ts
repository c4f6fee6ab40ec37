import fc from 'fast-check';
import { expect, test } from 'vitest';
import { walkDown } from '../../src/ranking/walk.js';

const keys = fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 30 });

test('walkDown meets every distinct key once, from the highest, with how often either array has it', () => {
  fc.assert(
    fc.property(keys, keys, fc.constantFrom(Int32Array, Float64Array), fc.nat(20), (a, b, type, last) => {
      const distinct = [...new Set([...a, ...b])].sort((x, y) => y - x);
      const count = (list: readonly number[], key: number): number => list.filter((x) => x === key).length;
      const expected = distinct.map((key) => [count(a, key), count(b, key), key]);
      const [first, second] = [type.from(a).sort(), type.from(b).sort()];
      const all: number[][] = [];
      walkDown(first, second, (...step) => void all.push(step));
      expect(all).toEqual(expected);
      const some: number[][] = [];
      walkDown(first, second, (...step) => some.push(step) <= last);
      expect(some).toEqual(expected.slice(0, last + 1));
    }),
  );
});
