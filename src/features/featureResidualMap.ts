import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { checkImagePair, checkImages } from '../checks/tensors.js';
import { resizeBilinear } from '../filters/resizeBilinear.js';
import { added, scaled } from '../operations/elementwise.js';
import { pixelMap } from '../pixels/pixelValue.js';
import { withFeatureDifferences } from './featureDifferences.js';
import { resolveFeatureOptions } from './featureOptions.js';
import type { FeatureOptions } from './featureOptions.js';

/**
 * The feature residual map: the distance of the features at every position, resized to the input.
 *
 * R(x, x̂) = Σ_layers w · resize(Σ_channels (F(x) − F(x̂))²), resized bilinearly.
 *
 * This is not the map that the paper calls R_FM: for its feature-matching autoencoder it takes the
 * per-pixel ℓ2 distance, which is `l2ResidualMap`.
 *
 * Shapes: two of [N, H, W, C], features [N, h, w, channels] → [N, H, W, 1].
 * Range: ≥ 0, in squared feature units; higher = more anomalous.
 * Gradient: with respect to x̂ through F; none into F(x).
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂, of the same shape
 * @param options the feature extractor and the weights of its layers: see {@link FeatureOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, a missing `features` or an unknown option or argument
 * @throws RangeError for a wrong or differing shape, an empty batch, a negative weight, or features that
 * are not [N, h, w, channels]
 * @see Bergmann et al. 2019 (arXiv 1807.02011), section 3.1.2; Zhang et al. 2018 (LPIPS), eq. 1
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { featureResidualMap } from 'ssim-ae';
 *
 * const edges = tf.tensor4d([-1, 1], [1, 2, 1, 1]);
 * const x = tf.randomUniform([1, 16, 16, 1]);
 * const map = featureResidualMap(x, tf.zerosLike(x), { features: (image) => tf.conv2d(image, edges, 2, 'valid') });
 * console.log(map.shape); // [1, 16, 16, 1]
 * ```
 */
export function featureResidualMap(yTrue: Tensor, yPred: Tensor, options: FeatureOptions): Tensor4D {
  checkArguments('featureResidualMap', arguments, 3);
  return tidy(() =>
    mapsOfLayers('featureResidualMap', yTrue, yPred, options).reduce((total, map) => added(total, map)),
  );
}

/** One map for each layer, by its weight, in the size of the input. */
export function mapsOfLayers(
  functionName: string,
  yTrue: Tensor,
  yPred: Tensor,
  options: FeatureOptions,
): Tensor4D[] {
  const images = checkImagePair(functionName, yTrue, yPred);
  const resolved = resolveFeatureOptions(functionName, options, []);
  const [, height, width] = images.yTrue.shape;
  return withFeatureDifferences(functionName, images.yTrue, images.yPred, resolved, (layers) =>
    layers.map(({ weight, ...pair }, layer) => {
      checkImages(`${functionName}: layer ${layer} of features`, pair.yPred);
      return scaled(resizeBilinear(pixelMap(pair, 'l2'), [height, width]), weight);
    }),
  );
}
