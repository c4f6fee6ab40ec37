import { checkMapsAndMasks, checkSize } from '../checks/arrays.js';
import type { ImageSize, Masks, ScoreMaps } from '../checks/arrays.js';
import { checkArguments } from '../checks/options.js';
import { overlapStepsOf } from './overlapSteps.js';
import type { OverlapSteps } from './overlapSteps.js';
import { checkLimit } from './rocAuc.js';

/** Options of {@link auPro}. */
export interface AuProOptions extends ImageSize {
  /**
   * The false positive rate up to which the area is taken, in (0, 1].
   * @default 0.3
   */
  readonly maxFalsePositiveRate?: number;
}

/**
 * The area under the per-region overlap curve: how much of every defect is found, small ones counting as much
 * as large ones, at low rates of false alarms.
 *
 * AU-PRO = 1/L ∫₀ᴸ PRO dFPR, PRO(t) = mean over the regions R of |R ∩ {map ≥ t}| / |R|, with regions the
 * 8-connected components of all masks, FPR(t) the share of all pixels outside of the masks, of good images and
 * bad, with map ≥ t, and L the limit. Exact: every distinct score is a threshold, the curve is linear between
 * two of them, and interpolated at the limit.
 *
 * Shapes: maps and masks [N, H, W], flat or lists → one number.
 * Range: [0, 1], higher = better; half the limit is chance.
 *
 * @param maps residual maps, higher = more anomalous
 * @param masks the true masks, 1 or true for defective pixels
 * @param options the images' size and the limit of the false positive rate: see {@link AuProOptions}
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown option or argument
 * @throws RangeError for lengths that are not a multiple of height · width or differ, a NaN or an infinity among
 * the scores, masks with values other than 0 and 1, masks without a defect or without a good pixel, or a limit
 * outside of (0, 1]
 * @see Bergmann et al. 2021, "The MVTec Anomaly Detection Dataset" (IJCV), section 5.1
 *
 * @example
 * ```ts
 * import { auPro } from 'ssim-ae';
 *
 * const map = [0.1, 0.2, 0.3, 0.9, 0.8, 0.1, 0.1, 0.1];
 * const mask = [0, 0, 0, 1, 1, 0, 0, 0];
 * console.log(auPro(map, mask, { height: 2, width: 4 })); // 1
 * ```
 */
export function auPro(maps: ScoreMaps, masks: Masks, options: AuProOptions): number {
  checkArguments('auPro', arguments, 3);
  const size = checkSize('auPro', options, ['maxFalsePositiveRate']);
  const limit = checkLimit('auPro', options.maxFalsePositiveRate ?? 0.3);
  const checked = checkMapsAndMasks('auPro', maps, masks, size);
  return overlapArea('auPro', overlapStepsOf(checked.maps, checked.masks, size, limit), limit);
}

/** The area under the curve of these steps up to a false positive rate, divided by it. */
export function overlapArea(functionName: string, steps: OverlapSteps, limit: number): number {
  checkOverlap(functionName, steps);
  const last = limit * steps.negatives;
  let [area, before, falsePositivesBefore] = [0, 0, 0];
  steps.visit((overlap, falsePositives) => {
    if (falsePositives > last) {
      const part = last - falsePositivesBefore;
      const end = before + ((overlap - before) * part) / (falsePositives - falsePositivesBefore);
      area += (part * (before + end)) / 2;
      return false;
    }
    area += ((falsePositives - falsePositivesBefore) * (before + overlap)) / 2;
    [before, falsePositivesBefore] = [overlap, falsePositives];
    return true;
  });
  return area / last;
}

/** There must be a region, and a pixel outside of all of them. */
export function checkOverlap(functionName: string, { regions, negatives }: OverlapSteps): void {
  if (regions === 0) {
    throw new RangeError(
      `${functionName}: all masks are empty, so there is no region to find; at least one image must show a defect.`,
    );
  }
  if (negatives === 0) {
    throw new RangeError(
      `${functionName}: the masks cover every pixel, so there is no false positive rate; ` +
        'at least one pixel must be free of defects.',
    );
  }
}
