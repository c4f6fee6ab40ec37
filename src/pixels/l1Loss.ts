import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { tensorNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkOptionNames } from '../checks/options.js';
import { checkPair } from '../checks/tensors.js';
import { checkWeights } from '../checks/weights.js';
import type { WeightOptions } from '../checks/weights.js';
import { pixelSum } from './pixelValue.js';

/**
 * The ℓ1 loss: the sum of absolute differences, one number for each image.
 *
 * L1(x, x̂) = Σ |x − x̂|, over all pixels and channels.
 *
 * Shapes: two of [N, H, W, C], or volumes [N, D, H, W, C] → [N]. With weights, a weighted sum.
 * Range: ≥ 0, in pixel units; lower = more alike, 0 if and only if equal.
 * Gradient: sign(x̂ − x) with respect to x̂, and its negative with respect to x; 0 where they are equal.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options weights of pixels: see {@link WeightOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, or an unknown option or argument
 * @throws RangeError for a wrong or differing shape, or an empty batch
 * @see Zhao et al. 2017, "Loss Functions for Image Restoration with Neural Networks", eq. 2 (as a mean)
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { l1Loss } from 'ssim-ae';
 *
 * l1Loss(tf.zeros([1, 2, 2, 1]), tf.fill([1, 2, 2, 1], 0.5)).print(); // [2]
 * ```
 */
export function l1Loss(yTrue: Tensor, yPred: Tensor, options: WeightOptions = {}): Tensor1D {
  checkArguments('l1Loss', arguments, 3);
  const images = checkPair('l1Loss', yTrue, yPred);
  checkOptionNames('l1Loss', options, ['weights'], tensorNames);
  const weights = checkWeights('l1Loss', options.weights, images.yTrue);
  return tidy(() => pixelSum({ ...images, weights }, { distance: 'l1' }));
}
