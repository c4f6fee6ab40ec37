import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { bounded, complement } from '../operations/elementwise.js';
import { ssimRequest, termDistances } from './ssimDistance.js';
import type { SsimOptions } from './ssimOptions.js';

/** The three factors of SSIM, each [N, H', W', C]. */
export interface SsimTerms<T extends Tensor = Tensor4D> {
  /** l, eq. 5: how alike the local means are. In [−1, 1], and in [0, 1] for pixels ≥ 0. */
  readonly luminance: T;
  /** c, eq. 6: how alike the local deviations are. In [0, 1]. */
  readonly contrast: T;
  /** s, eq. 7: the local correlation. In [−1, 1]. */
  readonly structure: T;
}

/**
 * The three terms of SSIM separately: is it brightness, contrast or structure that differs?
 *
 * l = (2 μx μy + c1) / (μx² + μy² + c1), c = (2 σx σy + c2) / (σx² + σy² + c2),
 * s = (2 σxy + c2) / (2 σx σy + c2); their product is `ssimMap` with all exponents 1.
 *
 * Shapes: two of [N, H, W, C] → three of [N, H', W', C], sizes as in `ssimMap`.
 * Range: see {@link SsimTerms}; higher = more alike.
 * Gradient: analytic; for contrast and structure, the slope of σ is taken as 0 where a window is flat.
 *
 * @param yTrue the images x, float32
 * @param yPred the images to compare with them, of the same shape
 * @param options as for `ssimMap`; the terms are not raised to powers, so exponents have no effect
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, or a wrong
 * kind of value
 * @throws RangeError for a wrong or differing shape, an empty batch, a window that does not fit, or a
 * value out of range
 * @see Bergmann et al. 2019 (arXiv 1807.02011), eqs 5 to 7
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { ssimTerms } from 'ssim-ae';
 *
 * const x = tf.randomUniform([1, 32, 32, 1]);
 * const { luminance, contrast, structure } = ssimTerms(x, tf.mul(x, 0.5));
 * tf.mean(luminance).print(); // below 1: darker
 * tf.mean(contrast).print(); // below 1: flatter
 * tf.mean(structure).print(); // 1: the same pattern
 * ```
 */
export function ssimTerms(yTrue: Tensor5D, yPred: Tensor5D, options?: SsimOptions): SsimTerms<Tensor5D>;
export function ssimTerms(yTrue: Tensor, yPred: Tensor, options?: SsimOptions): SsimTerms;
export function ssimTerms(yTrue: Tensor, yPred: Tensor, options: SsimOptions = {}): SsimTerms<Tensor> {
  checkArguments('ssimTerms', arguments, 3);
  const request = ssimRequest('ssimTerms', yTrue, yPred, options);
  return tidy(() => {
    const { luminance, contrast, structure } = termDistances(request);
    const term = (distance: Tensor): Tensor => complement(bounded(distance, 0, 2));
    return { luminance: term(luminance), contrast: term(contrast), structure: term(structure) };
  });
}
