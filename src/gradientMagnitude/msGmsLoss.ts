import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import type { WeightOptions } from '../checks/weights.js';
import { checkGmsImages, gmsRequest } from './gmsDistance.js';
import { resolveGmsLevels } from './gmsOptions.js';
import type { MsGmsOptions } from './gmsOptions.js';
import { gmsValue } from './gmsValue.js';

/** Options of {@link msGmsLoss}. */
export interface MsGmsLossOptions extends MsGmsOptions, WeightOptions {}

/**
 * The multi-scale gradient magnitude loss: `gmsLoss` over several sizes of the images, averaged.
 *
 * L(x, x̂) = 1 − (1 / M) Σ_j mean GMS_j, over M = 4 sizes (1, ½, ¼, ⅛), pixels averaged 2 × 2 between them;
 * the last line of an odd size counts twice.
 *
 * Shapes: two of [N, H, W, C] → [N].
 * Range: [0, 1), lower = more alike; 0 if the images are equal.
 * Gradient: as for `gmsMap`; exactly 0 where the images are equal.
 *
 * Each channel is compared separately; the paper compares grey images.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options those of `gmsMap`, and the levels: see {@link MsGmsOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, or a wrong
 * kind of value
 * @throws RangeError for a wrong or differing shape, an empty batch, images whose smallest level 3 × 3 pixels
 * do not fit, or a value out of range
 * @see Zavrtanik, Kristan and Skočaj 2021, "Reconstruction by Inpainting for Visual Anomaly Detection" (RIAD)
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { msGmsLoss } from 'ssim-ae';
 *
 * const x = tf.randomUniform([2, 32, 32, 1]);
 * msGmsLoss(x, x).print(); // [0, 0]
 * // In a model: model.compile({ optimizer: 'adam', loss: msGmsLoss })
 * ```
 */
export function msGmsLoss(yTrue: Tensor, yPred: Tensor, options: MsGmsLossOptions = {}): Tensor1D {
  checkArguments('msGmsLoss', arguments, 3);
  const request = gmsRequest('msGmsLoss', yTrue, yPred, options, { further: ['levels', 'weights'] });
  const levels = resolveGmsLevels('msGmsLoss', options.levels);
  checkGmsImages('msGmsLoss', request, levels);
  return tidy(() => gmsValue(request, 'mean', { levels }));
}
