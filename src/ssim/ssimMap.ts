import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { complement } from '../operations/elementwise.js';
import { ssimRequest } from './ssimDistance.js';
import type { SsimOptions } from './ssimOptions.js';
import { ssimValue } from './ssimValue.js';

/**
 * The structural similarity of two images at every position of the window.
 *
 * SSIM = l(x, y)^α · c(x, y)^β · s(x, y)^γ; with all exponents 1,
 * (2 μx μy + c1)(2 σxy + c2) / ((μx² + μy² + c1)(σx² + σy² + c2)).
 *
 * Shapes: two of [N, H, W, C] → [N, H', W', C], each channel separately; volumes [N, D, H, W, C] →
 * [N, D', H', W', C], under a three-dimensional window. H' = H − windowHeight + 1 with
 * the default padding `valid`, H' = H with any other.
 * Range: [−1, 1], higher = more alike; 1 if the windows are equal, and only then unless an
 * exponent is 0.
 * Gradient: analytic, with respect to both images; finite on flat images, 0 where they are equal. With
 * `beta` ≠ `gamma` the formula contains the deviations σ themselves; their slope is infinite on a flat window
 * and is taken as 0 there. With an exponent that is not a whole number, terms below 1e-6 count as 1e-6, with
 * slope 0.
 *
 * @param yTrue the images x, float32
 * @param yPred the images to compare with them, of the same shape
 * @param options window, constants, exponents, covariance and padding: see {@link SsimOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, or a wrong
 * kind of value
 * @throws RangeError for a wrong or differing shape, an empty batch, a window that does not fit, or a
 * value out of range
 * @see Bergmann et al. 2019 (arXiv 1807.02011), eqs 4 to 8; Wang et al. 2004
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { ssimMap } from 'ssim-ae';
 *
 * const x = tf.randomUniform([1, 64, 64, 1]);
 * const y = tf.randomUniform([1, 64, 64, 1]);
 * console.log(ssimMap(x, y).shape); // [1, 54, 54, 1]
 * console.log(ssimMap(x, y, { padding: 'reflect' }).shape); // [1, 64, 64, 1]
 * ```
 */
export function ssimMap(yTrue: Tensor5D, yPred: Tensor5D, options?: SsimOptions): Tensor5D;
export function ssimMap(yTrue: Tensor, yPred: Tensor, options?: SsimOptions): Tensor4D;
export function ssimMap(yTrue: Tensor, yPred: Tensor, options: SsimOptions = {}): Tensor {
  checkArguments('ssimMap', arguments, 3);
  const request = ssimRequest('ssimMap', yTrue, yPred, options);
  return tidy(() => complement(ssimValue<Tensor>(request, 'distance')));
}
