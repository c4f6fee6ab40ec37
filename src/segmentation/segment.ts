import { checkMaps, checkSize } from '../checks/arrays.js';
import type { ImageSize, ScoreMaps } from '../checks/arrays.js';
import { checkArguments, checkNumber, checkWhole } from '../checks/options.js';
import { checkBorder } from './border.js';
import { checkConnectivity } from './connectedRegions.js';
import { openMask } from './openMask.js';
import { removeSmallRegions } from './removeSmallRegions.js';

/** Options of {@link segment}. */
export interface SegmentOptions extends ImageSize {
  /** Pixels with a score ≥ it are defective: see `thresholdAtMinimumArea` and `thresholdAtQuantile`. */
  readonly threshold: number;
  /**
   * Rows and columns along each edge of the image where nothing counts, whole, ≥ 0: windows that reach over the
   * edge make maps less certain there.
   * @default 0
   */
  readonly border?: number;
  /**
   * Radius of the disk that the mask is opened with, whole, ≥ 0: see `openMask`.
   * @default 0
   */
  readonly openingRadius?: number;
  /**
   * The least number of pixels of a region that stays, whole, ≥ 1: see `removeSmallRegions`.
   * @default 1
   */
  readonly minimumArea?: number;
  /**
   * Which neighbours touch: 4 share an edge, 8 an edge or a corner.
   * @default 8
   */
  readonly connectivity?: 4 | 8;
}

/**
 * Masks of the defects, from residual maps and a threshold.
 *
 * mask = large({p : map(p) ≥ t, p not in the border} ∘ D), ∘ D the opening by a disk, large(·) the regions of at
 * least minimumArea pixels: first the threshold, then the border, the opening, and the area, separately for
 * every image.
 *
 * Shapes: N maps [H, W], flat or a list → N masks [H, W], flat.
 * Range: 0 and 1.
 *
 * @param maps residual maps, higher = more anomalous
 * @param options the images' size, the threshold and what comes after it: see {@link SegmentOptions}
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown option or argument
 * @throws RangeError for lengths that are not a multiple of height · width, a NaN or an infinity among the scores
 * or as the threshold, a border that leaves nothing, or a radius, border or area that is not whole or too small
 * @see Bergmann et al. 2019, "MVTec AD — A Comprehensive Real-World Dataset for Unsupervised Anomaly
 * Detection", section 4.2
 *
 * @example
 * ```ts
 * import { segment } from 'ssim-ae';
 *
 * const map = [0.9, 0.1, 0.1, 0.2, 0.1, 0.8, 0.7, 0.1];
 * const mask = segment(map, { height: 2, width: 4, threshold: 0.5, minimumArea: 2, connectivity: 4 });
 * console.log([...mask]); // [0, 0, 0, 0, 0, 1, 1, 0]
 * ```
 */
export function segment(maps: ScoreMaps, options: SegmentOptions): Uint8Array {
  checkArguments('segment', arguments, 2);
  const name = 'segment';
  const size = checkSize(name, options, [
    'threshold',
    'border',
    'openingRadius',
    'minimumArea',
    'connectivity',
  ]);
  const threshold = checkNumber(`${name}: threshold`, options.threshold);
  const border = checkBorder(name, options.border, size);
  const radius = checkWhole(`${name}: openingRadius`, options.openingRadius ?? 0, { least: 0 });
  const minimumArea = checkWhole(`${name}: minimumArea`, options.minimumArea ?? 1, { least: 1 });
  const connectivity = checkConnectivity(name, options.connectivity);
  const checked = checkMaps(name, maps, size);
  const { height, width } = size;
  const masks = new Uint8Array(checked.length * height * width);
  checked.forEach((map, image) => {
    let mask: Uint8Array = new Uint8Array(height * width);
    for (let y = border; y < height - border; y++) {
      for (let x = border, i = y * width + x; x < width - border; x++, i++) {
        mask[i] = map[i]! >= threshold ? 1 : 0;
      }
    }
    if (radius > 0) mask = openMask(mask, { height, width, radius });
    if (minimumArea > 1) mask = removeSmallRegions(mask, { height, width, minimumArea, connectivity });
    masks.set(mask, image * height * width);
  });
  return masks;
}
