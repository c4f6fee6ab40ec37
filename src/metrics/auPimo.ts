import type { Masks, ScoreMaps } from '../checks/arrays.js';
import { checkArguments } from '../checks/options.js';
import { walkDown } from '../ranking/walk.js';
import { imageOverlaps } from './imageOverlap.js';
import type { AuPimoOptions } from './imageOverlap.js';
import { logarithmicOverlap } from './logarithmicOverlap.js';

export type { AuPimoOptions } from './imageOverlap.js';

/** What {@link auPimo} gives: an entry for each image with a defect. */
export interface AuPimo {
  /** Which of the images it is, counting from 0. */
  readonly images: Int32Array;
  /** Its AUPIMO. */
  readonly scores: Float64Array;
}

/**
 * The area under the per-image overlap curve: how much of an image's defect is found while normal images raise
 * almost no false alarms. One figure for each image, so that their spread can be seen and tested.
 *
 * AUPIMO_i = 1 / ln(U/L) ∫ TPR_i d ln FPR from L to U, TPR_i(t) = share of image i's defective pixels with
 * map ≥ t, FPR(t) = mean over the normal images, those with an empty mask, of the share of their pixels with
 * map ≥ t. Exact: every distinct score is a threshold, linear in ln FPR between two of them; below the first
 * false positive, where ln FPR is −∞, the overlap at the highest score of a normal image counts. anomalib
 * samples 300,000 thresholds and leaves that stretch out.
 *
 * Shapes: maps and masks [N, H, W], flat or lists → an entry for each image with a defect.
 * Range: [0, 1], higher = better; chance is the mean of FPR over ln FPR, 4e-5 between the default bounds.
 *
 * @param maps residual maps, higher = more anomalous
 * @param masks the true masks, 1 or true for defective pixels; empty for normal images
 * @param options the images' size and the bounds: see {@link AuPimoOptions}
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown option or argument
 * @throws RangeError for lengths that are not a multiple of height · width or differ, a NaN or an infinity among
 * the scores, masks with values other than 0 and 1, no image with or without a defect, wrong falsePositiveRates, or too few
 * normal pixels for them
 * @see Bertoldo et al. 2024, "AUPIMO: Redefining Visual Anomaly Detection Benchmarks with High Speed and Low
 * Tolerance" (arXiv 2401.01984)
 *
 * @example
 * ```ts
 * import { auPimo } from 'ssim-ae';
 *
 * const maps = [[0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.9, 0.4], [0.3, 0.1, 0.2, 0.2]];
 * const masks = [[0, 0, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0]];
 * const { images, scores } = auPimo(maps, masks, { height: 2, width: 2, falsePositiveRates: [0.25, 0.75] });
 * console.log([...images]); // [1, 2]
 * console.log([...scores]); // [1, 0.6845]
 * ```
 */
export function auPimo(maps: ScoreMaps, masks: Masks, options: AuPimoOptions): AuPimo {
  checkArguments('auPimo', arguments, 3);
  const { bounds, normalKeys, normals, defects } = imageOverlaps('auPimo', maps, masks, options);
  const scoreOf = (keys: Int32Array, area: number): number =>
    logarithmicOverlap({ bounds, normals, area }, (step) => walkDown(keys, normalKeys, step)).value;
  return {
    images: Int32Array.from(defects, ({ image }) => image),
    scores: Float64Array.from(defects, ({ keys, area }) => scoreOf(keys, area)),
  };
}
