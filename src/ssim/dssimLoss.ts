import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { scaled } from '../operations/elementwise.js';
import { meanSsimDistance, ssimIndexRequest } from './meanSsimDistance.js';
import type { SsimIndexOptions } from './ssimIndexOptions.js';

/**
 * The structural dissimilarity: half of `ssimLoss`, so that it lies in [0, 1].
 *
 * DSSIM(x, x̂) = (1 − SSIM(x, x̂)) / 2.
 *
 * Shapes: two of [N, H, W, C], or volumes [N, D, H, W, C] → [N].
 * Range: [0, 1], lower = more alike; 0 if and only if equal.
 * With weights, each window counts by the weight of its middle pixel; 0 where all weights are 0.
 * Gradient: half of the gradient of `ssimLoss`.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options as for `ssim`; give `dataRange` when the pixels are not in [0, 1]
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, or a wrong
 * kind of value
 * @throws RangeError for a wrong or differing shape, an empty batch, a window that does not fit, or a
 * value out of range
 * @see Bergmann et al. 2019 (arXiv 1807.02011), eq. 8
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { dssimLoss, ssimLoss } from 'ssim-ae';
 *
 * const x = tf.randomUniform([1, 32, 32, 1]);
 * const y = tf.randomUniform([1, 32, 32, 1]);
 * tf.div(dssimLoss(x, y), ssimLoss(x, y)).print(); // [0.5]
 * ```
 */
export function dssimLoss(yTrue: Tensor, yPred: Tensor, options: SsimIndexOptions = {}): Tensor1D {
  checkArguments('dssimLoss', arguments, 3);
  const request = ssimIndexRequest('dssimLoss', yTrue, yPred, options);
  return tidy(() => scaled(meanSsimDistance(request), 0.5));
}
