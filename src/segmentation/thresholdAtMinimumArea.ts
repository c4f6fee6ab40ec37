import { checkMaps, checkSize } from '../checks/arrays.js';
import type { ImageSize, ScoreMaps } from '../checks/arrays.js';
import { checkArguments, checkWhole } from '../checks/options.js';
import { isFloat32Array } from '../checks/typedArrays.js';
import { keyOfBits, nextFloat32, nextFloat64, rankedMaps } from '../ranking/keys.js';
import { sortPairs } from '../ranking/radixSort.js';
import { checkBorder } from './border.js';
import { checkConnectivity } from './connectedRegions.js';
import type { Connectivity } from './labelledRuns.js';

/** Options of {@link thresholdAtMinimumArea}. */
export interface ThresholdAtMinimumAreaOptions extends ImageSize {
  /** The least number of pixels of a defect, whole, ≥ 1: see `removeSmallRegions`. */
  readonly minimumArea: number;
  /**
   * Rows and columns along each edge of the image where nothing counts, whole, ≥ 0, as in `segment`.
   * @default 0
   */
  readonly border?: number;
  /**
   * Which neighbours touch: 4 share an edge, 8 an edge or a corner.
   * @default 8
   */
  readonly connectivity?: 4 | 8;
}

/**
 * The lowest threshold at which defect-free images show no defect of a minimum area.
 *
 * t = min {t : every connected region of {p : map(p) ≥ t} has fewer than minimumArea pixels, in every map},
 * the next number above the score at which a region first gets that large: the next float32 number if every map
 * is a Float32Array, else the next float64 number, the next that JavaScript has. Exact: pixels join their
 * neighbours in descending order of their scores. An opening, which `segment` can apply, only removes pixels,
 * so this threshold stays on the safe side.
 *
 * Shapes: N maps [H, W] of defect-free images, flat or a list → one number.
 * Range: from the lowest score, where even whole images are too small to be a defect, to just above the
 * highest.
 *
 * @param maps residual maps of defect-free images, higher = more anomalous
 * @param options the images' size, the area and the connectivity: see {@link ThresholdAtMinimumAreaOptions}
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown option or argument
 * @throws RangeError for lengths that are not a multiple of height · width, a NaN or an infinity among the
 * scores, an area that is not whole or below 1, a border that leaves nothing, or a region whose score is the
 * largest number that there is
 * @see Bergmann et al. 2019, "MVTec AD — A Comprehensive Real-World Dataset for Unsupervised Anomaly
 * Detection", section 4.2
 *
 * @example
 * ```ts
 * import { thresholdAtMinimumArea } from 'ssim-ae';
 *
 * const map = Float32Array.of(3, 0, 0, 0, 0, 2, 1, 0);
 * // The pixels with 2 and 1 share an edge, and would be a defect of two at a threshold of 1.
 * const t = thresholdAtMinimumArea(map, { height: 2, width: 4, minimumArea: 2, connectivity: 4 });
 * console.log(t > 1 && t <= 1.0001); // true
 * ```
 */
export function thresholdAtMinimumArea(maps: ScoreMaps, options: ThresholdAtMinimumAreaOptions): number {
  checkArguments('thresholdAtMinimumArea', arguments, 2);
  const name = 'thresholdAtMinimumArea';
  const size = checkSize(name, options, ['minimumArea', 'border', 'connectivity']);
  const border = checkBorder(name, options.border, size);
  const least = checkWhole(`${name}: minimumArea`, options.minimumArea, { least: 1 });
  const connectivity = checkConnectivity(name, options.connectivity);
  const inner = { height: size.height - 2 * border, width: size.width - 2 * border };
  const ranked = rankedMaps(checkMaps(name, maps, size).map((map) => within(map, size, border)));
  let highest: number | undefined;
  for (const bits of ranked.bits) {
    const found = keyOfFirstRegion(bits, inner, least, connectivity, highest);
    highest = found ?? highest;
  }
  if (highest !== undefined) return justAbove(ranked.scoreOf(highest), isFloat32(maps), name);
  let lowest = Infinity;
  for (const bits of ranked.bits) {
    for (let i = 0; i < bits.length; i++) lowest = Math.min(lowest, keyOfBits(bits[i]!));
  }
  return ranked.scoreOf(lowest);
}

/** Whether all maps came as float32: what they were checked to is float32 too where that holds every score. */
const isFloat32 = (maps: ScoreMaps): boolean =>
  Array.isArray(maps) ? (maps as readonly unknown[]).every(isFloat32Array) : isFloat32Array(maps);

function justAbove(score: number, asFloat32: boolean, functionName: string): number {
  const next = asFloat32 ? nextFloat32(score) : nextFloat64(score);
  if (next !== Infinity) return next;
  if (asFloat32) return nextFloat64(score);
  throw new RangeError(
    `${functionName}: a region of the minimum area has the score ${score}, the largest of all numbers, ` +
      'so no threshold lies above it; scale the maps down.',
  );
}

/** A map without its border. */
function within<Scores extends Float32Array | Float64Array>(
  map: Scores,
  { height, width }: ImageSize,
  border: number,
): Scores {
  if (border === 0) return map;
  return map.filter((_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    return y >= border && y < height - border && x >= border && x < width - border;
  }) as Scores;
}

/** The highest key, above `floor`, at which a region has `least` pixels, if there is one. */
function keyOfFirstRegion(
  bits: Int32Array,
  { height, width }: ImageSize,
  least: number,
  connectivity: Connectivity,
  floor: number | undefined,
): number | undefined {
  const above = floor ?? -Infinity;
  let count = 0;
  for (let i = 0; i < bits.length; i++) if (keyOfBits(bits[i]!) > above) count++;
  if (count < least) return undefined;
  const [aboveKeys, places] = [new Int32Array(count), new Int32Array(count)];
  for (let i = 0, k = 0; i < bits.length; i++) {
    const key = keyOfBits(bits[i]!);
    if (key <= above) continue;
    aboveKeys[k] = key;
    places[k++] = i;
  }
  const sorted = sortPairs(aboveKeys, places);

  const parents = new Int32Array(bits.length).fill(-1); // −1 where no pixel has come yet
  const areas = new Int32Array(bits.length);
  const rootOf = (pixel: number): number => {
    while (parents[pixel] !== pixel) {
      parents[pixel] = parents[parents[pixel]!]!;
      pixel = parents[pixel]!;
    }
    return pixel;
  };
  for (let k = count - 1; k >= 0; k--) {
    const pixel = sorted.payload[k]!;
    parents[pixel] = pixel;
    areas[pixel] = 1;
    let root = pixel;
    const y = Math.floor(pixel / width);
    const x = pixel - y * width;
    for (let dy = -1; dy <= 1; dy++) {
      if (y + dy < 0 || y + dy >= height) continue;
      for (let dx = -1; dx <= 1; dx++) {
        if (x + dx < 0 || x + dx >= width || (connectivity === 4 && dy !== 0 && dx !== 0)) continue;
        const neighbour = pixel + dy * width + dx;
        if (parents[neighbour] === -1) continue;
        const other = rootOf(neighbour);
        if (other === root) continue;
        const [large, small] = areas[other]! > areas[root]! ? [other, root] : [root, other];
        parents[small] = large;
        areas[large]! += areas[small]!;
        root = large;
      }
    }
    if (areas[root]! >= least) return sorted.keys[k]!;
  }
  return undefined;
}
