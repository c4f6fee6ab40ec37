import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { complement } from '../operations/elementwise.js';
import { checkGmsImages, gmsRequest } from './gmsDistance.js';
import type { GmsOptions } from './gmsOptions.js';
import { gmsValue } from './gmsValue.js';

/**
 * The gradient magnitude similarity of two images at every pixel: are their edges equally strong?
 *
 * GMS = (2 m₁ m₂ + c) / (m₁² + m₂² + c), with m = √(gₕ² + gᵥ²) and the gradients g of Prewitt's 3 × 3
 * filter, divided by 3. It ignores the direction of an edge, and brightness except at the border.
 *
 * Shapes: two of [N, H, W, C] → [N, H, W, C], each channel separately; with padding `valid`
 * [N, H − 2, W − 2, C].
 * Range: (0, 1], higher = more alike; 1 where the magnitudes are equal.
 * Gradient: analytic, with respect to both images; 0 where they are equal, finite everywhere. The slope of a
 * magnitude m is taken as 0 where m is 0.
 *
 * @param yTrue the images x, float32
 * @param yPred the images to compare with them, of the same shape
 * @param options dataRange, constant and padding: see {@link GmsOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, or a wrong
 * kind of value
 * @throws RangeError for a wrong or differing shape, an empty batch, images that 3 × 3 pixels do not fit, or
 * a value out of range
 * @see Xue, Zhang, Mou and Bovik 2014, "Gradient Magnitude Similarity Deviation", eq. 4
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { gmsMap } from 'ssim-ae';
 *
 * const x = tf.randomUniform([1, 16, 16, 3]);
 * console.log(gmsMap(x, tf.zerosLike(x)).shape); // [1, 16, 16, 3]
 * ```
 */
export function gmsMap(yTrue: Tensor, yPred: Tensor, options: GmsOptions = {}): Tensor4D {
  checkArguments('gmsMap', arguments, 3);
  const request = gmsRequest('gmsMap', yTrue, yPred, options);
  checkGmsImages('gmsMap', request, 1);
  return tidy(() => complement(gmsValue<Tensor4D>(request, 'distance')));
}
