import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { meanSsimDistance, ssimIndexRequest } from './meanSsimDistance.js';
import type { SsimIndexOptions } from './ssimIndexOptions.js';

/**
 * The SSIM loss: one minus the structural similarity of the input and its reconstruction.
 *
 * L(x, x̂) = 1 − SSIM(x, x̂), computed as the mean of
 * (1 − l) + (1 − c·s) − (1 − l)(1 − c·s) from the sum and the difference of the images. So it keeps its
 * relative precision until training has converged, where 1 − SSIM in float32 has none left.
 *
 * Shapes: two of [N, H, W, C], or volumes [N, D, H, W, C] → [N].
 * Range: [0, 2], lower = more alike; 0 if and only if equal. It is not clipped to 1.
 * With weights, each window counts by the weight of its middle pixel; 0 where all weights are 0.
 * Gradient: analytic, with respect to both images; exactly 0 where they are equal, finite on flat images.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options as for `ssim`; give `dataRange` when the pixels are not in [0, 1]
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, or a wrong
 * kind of value
 * @throws RangeError for a wrong or differing shape, an empty batch, a window that does not fit, or a
 * value out of range
 * @see Bergmann et al. 2019 (arXiv 1807.02011), eq. 8 and section 3.1.3
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { ssimLoss } from 'ssim-ae';
 *
 * const x = tf.randomUniform([2, 32, 32, 1]);
 * ssimLoss(x, x).print(); // [0, 0]
 * ssimLoss(x, tf.sub(1, x)).print(); // above 1: the inverted structure
 * // In a model: model.compile({ optimizer: 'adam', loss: ssimLoss })
 * ```
 */
export function ssimLoss(yTrue: Tensor, yPred: Tensor, options: SsimIndexOptions = {}): Tensor1D {
  checkArguments('ssimLoss', arguments, 3);
  const request = ssimIndexRequest('ssimLoss', yTrue, yPred, options);
  return tidy(() => meanSsimDistance(request));
}
