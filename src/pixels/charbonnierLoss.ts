import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { tensorNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkNumber, checkOptionNames } from '../checks/options.js';
import { checkPair } from '../checks/tensors.js';
import { checkWeights } from '../checks/weights.js';
import type { WeightOptions } from '../checks/weights.js';
import { pixelSum } from './pixelValue.js';

/** Options of {@link charbonnierLoss}. */
export interface CharbonnierLossOptions extends WeightOptions {
  /**
   * ε, in pixel units: differences far below it count as squares, those far above it count by their size.
   * @default 0.001
   */
  readonly epsilon?: number;
}

/**
 * The Charbonnier loss: ℓ1 that is smooth at 0, one number for each image.
 *
 * Charbonnier(x, x̂) = Σ (√((x − x̂)² + ε²) − ε), over all pixels and channels.
 *
 * Other definitions omit − ε, which does not change the gradient; with it, equal images have a loss of 0.
 *
 * Shapes: two of [N, H, W, C], or volumes [N, D, H, W, C] → [N]. With weights, a weighted sum.
 * Range: ≥ 0, in pixel units; lower = more alike, 0 if and only if equal. It grows with the image, like `l1Loss`.
 * Gradient: d / √(d² + ε²) for d = x̂ − x with respect to x̂, within ±1, and its negative with respect to x.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options ε and weights of pixels: see {@link CharbonnierLossOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, or a wrong
 * kind of value
 * @throws RangeError for a wrong or differing shape, an empty batch, or an epsilon that is not above 0
 * @see Charbonnier et al. 1994, Two deterministic half-quadratic regularization algorithms for computed imaging;
 * Barron 2019 (arXiv 1701.03077), eq. 1 with α = 1
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { charbonnierLoss } from 'ssim-ae';
 *
 * charbonnierLoss(tf.zeros([1, 2, 2, 1]), tf.fill([1, 2, 2, 1], 3), { epsilon: 4 }).print(); // [4]
 * ```
 */
export function charbonnierLoss(
  yTrue: Tensor,
  yPred: Tensor,
  options: CharbonnierLossOptions = {},
): Tensor1D {
  checkArguments('charbonnierLoss', arguments, 3);
  const images = checkPair('charbonnierLoss', yTrue, yPred);
  checkOptionNames('charbonnierLoss', options, ['epsilon', 'weights'], tensorNames);
  const epsilon = checkNumber('charbonnierLoss: epsilon', options.epsilon ?? 1e-3, { above: 0 });
  const weights = checkWeights('charbonnierLoss', options.weights, images.yTrue);
  return tidy(() => pixelSum({ ...images, weights }, { distance: 'charbonnier', bound: epsilon }));
}
