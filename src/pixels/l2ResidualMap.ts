import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { checkPair } from '../checks/tensors.js';
import { pixelMap } from './pixelValue.js';

/**
 * The ℓ2 residual map: the squared difference at every pixel.
 *
 * R(x, x̂) = Σ_channels (x − x̂)²; its sum over the pixels is `l2Loss`. Also the map that the paper uses
 * for its feature-matching autoencoder.
 *
 * Shapes: two of [N, H, W, C] → [N, H, W, 1]; volumes [N, D, H, W, C] → [N, D, H, W, 1].
 * Range: ≥ 0, in squared pixel units; higher = more anomalous.
 * Gradient: 2 (x̂ − x) with respect to x̂, and its negative with respect to x.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @throws TypeError for a tensor that is not float32 or was disposed, or an unknown argument
 * @throws RangeError for a wrong or differing shape, or an empty batch
 * @see Bergmann et al. 2019 (arXiv 1807.02011), eq. 2 and section 3.1
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { l2ResidualMap } from 'ssim-ae';
 *
 * const x = tf.randomUniform([1, 16, 16, 3]);
 * console.log(l2ResidualMap(x, tf.zerosLike(x)).shape); // [1, 16, 16, 1]
 * ```
 */
export function l2ResidualMap(yTrue: Tensor5D, yPred: Tensor5D): Tensor5D;
export function l2ResidualMap(yTrue: Tensor, yPred: Tensor): Tensor4D;
export function l2ResidualMap(yTrue: Tensor, yPred: Tensor): Tensor {
  checkArguments('l2ResidualMap', arguments, 2);
  const images = checkPair('l2ResidualMap', yTrue, yPred);
  return tidy(() => pixelMap(images, 'l2'));
}
