import { checkOptionNames, checkWhole } from '../checks/options.js';
import { isArrayOf } from '../checks/typedArrays.js';
import { binOf, lowestKeyOf, shiftOf } from '../ranking/bins.js';
import { floorKeysOf, joined, scoreOfKey } from '../ranking/keys.js';
import type { RankedScores } from '../ranking/keys.js';

/** How much an accumulator keeps. */
export interface AccumulatorOptions {
  /**
   * Up to so many scores every one is kept, in 4 bytes if float32 holds it and in 8 if not, and figures are exact;
   * beyond, they are counted in bins.
   * @default 1048576
   */
  readonly exactUpTo?: number;
  /**
   * Bins over all float32 values, a power of two from 2¹⁰ to 2²⁴. They are the same for all data: of 2ᵇ, each
   * power of two has 2ᵇ⁻⁹, so that a bin is 2⁹⁻ᵇ of its score wide.
   * @default 1048576
   */
  readonly bins?: number;
}

/** A figure, and how far it may be from that of the scores themselves. */
export interface BoundedFigure {
  /** The figure. */
  readonly value: number;
  /** The exact figure is in value ± errorBound; 0 where every score was kept. */
  readonly errorBound: number;
}

/** {@link AccumulatorOptions}, checked. */
export type Capacity = Required<AccumulatorOptions>;

export function resolveCapacity(functionName: string, options: AccumulatorOptions): Capacity {
  checkOptionNames(functionName, options, ['exactUpTo', 'bins']);
  return checkCapacity(functionName, options.exactUpTo ?? 2 ** 20, options.bins ?? 2 ** 20);
}

export function checkCapacity(functionName: string, givenExactUpTo: unknown, givenBins: unknown): Capacity {
  const exactUpTo = checkWhole(`${functionName}: exactUpTo`, givenExactUpTo, { least: 0 });
  const bins = checkWhole(`${functionName}: bins`, givenBins, { least: 2 ** 10, most: 2 ** 24 });
  if (!Number.isInteger(Math.log2(bins))) {
    throw new RangeError(`${functionName}: bins must be a power of two, but got ${bins}.`);
  }
  return { exactUpTo, bins };
}

/** Two accumulators that are merged must keep the same: the figure would depend on the order otherwise. */
export function checkSameCapacity(functionName: string, own: Capacity, other: Capacity): void {
  for (const name of ['exactUpTo', 'bins'] as const) {
    if (own[name] === other[name]) continue;
    throw new RangeError(
      `${functionName}: both accumulators must have the same ${name}, but got ${own[name]} and ${other[name]}.`,
    );
  }
}

/** There is no figure of nothing: not a perfect one either. */
export function checkFilled(functionName: string, count: number): void {
  if (count > 0) return;
  throw new RangeError(
    `${functionName}: nothing has been added yet, so there is no figure; call add, or merge one that has seen something.`,
  );
}

/** The bins of scores. */
export function binsOf(scores: RankedScores, capacity: Capacity): Int32Array {
  const shift = shiftOf(capacity.bins);
  return asKeys(scores).map((key) => binOf(key, shift));
}

/** Counts scores in their bins. */
export function countScores(column: Float64Array, scores: RankedScores, capacity: Capacity): void {
  const keys = asKeys(scores);
  const shift = shiftOf(capacity.bins);
  for (let i = 0; i < keys.length; i++) column[binOf(keys[i]!, shift)]!++;
}

/** A bin begins at a float32 number, so that what float32 holds below a score is in the same. */
const asKeys = (scores: RankedScores): Int32Array =>
  isArrayOf('Int32Array', scores) ? scores : floorKeysOf(scores);

/** The least score that falls into a bin: the threshold that finds it and all above it. */
export function lowestOf(bin: number, capacity: Capacity): number {
  const key = lowestKeyOf(bin, shiftOf(capacity.bins));
  // Scores below all finite float32 numbers are in the bin of −∞, of which no number is the lower edge.
  return key < lowestKey ? -Number.MAX_VALUE : scoreOfKey(key);
}

/** The lower edge of the bin of a score. */
export const lowerEdge = (score: number, capacity: Capacity): number =>
  lowestOf(binsOf(Float64Array.of(score), capacity)[0]!, capacity);

/** The keys of the lowest and the highest finite float32 number. */
export const lowestKey = -0x7f800000;
export const highestKey = 0x7f7fffff;

/** The bins that finite scores are in: one more than those of float32, for scores below all of it. */
export const binRange = ({ bins }: Capacity): readonly [first: number, last: number] => [
  binOf(lowestKey - 1, shiftOf(bins)),
  binOf(highestKey, shiftOf(bins)),
];

/** Scores that are appended in blocks. */
export class ScoreList {
  declare readonly blocks: RankedScores[];

  constructor() {
    this.blocks = [];
  }

  append(block: RankedScores): void {
    if (block.length > 0) this.blocks.push(block);
  }

  /** All of them in one new array: keys if all of them are. */
  joined(): RankedScores {
    return joined(this.blocks);
  }
}

export const sumOf = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0);
