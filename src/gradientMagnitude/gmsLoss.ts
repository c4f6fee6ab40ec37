import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { checkGmsImages, gmsRequest } from './gmsDistance.js';
import type { GmsIndexOptions } from './gmsIndexOptions.js';
import { gmsValue } from './gmsValue.js';

/**
 * The gradient magnitude loss: one minus the mean gradient magnitude similarity.
 *
 * L(x, x̂) = mean of 1 − GMS = (m₁ − m₂)² / (m₁² + m₂² + c), over pixels and channels, at the full size.
 * m₁ − m₂ comes from the difference of the images: it keeps its relative precision down to convergence.
 *
 * Shapes: two of [N, H, W, C] → [N].
 * Range: [0, 1), lower = more alike; 0 if the images are equal, or differ by a constant within the border.
 * Gradient: as for `gmsMap`; exactly 0 where the images are equal.
 *
 * It does not compare brightness: combine it with a loss that does.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options as for `gmsMap`; give `dataRange` when the pixels are not in [0, 1]
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, or a wrong
 * kind of value
 * @throws RangeError for a wrong or differing shape, an empty batch, images that 3 × 3 pixels do not fit, or
 * a value out of range
 * @see Xue, Zhang, Mou and Bovik 2014, "Gradient Magnitude Similarity Deviation", eqs 4 and 5
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { gmsLoss } from 'ssim-ae';
 *
 * const x = tf.randomUniform([2, 16, 16, 1]);
 * gmsLoss(x, x).print(); // [0, 0]
 * // In a model: model.compile({ optimizer: 'adam', loss: gmsLoss })
 * ```
 */
export function gmsLoss(yTrue: Tensor, yPred: Tensor, options: GmsIndexOptions = {}): Tensor1D {
  checkArguments('gmsLoss', arguments, 3);
  const request = gmsRequest('gmsLoss', yTrue, yPred, options, { further: ['weights'] });
  checkGmsImages('gmsLoss', request, 1);
  return tidy(() => gmsValue(request, 'mean'));
}
