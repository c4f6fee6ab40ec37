import { checkMaskPair } from '../checks/arrays.js';
import type { Labels } from '../checks/arrays.js';
import { checkArguments } from '../checks/options.js';

/**
 * Intersection over union of two masks, the Jaccard index.
 *
 * IoU = |T ∩ P| / |T ∪ P|; two empty masks are the same mask: 1.
 *
 * Shapes: two of any one length, an image or a whole set → one number.
 * Range: [0, 1], higher = more alike; IoU = Dice / (2 − Dice).
 *
 * @param maskTrue the true mask, 1 or true inside
 * @param maskPred the mask found, of the same length
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown argument
 * @throws RangeError for values other than 0 and 1, no pixels, or differing lengths
 * @see Jaccard 1912, "The Distribution of the Flora in the Alpine Zone"
 *
 * @example
 * ```ts
 * import { iou } from 'ssim-ae';
 *
 * console.log(iou([0, 1, 1, 1], [0, 0, 1, 1])); // 0.6667
 * ```
 */
export function iou(maskTrue: Labels, maskPred: Labels): number {
  checkArguments('iou', arguments, 2);
  const { both, either } = checkMaskPair('iou', maskTrue, maskPred);
  return either === 0 ? 1 : both / either;
}
