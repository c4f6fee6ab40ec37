// The bins that accumulators count scores in.

import { isArrayOf } from '../checks/typedArrays.js';
import { binOf, lowestKeyOf, shiftOf } from '../ranking/bins.js';
import { floorKeysOf, scoreOfKey } from '../ranking/keys.js';
import type { RankedScores } from '../ranking/keys.js';

/** The bins of scores. */
export function binsOf(scores: RankedScores, bins: number): Int32Array {
  const shift = shiftOf(bins);
  return asKeys(scores).map((key) => binOf(key, shift));
}

/** Counts lists of scores in a column with a count for each bin. */
export function countScores(column: Float64Array, lists: readonly RankedScores[]): void {
  const shift = shiftOf(column.length);
  for (const scores of lists) {
    const keys = asKeys(scores);
    for (let i = 0; i < keys.length; i++) column[binOf(keys[i]!, shift)]!++;
  }
}

/** Adds the counts of one column to those of another. */
export function addCounts(column: Float64Array, other: Float64Array): void {
  for (let bin = 0; bin < column.length; bin++) column[bin]! += other[bin]!;
}

/** A bin begins at a float32 number, so that what float32 holds below a score is in the same. */
const asKeys = (scores: RankedScores): Int32Array =>
  isArrayOf('Int32Array', scores) ? scores : floorKeysOf(scores);

/** The least score that falls into a bin: the threshold that finds it and all above it. */
export function lowestOf(bin: number, bins: number): number {
  const key = lowestKeyOf(bin, shiftOf(bins));
  // Scores below all finite float32 numbers are in the bin of −∞, of which no number is the lower edge.
  return key < lowestKey ? -Number.MAX_VALUE : scoreOfKey(key);
}

/** The lower edge of the bin of a score. */
export const lowerEdge = (score: number, bins: number): number =>
  lowestOf(binsOf(Float64Array.of(score), bins)[0]!, bins);

/** The keys of the lowest and the highest finite float32 number. */
export const lowestKey = -0x7f800000;
export const highestKey = 0x7f7fffff;

/** The bins that finite scores are in: one more than those of float32, for scores below all of it. */
export const binRange = (bins: number): readonly [first: number, last: number] => [
  binOf(lowestKey - 1, shiftOf(bins)),
  binOf(highestKey, shiftOf(bins)),
];

/** The bins, few of the many, that hold something in one of the columns. */
export function usedBins(columns: readonly Float64Array[]): Int32Array {
  const isUsed = new Uint8Array(columns.reduce((most, { length }) => Math.max(most, length), 0));
  for (const column of columns) {
    for (let bin = 0; bin < column.length; bin++) if (column[bin] !== 0) isUsed[bin] = 1;
  }
  const used: number[] = [];
  for (let bin = 0; bin < isUsed.length; bin++) if (isUsed[bin] === 1) used.push(bin);
  return Int32Array.from(used);
}

export const sumOf = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0);

export const lengthOf = (lists: readonly RankedScores[]): number =>
  lists.reduce((sum, { length }) => sum + length, 0);
