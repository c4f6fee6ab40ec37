import { matMul, reshape, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import { withAxisOrder } from '../checks/axisOrder.js';
import { checkOneArgument } from '../checks/options.js';
import { checkImagesOrVolumes } from '../checks/tensors.js';
import { linear } from '../operations/withGradient.js';
import { lumaShares } from './lumaShares.js';

/**
 * The luma of RGB images: their perceived brightness. The measures here compare every channel separately; given
 * luma, they compare this channel alone, as many papers do.
 *
 * Y = 0.299 R + 0.587 G + 0.114 B, in the units of the pixels, without offset: for pixels in [0, 1] it lies in
 * [0, 1].
 *
 * Shapes: [N, H, W, 3] → [N, H, W, 1]; volumes [N, D, H, W, 3] → [N, D, H, W, 1].
 * Range: as the pixels.
 * Gradient: the three shares.
 *
 * @param images RGB, float32
 * @throws TypeError for a tensor that is not float32 or was disposed, or an unknown argument
 * @throws RangeError for a wrong shape, an empty batch, or a number of channels other than three
 * @see ITU-R BT.601-7, section 2.5.1
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { luma, ssim } from 'ssim-ae';
 *
 * const x = tf.randomUniform([2, 32, 32, 3]);
 * ssim(luma(x), luma(x)).print(); // [1, 1]
 * ```
 */
export function luma(images: Tensor5D): Tensor5D;
export function luma(images: Tensor): Tensor4D;
export function luma(images: Tensor): Tensor {
  checkOneArgument('luma', arguments);
  checkImagesOrVolumes('luma: images', images, 'divide');
  const { shape } = images as Tensor;
  if (shape[shape.length - 1] !== 3) {
    throw new RangeError(
      `luma: images must have 3 channels, red, green and blue, but got ${shape[shape.length - 1]}; ` +
        `${withAxisOrder(shape, 'drop an alpha channel with tf.slice first, and leave gray images as they are')}.`,
    );
  }
  return tidy(() =>
    linear<Tensor, Tensor>(
      images,
      (given) =>
        reshape(matMul(reshape(given, [-1, 3]), tensor2d([...lumaShares], [3, 1])), [
          ...shape.slice(0, -1),
          1,
        ]),
      (dy) => reshape(matMul(reshape(dy, [-1, 1]), tensor2d([...lumaShares], [1, 3])), shape),
    ),
  );
}
