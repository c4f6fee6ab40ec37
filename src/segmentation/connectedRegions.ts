import { checkMask, checkScores, checkSize } from '../checks/arrays.js';
import type { ImageSize, Labels, Scores } from '../checks/arrays.js';
import { checkArguments, checkChoice } from '../checks/options.js';
import { labelledRuns } from './labelledRuns.js';
import type { Connectivity } from './labelledRuns.js';

/** Options of {@link connectedRegions}. */
export interface ConnectedRegionsOptions extends ImageSize {
  /**
   * Which neighbours touch: 4 share an edge, 8 an edge or a corner.
   * @default 8
   */
  readonly connectivity?: 4 | 8;
  /**
   * The score of every pixel: with it, each region has a `score` and a `meanScore`.
   * @default none
   */
  readonly scores?: Scores;
}

/** One connected region of a mask. */
export interface Region {
  /** Pixels in it. */
  readonly area: number;
  /** The rows and columns that it lies in; `bottom` and `right` are one past the last. */
  readonly box: {
    /** The first row. */
    readonly top: number;
    /** The first column. */
    readonly left: number;
    /** One past the last row. */
    readonly bottom: number;
    /** One past the last column. */
    readonly right: number;
  };
  /** The mean row and column of its pixels. */
  readonly centroid: {
    /** Row, from the top. */
    readonly y: number;
    /** Column, from the left. */
    readonly x: number;
  };
  /** The highest score in it; undefined without scores. */
  readonly score: number | undefined;
  /** The mean score in it; undefined without scores. */
  readonly meanScore: number | undefined;
}

/** What {@link connectedRegions} found. */
export interface ConnectedRegions {
  /** How many regions there are. */
  readonly count: number;
  /** The region of every pixel, 1 … count, or 0 outside: a map [H, W]. */
  readonly labels: Int32Array;
  /** The regions in the order of their labels: `regions[0]` has the label 1. */
  readonly regions: readonly Region[];
}

/**
 * The connected regions of a mask, to tell one defect from the next.
 *
 * labels(p) = labels(q) ≠ 0 if and only if a path of neighbouring mask pixels leads from p to q. The labels
 * count up in the order in which a scan row by row meets the regions, as in scipy.ndimage.label.
 *
 * Shapes: mask [H, W], flat → labels [H, W], flat, and one entry for each region.
 * Range: labels 0 … count; boxes and centroids in pixels, the first pixel's centre being (0, 0).
 *
 * @param mask one image's pixels, 1 or true inside
 * @param options the image's size, connectivity and scores: see {@link ConnectedRegionsOptions}
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown option or argument
 * @throws RangeError for a length other than height · width, values other than 0 and 1, or a NaN among the
 * scores
 * @see Rosenfeld and Pfaltz 1966, "Sequential Operations in Digital Picture Processing"
 *
 * @example
 * ```ts
 * import { connectedRegions } from 'ssim-ae';
 *
 * const mask = [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1];
 * const { count, regions } = connectedRegions(mask, { height: 3, width: 4, connectivity: 8 });
 * console.log(count); // 2
 * console.log(regions.map(({ area }) => area)); // [2, 2]
 * ```
 */
export function connectedRegions(mask: Labels, options: ConnectedRegionsOptions): ConnectedRegions {
  checkArguments('connectedRegions', arguments, 2);
  const name = 'connectedRegions';
  const size = checkSize(name, options, ['connectivity', 'scores']);
  const { width } = size;
  const pixels = checkMask(name, mask, size);
  const connectivity = checkConnectivity(name, options.connectivity);
  const scores = options.scores === undefined ? undefined : checkScores(`${name}: scores`, options.scores);
  if (scores !== undefined && scores.length !== pixels.length) {
    throw new RangeError(
      `${name}: there must be one score for each of the ${pixels.length} pixels, but got ${scores.length}.`,
    );
  }

  const { runs, starts, ends, regions, count, areas } = labelledRuns(
    pixels,
    size.height,
    width,
    connectivity,
  );
  const labels = new Int32Array(pixels.length);
  const [tops, bottoms] = [new Int32Array(count).fill(-1), new Int32Array(count)];
  const [lefts, rights] = [new Int32Array(count).fill(width), new Int32Array(count)];
  const [sumY, sumX] = [new Float64Array(count), new Float64Array(count)];
  const [highest, sums] = [new Float64Array(count).fill(-Infinity), new Float64Array(count)];
  for (let run = 0; run < runs; run++) {
    const region = regions[run]!;
    const [start, end] = [starts[run]!, ends[run]!];
    if (end - start > 16) labels.fill(region + 1, start, end);
    else for (let i = start; i < end; i++) labels[i] = region + 1;
    const y = Math.floor(start / width);
    const [left, length] = [start - y * width, end - start];
    if (tops[region] === -1) tops[region] = y;
    bottoms[region] = y + 1;
    if (left < lefts[region]!) lefts[region] = left;
    if (left + length > rights[region]!) rights[region] = left + length;
    sumY[region]! += y * length;
    sumX[region]! += (left + (length - 1) / 2) * length;
    if (scores === undefined) continue;
    for (let i = start; i < end; i++) {
      const score = scores[i]!;
      if (score > highest[region]!) highest[region] = score;
      sums[region]! += score;
    }
  }
  return {
    count,
    labels,
    regions: Array.from(areas, (area, region) => ({
      area,
      box: { top: tops[region]!, left: lefts[region]!, bottom: bottoms[region]!, right: rights[region]! },
      centroid: { y: sumY[region]! / area, x: sumX[region]! / area },
      score: scores === undefined ? undefined : highest[region]!,
      meanScore: scores === undefined ? undefined : sums[region]! / area,
    })),
  };
}

/** 4 or 8; 8 unless given. */
export const checkConnectivity = (functionName: string, value: unknown = 8): Connectivity =>
  checkChoice(`${functionName}: connectivity`, value, [4, 8]);
