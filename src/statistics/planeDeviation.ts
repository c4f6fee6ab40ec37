import {
  div,
  greater,
  mean,
  mul,
  onesLike,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { sharesOf } from '../operations/reductions.js';
import { withGradient } from '../operations/withGradient.js';

/**
 * The standard deviation of every channel of every image over its pixels, [N, H, W, C] → [N, C]; with weights
 * [N, H, W, 1] each pixel by its weight.
 *
 * Its slope, (x − μ) / (n σ), is at most 1 / √n; where all pixels are equal it is taken as 0.
 */
export function planeDeviation(images: Tensor4D, weights?: Tensor4D): Tensor2D {
  const [count, height, width, channels] = images.shape;
  const spread = (dy: Tensor2D, sigma: Tensor): Tensor => {
    const divisor = where(greater(sigma, 0), sigma, onesLike(sigma));
    return div(reshape(dy, [count, 1, 1, channels]), divisor);
  };
  if (weights === undefined) {
    return withGradient(
      [images] as const,
      ([x]) => reshape(deviationOf(x, pixelMean), [count, channels]),
      (dy, [x]) => {
        const share = mul(spread(dy, deviationOf(x, pixelMean)), 1 / (height * width));
        return [mul(sub(x, pixelMean(x)), share)];
      },
    );
  }
  const meanBy =
    (shares: Tensor) =>
    (x: Tensor): Tensor =>
      sum(sum(mul(x, shares), 1, true), 2, true);
  return withGradient(
    [images, sharesOf(weights)] as const,
    ([x, shares]) => reshape(deviationOf(x, meanBy(shares)), [count, channels]),
    (dy, [x, shares]) => {
      const by = meanBy(shares);
      return [mul(mul(sub(x, by(x)), shares), spread(dy, deviationOf(x, by))), zerosLike(shares)];
    },
  );
}

function deviationOf(x: Tensor, meanOf: (x: Tensor) => Tensor): Tensor {
  return sqrt(meanOf(square(sub(x, meanOf(x)))));
}

/** Over rows first, then over columns: float32 sums of sums stay precise. */
function pixelMean(x: Tensor): Tensor {
  return mean(mean(x, 1, true), 2, true);
}
