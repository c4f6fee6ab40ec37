import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { resizeBilinear } from '../filters/resizeBilinear.js';
import { meanOverChannels } from '../operations/reductions.js';
import { haarPsiDistanceMap, haarPsiRequest } from './haarPsiDistance.js';
import type { HaarPsiResidualMapOptions } from './haarPsiOptions.js';

/**
 * The residual map of the Haar wavelet-based similarity: where do fine edges differ?
 *
 * R(x, x̂) = 1 − resize(S), the mean over channels and both orientations of the local similarities S of `haarPsi`,
 * (2 |g₁| |g₂| + C) / (g₁² + g₂² + C) at the scales 1 and 2. Where the images were halved, the map is resized
 * bilinearly to the size of the input. The paper does not define a map: here every position counts the same,
 * without the weights of scale 3.
 *
 * Shapes: two of [N, H, W, C] → [N, H, W, 1].
 * Range: [0, 1], higher = more anomalous; 0 where the coefficients have the same magnitudes.
 * Gradient: as for `haarPsi`; exactly 0 where the images are equal.
 *
 * The filters have even sizes, as in the paper. Therefore a difference appears half a pixel too far up and to
 * the left, or a whole pixel if the images were halved.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options dataRange, constant, whether to halve: see {@link HaarPsiResidualMapOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, or a wrong
 * kind of value
 * @throws RangeError for a wrong or differing shape, an empty batch, or a value out of range
 * @see Reisenhofer, Bosse, Kutyniok and Wiegand 2018, "A Haar wavelet-based perceptual similarity index for image
 * quality assessment": its local similarities
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { haarPsiResidualMap } from 'ssim-ae';
 *
 * const x = tf.randomUniform([1, 32, 32, 3]);
 * console.log(haarPsiResidualMap(x, tf.zerosLike(x)).shape); // [1, 32, 32, 1]
 * ```
 */
export function haarPsiResidualMap(
  yTrue: Tensor,
  yPred: Tensor,
  options: HaarPsiResidualMapOptions = {},
): Tensor4D {
  checkArguments('haarPsiResidualMap', arguments, 3);
  const request = haarPsiRequest('haarPsiResidualMap', yTrue, yPred, options);
  const [, height, width] = request.yTrue.shape;
  return tidy(() => resizeBilinear(meanOverChannels(haarPsiDistanceMap(request)), [height, width]));
}
