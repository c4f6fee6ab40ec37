import { checkOneArgument } from '../checks/options.js';
import { restoredOverlaps } from './overlapCounts.js';
import type { ProAccumulator } from './proAccumulator.js';

/**
 * Restores a `proAccumulator` from its JSON, to continue adding or to merge the shards of other processes.
 *
 * JSON.stringify(proAccumulatorFromJSON(JSON.parse(text))) = text.
 *
 * Shapes: a parsed state → an accumulator with the same options and pixels.
 * Range: as `proAccumulator`.
 *
 * @param state what `toJSON` gave, after JSON.parse
 * @throws TypeError if it is not such a state, or lacks a part, which the error names
 * @throws RangeError for a state of another version, or one that was altered or damaged: numbers that are not scores,
 * sums that do not add up, a checksum that does not match
 * @see `proAccumulator`
 *
 * @example
 * ```ts
 * import { proAccumulator, proAccumulatorFromJSON } from 'ssim-ae';
 *
 * const accumulator = proAccumulator();
 * accumulator.add([0.1, 0.2, 0.9, 0.8], [0, 0, 1, 1], { height: 2, width: 2 });
 * const again = proAccumulatorFromJSON(JSON.parse(JSON.stringify(accumulator)));
 * console.log(again.count); // 4
 * ```
 */
export function proAccumulatorFromJSON(state: unknown): ProAccumulator {
  checkOneArgument('proAccumulatorFromJSON', arguments);
  return restoredOverlaps('proAccumulatorFromJSON', state);
}
