import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { describeSize } from '../checks/describe.js';
import { checkArguments, checkNumber } from '../checks/options.js';
import { withAxisOrder } from '../checks/axisOrder.js';
import { checkWeightValues } from '../filters/checkValues.js';
import { smallestFor } from '../filters/paddings.js';
import type { Padding } from '../filters/paddings.js';
import { gaussianTaps } from '../filters/window.js';
import type { Window } from '../filters/window.js';
import { msSsimRequest } from './msSsimDistance.js';
import type { MsSsimRequest } from './msSsimDistance.js';
import type { MsSsimOptions } from './msSsimOptions.js';
import { mixValue } from './msSsimValue.js';

/** Options of {@link mixLoss}: the options of `msSsim`, and how the ℓ1 term is added. */
export interface MixLossOptions extends MsSsimOptions {
  /**
   * Weight of 1 − MS-SSIM, from 0 to 1; the ℓ1 term has the rest.
   * @default 0.84
   */
  readonly alpha?: number;
  /**
   * Standard deviation, in pixels of the full size, of the Gaussian under which |x − x̂| is averaged, cut off
   * at twice that value; the paper uses 8. By default the window of the smallest level is used instead: with
   * the default window, a Gaussian of 1.5 · 2^(levels − 1) pixels, 24 for five levels.
   * @default the window of the smallest level
   */
  readonly l1Sigma?: number;
}

/**
 * A mix of MS-SSIM and ℓ1: MS-SSIM compares structure, ℓ1 compares brightness and colour.
 *
 * L(x, x̂) = α · (1 − MS-SSIM(x, x̂)) + (1 − α) · mean(G ∗ |x − x̂|) / dataRange.
 *
 * G is the window of the smallest level of MS-SSIM, since in the paper the widest Gaussian weights ℓ1. Here
 * |x − x̂| is halved down to that level and filtered by its window there. So both terms give each pixel the
 * same weight, which decreases towards the border with padding `valid`. The paper does not halve images, and
 * its widest Gaussian has σ = 8 pixels: `l1Sigma: 8`.
 *
 * Shapes: two of [N, H, W, C] → [N].
 * Range: ≥ 0, below 1 for pixels within `dataRange`; lower = more alike, 0 if equal.
 * Gradient: the weighted sum of the gradients of `msSsimLoss` and of |x − x̂|; exactly 0 where the images are equal.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options weight, Gaussian, and the options of `msSsim`: see {@link MixLossOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, a wrong kind of
 * value, or both `levels`
 * and `levelWeights`
 * @throws RangeError for a wrong or differing shape, an empty batch, a window or Gaussian that does not fit,
 * or a value out of range
 * @see Zhao, Gallo, Frosio and Kautz 2017, "Loss Functions for Image Restoration with Neural Networks",
 * section III-D
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { mixLoss } from 'ssim-ae';
 *
 * const x = tf.randomUniform([1, 32, 32, 3], 0, 0.9);
 * mixLoss(x, x, { levels: 2 }).print(); // [0]
 * mixLoss(x, tf.add(x, 0.1), { levels: 2, alpha: 0 }).print(); // [0.1]
 * ```
 */
export function mixLoss(yTrue: Tensor, yPred: Tensor, options: MixLossOptions = {}): Tensor1D {
  checkArguments('mixLoss', arguments, 3);
  const request = msSsimRequest('mixLoss', yTrue, yPred, options, { further: ['alpha', 'l1Sigma'] });
  const alpha = checkNumber('mixLoss: alpha', options.alpha ?? 0.84, { least: 0, most: 1 });
  const gaussian = options.l1Sigma === undefined ? undefined : gaussianOf(options.l1Sigma, request);
  if (request.options.checkRange && request.weights !== undefined) {
    const { padding, windowSize, levelWeights } = request.options;
    const windows =
      gaussian === undefined
        ? { level: levelWeights.length - 1, size: windowSize }
        : { level: 0, size: gaussian.map((taps) => taps.length) };
    checkWeightValues('mixLoss', request.weights, [windows], padding);
  }
  return tidy(() => mixValue({ ...request, alpha, gaussian }));
}

/** A Gaussian cut off at twice its σ, in both axes: 33 pixels for the paper's σ of 8. */
function gaussianOf(l1Sigma: number, { yTrue, options: { padding } }: MsSsimRequest): Window {
  const sigma = checkNumber('mixLoss: l1Sigma', l1Sigma, { above: 0 });
  const radius = Math.ceil(2 * sigma);
  const size = yTrue.shape.slice(1, -1);
  const least = Math.min(...size);
  if (!radiusFits(radius, least, padding)) {
    let largest = 0;
    while (radiusFits(largest + 1, least, padding)) largest++;
    throw new RangeError(
      `mixLoss: l1Sigma of ${sigma} pixels takes a window of ${2 * radius + 1}, which does not fit images of ` +
        `${describeSize(size)}; ` +
        `${withAxisOrder(yTrue.shape, largest === 0 ? 'leave it out' : `use l1Sigma ≤ ${largest / 2}`)}.`,
    );
  }
  const taps = gaussianTaps(2 * radius + 1, sigma);
  return [taps, taps];
}

function radiusFits(radius: number, length: number, padding: Padding): boolean {
  return smallestFor(2 * radius + 1, padding) <= length;
}
