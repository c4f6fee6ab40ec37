import type { Labels, Scores } from '../checks/arrays.js';
import { checkOneArgument } from '../checks/options.js';
import type { BestF1 } from '../segmentation/thresholdAtF1.js';
import { resolveCapacity } from './tally.js';
import type { AccumulatorOptions, BoundedFigure } from './tally.js';
import type { PrecisionRecallCurve } from './precisionRecallCurve.js';
import type { RocAucOptions } from './rocAuc.js';
import type { RocCurve } from './rocCurve.js';
import { ScoreCounts } from './scoreCounts.js';

export type { AccumulatorOptions, BoundedFigure } from './tally.js';

/** {@link BestF1} of an accumulator, and how far its F1 may be from the exact one. */
export interface BoundedF1 extends BestF1 {
  /** The exact F1 lies between f1 and f1 + errorBound; 0 where every score was kept. */
  readonly errorBound: number;
}

/** Labelled scores that are added in parts: see {@link scoreAccumulator}. */
export interface ScoreAccumulator {
  /** How many scores it has seen. */
  readonly count: number;
  /** Adds scores with their labels. */
  readonly add: (scores: Scores, labels: Labels) => void;
  /** Adds what another accumulator of the same options has seen. */
  readonly merge: (other: ScoreAccumulator) => void;
  /** The area under the ROC curve, as `rocAuc`, whole or up to a false positive rate. */
  readonly rocAuc: (options?: RocAucOptions) => BoundedFigure;
  /** The ROC curve, as `rocCurve`: at every score, or at the lower edge of every bin. */
  readonly rocCurve: () => RocCurve;
  /** Precision and recall, as `precisionRecallCurve`: at every score, or at the lower edge of every bin. */
  readonly precisionRecallCurve: () => PrecisionRecallCurve;
  /** The average precision, as `averagePrecision`. */
  readonly averagePrecision: () => BoundedFigure;
  /** The best F1 score, as `bestF1`; its threshold is the lower edge of a bin. */
  readonly bestF1: () => BoundedF1;
  /** Intersection over union of the scores ≥ a threshold with the labels, as `iou`: 1 if both are empty. */
  readonly iou: (threshold: number) => BoundedFigure;
  /** The Dice coefficient of the scores ≥ a threshold with the labels, as `dice`: 1 if both are empty. */
  readonly dice: (threshold: number) => BoundedFigure;
  /** All that it has seen, for JSON.stringify: the same text, whatever the order of add and merge, with a checksum. */
  readonly toJSON: () => Readonly<Record<string, unknown>>;
}

/**
 * Gathers labelled scores part by part, for sets that do not fit into memory or are split over processes.
 *
 * errorBound = Σ_bins P_b · N_b / (2 P · N) for the area under the ROC curve: up to `exactUpTo` scores all of
 * them are kept and the bound is 0; beyond, they are counted in bins that are the same for all data, and each
 * pair of a bin may be in either order. The points of a curve are exact, but there are fewer of them. Figures
 * and JSON depend on what was added, not on the order, nor on how it was split. Scores and thresholds are
 * compared exactly: those that float32 does not hold are kept as float64.
 *
 * Shapes: any number of `add(scores [N], labels [N])` → figures with their bounds.
 * Range: as the functions of the same names.
 *
 * @param options how much it keeps: see {@link AccumulatorOptions}
 * @throws TypeError for an unknown option, and in `merge` if the argument is not such an accumulator
 * @throws RangeError for a size that is not whole, a number of bins that is not a power of two, in `add` what
 * `rocAuc` throws, in `merge` for differing options, in every figure if nothing has been added, and in those that
 * need both labels if one is missing
 * @see Hanley and McNeil 1982, "The meaning and use of the area under a ROC curve"
 *
 * @example
 * ```ts
 * import { scoreAccumulator, scoreAccumulatorFromJSON } from 'ssim-ae';
 *
 * const first = scoreAccumulator();
 * first.add([0.1, 0.4], [0, 0]);
 * const second = scoreAccumulator(); // in another process, perhaps
 * second.add([0.35, 0.8], [1, 1]);
 * const text = JSON.stringify(second);
 * first.merge(scoreAccumulatorFromJSON(JSON.parse(text)));
 * console.log(first.rocAuc().value); // 0.75
 * console.log(first.rocAuc().errorBound); // 0
 * ```
 */
export function scoreAccumulator(options: AccumulatorOptions = {}): ScoreAccumulator {
  checkOneArgument('scoreAccumulator', arguments);
  return ScoreCounts.ofNone(resolveCapacity('scoreAccumulator', options));
}
