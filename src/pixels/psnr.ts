import { add, cast, div, equal, log, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { tensorNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkBoolean, checkDataRange, checkOptionNames, unitOf } from '../checks/options.js';
import { checkPair } from '../checks/tensors.js';
import { checkWeights } from '../checks/weights.js';
import type { WeightOptions } from '../checks/weights.js';
import { checkValues } from '../filters/checkValues.js';
import { scaled, shifted } from '../operations/elementwise.js';
import { sharesOf } from '../operations/reductions.js';
import { withGradient } from '../operations/withGradient.js';
import { detached } from '../operations/withoutGradient.js';
import { pixelSum } from './pixelValue.js';

/** Options of {@link psnr}. */
export interface PsnrOptions extends WeightOptions {
  /**
   * L, the distance from the smallest to the largest value that a pixel can have: 1 for images in [0, 1],
   * 255 for 8-bit values. It is never guessed from the pixels.
   * @default 1
   */
  readonly dataRange?: number;
  /**
   * For development: throws a RangeError if pixels lie outside [0, dataRange], with their smallest and largest
   * value, or if the weights are wrong. Every call then waits for the device. Not available on the webgpu
   * backend.
   * @default false
   */
  readonly checkRange?: boolean;
}

/**
 * The peak signal-to-noise ratio, in decibels, one number for each image.
 *
 * PSNR(x, y) = 10 log₁₀(L² / MSE), where MSE is the mean of (x − y)² over pixels and channels.
 *
 * Use it for reports and for comparison with other work: it detects the same differences as `l2Loss`. 20 dB is
 * an error of a tenth of the range, 40 dB one of a hundredth.
 *
 * Shapes: two of [N, H, W, C], or volumes [N, D, H, W, C] → [N].
 * Range: all numbers, higher = more alike; infinite for equal images. With weights, the mean is weighted; infinite where
 * all weights are 0.
 * Gradient: 20 (x − y) / (ln 10 · n · MSE) with respect to y, for n pixels times channels, and its negative with respect
 * to x; 0 where the images are equal.
 *
 * @param yTrue the images x, float32
 * @param yPred the images to compare with them, of the same shape
 * @param options data range, its check and weights of pixels: see {@link PsnrOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option or argument, or a wrong
 * kind of value
 * @throws RangeError for a wrong or differing shape, an empty batch, a data range that is not above 0, or, with
 * `checkRange`, pixels outside of it
 * @see Bovik 2009, The Essential Guide to Image Processing, ch. 21
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { psnr } from 'ssim-ae';
 *
 * psnr(tf.zeros([1, 2, 2, 1]), tf.fill([1, 2, 2, 1], 0.5)).print(); // [6.0205998]
 * ```
 */
export function psnr(yTrue: Tensor, yPred: Tensor, options: PsnrOptions = {}): Tensor1D {
  checkArguments('psnr', arguments, 3);
  const images = checkPair('psnr', yTrue, yPred, 'dataRange');
  checkOptionNames('psnr', options, ['dataRange', 'checkRange', 'weights'], tensorNames);
  const dataRange = checkDataRange('psnr: dataRange', options.dataRange ?? 1);
  const weights = checkWeights('psnr', options.weights, images.yTrue);
  if (checkBoolean('psnr: checkRange', options.checkRange ?? false)) {
    checkValues('psnr', { ...images, weights }, { dataRange, padding: 'zero' }, []);
  }
  // Divided before anything is squared, neither tiny nor huge pixels leave float32.
  const unit = unitOf(dataRange);
  return tidy(() => {
    const shares = weights && sharesOf(weights);
    const { shape, size, rank } = images.yTrue;
    const terms = shares === undefined ? size / shape[0] : shape[rank - 1]!;
    const squares = pixelSum({ ...images, weights: shares }, { distance: 'l2', unit });
    const error = scaled(squares, 1 / terms);
    return shifted(scaled(logarithm(error), -10 / Math.LN10), 20 * Math.log10(dataRange / unit));
  });
}

/** ln x, with gradient 1 at 0: what follows multiplies it by differences of 0. */
function logarithm(x: Tensor1D): Tensor1D {
  return withGradient(
    [x] as const,
    () => log(x),
    (dy, [saved]) => [
      div(
        dy,
        add(
          saved,
          detached(saved, (given) => cast(equal(given, 0), 'float32')),
        ),
      ),
    ],
  );
}
