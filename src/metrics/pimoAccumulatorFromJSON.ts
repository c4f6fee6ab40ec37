import { checkOneArgument } from '../checks/options.js';
import { restoredImages } from './imageCounts.js';
import type { PimoAccumulator } from './pimoAccumulator.js';

/**
 * Restores a `pimoAccumulator` from its JSON, to continue adding or to merge the shards of other processes.
 *
 * JSON.stringify(pimoAccumulatorFromJSON(JSON.parse(text))) = text.
 *
 * Shapes: a parsed state → an accumulator with the same options and images.
 * Range: as `pimoAccumulator`.
 *
 * @param state what `toJSON` gave, after JSON.parse
 * @throws TypeError if it is not such a state, or lacks a part, which the error names
 * @throws RangeError for a state of another version, or one that was altered or damaged: numbers that are not scores,
 * sums that do not add up, a checksum that does not match
 * @see `pimoAccumulator`
 *
 * @example
 * ```ts
 * import { pimoAccumulator, pimoAccumulatorFromJSON } from 'ssim-ae';
 *
 * const accumulator = pimoAccumulator();
 * accumulator.add([0.1, 0.4], [0, 1], ['hole'], { height: 1, width: 2 });
 * const again = pimoAccumulatorFromJSON(JSON.parse(JSON.stringify(accumulator)));
 * console.log(again.count); // 1
 * ```
 */
export function pimoAccumulatorFromJSON(state: unknown): PimoAccumulator {
  checkOneArgument('pimoAccumulatorFromJSON', arguments);
  return restoredImages('pimoAccumulatorFromJSON', state);
}
