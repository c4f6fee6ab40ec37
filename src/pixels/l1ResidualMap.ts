import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { checkPair } from '../checks/tensors.js';
import { pixelMap } from './pixelValue.js';

/**
 * The ℓ1 residual map: the absolute difference at every pixel.
 *
 * R(x, x̂) = Σ_channels |x − x̂|; its sum over the pixels is `l1Loss`.
 *
 * Shapes: two of [N, H, W, C] → [N, H, W, 1]; volumes [N, D, H, W, C] → [N, D, H, W, 1].
 * Range: ≥ 0, in pixel units; higher = more anomalous.
 * Gradient: sign(x̂ − x) with respect to x̂, and its negative with respect to x; 0 where they are equal.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @throws TypeError for a tensor that is not float32 or was disposed, or an unknown argument
 * @throws RangeError for a wrong or differing shape, or an empty batch
 * @see Bergmann et al. 2019 (arXiv 1807.02011), section 3.1
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { l1ResidualMap } from 'ssim-ae';
 *
 * const x = tf.randomUniform([1, 16, 16, 3]);
 * console.log(l1ResidualMap(x, tf.zerosLike(x)).shape); // [1, 16, 16, 1]
 * ```
 */
export function l1ResidualMap(yTrue: Tensor5D, yPred: Tensor5D): Tensor5D;
export function l1ResidualMap(yTrue: Tensor, yPred: Tensor): Tensor4D;
export function l1ResidualMap(yTrue: Tensor, yPred: Tensor): Tensor {
  checkArguments('l1ResidualMap', arguments, 2);
  const images = checkPair('l1ResidualMap', yTrue, yPred);
  return tidy(() => pixelMap(images, 'l1'));
}
