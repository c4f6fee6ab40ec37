import { add, div, less, mul, square, sub } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { chosen } from '../operations/chosen.js';
import { withGradient } from '../operations/withGradient.js';

/**
 * 1 − s, with s = (2 σxy + c2) / (2 σx σy + c2) (eq. 7): 2 (σx σy − σxy) / (2 σx σy + c2).
 *
 * The numerator is also σb² − (σx − σy)², σb² the variance of x − y: exactly 0 for equal images and precise for
 * nearly equal ones, but imprecise where σb² is large compared with the denominator. There, and if only the
 * value is needed, the covariance is used instead.
 */
export function structureDistance<T extends Tensor>(
  sigmaX: T,
  sigmaY: T,
  varianceB: T,
  covariance: T,
  c2: number,
): T {
  const denominator = (x: T, y: T): T => add<T>(mul(mul(x, y), 2), c2);
  const fromDifference = (x: T, y: T, b: T): T => sub<T>(b, square(sub(x, y)));
  return withGradient(
    [sigmaX, sigmaY, varianceB] as const,
    ([x, y, b]) => {
      const below = denominator(x, y);
      const fromCovariance = mul<T>(sub(mul(x, y), covariance), 2);
      return div<T>(chosen(less(b, below), fromDifference(x, y, b), fromCovariance), below);
    },
    (dy, [x, y, b]) => {
      const below = denominator(x, y);
      const share = div(dy, below);
      const distance = div(fromDifference(x, y, b), below);
      const gap = sub(x, y);
      const twice = mul(share, -2);
      return [mul(twice, add(gap, mul(distance, y))), mul(twice, sub(mul(distance, x), gap)), share];
    },
  );
}
