import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { checkMapSize } from '../filters/windowFits.js';
import { ssimRequest } from './ssimDistance.js';
import type { SsimOptions } from './ssimOptions.js';
import { ssimValue } from './ssimValue.js';

/**
 * The SSIM residual map: how much the windows around every pixel differ.
 *
 * R(x, x̂) = mean over channels of 1 − SSIM(x, x̂), with the image mirrored at its border (padding
 * `reflect`), so that the map has the size of the input.
 *
 * Shapes: two of [N, H, W, C] → [N, H, W, 1]; volumes [N, D, H, W, C] → [N, D, H, W, 1].
 * Range: [0, 2], higher = more anomalous; above 1 the structure is inverted.
 * Gradient: as for `ssimMap`.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options as for `ssim`; `padding` is any but `valid`, and `reflect` by default
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, or a wrong
 * kind of value
 * @throws RangeError for a wrong or differing shape, an empty batch, a window that does not fit, padding
 * `valid`, or a value out of range
 * @see Bergmann et al. 2019 (arXiv 1807.02011), eq. 8 and section 3.1.3
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { ssimResidualMap } from 'ssim-ae';
 *
 * const x = tf.randomUniform([1, 32, 32, 3]);
 * const map = ssimResidualMap(x, tf.sub(1, x));
 * console.log(map.shape); // [1, 32, 32, 1]
 * ```
 */
export function ssimResidualMap(yTrue: Tensor5D, yPred: Tensor5D, options?: SsimOptions): Tensor5D;
export function ssimResidualMap(yTrue: Tensor, yPred: Tensor, options?: SsimOptions): Tensor4D;
export function ssimResidualMap(yTrue: Tensor, yPred: Tensor, options: SsimOptions = {}): Tensor {
  checkArguments('ssimResidualMap', arguments, 3);
  const request = ssimRequest('ssimResidualMap', yTrue, yPred, options, { padding: 'reflect' });
  checkMapSize('ssimResidualMap', request.options.padding, 'ssimMap');
  return tidy(() => ssimValue(request, 'residual'));
}
