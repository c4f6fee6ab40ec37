import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { tensorNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkOptionNames } from '../checks/options.js';
import { checkPair } from '../checks/tensors.js';
import { checkWeights } from '../checks/weights.js';
import type { WeightOptions } from '../checks/weights.js';
import { pixelSum } from './pixelValue.js';

/**
 * The ℓ2 loss: the sum of squared differences, one number for each image.
 *
 * L2(x, x̂) = Σ (x − x̂)², over all pixels and channels.
 *
 * This is a sum, as in the paper, not a mean: it grows with the image. Divided by H·W·C it is the mean squared
 * error; scale the learning rate accordingly.
 *
 * Shapes: two of [N, H, W, C], or volumes [N, D, H, W, C] → [N]. With weights, a weighted sum.
 * Range: ≥ 0, in squared pixel units; lower = more alike, 0 if and only if equal.
 * Gradient: 2 (x̂ − x) with respect to x̂, and its negative with respect to x.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options weights of pixels: see {@link WeightOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, or an unknown option or argument
 * @throws RangeError for a wrong or differing shape, or an empty batch
 * @see Bergmann et al. 2019 (arXiv 1807.02011), eq. 2
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { l2Loss } from 'ssim-ae';
 *
 * l2Loss(tf.zeros([1, 2, 2, 1]), tf.fill([1, 2, 2, 1], 0.5)).print(); // [1]
 * ```
 */
export function l2Loss(yTrue: Tensor, yPred: Tensor, options: WeightOptions = {}): Tensor1D {
  checkArguments('l2Loss', arguments, 3);
  const images = checkPair('l2Loss', yTrue, yPred);
  checkOptionNames('l2Loss', options, ['weights'], tensorNames);
  const weights = checkWeights('l2Loss', options.weights, images.yTrue);
  return tidy(() => pixelSum({ ...images, weights }, { distance: 'l2' }));
}
