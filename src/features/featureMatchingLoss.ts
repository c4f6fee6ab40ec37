import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { checkArguments, checkNumber } from '../checks/options.js';
import { checkImagePair, checkImages } from '../checks/tensors.js';
import { checkWeights } from '../checks/weights.js';
import type { WeightOptions } from '../checks/weights.js';
import { resizeBilinear } from '../filters/resizeBilinear.js';
import { added, scaled } from '../operations/elementwise.js';
import { agreeingAtWeightZero, zeroAtWeightZero } from '../operations/weightZero.js';
import { detached } from '../operations/withoutGradient.js';
import { pixelSum } from '../pixels/pixelValue.js';
import { withFeatureDifferences } from './featureDifferences.js';
import { resolveFeatureOptions } from './featureOptions.js';
import type { FeatureOptions } from './featureOptions.js';

/** Options of {@link featureMatchingLoss}. */
export interface FeatureMatchingLossOptions extends FeatureOptions, WeightOptions {
  /**
   * λ, the weight of the features relative to the pixels, ≥ 0.
   * @default 1
   */
  readonly lambda?: number;
}

/**
 * The feature-matching loss: the ℓ2 loss of the pixels plus the ℓ2 loss of a network's features.
 *
 * L_FM(x, x̂) = L2(x, x̂) + λ Σ_layers w ‖F(x) − F(x̂)‖₂².
 *
 * Shapes: two of [N, H, W, C] → [N]. With weights, weighted sums; for each layer the weights are resized
 * bilinearly to its size.
 * Range: ≥ 0, lower = more alike.
 * Gradient: with respect to x̂ through pixels and F, with respect to x through the pixels alone: F(x) is a
 * target. The ops of F need gradients, which tfjs-layers or `@tensorflow/tfjs` registers. On the wasm backend a
 * convolution in F also needs `registerWasmTraining` of `ssim-ae/kernels`. Freeze the weights of F
 * (`model.trainable = false`); otherwise an optimizer without a list of variables trains them too.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options the feature extractor, λ, weights of layers: see {@link FeatureMatchingLossOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, a missing `features` or an unknown option or argument
 * @throws RangeError for a wrong or differing shape, an empty batch, a negative weight, or features
 * without a batch axis
 * @see Bergmann et al. 2019 (arXiv 1807.02011), eq. 3; Dosovitskiy and Brox 2016
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { featureMatchingLoss } from 'ssim-ae';
 *
 * const edges = tf.tensor4d([-1, 1], [1, 2, 1, 1]);
 * const x = tf.randomUniform([2, 16, 16, 1]);
 * const loss = featureMatchingLoss(x, x, {
 *   features: (image) => tf.conv2d(image, edges, 1, 'valid'),
 *   lambda: 0.01,
 * });
 * loss.print(); // [0, 0]
 * ```
 */
export function featureMatchingLoss(
  yTrue: Tensor,
  yPred: Tensor,
  options: FeatureMatchingLossOptions,
): Tensor1D {
  checkArguments('featureMatchingLoss', arguments, 3);
  const images = checkImagePair('featureMatchingLoss', yTrue, yPred);
  const resolved = resolveFeatureOptions('featureMatchingLoss', options, ['lambda', 'weights']);
  const lambda = checkNumber('featureMatchingLoss: lambda', options.lambda ?? 1, { least: 0 });
  const weights = checkWeights('featureMatchingLoss', options.weights, images.yTrue) as Tensor4D | undefined;
  /** The weights in a layer's size. */
  const weightsOf = (layer: Tensor, index: number): Tensor4D | undefined => {
    if (weights === undefined) return undefined;
    checkImages(`featureMatchingLoss: with weights, layer ${index} of features`, layer);
    const [, height, width] = layer.shape;
    return detached(weights, (given) => resizeBilinear(given, [height, width]));
  };
  return tidy(() => {
    const { yTrue, yPred } = agreeingAtWeightZero({ ...images, weights });
    const pixels = pixelSum({ yTrue, yPred, weights }, { distance: 'l2' });
    return withFeatureDifferences(
      'featureMatchingLoss',
      yTrue,
      yPred,
      resolved,
      (layers) =>
        layers
          .map(({ weight, ...layer }, index) =>
            scaled(
              pixelSum({ ...layer, weights: weightsOf(layer.yPred, index) }, { distance: 'l2' }),
              lambda * weight,
            ),
          )
          .reduce((total, layer) => added(total, layer), pixels),
      (layer, index) => zeroAtWeightZero(layer, weightsOf(layer, index)),
    );
  });
}
