import {
  abs,
  cast,
  equal,
  greater,
  less,
  logicalAnd,
  logicalOr,
  mul,
  notEqual,
  reshape,
  sum,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import { withGradient } from './withGradient.js';
import { detached } from './withoutGradient.js';

/**
 * Weight 0 leaves a pixel out, also one that is not finite. The multiplication alone does not: NaN · 0 is NaN, in the
 * value and in the gradient.
 */

/** x, [N, …, C], with 0 where weights, [N or 1, …, 1], are 0: for what is compared pixel by pixel. */
export function zeroAtWeightZero<T extends Tensor>(x: T, weights: Tensor | undefined): T {
  if (weights === undefined) return x;
  return withGradient(
    [x, weights] as const,
    ([given, saved]) => {
      const pixels = flat(given);
      return reshape(where(equal(flat(saved), 0), zerosLike(pixels), pixels), given.shape) as T;
    },
    (dy, [, saved]) => [zeroAtWeightZero(dy, saved), zerosLike(saved)],
  );
}

/**
 * Both images, for what compares windows: a pixel of weight 0 that is not finite, in any channel of either image,
 * becomes equal in both and has no gradient. It is taken from the image in which it is finite, else it is 0. Finite
 * pixels of weight 0 stay: windows see them.
 *
 * An image without any weight becomes 0 altogether: nothing of it counts, and so nothing overflows.
 */
export function agreeingAtWeightZero<
  Request extends { readonly yTrue: Tensor; readonly yPred: Tensor; readonly weights: Tensor | undefined },
>(request: Request): Request {
  const { yTrue, yPred, weights } = request;
  if (weights === undefined) return request;
  const [trueStays, predStays] = [yTrue, yPred].map((image) => staying(image, weights)) as [Tensor, Tensor];
  const agreed = filled(yTrue, trueStays, predStays, (given) => {
    const known = where(greater(predStays, 0), flat(yPred), zerosLike(flat(yPred)));
    return where(greater(trueStays, 0), flat(given), known);
  });
  const pred = filled(yPred, trueStays, predStays, (given) =>
    where(greater(predStays, 0), flat(given), flat(agreed)),
  );
  return { ...request, yTrue: agreed, yPred: pred };
}

/** `fill(image)`, whose pixels are the image's own where both images' stay; elsewhere the gradient is 0. */
function filled(
  image: Tensor,
  trueStays: Tensor,
  predStays: Tensor,
  fill: (image: Tensor) => Tensor3D,
): Tensor {
  return withGradient(
    [image, trueStays, predStays] as const,
    ([given]) => reshape(fill(given), given.shape),
    (dy, [, ofTrue, ofPred]) => [
      zeroAtWeightZero(dy, mul(ofTrue, ofPred)),
      zerosLike(ofTrue),
      zerosLike(ofPred),
    ],
  );
}

/** [N, pixels, 1]: 0 for pixels that are to be replaced, else 1. */
function staying(image: Tensor, weights: Tensor): Tensor3D {
  return detached(image, (given) => {
    const ofPixels = flat(weights);
    const finite = less<Tensor3D>(sum<Tensor3D>(abs(flat(given)), -1, true), Infinity);
    const anyWeight = notEqual<Tensor3D>(sum<Tensor3D>(ofPixels, 1, true), 0);
    return cast(
      logicalOr<Tensor3D>(notEqual<Tensor3D>(ofPixels, 0), logicalAnd(finite, anyWeight)),
      'float32',
    );
  });
}

/**
 * [N, pixels, C]: tfjs's GPU backends select among no more than four axes. Times 1, since `where` of its webgpu backend
 * fails on tensors that `tf.cast` made float32: their buffer still holds integers.
 */
function flat(x: Tensor): Tensor3D {
  return mul<Tensor3D>(reshape(x, [x.shape[0], -1, x.shape[x.rank - 1]!]), 1);
}
