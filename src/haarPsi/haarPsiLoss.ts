import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { difference, scaled, squared } from '../operations/elementwise.js';
import { meanPerImage } from '../operations/reductions.js';
import { haarPsiDistances, haarPsiRequest } from './haarPsiDistance.js';
import type { HaarPsiOptions } from './haarPsiOptions.js';

/**
 * The Haar wavelet-based perceptual similarity loss: one minus the index.
 *
 * L(x, x̂) = 1 − HaarPSI(x, x̂), computed as r (2 − r) from r = 1 − √HaarPSI, which comes from the difference
 * of the images. On cpu and wasm it keeps its relative precision until training has converged.
 *
 * Shapes: two of [N, H, W, C] → [N].
 * Range: [0, 1], lower = more alike; 0 if the images are equal.
 * Gradient: as for `haarPsi`; exactly 0 where the images are equal.
 *
 * It detects brightness only through the edge at the border: combine it with a loss that compares brightness
 * everywhere.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options as for `haarPsi`; set `dataRange` if the pixels are not in [0, 1]
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, or a wrong
 * kind of value
 * @throws RangeError for a wrong or differing shape, an empty batch, or a value out of range
 * @see Reisenhofer, Bosse, Kutyniok and Wiegand 2018, "A Haar wavelet-based perceptual similarity index for image
 * quality assessment", for grey images
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { haarPsiLoss } from 'ssim-ae';
 *
 * const x = tf.randomUniform([2, 32, 32, 1]);
 * haarPsiLoss(x, x).print(); // [0, 0]
 * // In a model: model.compile({ optimizer: 'adam', loss: haarPsiLoss })
 * ```
 */
export function haarPsiLoss(yTrue: Tensor, yPred: Tensor, options: HaarPsiOptions = {}): Tensor1D {
  checkArguments('haarPsiLoss', arguments, 3);
  const request = haarPsiRequest('haarPsiLoss', yTrue, yPred, options, { further: ['alpha', 'weights'] });
  return tidy(() => {
    const distances = haarPsiDistances(request);
    return meanPerImage(difference(scaled(distances, 2), squared(distances)));
  });
}
