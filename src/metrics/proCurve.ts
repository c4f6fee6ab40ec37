import { checkMapsAndMasks, checkSize } from '../checks/arrays.js';
import type { ImageSize, Masks, ScoreMaps } from '../checks/arrays.js';
import { checkArguments } from '../checks/options.js';
import { checkOverlap } from './auPro.js';
import { overlapStepsOf } from './overlapSteps.js';
import type { OverlapSteps } from './overlapSteps.js';
import { checkLimit } from './rocAuc.js';

/** Options of {@link proCurve}. */
export interface ProCurveOptions extends ImageSize {
  /**
   * The false positive rate at which the curve ends, in (0, 1].
   * @default 1
   */
  readonly maxFalsePositiveRate?: number;
}

/** What {@link proCurve} gives: three arrays of one length, from the highest threshold down. */
export interface ProCurve {
  /** Share of the pixels outside of all regions that are ≥ the threshold, from 0 to the limit. */
  readonly falsePositiveRate: Float64Array;
  /** Mean share of a region that is ≥ the threshold. */
  readonly overlap: Float64Array;
  /** Infinity, where nothing is found, and then every distinct score. */
  readonly thresholds: Float64Array;
}

/**
 * The per-region overlap curve: the curve whose area `auPro` is.
 *
 * PRO(t) = mean over the regions R of |R ∩ {map ≥ t}| / |R|, regions being the 8-connected components of all
 * masks, against FPR(t), the share of all pixels outside of the masks with map ≥ t. Where the limit lies
 * between two thresholds, the last point is interpolated, and has the lower threshold.
 *
 * Shapes: maps and masks [N, H, W], flat or lists → three of [K + 1], K the number of distinct scores down to
 * the limit.
 * Range: both rates in [0, 1], ascending.
 *
 * @param maps residual maps, higher = more anomalous
 * @param masks the true masks, 1 or true for defective pixels
 * @param options the images' size and the limit of the false positive rate: see {@link ProCurveOptions}
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown option or argument
 * @throws RangeError for lengths that are not a multiple of height · width or differ, a NaN or an infinity among
 * the scores, masks with values other than 0 and 1, masks without a defect or without a good pixel, or a limit
 * outside of (0, 1]
 * @see Bergmann et al. 2021, "The MVTec Anomaly Detection Dataset" (IJCV), section 5.1
 *
 * @example
 * ```ts
 * import { proCurve } from 'ssim-ae';
 *
 * const map = [0.1, 0.7, 0.9, 0.8];
 * const curve = proCurve(map, [0, 0, 1, 1], { height: 1, width: 4 });
 * console.log([...curve.falsePositiveRate]); // [0, 0, 0, 0.5, 1]
 * console.log([...curve.overlap]); // [0, 0.5, 1, 1, 1]
 * ```
 */
export function proCurve(maps: ScoreMaps, masks: Masks, options: ProCurveOptions): ProCurve {
  checkArguments('proCurve', arguments, 3);
  const size = checkSize('proCurve', options, ['maxFalsePositiveRate']);
  const limit = checkLimit('proCurve', options.maxFalsePositiveRate ?? 1);
  const checked = checkMapsAndMasks('proCurve', maps, masks, size);
  return proCurveOf('proCurve', overlapStepsOf(checked.maps, checked.masks, size, limit), limit);
}

/** The curve of these steps up to a false positive rate. */
export function proCurveOf(functionName: string, steps: OverlapSteps, limit: number): ProCurve {
  checkOverlap(functionName, steps);
  const last = limit * steps.negatives;
  // The curve ends where it meets the limit; at 1, only when all scores are through.
  const goesOn = (falsePositives: number): boolean => falsePositives < last || limit === 1;
  let length = 1;
  steps.visit((_, falsePositives) => {
    length++;
    return goesOn(falsePositives);
  });
  const falsePositiveRate = new Float64Array(length);
  const overlaps = new Float64Array(length);
  const thresholds = new Float64Array(length).fill(Infinity);
  let [step, before, falsePositivesBefore] = [0, 0, 0];
  steps.visit((overlap, falsePositives, key) => {
    thresholds[++step] = steps.scoreOf(key);
    const share =
      falsePositives <= last ? 1 : (last - falsePositivesBefore) / (falsePositives - falsePositivesBefore);
    overlaps[step] = before + share * (overlap - before);
    falsePositiveRate[step] = Math.min(falsePositives, last) / steps.negatives;
    [before, falsePositivesBefore] = [overlap, falsePositives];
    return goesOn(falsePositives);
  });
  return { falsePositiveRate, overlap: overlaps, thresholds };
}
