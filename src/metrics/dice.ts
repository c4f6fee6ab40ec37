import { checkMaskPair } from '../checks/arrays.js';
import type { Labels } from '../checks/arrays.js';
import { checkArguments } from '../checks/options.js';

/**
 * The Dice coefficient of two masks: their F1 score.
 *
 * Dice = 2 |T ∩ P| / (|T| + |P|); two empty masks are the same mask: 1.
 *
 * Shapes: two of any one length, an image or a whole set → one number.
 * Range: [0, 1], higher = more alike; Dice = 2 IoU / (1 + IoU).
 *
 * @param maskTrue the true mask, 1 or true inside
 * @param maskPred the mask found, of the same length
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown argument
 * @throws RangeError for values other than 0 and 1, no pixels, or differing lengths
 * @see Dice 1945, "Measures of the Amount of Ecologic Association Between Species"
 *
 * @example
 * ```ts
 * import { dice } from 'ssim-ae';
 *
 * console.log(dice([0, 1, 1, 1], [0, 0, 1, 1])); // 0.8
 * ```
 */
export function dice(maskTrue: Labels, maskPred: Labels): number {
  checkArguments('dice', arguments, 2);
  const { both, either } = checkMaskPair('dice', maskTrue, maskPred);
  return either === 0 ? 1 : (2 * both) / (both + either);
}
