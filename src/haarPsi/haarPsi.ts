import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { complement, squared } from '../operations/elementwise.js';
import { meanPerImage } from '../operations/reductions.js';
import { haarPsiDistances, haarPsiRequest } from './haarPsiDistance.js';
import type { HaarPsiOptions } from './haarPsiOptions.js';

/**
 * The Haar wavelet-based perceptual similarity index of two batches of images: one number for each image.
 *
 * HaarPSI = (σ⁻¹(Σ σ(α S) w / Σ w) / α)², with the logistic function σ and α = 4.2, over both orientations and
 * all positions. S is the mean of (2 |g₁| |g₂| + C) / (g₁² + g₂² + C), C = 30 for 8-bit values, over the Haar
 * coefficients g of 2 × 2 and 4 × 4 pixels; w is the larger |g| of 8 × 8 pixels. Both images are halved first.
 * As in the paper's code, zeros lie beyond the border, so bright images have an edge there.
 *
 * Each channel is compared as a separate grey image, and the indices are averaged. The paper compares colours
 * differently; to get its values for grey images, convert yours with `luma` first.
 *
 * Shapes: two of [N, H, W, C] → [N].
 * Range: [0, 1], higher = more alike; 1 if the images are equal, black ones too.
 * Gradient: analytic, with respect to both images; exactly 0 where they are equal, finite everywhere. The slope of
 * |g| is taken as 0 where g is 0.
 *
 * @param yTrue the images x, float32
 * @param yPred the images to compare with them, of the same shape
 * @param options dataRange, constants, whether to halve, weights: see {@link HaarPsiOptions}
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
 * import { haarPsi } from 'ssim-ae';
 *
 * const x = tf.randomUniform([2, 32, 32, 1]);
 * haarPsi(x, x).print(); // [1, 1]
 * haarPsi(tf.fill([1, 24, 19, 1], 100), tf.fill([1, 24, 19, 1], 130), { dataRange: 255 }).print(); // [0.965659]
 * ```
 */
export function haarPsi(yTrue: Tensor, yPred: Tensor, options: HaarPsiOptions = {}): Tensor1D {
  checkArguments('haarPsi', arguments, 3);
  const request = haarPsiRequest('haarPsi', yTrue, yPred, options, { further: ['alpha', 'weights'] });
  return tidy(() => meanPerImage(squared(complement(haarPsiDistances(request)))));
}
