import { add, max, mean, reshape, sum, tidy, topk } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { furtherNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkChoice, checkOptionNames, checkWhole } from '../checks/options.js';
import { checkImagesOrVolumes } from '../checks/tensors.js';
import { zeroUnlessNaN } from '../operations/bounds.js';

/** Options of {@link imageScore}. */
export interface ImageScoreOptions {
  /**
   * `max`: the most anomalous pixel. `mean`: the mean of all pixels, for defects that are everywhere. `topK`:
   * the mean of the `k` most anomalous pixels, so that a single noisy pixel does not decide.
   * @default 'max'
   */
  readonly method?: 'max' | 'mean' | 'topK';
  /**
   * The number of pixels for `topK`, at most all pixels of the map; other methods do not take it.
   * @default a hundredth of the map's pixels, at least 1
   */
  readonly k?: number;
}

/**
 * One number for each image, computed from its residual map: how anomalous the whole image is.
 *
 * s = max_p R(p), or the mean of all R(p), or the mean of the k largest.
 *
 * Shapes: [N, H, W, C], or volumes [N, D, H, W, C] → [N].
 * Range: as the map; higher = more anomalous. NaN if a map contains NaN, with every method.
 * Gradient: none.
 *
 * @param map residual maps, float32
 * @param options the method: see {@link ImageScoreOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option, method or argument
 * @throws RangeError for a wrong shape, an empty batch, a k that is not a whole number from 1 to the number of
 * pixels, or a k for a method without one
 * @see Bergmann et al. 2021, "The MVTec Anomaly Detection Dataset", section 5.2: the largest value
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { imageScore } from 'ssim-ae';
 *
 * const map = tf.tensor4d([0, 1, 2, 5], [1, 2, 2, 1]);
 * imageScore(map).print(); // [5]
 * imageScore(map, { method: 'topK', k: 2 }).print(); // [3.5]
 * ```
 */
export function imageScore(map: Tensor, options: ImageScoreOptions = {}): Tensor1D {
  checkArguments('imageScore', arguments, 2);
  checkImagesOrVolumes('imageScore: map', map);
  checkOptionNames('imageScore', options, ['method', 'k'], furtherNames);
  const method = checkChoice('imageScore: method', options.method ?? 'max', ['max', 'mean', 'topK']);
  const [batch, ...rest] = (map as Tensor).shape as [number, ...number[]];
  const pixels = rest.reduce((product, length) => product * length, 1);
  if (options.k !== undefined && method !== 'topK') {
    throw new RangeError(
      `imageScore: method '${method}' has no k; leave it out, or give { method: 'topK', k: ${String(options.k)} }.`,
    );
  }
  const k = checkWhole('imageScore: k', options.k ?? Math.max(1, Math.round(pixels / 100)), {
    least: 1,
    most: pixels,
    hint: `each map has ${pixels} values`,
  });
  return tidy(() => {
    const values = reshape(map, [batch, pixels]);
    // tfjs's max and topk ignore some NaN, depending on the backend.
    switch (method) {
      case 'max':
        return add(max(values, 1), sum(zeroUnlessNaN(values), 1));
      case 'mean':
        // Sums of rows first: one float32 sum over a megapixel loses digits.
        return mean(mean(reshape(map, [batch, rest[0]!, pixels / rest[0]!]), 2), 1);
      case 'topK':
        return add(mean(topk(values, k).values, 1), sum(zeroUnlessNaN(values), 1));
    }
  });
}
