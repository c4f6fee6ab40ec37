import type { ImageSize, Masks, ScoreMaps } from '../checks/arrays.js';
import { checkArguments } from '../checks/options.js';
import { joined } from '../ranking/keys.js';
import { sortKeys } from '../ranking/radixSort.js';
import { walkDown } from '../ranking/walk.js';
import { imageOverlaps } from './imageOverlap.js';

/** Options of {@link pimoCurve}. */
export interface PimoCurveOptions extends ImageSize {
  /**
   * The false positive rates on normal images between which `auPimo` averages the overlap, 0 < lower < upper ≤ 1; the
   * upper one ends the curve.
   * @default [1e-5, 1e-4]
   */
  readonly falsePositiveRates?: readonly [lower: number, upper: number];
}

/** What {@link pimoCurve} gives: points from the highest threshold down. */
export interface PimoCurve {
  /** Share of the pixels of normal images that are ≥ the threshold. */
  readonly falsePositiveRate: Float64Array;
  /** Infinity, where nothing is found, and then every distinct score down to the upper bound. */
  readonly thresholds: Float64Array;
  /** Which images have a defect, counting from 0. */
  readonly images: Int32Array;
  /** For each of them, the share of its defective pixels that are ≥ the threshold. */
  readonly overlaps: readonly Float64Array[];
}

/**
 * The per-image overlap curves: the curves whose areas `auPimo` gives.
 *
 * TPR_i(t) = share of image i's defective pixels with map ≥ t, against FPR(t) = mean over the normal images of
 * the share of their pixels with map ≥ t, which all curves have in common.
 *
 * Shapes: maps and masks [N, H, W], flat or lists → rates [K + 1], K the number of distinct scores of normal
 * images and of defects, down to the first at which FPR is at or above the upper bound; as many overlaps for
 * each image with a defect.
 * Range: all in [0, 1], ascending.
 *
 * @param maps residual maps, higher = more anomalous
 * @param masks the true masks, 1 or true for defective pixels; empty for normal images
 * @param options the images' size and the bounds, of which the upper ends the curve: see {@link PimoCurveOptions}
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown option or argument
 * @throws RangeError for lengths that are not a multiple of height · width or differ, a NaN or an infinity among
 * the scores, masks with values other than 0 and 1, no image with or without a defect, wrong falsePositiveRates, or too few
 * normal pixels for them
 * @see Bertoldo et al. 2024, "AUPIMO: Redefining Visual Anomaly Detection Benchmarks with High Speed and Low
 * Tolerance" (arXiv 2401.01984)
 *
 * @example
 * ```ts
 * import { pimoCurve } from 'ssim-ae';
 *
 * const maps = [[0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.9, 0.4]];
 * const masks = [[0, 0, 0, 0], [0, 0, 1, 1]];
 * const curve = pimoCurve(maps, masks, { height: 2, width: 2, falsePositiveRates: [0.25, 0.5] });
 * console.log([...curve.falsePositiveRate]); // [0, 0, 0.25, 0.5]
 * console.log(...curve.overlaps.map((overlap) => [...overlap])); // [0, 0.5, 1, 1]
 * ```
 */
export function pimoCurve(maps: ScoreMaps, masks: Masks, options: PimoCurveOptions): PimoCurve {
  checkArguments('pimoCurve', arguments, 3);
  const { bounds, normalKeys, normals, defects, scoreOf } = imageOverlaps('pimoCurve', maps, masks, options);
  const falsePositiveRate = [0];
  const thresholds = [Infinity];
  const overlaps = defects.map(() => [0]);
  const found = defects.map(() => 0);
  let falsePositives = 0;
  walkDown(normalKeys, sortKeys(joined(defects.map(({ keys }) => keys))), (ofNormals, _, key) => {
    falsePositives += ofNormals;
    thresholds.push(scoreOf(key));
    falsePositiveRate.push(falsePositives / normals);
    defects.forEach(({ keys, area }, defect) => {
      while (keys[keys.length - 1 - found[defect]!] === key) found[defect]!++;
      overlaps[defect]!.push(found[defect]! / area);
    });
    return falsePositives / normals < bounds[1];
  });
  return {
    falsePositiveRate: Float64Array.from(falsePositiveRate),
    thresholds: Float64Array.from(thresholds),
    images: Int32Array.from(defects, ({ image }) => image),
    overlaps: overlaps.map((overlap) => Float64Array.from(overlap)),
  };
}
