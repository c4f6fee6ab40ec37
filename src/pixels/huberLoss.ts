import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { tensorNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkNumber, checkOptionNames } from '../checks/options.js';
import { checkPair } from '../checks/tensors.js';
import { checkWeights } from '../checks/weights.js';
import type { WeightOptions } from '../checks/weights.js';
import { pixelSum } from './pixelValue.js';

/** Options of {@link huberLoss}. */
export interface HuberLossOptions extends WeightOptions {
  /**
   * δ, in pixel units: the difference at which squares turn into straight lines. For images in [0, 1] the
   * default gives half of `l2Loss`; 0.1 reduces the influence of outliers.
   * @default 1
   */
  readonly delta?: number;
}

/**
 * The Huber loss: ℓ2 for small differences, ℓ1 for large ones, one number for each image.
 *
 * Huber(x, x̂) = Σ h(x − x̂), over all pixels and channels, with h(d) = d² / 2 where |d| ≤ δ, and δ (|d| − δ / 2)
 * elsewhere.
 *
 * Shapes: two of [N, H, W, C], or volumes [N, D, H, W, C] → [N]. With weights, a weighted sum.
 * Range: ≥ 0, in squared pixel units; lower = more alike, 0 if and only if equal. It grows with the image, like `l2Loss`.
 * Gradient: x̂ − x, held within ±δ, with respect to x̂, and its negative with respect to x.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options δ and weights of pixels: see {@link HuberLossOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, or a wrong
 * kind of value
 * @throws RangeError for a wrong or differing shape, an empty batch, or a delta that is not above 0
 * @see Huber 1964, Robust estimation of a location parameter
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { huberLoss } from 'ssim-ae';
 *
 * huberLoss(tf.zeros([1, 2, 2, 1]), tf.fill([1, 2, 2, 1], 0.5), { delta: 0.25 }).print(); // [0.375]
 * ```
 */
export function huberLoss(yTrue: Tensor, yPred: Tensor, options: HuberLossOptions = {}): Tensor1D {
  checkArguments('huberLoss', arguments, 3);
  const images = checkPair('huberLoss', yTrue, yPred);
  checkOptionNames('huberLoss', options, ['delta', 'weights'], tensorNames);
  const delta = checkNumber('huberLoss: delta', options.delta ?? 1, { above: 0 });
  const weights = checkWeights('huberLoss', options.weights, images.yTrue);
  return tidy(() => pixelSum({ ...images, weights }, { distance: 'huber', bound: delta }));
}
