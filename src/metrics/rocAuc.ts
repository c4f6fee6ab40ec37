import { checkLabelled } from '../checks/arrays.js';
import type { Labels, Scores } from '../checks/arrays.js';
import { furtherNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkChoice, checkNumber, checkOptionNames } from '../checks/options.js';
import { scoreSteps } from '../ranking/scoreSteps.js';
import type { ScoreSteps } from '../ranking/scoreSteps.js';

/** Options of {@link rocAuc}. */
export interface RocAucOptions {
  /**
   * The false positive rate up to which the area is taken, in (0, 1].
   * @default 1
   */
  readonly maxFalsePositiveRate?: number;
  /**
   * How a partial area is scaled. `limit`: divided by the limit, the mean true positive rate up to
   * there: 1 is perfect, limit / 2 is chance. `mcclish`: ½ (1 + (A − limit²/2) / (limit − limit²/2)), as
   * scikit-learn's `max_fpr`: 1 is perfect, ½ is chance. Both are the plain area at a limit of 1.
   * @default 'limit'
   */
  readonly standardize?: 'limit' | 'mcclish';
}

/**
 * The area under the ROC curve: the probability that something defective scores higher than something good.
 *
 * AUC = P(s⁺ > s⁻) + ½ P(s⁺ = s⁻) = Σ_steps ΔFPR · (TPR_before + TPR_after) / 2, exact: no thresholds are
 * sampled, equal scores are one step, and a limit between two steps is interpolated.
 *
 * Shapes: scores [N], labels [N] → one number. For the area over the pixels of many images, pass all their
 * maps and masks as one flat array each, or add them one by one to a `scoreAccumulator`.
 * Range: [0, 1], higher = better; ½ is chance, and the value for equal scores.
 *
 * @param scores anomaly scores, higher = more anomalous
 * @param labels 1 or true for defective scores
 * @param options a limit of the false positive rate: see {@link RocAucOptions}
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown option or argument
 * @throws RangeError if there are no scores, for a NaN or an infinity among them, labels other than 0 and 1, differing
 * lengths, labels that are all the same, or a limit outside of (0, 1]
 * @see Hanley and McNeil 1982, "The meaning and use of the area under a ROC curve"; McClish 1989, "Analyzing
 * a Portion of the ROC Curve"
 *
 * @example
 * ```ts
 * import { rocAuc } from 'ssim-ae';
 *
 * console.log(rocAuc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])); // 0.75
 * console.log(rocAuc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], { maxFalsePositiveRate: 0.5 })); // 0.5
 * ```
 */
export function rocAuc(scores: Scores, labels: Labels, options: RocAucOptions = {}): number {
  checkArguments('rocAuc', arguments, 3);
  const { limit, standardized } = resolveRocAuc('rocAuc', options);
  const checked = checkLabelled('rocAuc', scores, labels);
  return standardized(rocArea('rocAuc', scoreSteps(checked.scores, checked.labels), limit));
}

/** How far the area goes, and what it is measured by: a linear function of it. */
export function resolveRocAuc(
  functionName: string,
  options: RocAucOptions,
): { readonly limit: number; readonly standardized: (area: number) => number } {
  checkOptionNames(functionName, options, ['maxFalsePositiveRate', 'standardize'], furtherNames);
  const limit = checkLimit(functionName, options.maxFalsePositiveRate ?? 1);
  const standardize = checkChoice(`${functionName}: standardize`, options.standardize ?? 'limit', [
    'limit',
    'mcclish',
  ]);
  const chance = (limit * limit) / 2;
  if (limit === 1) return { limit, standardized: (area) => area };
  if (standardize === 'limit') return { limit, standardized: (area) => area / limit };
  return { limit, standardized: (area) => (1 + (area - chance) / (limit - chance)) / 2 };
}

/** The area under the curve of these steps, as far as a false positive rate. */
export function rocArea(functionName: string, steps: ScoreSteps, limit: number): number {
  checkBothClasses(functionName, steps);
  const last = limit * steps.negatives;
  // In pairs of one score of either label: whole numbers and halves, so that nothing is rounded.
  let [pairs, truePositives, falsePositives] = [0, 0, 0];
  steps.visit((positives, negatives) => {
    if (falsePositives + negatives > last) {
      const part = last - falsePositives;
      pairs += part * (truePositives + (positives * (part / negatives)) / 2);
      return false;
    }
    pairs += negatives * (truePositives + positives / 2);
    truePositives += positives;
    falsePositives += negatives;
    return true;
  });
  return pairs / steps.positives / steps.negatives;
}

/** Both labels must occur. */
export function checkBothClasses(functionName: string, { positives, negatives }: ScoreSteps): void {
  if (positives > 0 && negatives > 0) return;
  const [label, what] = positives === 0 ? [0, 'defective'] : [1, 'defect-free'];
  throw new RangeError(
    `${functionName}: all ${positives + negatives} labels are ${label}, so there is nothing ${what} to compare with; ` +
      'an ROC curve needs scores of both labels.',
  );
}

/** How far up the rate of false positives an area or a curve goes: in (0, 1]. */
export const checkLimit = (functionName: string, maxFalsePositiveRate: unknown): number =>
  checkNumber(`${functionName}: maxFalsePositiveRate`, maxFalsePositiveRate, { above: 0, most: 1 });
