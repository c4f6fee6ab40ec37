import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { checkArguments, checkBoolean } from '../checks/options.js';
import { checkGmsImages, gmsRequest } from './gmsDistance.js';
import type { GmsIndexOptions } from './gmsIndexOptions.js';
import { gmsValue } from './gmsValue.js';

/** Options of {@link gmsd}. */
export interface GmsdOptions extends GmsIndexOptions {
  /**
   * Whether both images are halved first, pixels averaged 2 × 2, as the paper does.
   * @default true
   */
  readonly downsample?: boolean;
}

/**
 * The gradient magnitude similarity deviation: how unevenly the edges of two images differ, one number for each
 * image.
 *
 * GMSD(x, y) = √(mean (GMS − mean GMS)²), the standard deviation (÷ n) of `gmsMap` over the pixels of each
 * channel, averaged over the channels. The paper takes grey images: convert colours first for its numbers.
 *
 * Shapes: two of [N, H, W, C] → [N].
 * Range: [0, 0.5), lower = more alike; 0 if the images are equal.
 * Gradient: analytic, with respect to both images; 0 where they are equal, finite everywhere. The slope of
 * the deviation is taken as 0 where it is 0.
 *
 * A change that is the same everywhere has no deviation: as a loss, use `gmsLoss`.
 *
 * @param yTrue the images x, float32
 * @param yPred the images to compare with them, of the same shape
 * @param options as for `gmsMap`, and whether to halve first: see {@link GmsdOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, or a wrong
 * kind of value
 * @throws RangeError for a wrong or differing shape, an empty batch, images that 3 × 3 pixels do not fit, or
 * a value out of range
 * @see Xue, Zhang, Mou and Bovik 2014, "Gradient Magnitude Similarity Deviation", eq. 6
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { gmsd } from 'ssim-ae';
 *
 * const x = tf.randomUniform([2, 32, 32, 1]);
 * gmsd(x, x).print(); // [0, 0]
 * gmsd(x, tf.randomUniform([2, 32, 32, 1])).print(); // two numbers above 0
 * ```
 */
export function gmsd(yTrue: Tensor, yPred: Tensor, options: GmsdOptions = {}): Tensor1D {
  checkArguments('gmsd', arguments, 3);
  const request = gmsRequest('gmsd', yTrue, yPred, options, { further: ['downsample', 'weights'] });
  const downsample = checkBoolean('gmsd: downsample', options.downsample ?? true);
  const first = downsample ? 1 : 0;
  checkGmsImages('gmsd', request, first + 1, { first, fewer: () => 'downsample: false' });
  return tidy(() => gmsValue(request, 'deviation', { first }));
}
