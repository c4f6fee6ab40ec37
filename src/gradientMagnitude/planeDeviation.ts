import {
  add,
  cast,
  div,
  equal,
  mean,
  mul,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { sharesOf } from '../operations/reductions.js';
import { withGradient } from '../operations/withGradient.js';
import { detached } from '../operations/withoutGradient.js';

/**
 * The standard deviation of every channel of every image over its pixels, [N, H, W, C] → [N, C]; with weights
 * [N, H, W, 1] each pixel by its weight.
 *
 * Its slope, (x − μ) / (n σ), is at most 1 / √n; where all pixels are equal it is taken as 0.
 */
export function planeDeviation(images: Tensor4D, weights?: Tensor4D): Tensor2D {
  const [count, height, width, channels] = images.shape;
  const spread = (dy: Tensor2D, sigma: Tensor): Tensor => {
    return div(reshape(dy, [count, 1, 1, channels]), add(sigma, isZero(sigma)));
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
  return squareRoot(meanOf(square(sub(x, meanOf(x)))));
}

/** Over rows first, then over columns: float32 sums of sums stay precise. */
function pixelMean(x: Tensor): Tensor {
  return mean(mean(x, 1, true), 2, true);
}

/** √x, with slope 0 at 0: for the gradient of the gradient. */
function squareRoot(x: Tensor): Tensor {
  return withGradient(
    [x] as const,
    ([v]) => sqrt(v),
    (dy, [v]) => [mul(dy, div(mul(squareRoot(v), 0.5), add(v, isZero(v))))],
  );
}

/** 1 where x is 0, else 0; no gradient flows back through it. */
function isZero(x: Tensor): Tensor {
  return detached(x, (given) => cast(equal(given, 0), 'float32'));
}
