import { checkScores } from '../checks/arrays.js';
import type { Scores } from '../checks/arrays.js';
import { checkArguments, checkNumber } from '../checks/options.js';

/**
 * The threshold that a new good image exceeds with at most the given probability, whatever the distribution of the scores.
 *
 * t = s₍ₖ₎, k = ⌈(n + 1)(1 − rate)⌉, s₍₁₎ ≤ … ≤ s₍ₙ₎ the sorted scores of n good images (split conformal prediction). If they and
 * the new image are drawn alike, its score is as likely to fall into any of the n + 1 places between them, so that
 * P(score > t) ≤ rate; and, without ties, ≥ rate − 1 / (n + 1).
 *
 * The promise is one about images like these: score images that the model was not trained on, and that were taken as later ones
 * will be. It holds on average over such calibrations; that of one varies about it, the less the more images there are.
 *
 * Shapes: one score for each good image → one number.
 * Range: that of the scores; an image counts as defective if its score > t.
 *
 * @param scores scores of good images that were not trained on, as `imageScore` gives them
 * @param rate the share of good images that may be called defective, above 0 and below 1
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown argument
 * @throws RangeError for no scores, a NaN or an infinity among them, a rate out of range, or fewer than 1 / rate − 1 images
 * @see Vovk, Gammerman and Shafer 2005, "Algorithmic Learning in a Random World"; Lei et al. 2018, "Distribution-Free
 * Predictive Inference for Regression", section 2.2
 *
 * @example
 * ```ts
 * import { thresholdAtFalseAlarmRate } from 'ssim-ae';
 *
 * const scores = [0.11, 0.14, 0.1, 0.12, 0.19, 0.13, 0.15, 0.12, 0.16];
 * console.log(thresholdAtFalseAlarmRate(scores, 0.1)); // 0.19
 * console.log(thresholdAtFalseAlarmRate(scores, 0.2)); // 0.16
 * ```
 */
export function thresholdAtFalseAlarmRate(scores: Scores, rate: number): number {
  checkArguments('thresholdAtFalseAlarmRate', arguments, 2);
  const name = 'thresholdAtFalseAlarmRate';
  const values = checkScores(`${name}: scores`, scores);
  const share = checkNumber(`${name}: rate`, rate, { above: 0, below: 1 });
  // k = n + 1 − ⌊(n + 1) rate⌋; a rate such as 0.29, and 100 times that, lie a rounding below themselves.
  const above = Math.floor((values.length + 1) * share * (1 + 2 * Number.EPSILON));
  if (above === 0) {
    const least = Math.ceil((1 / share) * (1 - 2 * Number.EPSILON)) - 1;
    throw new RangeError(
      `${name}: a rate of ${share} takes at least ${least} good images, but got ${values.length} ` +
        `${values.length === 1 ? 'score' : 'scores'}; score more of them, or use rate ≥ ${atLeast(values.length)}.`,
    );
  }
  return values.slice().sort()[values.length - above]!;
}

/** 1 / (n + 1), rounded up to two figures. */
function atLeast(count: number): number {
  const rate = 1 / (count + 1);
  const unit = 10 ** (Math.floor(Math.log10(rate)) - 1);
  return Number((Math.ceil(rate / unit - 1e-9) * unit).toPrecision(2));
}
