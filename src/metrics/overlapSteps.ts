import type { ImageSize } from '../checks/arrays.js';
import { binOf, cutAbove, cutCounts, cutShift } from '../ranking/bins.js';
import { keyOfBits, rankedMaps } from '../ranking/keys.js';
import { sortKeys, sortPairs } from '../ranking/radixSort.js';
import { walkDown } from '../ranking/walk.js';
import { labelledRuns } from '../segmentation/labelledRuns.js';
import type { LabelledRuns } from '../segmentation/labelledRuns.js';

/** The per-region overlap at every distinct score, from the highest down. */
export interface OverlapSteps {
  /** Pixels outside all regions, over the whole set. */
  readonly negatives: number;
  /** Regions, over the whole set. */
  readonly regions: number;
  /**
   * Visits each step with the mean overlap of the regions and the number of false positives at that threshold, and
   * its key, until a visit gives false.
   */
  readonly visit: (step: (overlap: number, falsePositives: number, key: number) => boolean | void) => void;
  /** The score that a key stands for. */
  readonly scoreOf: (key: number) => number;
}

const highUnit = 2 ** 30;
const lowUnit = 2 ** 48;

/**
 * A sum of 1 / area over pixels, exact to 2⁻⁷⁸ and the same whatever the order of its terms: each is a whole
 * number of units of 2⁻⁷⁸, kept as one of 2⁻³⁰ and a rest. A sum of doubles would depend on the order.
 */
export class ShareSum {
  declare high: number;
  declare low: number;

  constructor() {
    this.set(0, 0);
  }

  set(high: number, low: number): void {
    this.high = high;
    this.low = low;
  }

  /** Adds the share of one pixel of a region of this area. */
  addShare(area: number): void {
    const high = Math.floor(highUnit / area);
    this.add(high, Math.floor(((highUnit - high * area) * lowUnit) / area));
  }

  add(high: number, low: number): void {
    this.high += high;
    this.low += low;
    if (this.low < lowUnit) return;
    this.low -= lowUnit;
    this.high++;
  }

  get value(): number {
    return (this.high + this.low / lowUnit) / highUnit;
  }
}

/** The shares of bins must add up to one for each region, to what was rounded for each pixel. */
export function checkShares(
  functionName: string,
  high: Float64Array,
  low: Float64Array,
  { regions, positives }: { readonly regions: number; readonly positives: number },
): void {
  const sum = new ShareSum();
  for (let bin = 0; bin < high.length; bin++) {
    if (low[bin]! >= lowUnit) {
      throw new RangeError(
        `${functionName}: binned.low must be below ${lowUnit} in every bin, but got ${low[bin]}.`,
      );
    }
    sum.add(high[bin]!, low[bin]!);
  }
  const missing = (regions * highUnit - sum.high) * lowUnit - sum.low;
  if (positives >= regions && Math.abs(missing) <= positives) return;
  throw new RangeError(
    `${functionName}: the shares of binned, high and low, add up to ${sum.value} regions over ${positives} pixels, ` +
      `but regions is ${regions}.`,
  );
}

/** Pixels as keys in any order, those in regions with their region's area. */
export interface OverlapPixels {
  /** Keys of pixels in regions, at least down to where the steps are needed. */
  readonly positiveKeys: Int32Array;
  readonly areas: Int32Array;
  /** Keys of the other pixels, at least down to the same. */
  readonly negativeKeys: Int32Array;
  readonly negatives: number;
  readonly regions: number;
  readonly scoreOf: (key: number) => number;
}

/** The steps of such pixels; uses the arrays up. */
export function overlapSteps(pixels: OverlapPixels): OverlapSteps {
  const { negatives, regions, scoreOf } = pixels;
  const { keys: positiveKeys, payload: areas } = sortPairs(pixels.positiveKeys, pixels.areas);
  const negativeKeys = sortKeys(pixels.negativeKeys);
  return {
    negatives,
    regions,
    visit: (step) => {
      const found = new ShareSum();
      let [p, overlap, falsePositives] = [positiveKeys.length, 0, 0];
      walkDown(positiveKeys, negativeKeys, (ofPositives, ofNegatives, key) => {
        if (ofPositives > 0) {
          for (const end = p - ofPositives; p > end;) found.addShare(areas[--p]!);
          overlap = found.value / regions;
        }
        falsePositives += ofNegatives;
        return step(overlap, falsePositives, key);
      });
    },
    scoreOf,
  };
}

/**
 * The steps of checked maps and masks, regions 8-connected, down to a false positive rate of `limit`: a first
 * pass counts the pixels in bins, so that only those above the limit are kept and
 * sorted, in 8 bytes each.
 */
export function overlapStepsOf(
  maps: readonly (Float32Array | Float64Array)[],
  masks: readonly Uint8Array[],
  { height, width }: ImageSize,
  limit: number,
): OverlapSteps {
  const { bits, scoreOf } = rankedMaps(maps);
  const runsOf = masks.map((mask) => labelledRuns(mask, height, width, 8));
  const [inside, outside] = [cutCounts(), cutCounts()];
  bits.forEach((values, image) => countKeys(values, masks[image]!, inside, outside));
  const negatives = sumOf(outside);
  const { bin, kept, lowest } = cutAbove(outside, limit === 1 ? Infinity : limit * negatives);
  const keptInside = sumOf(inside.subarray(bin));

  const negativeKeys = new Int32Array(kept);
  const [positiveKeys, areas] = [new Int32Array(keptInside), new Int32Array(keptInside)];
  let [n, p] = [0, 0];
  bits.forEach((values, image) => {
    n = keepNegatives(values, masks[image]!, lowest, negativeKeys, n);
    p = keepPositives(values, runsOf[image]!, lowest, positiveKeys, areas, p);
  });
  const regions = runsOf.reduce((sum, { count }) => sum + count, 0);
  return overlapSteps({ positiveKeys, areas, negativeKeys, negatives, regions, scoreOf });
}

const sumOf = (counts: Uint32Array): number => counts.reduce((sum, count) => sum + count, 0);

/** Counts the keys in regions and outside in the bins of the first pass. */
function countKeys(bits: Int32Array, mask: Uint8Array, inside: Uint32Array, outside: Uint32Array): void {
  for (let i = 0; i < bits.length; i++) {
    const bin = binOf(keyOfBits(bits[i]!), cutShift);
    if (mask[i] === 0) outside[bin]!++;
    else inside[bin]!++;
  }
}

/** Appends the keys outside of regions from `lowest` up, and gives where they end. */
function keepNegatives(
  bits: Int32Array,
  mask: Uint8Array,
  lowest: number,
  keys: Int32Array,
  end: number,
): number {
  for (let i = 0; i < bits.length; i++) {
    const key = keyOfBits(bits[i]!);
    if (key >= lowest && mask[i] === 0) keys[end++] = key;
  }
  return end;
}

/** Appends the keys in regions from `lowest` up, with their regions' areas, and gives where they end. */
function keepPositives(
  bits: Int32Array,
  { starts, ends, regions, areas }: LabelledRuns,
  lowest: number,
  keys: Int32Array,
  areasOfKeys: Int32Array,
  end: number,
): number {
  regions.forEach((region, run) => {
    const area = areas[region]!;
    for (let i = starts[run]!; i < ends[run]!; i++) {
      const key = keyOfBits(bits[i]!);
      if (key < lowest) continue;
      keys[end] = key;
      areasOfKeys[end++] = area;
    }
  });
  return end;
}
