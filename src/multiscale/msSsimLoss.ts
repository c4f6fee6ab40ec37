import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { msSsimRequest } from './msSsimDistance.js';
import type { MsSsimOptions } from './msSsimOptions.js';
import { msSsimValue } from './msSsimValue.js';

/**
 * The multi-scale SSIM loss: one minus `msSsim` of the input and its reconstruction.
 *
 * L(x, x̂) = 1 − MS-SSIM(x, x̂), computed as 1 − Π (1 − d_j)^w_j from the distances d_j = 1 − mean term of the
 * levels. So it keeps its relative precision until training has converged.
 *
 * Shapes: two of [N, H, W, C] → [N].
 * Range: [0, 1], lower = more alike; 0 if equal.
 * Gradient: analytic, with respect to both images; exactly 0 where they are equal, finite everywhere. A mean
 * below 0.01 counts as a small positive number, with a slope, as in `msSsim`.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options as for `msSsim`; set `dataRange` if the pixels are not in [0, 1], and `levels` if the images
 * are smaller than 161 × 161
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, a wrong kind of
 * value, or both `levels`
 * and `levelWeights`
 * @throws RangeError for a wrong or differing shape, an empty batch, a window that does not fit the smallest
 * level, or a value out of range
 * @see Wang, Simoncelli and Bovik 2003, eq. 7; Zhao et al. 2017, "Loss Functions for Image Restoration with
 * Neural Networks", section III-C
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { msSsimLoss, withOptions } from 'ssim-ae';
 *
 * const loss = withOptions(msSsimLoss, { levels: 2 });
 * const x = tf.randomUniform([2, 32, 32, 1]);
 * loss(x, x).print(); // [0, 0]
 * // In a model: model.compile({ optimizer: 'adam', loss })
 * ```
 */
export function msSsimLoss(yTrue: Tensor, yPred: Tensor, options: MsSsimOptions = {}): Tensor1D {
  checkArguments('msSsimLoss', arguments, 3);
  const request = msSsimRequest('msSsimLoss', yTrue, yPred, options);
  return tidy(() => msSsimValue(request));
}
