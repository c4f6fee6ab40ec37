import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { complement } from '../operations/elementwise.js';
import { meanSsimDistance, ssimIndexRequest } from './meanSsimDistance.js';
import type { SsimIndexOptions } from './ssimIndexOptions.js';

/**
 * The structural similarity index: the mean of `ssimMap` over pixels and channels, one number for each image.
 *
 * SSIM(x, y) = mean of (2 μx μy + c1)(2 σxy + c2) / ((μx² + μy² + c1)(σx² + σy² + c2)) over all windows.
 *
 * Shapes: two of [N, H, W, C], or volumes [N, D, H, W, C] → [N].
 * Range: [−1, 1], higher = more alike; 1 if the images are equal, and only then unless an exponent is 0.
 * With weights, each window counts by the weight of its middle pixel; 1 where all weights are 0.
 * Gradient: as for `ssimMap`.
 *
 * Near 1 it keeps only the digits that float32 has there. To follow training to convergence use `ssimLoss`,
 * which is not computed from a value near 1.
 *
 * @param yTrue the images x, float32
 * @param yPred the images to compare with them, of the same shape
 * @param options window, constants, exponents, covariance, padding and weights: see {@link SsimIndexOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, or a wrong
 * kind of value
 * @throws RangeError for a wrong or differing shape, an empty batch, a window that does not fit, or a
 * value out of range
 * @see Bergmann et al. 2019 (arXiv 1807.02011), eq. 8; Wang et al. 2004
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { ssim } from 'ssim-ae';
 *
 * const x = tf.randomUniform([4, 64, 64, 3]);
 * const noisy = tf.clipByValue(tf.add(x, tf.randomNormal(x.shape, 0, 0.1)), 0, 1);
 * ssim(x, noisy).print(); // four numbers below 1
 * ```
 */
export function ssim(yTrue: Tensor, yPred: Tensor, options: SsimIndexOptions = {}): Tensor1D {
  checkArguments('ssim', arguments, 3);
  const request = ssimIndexRequest('ssim', yTrue, yPred, options);
  return tidy(() => complement(meanSsimDistance(request)));
}
