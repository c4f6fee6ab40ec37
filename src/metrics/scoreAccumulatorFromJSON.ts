import { checkOneArgument } from '../checks/options.js';
import type { ScoreAccumulator } from './scoreAccumulator.js';
import { restoredScores } from './scoreCounts.js';

/**
 * Restores a `scoreAccumulator` from its JSON, to continue adding or to merge the shards of other processes.
 *
 * JSON.stringify(scoreAccumulatorFromJSON(JSON.parse(text))) = text.
 *
 * Shapes: a parsed state → an accumulator with the same options and scores.
 * Range: as `scoreAccumulator`.
 *
 * @param state what `toJSON` gave, after JSON.parse
 * @throws TypeError if it is not such a state, or lacks a part, which the error names
 * @throws RangeError for a state of another version, or one that was altered or damaged: numbers that are not scores,
 * sums that do not add up, a checksum that does not match
 * @see `scoreAccumulator`
 *
 * @example
 * ```ts
 * import { scoreAccumulator, scoreAccumulatorFromJSON } from 'ssim-ae';
 *
 * const accumulator = scoreAccumulator();
 * accumulator.add([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]);
 * const again = scoreAccumulatorFromJSON(JSON.parse(JSON.stringify(accumulator)));
 * console.log(again.count); // 4
 * ```
 */
export function scoreAccumulatorFromJSON(state: unknown): ScoreAccumulator {
  checkOneArgument('scoreAccumulatorFromJSON', arguments);
  return restoredScores('scoreAccumulatorFromJSON', state);
}
