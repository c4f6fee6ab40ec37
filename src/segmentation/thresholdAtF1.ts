import { checkLabelled } from '../checks/arrays.js';
import type { Labels, Scores } from '../checks/arrays.js';
import { checkArguments } from '../checks/options.js';
import { scoreSteps } from '../ranking/scoreSteps.js';
import type { ScoreSteps } from '../ranking/scoreSteps.js';

/**
 * The threshold with the highest F1 score on labelled scores.
 *
 * t = argmax F1(t), F1(t) = 2 TP / (2 TP + FP + FN), a score ≥ t counting as defective. If several thresholds
 * reach it, t is the highest, which has the fewest false alarms. `bestF1` gives the figure itself.
 *
 * Shapes: scores [N], labels [N] → one number.
 * Range: one of the scores.
 *
 * @param scores anomaly scores, higher = more anomalous
 * @param labels 1 or true for defective scores
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown argument
 * @throws RangeError if there are no scores, for a NaN or an infinity among them, labels other than 0 and 1, differing
 * lengths, or no defective score
 * @see van Rijsbergen 1979, "Information Retrieval", chapter 7
 *
 * @example
 * ```ts
 * import { thresholdAtF1 } from 'ssim-ae';
 *
 * console.log(thresholdAtF1([0.1, 0.4, 0.7, 0.9], [0, 0, 1, 1])); // 0.7
 * ```
 */
export function thresholdAtF1(scores: Scores, labels: Labels): number {
  checkArguments('thresholdAtF1', arguments, 2);
  const checked = checkLabelled('thresholdAtF1', scores, labels);
  return bestStep('thresholdAtF1', scoreSteps(checked.scores, checked.labels)).threshold;
}

/** F1 at its best threshold. */
export interface BestF1 {
  /** The highest F1 score, the harmonic mean of precision and recall. */
  readonly f1: number;
  /** The highest threshold that reaches it: a score ≥ it counts as defective. */
  readonly threshold: number;
  /** At that threshold, the share of found scores that are defective. */
  readonly precision: number;
  /** At that threshold, the share of defective scores that are found. */
  readonly recall: number;
}

/** The step with the highest F1 score. */
export function bestStep(functionName: string, steps: ScoreSteps): BestF1 {
  checkPositives(functionName, steps);
  let [truePositives, falsePositives] = [0, 0];
  let best: BestF1 = { f1: -1, threshold: NaN, precision: NaN, recall: NaN };
  steps.visit((positives, negatives, key) => {
    truePositives += positives;
    falsePositives += negatives;
    const f1 = (2 * truePositives) / (truePositives + falsePositives + steps.positives);
    if (f1 <= best.f1) return;
    best = {
      f1,
      threshold: steps.scoreOf(key),
      precision: truePositives / (truePositives + falsePositives),
      recall: truePositives / steps.positives,
    };
  });
  return best;
}

/** For functions that need a defective score, but no good one. */
export function checkPositives(functionName: string, { positives, negatives }: ScoreSteps): void {
  if (positives > 0) return;
  throw new RangeError(
    `${functionName}: all ${negatives} labels are 0, so there is nothing to find; ` +
      'recall needs at least one score labelled 1.',
  );
}
