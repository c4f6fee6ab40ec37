import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import type { FeatureOptions } from './featureOptions.js';
import { mapsOfLayers } from './featureResidualMap.js';

/**
 * A separate feature residual map for every layer: which layer detects the defect?
 *
 * R_l(x, x̂) = w_l · resize(Σ_channels (F_l(x) − F_l(x̂))²); their sum is `featureResidualMap`.
 *
 * Shapes: two of [N, H, W, C], features [N, h, w, channels] → one [N, H, W, 1] for each layer.
 * Range: ≥ 0, in squared feature units; higher = more anomalous. With `normalize: 'unit'` at most 4 w, so that layers
 * can be compared.
 * Gradient: as for `featureResidualMap`.
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
 * import { featureResidualMaps } from 'ssim-ae';
 *
 * const edges = tf.tensor4d([-1, 1], [1, 2, 1, 1]);
 * const x = tf.randomUniform([1, 16, 16, 1]);
 * const maps = featureResidualMaps(x, tf.zerosLike(x), {
 *   features: (image) => [image, tf.conv2d(image, edges, 2, 'valid')],
 * });
 * console.log(maps.map((map) => map.shape.join('×'))); // ['1×16×16×1', '1×16×16×1']
 * ```
 */
export function featureResidualMaps(yTrue: Tensor, yPred: Tensor, options: FeatureOptions): Tensor4D[] {
  checkArguments('featureResidualMaps', arguments, 3);
  return tidy(() => mapsOfLayers('featureResidualMaps', yTrue, yPred, options));
}
