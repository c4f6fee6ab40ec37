import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { complement } from '../operations/elementwise.js';
import { msSsimRequest } from './msSsimDistance.js';
import type { MsSsimOptions } from './msSsimOptions.js';
import { msSsimValue } from './msSsimValue.js';

/**
 * The multi-scale structural similarity: SSIM over several sizes of the images, one number for each image.
 *
 * MS-SSIM(x, y) = mean(l_M · cs_M)^w_M · Π_{j<M} mean(cs_j)^w_j, where l and cs = c · s are the terms of SSIM
 * at level j. Their means are taken over the pixels of each channel; the product is computed for each channel
 * and then averaged over the channels. Each level is half the size of the previous one, with pixels averaged
 * 2 × 2; the last line of an odd size counts twice. With M = 5 and the published weights, this is the value of
 * tf.image.ssim_multiscale.
 *
 * Shapes: two of [N, H, W, C] → [N].
 * Range: [0, 1], higher = more alike; 1 if the images are equal.
 * Gradient: analytic, with respect to both images; finite everywhere, 0 where they are equal.
 * A mean t below 0.01, as for unrelated textures, counts as 0.01 e^(t / 0.01 − 1). This is positive even where
 * t is negative and has no real power, and its slope leads back to positive t. (Other libraries count t ≤ 0 as
 * 0, which removes every gradient or makes it NaN.)
 *
 * The default window and levels need images of at least 161 × 161; for smaller images set fewer `levels` or a
 * smaller `windowSize`. Near 1 it keeps only the digits that float32 has there; `msSsimLoss` keeps more.
 *
 * @param yTrue the images x, float32
 * @param yPred the images to compare with them, of the same shape
 * @param options window, constants, covariance, padding and levels: see {@link MsSsimOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, a wrong
 * kind of value, or both `levels` and `levelWeights`
 * @throws RangeError for a wrong or differing shape, an empty batch, a window that does not fit the smallest
 * level, or a value out of range
 * @see Wang, Simoncelli and Bovik 2003, "Multi-Scale Structural Similarity for Image Quality Assessment", eq. 7
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { msSsim } from 'ssim-ae';
 *
 * const x = tf.randomUniform([2, 64, 64, 1]);
 * msSsim(x, x, { levels: 3 }).print(); // [1, 1]
 * msSsim(x, tf.mul(x, 0.5), { levels: 3 }).print(); // two numbers below 1
 * ```
 */
export function msSsim(yTrue: Tensor, yPred: Tensor, options: MsSsimOptions = {}): Tensor1D {
  checkArguments('msSsim', arguments, 3);
  const request = msSsimRequest('msSsim', yTrue, yPred, options);
  return tidy(() => complement(msSsimValue(request)));
}
