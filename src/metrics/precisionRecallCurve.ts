import { checkLabelled } from '../checks/arrays.js';
import type { Labels, Scores } from '../checks/arrays.js';
import { checkArguments } from '../checks/options.js';
import { cumulative, scoreSteps } from '../ranking/scoreSteps.js';
import type { ScoreSteps } from '../ranking/scoreSteps.js';
import { checkPositives } from '../segmentation/thresholdAtF1.js';

/** What {@link precisionRecallCurve} gives: three arrays of one length, from the highest threshold down. */
export interface PrecisionRecallCurve {
  /** Share of found scores that are defective; 1 where nothing is found. */
  readonly precision: Float64Array;
  /** Share of defective scores that are found, from 0 to 1. */
  readonly recall: Float64Array;
  /** Infinity, where nothing is found, and then every distinct score. */
  readonly thresholds: Float64Array;
}

/**
 * Precision and recall at every threshold.
 *
 * precision(t) = TP(t) / (TP(t) + FP(t)), recall(t) = TP(t) / (TP(t) + FN(t)), a score ≥ t counting as found,
 * at every distinct score t. scikit-learn's precision_recall_curve has the same points in the opposite order.
 *
 * Shapes: scores [N], labels [N] → three of [K + 1], K the number of distinct scores.
 * Range: both in [0, 1]; recall ascends, precision goes up and down.
 *
 * @param scores anomaly scores, higher = more anomalous
 * @param labels 1 or true for defective scores
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown argument
 * @throws RangeError if there are no scores, for a NaN or an infinity among them, labels other than 0 and 1, differing
 * lengths, or no defective score
 * @see Davis and Goadrich 2006, "The Relationship Between Precision-Recall and ROC Curves"
 *
 * @example
 * ```ts
 * import { precisionRecallCurve } from 'ssim-ae';
 *
 * const { precision, recall } = precisionRecallCurve([0.1, 0.4, 0.6, 0.8], [0, 1, 0, 1]);
 * console.log([...precision]); // [1, 1, 0.5, 0.6667, 0.5]
 * console.log([...recall]); // [0, 0.5, 0.5, 1, 1]
 * ```
 */
export function precisionRecallCurve(scores: Scores, labels: Labels): PrecisionRecallCurve {
  checkArguments('precisionRecallCurve', arguments, 2);
  const checked = checkLabelled('precisionRecallCurve', scores, labels);
  return precisionRecallCurveOf('precisionRecallCurve', scoreSteps(checked.scores, checked.labels));
}

/** The curve of these steps. */
export function precisionRecallCurveOf(functionName: string, steps: ScoreSteps): PrecisionRecallCurve {
  checkPositives(functionName, steps);
  const { positives, negatives, thresholds } = cumulative(steps);
  return {
    precision: positives.map((count, step) => (step === 0 ? 1 : count / (count + negatives[step]!))),
    recall: positives.map((count) => count / steps.positives),
    thresholds,
  };
}
