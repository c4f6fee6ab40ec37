import { checkLabelled } from '../checks/arrays.js';
import type { Labels, Scores } from '../checks/arrays.js';
import { checkArguments } from '../checks/options.js';
import { scoreSteps } from '../ranking/scoreSteps.js';
import { bestStep } from '../segmentation/thresholdAtF1.js';
import type { BestF1 } from '../segmentation/thresholdAtF1.js';

export type { BestF1 } from '../segmentation/thresholdAtF1.js';

/**
 * The highest F1 score that any threshold reaches, and where.
 *
 * F1 = max over t of 2 TP / (2 TP + FP + FN), a score ≥ t counting as defective, over every distinct score t.
 * The threshold is chosen with knowledge of the labels, so the value is an upper bound for any threshold found
 * on defect-free images.
 *
 * Shapes: scores [N], labels [N] → { f1, threshold, precision, recall }.
 * Range: f1 in (0, 1], higher = better; at least 2P / (P + N), P of N scores being defective.
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
 * import { bestF1 } from 'ssim-ae';
 *
 * const { f1, threshold } = bestF1([0.1, 0.5, 0.4, 0.9], [0, 0, 1, 1]);
 * console.log(f1); // 0.8
 * console.log(threshold); // 0.4
 * ```
 */
export function bestF1(scores: Scores, labels: Labels): BestF1 {
  checkArguments('bestF1', arguments, 2);
  const checked = checkLabelled('bestF1', scores, labels);
  return bestStep('bestF1', scoreSteps(checked.scores, checked.labels));
}
