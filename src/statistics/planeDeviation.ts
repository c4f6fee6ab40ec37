import { div, greater, mean, mul, onesLike, reshape, sqrt, square, sub, where } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { withGradient } from '../operations/withGradient.js';

/**
 * The standard deviation of every channel of every image over its pixels, [N, H, W, C] → [N, C].
 *
 * Its slope, (x − μ) / (n σ), is at most 1 / √n; where all pixels are equal it is taken as 0.
 */
export function planeDeviation(images: Tensor4D): Tensor2D {
  const [count, height, width, channels] = images.shape;
  return withGradient(
    [images] as const,
    ([x]) => reshape(deviationOf(centred(x)), [count, channels]),
    (dy, [x]) => {
      const fromMean = centred(x);
      const sigma = deviationOf(fromMean);
      const divisor = where(greater(sigma, 0), sigma, onesLike(sigma));
      const share = div(reshape(dy, [count, 1, 1, channels]), mul(divisor, height * width));
      return [mul(fromMean, share)];
    },
  );
}

function centred(x: Tensor4D): Tensor4D {
  return sub(x, pixelMean(x));
}

function deviationOf(fromMean: Tensor4D): Tensor {
  return sqrt(pixelMean(square(fromMean)));
}

/** Over rows first, then over columns: float32 sums of sums stay precise. */
function pixelMean(x: Tensor4D): Tensor {
  return mean(mean(x, 1, true), 2, true);
}
