import { isArrayOf, isFloat32Array } from '../checks/typedArrays.js';

/**
 * Whole numbers in the order of the float32 values: the bits of a positive number are in order as they are,
 * those of a negative one run backwards. −0 and 0 share the key 0.
 */
export function keysOf(values: Float32Array): Int32Array {
  const bits = bitsOf(values);
  const keys = new Int32Array(values.length);
  for (let i = 0; i < keys.length; i++) keys[i] = keyOfBits(bits[i]!);
  return keys;
}

/** Float32 values, seen as their bits. */
export function bitsOf(values: Float32Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length);
}

/** The key of a float32 value given by its bits. */
export function keyOfBits(bits: number): number {
  const key = bits ^ ((bits >> 31) & 0x7fffffff);
  return key === -1 ? 0 : key;
}

/** The float32 value of a key: the way back. */
export function scoreOfKey(key: number): number {
  return new Float32Array(Int32Array.of(key ^ ((key >> 31) & 0x7fffffff)).buffer)[0]!;
}

/** The keys of the highest float32 values that are not above these scores; below all of them, that of −∞. */
export function floorKeysOf(scores: Float64Array): Int32Array {
  const rounded = new Float32Array(scores);
  const keys = keysOf(rounded);
  for (let i = 0; i < keys.length; i++) if (rounded[i]! > scores[i]!) keys[i]!--;
  return keys;
}

/** Scores as numbers in their order: the keys of float32 scores, or float64 scores themselves, with no −0. */
export type RankedScores = Int32Array | Float64Array;

export const rankedScores = (scores: Float32Array | Float64Array): RankedScores =>
  isFloat32Array(scores) ? keysOf(scores) : scores.map(withoutSign);

/** The scores of keys. */
export function scoresOfKeys(keys: Int32Array): Float64Array {
  const bits = keys.map((key) => key ^ ((key >> 31) & 0x7fffffff));
  return new Float64Array(new Float32Array(bits.buffer));
}

/** The same scores in one type, so that they can be compared: keys if all of them are. */
export function alike(lists: readonly RankedScores[]): readonly Int32Array[] | readonly Float64Array[] {
  const areKeys = (scores: RankedScores): scores is Int32Array => isArrayOf('Int32Array', scores);
  if (lists.every(areKeys)) return lists;
  return lists.map((scores) => (areKeys(scores) ? scoresOfKeys(scores) : scores));
}

/** All of these in one new array: keys if all that hold any are. */
export function joined(lists: readonly Int32Array[]): Int32Array;
export function joined(lists: readonly RankedScores[]): RankedScores;
export function joined(lists: readonly RankedScores[]): RankedScores {
  const filled = alike(lists.filter(({ length }) => length > 0));
  const length = filled.reduce((sum, list) => sum + list.length, 0);
  const all =
    length === 0 || isArrayOf('Int32Array', filled[0]) ? new Int32Array(length) : new Float64Array(length);
  let end = 0;
  for (const list of filled) all.set(list, (end += list.length) - list.length);
  return all;
}

const withoutSign = (score: number): number => score + 0;

/** Keys in the order of the scores, over several arrays together. */
export interface RankedMaps {
  /** What `keyOfBits` makes the keys from: float32 maps themselves, seen as their bits. */
  readonly bits: readonly Int32Array[];
  /** The score that a key stands for. */
  readonly scoreOf: (key: number) => number;
}

/** Keys of score maps: float32 by their bits, float64 by their place among all distinct scores. */
export function rankedMaps(maps: readonly (Float32Array | Float64Array)[]): RankedMaps {
  if (maps.every(isFloat32Array)) return { bits: maps.map(bitsOf), scoreOf: scoreOfKey };
  const distinct = distinctScores(maps);
  return {
    // A place is ≥ 0, and so its own key.
    bits: maps.map((map) => Int32Array.from(map, (score) => placeOf(distinct, score))),
    scoreOf: (key) => withoutSign(distinct[key] ?? NaN),
  };
}

function distinctScores(maps: readonly (Float32Array | Float64Array)[]): Float64Array {
  const all = new Float64Array(maps.reduce((total, map) => total + map.length, 0));
  let end = 0;
  for (const map of maps) {
    all.set(map, end);
    end += map.length;
  }
  all.sort();
  let count = 0;
  for (let i = 0; i < all.length; i++) {
    if (count === 0 || all[i] !== all[count - 1]) all[count++] = all[i]!;
  }
  return all.subarray(0, count);
}

function placeOf(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The least float32 number above one. */
export const nextFloat32 = (value: number): number =>
  withoutSign(scoreOfKey(keysOf(Float32Array.of(value))[0]! + 1));

/** The least float64 number above one. */
export function nextFloat64(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const bits = new BigInt64Array(Float64Array.of(value).buffer);
  bits[0] = bits[0]! + BigInt(value > 0 ? 1 : -1);
  return withoutSign(new Float64Array(bits.buffer)[0]!);
}
