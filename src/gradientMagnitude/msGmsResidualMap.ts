import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { checkMapSize } from '../filters/windowFits.js';
import { checkGmsImages, gmsRequest } from './gmsDistance.js';
import { resolveGmsLevels } from './gmsOptions.js';
import type { MsGmsOptions } from './gmsOptions.js';
import { gmsValue } from './gmsValue.js';

/**
 * The multi-scale gradient magnitude residual map: where do the edges differ, fine ones or coarse ones?
 *
 * R(x, x̂) = 1 − (1 / M) Σ_j resize(GMS_j), the mean over channels of GMS at M = 4 sizes of the images
 * (1, ½, ¼, ⅛), each map resized bilinearly to the size of the input. The images are mirrored at their border
 * (padding `reflect`): zeros would make an edge there that hides its surroundings.
 *
 * Shapes: two of [N, H, W, C] → [N, H, W, 1].
 * Range: [0, 1), higher = more anomalous.
 * Gradient: as for `gmsMap`; exactly 0 where the images are equal.
 *
 * RIAD compares grey images, and then smooths the map with a mean of 21 × 21 pixels, which this does not.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options as for `msGmsLoss`, with `padding` any but `valid`; `reflect` unless given
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, or a wrong
 * kind of value
 * @throws RangeError for a wrong or differing shape, an empty batch, images whose smallest level 3 × 3 pixels
 * do not fit, padding `valid`, or a value out of range
 * @see Zavrtanik, Kristan and Skočaj 2021, "Reconstruction by Inpainting for Visual Anomaly Detection" (RIAD)
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { msGmsResidualMap } from 'ssim-ae';
 *
 * const x = tf.randomUniform([1, 32, 32, 3]);
 * console.log(msGmsResidualMap(x, tf.zerosLike(x)).shape); // [1, 32, 32, 1]
 * ```
 */
export function msGmsResidualMap(yTrue: Tensor, yPred: Tensor, options: MsGmsOptions = {}): Tensor4D {
  checkArguments('msGmsResidualMap', arguments, 3);
  const request = gmsRequest('msGmsResidualMap', yTrue, yPred, options, {
    padding: 'reflect',
    further: ['levels'],
  });
  const levels = resolveGmsLevels('msGmsResidualMap', options.levels);
  checkMapSize('msGmsResidualMap', request.options.padding, 'gmsMap');
  checkGmsImages('msGmsResidualMap', request, levels);
  return tidy(() => gmsValue<Tensor4D>(request, 'residual', { levels }));
}
