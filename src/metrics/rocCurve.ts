import { checkLabelled } from '../checks/arrays.js';
import type { Labels, Scores } from '../checks/arrays.js';
import { checkArguments } from '../checks/options.js';
import { cumulative, scoreSteps } from '../ranking/scoreSteps.js';
import type { ScoreSteps } from '../ranking/scoreSteps.js';
import { checkBothClasses } from './rocAuc.js';

/** What {@link rocCurve} gives: three arrays of one length, from the highest threshold down. */
export interface RocCurve {
  /** Share of the scores labelled 0 that are ≥ the threshold, from 0 to 1. */
  readonly falsePositiveRate: Float64Array;
  /** Share of the scores labelled 1 that are ≥ the threshold, from 0 to 1. */
  readonly truePositiveRate: Float64Array;
  /** Infinity, where nothing is found, and then every distinct score. */
  readonly thresholds: Float64Array;
}

/**
 * The receiver operating characteristic: the share of defects found against the share of false alarms.
 *
 * TPR(t) = #{labelled 1, score ≥ t} / #{labelled 1}, FPR(t) = #{labelled 0, score ≥ t} / #{labelled 0}, at
 * every distinct score t: equal scores are one step, whatever their order. As scikit-learn's roc_curve with
 * `drop_intermediate=False`.
 *
 * Shapes: scores [N], labels [N] → three of [K + 1], K the number of distinct scores.
 * Range: both rates in [0, 1], ascending.
 *
 * @param scores anomaly scores, higher = more anomalous
 * @param labels 1 or true for defective scores
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown argument
 * @throws RangeError if there are no scores, for a NaN or an infinity among them, labels other than 0 and 1, differing
 * lengths, or labels that are all the same
 * @see Fawcett 2006, "An introduction to ROC analysis", algorithm 1
 *
 * @example
 * ```ts
 * import { rocCurve } from 'ssim-ae';
 *
 * const { falsePositiveRate, truePositiveRate } = rocCurve([0.1, 0.4, 0.4, 0.8], [0, 0, 1, 1]);
 * console.log([...falsePositiveRate]); // [0, 0, 0.5, 1]
 * console.log([...truePositiveRate]); // [0, 0.5, 1, 1]
 * ```
 */
export function rocCurve(scores: Scores, labels: Labels): RocCurve {
  checkArguments('rocCurve', arguments, 2);
  const checked = checkLabelled('rocCurve', scores, labels);
  return rocCurveOf('rocCurve', scoreSteps(checked.scores, checked.labels));
}

/** The curve of these steps. */
export function rocCurveOf(functionName: string, steps: ScoreSteps): RocCurve {
  checkBothClasses(functionName, steps);
  const { positives, negatives, thresholds } = cumulative(steps);
  return {
    falsePositiveRate: negatives.map((count) => count / steps.negatives),
    truePositiveRate: positives.map((count) => count / steps.positives),
    thresholds,
  };
}
