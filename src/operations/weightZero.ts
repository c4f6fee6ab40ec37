import {
  abs,
  cast,
  greater,
  less,
  logicalAnd,
  logicalOr,
  mul,
  notEqual,
  sum,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { chosen } from './chosen.js';
import { withGradient } from './withGradient.js';
import { detached } from './withoutGradient.js';

/**
 * Weight 0 leaves a pixel out, even one that is not finite. Multiplication alone does not: NaN · 0 is NaN, in
 * the value and in the gradient.
 */

/** x, [N, …, C], with 0 where weights, [N or 1, …, 1], are 0: for measures that compare pixel by pixel. */
export function zeroAtWeightZero<T extends Tensor>(x: T, weights: Tensor | undefined): T {
  if (weights === undefined) return x;
  return withGradient(
    [x, weights] as const,
    ([given, saved]) => chosen(notEqual(saved, 0), given, zerosLike(given)),
    (dy, [, saved]) => [zeroAtWeightZero(dy, saved), zerosLike(saved)],
  );
}

/**
 * Both images, for measures that compare windows: a pixel of weight 0 that is not finite, in any channel of
 * either image, becomes equal in both and has no gradient. It is taken from the image in which it is finite,
 * else it is 0. Finite pixels of weight 0 are kept: windows see them.
 *
 * An image whose weights are all 0 becomes 0 everywhere: nothing of it counts, so nothing overflows.
 */
export function agreeingAtWeightZero<
  Request extends { readonly yTrue: Tensor; readonly yPred: Tensor; readonly weights: Tensor | undefined },
>(request: Request): Request {
  const { yTrue, yPred, weights } = request;
  if (weights === undefined) return request;
  const counts = countingImages(weights);
  const trueStays = staying(yTrue, weights, counts);
  const predStays = staying(yPred, weights, counts);
  const agreed = filled(yTrue, trueStays, predStays, (given) =>
    chosen(greater(trueStays, 0), given, zeroAtWeightZero(yPred, predStays)),
  );
  const pred = filled(yPred, trueStays, predStays, (given) => chosen(greater(predStays, 0), given, agreed));
  return { ...request, yTrue: agreed, yPred: pred };
}

/** `fill(image)`, whose pixels are the image's own where both images' stay; elsewhere the gradient is 0. */
function filled(
  image: Tensor,
  trueStays: Tensor,
  predStays: Tensor,
  fill: (image: Tensor) => Tensor,
): Tensor {
  return withGradient(
    [image, trueStays, predStays] as const,
    ([given]) => fill(given),
    (dy, [, ofTrue, ofPred]) => [
      zeroAtWeightZero(dy, mul(ofTrue, ofPred)),
      zerosLike(ofTrue),
      zerosLike(ofPred),
    ],
  );
}

/** [N or 1, 1, …, 1]: 1 for images that have any weight, else 0. */
function countingImages(weights: Tensor): Tensor {
  const pixels = weights.shape.map((_, axis) => axis).slice(1);
  return detached(weights, (given) => cast(notEqual(sum(given, pixels, true), 0), 'float32'));
}

/** [N, …, 1]: 0 for pixels that are to be replaced, else 1. */
function staying(image: Tensor, weights: Tensor, counts: Tensor): Tensor {
  return detached(image, (given) => {
    const finite = less(sum(abs(given), -1, true), Infinity);
    return cast(logicalOr(notEqual(weights, 0), logicalAnd(finite, greater(counts, 0))), 'float32');
  });
}
