import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { resolveFeatureOptions } from '../checks/features.js';
import type { FeatureOptions } from '../checks/features.js';
import { checkNumber } from '../checks/options.js';
import { checkImagePair } from '../checks/tensors.js';
import { added, difference, scaled, squared } from '../operations/elementwise.js';
import { sumPerImage } from '../operations/reductions.js';
import { withFeatureDifferences } from '../similarity/featureDifferences.js';

/** Options of {@link featureMatchingLoss}. */
export interface FeatureMatchingOptions extends FeatureOptions {
  /**
   * λ, the weight of the features against the pixels, ≥ 0.
   * @default 1
   */
  readonly lambda?: number;
}

/**
 * The feature-matching loss: the ℓ2 loss of the pixels plus that of the features of a network.
 *
 * L_FM(x, x̂) = L2(x, x̂) + λ Σ_layers w ‖F(x) − F(x̂)‖₂².
 *
 * Shapes: two of [N, H, W, C] → [N].
 * Range: ≥ 0, lower = more alike.
 * Gradient: with respect to x̂ through pixels and F, with respect to x through the pixels alone: F(x) is a
 * target. F's own ops need gradients for x̂: with tfjs-layers or `@tensorflow/tfjs` loaded they have them.
 * On the wasm backend a convolution in F also needs `registerWasmTraining` of `ssim-ae/kernels`.
 * Freeze the weights of F (`model.trainable = false`), or an optimizer without a list of variables trains
 * them too.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options the feature extractor, λ, weights of layers: see {@link FeatureMatchingOptions}
 * @throws TypeError for what is no float32 tensor, a missing `features` or an unknown option
 * @throws RangeError for a wrong or differing shape, an empty batch, a negative weight, or features
 * without a batch axis
 * @see Bergmann et al. 2019 (arXiv 1807.02011), eq. 3; Dosovitskiy and Brox 2016
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import { featureMatchingLoss } from 'ssim-ae';
 *
 * const edges = tf.tensor4d([-1, 1], [1, 2, 1, 1]);
 * const features = (image: tf.Tensor4D) => tf.conv2d(image, edges, 1, 'valid');
 * const x = tf.randomUniform<tf.Rank.R4>([2, 16, 16, 1]);
 * featureMatchingLoss(x, x, { features, lambda: 0.01 }).print(); // [0, 0]
 * ```
 */
export function featureMatchingLoss(yTrue: Tensor, yPred: Tensor, options: FeatureMatchingOptions): Tensor1D {
  const images = checkImagePair('featureMatchingLoss', yTrue, yPred);
  const resolved = resolveFeatureOptions('featureMatchingLoss', options, ['lambda']);
  const lambda = checkNumber('featureMatchingLoss: lambda', options.lambda ?? 1, { least: 0 });
  return tidy(() => {
    const pixels = sumPerImage(squared(difference(images.yTrue, images.yPred)));
    return withFeatureDifferences('featureMatchingLoss', images.yTrue, images.yPred, resolved, (layers) =>
      layers
        .map(({ squares, weight }) => scaled(sumPerImage(squares), lambda * weight))
        .reduce((total, layer) => added(total, layer), pixels),
    );
  });
}
