import { checkLabelled } from '../checks/arrays.js';
import type { Labels, Scores } from '../checks/arrays.js';
import { checkArguments } from '../checks/options.js';
import { scoreSteps } from '../ranking/scoreSteps.js';
import type { ScoreSteps } from '../ranking/scoreSteps.js';
import { checkPositives } from '../segmentation/thresholdAtF1.js';

/**
 * The average precision: precision at every threshold, weighted by the gain in recall there.
 *
 * AP = Σ_k (R_k − R_{k−1}) · P_k over the distinct scores from the highest down, with no interpolation, as
 * scikit-learn's average_precision_score.
 *
 * Shapes: scores [N], labels [N] → one number.
 * Range: (0, 1], higher = better; chance, and the value for equal scores, is the share of defective scores.
 *
 * @param scores anomaly scores, higher = more anomalous
 * @param labels 1 or true for defective scores
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown argument
 * @throws RangeError if there are no scores, for a NaN or an infinity among them, labels other than 0 and 1, differing
 * lengths, or no defective score
 * @see Zhu 2004, "Recall, Precision and Average Precision"
 *
 * @example
 * ```ts
 * import { averagePrecision } from 'ssim-ae';
 *
 * console.log(averagePrecision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])); // 0.8333
 * ```
 */
export function averagePrecision(scores: Scores, labels: Labels): number {
  checkArguments('averagePrecision', arguments, 2);
  const checked = checkLabelled('averagePrecision', scores, labels);
  return averagePrecisionOf('averagePrecision', scoreSteps(checked.scores, checked.labels));
}

/** The average precision over these steps. */
export function averagePrecisionOf(functionName: string, steps: ScoreSteps): number {
  checkPositives(functionName, steps);
  let [sum, truePositives, found] = [0, 0, 0];
  steps.visit((positives, negatives) => {
    truePositives += positives;
    found += positives + negatives;
    sum += positives * (truePositives / found);
  });
  return sum / steps.positives;
}
