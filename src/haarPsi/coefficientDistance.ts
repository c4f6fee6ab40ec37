import { add, cast, div, greater, less, minimum, mul, square, sub } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { withGradient } from '../operations/withGradient.js';
import { detached } from '../operations/withoutGradient.js';

/**
 * 1 − S, with S = (2 |g₁| |g₂| + c) / (g₁² + g₂² + c), of coefficients g₁ and g₂, from a = g₁ + g₂ and b = g₁ − g₂:
 * min(a², b²) / ((a² + b²) / 2 + c), since the smaller of |a| and |b| is the difference of |g₁| and |g₂|.
 *
 * Exactly 0 for equal images and precise for nearly equal ones. The slope of |g| is taken as 0 where g is 0: there
 * a² = b², and each has half a share of the minimum.
 */
export function coefficientDistance(a: Tensor4D, b: Tensor4D, c: number): Tensor4D {
  return withGradient(
    [a, b] as const,
    ([sum, gap]) => div(minimum<Tensor4D>(square(sum), square(gap)), below(sum, gap, c)),
    (dy, [sum, gap]) => {
      const distance = coefficientDistance(sum, gap, c);
      const share = div<Tensor4D>(dy, below(sum, gap, c));
      const along = (own: Tensor4D, other: Tensor4D): Tensor4D =>
        mul(mul(share, own), sub(mul(shareOfMinimum(own, other), 2), distance));
      return [along(sum, gap), along(gap, sum)];
    },
  );
}

function below(a: Tensor4D, b: Tensor4D, c: number): Tensor4D {
  return add(mul(add(square(a), square(b)), 0.5), c);
}

/** 1 where own² < other², ½ where they are equal, else 0; no gradient flows back through it. */
function shareOfMinimum(own: Tensor4D, other: Tensor4D): Tensor4D {
  return detached(own, (given) => {
    const [mine, others] = [square(given), square(other)];
    const sign = sub(cast(less(mine, others), 'float32'), cast(greater(mine, others), 'float32'));
    return mul(add(sign, 1), 0.5);
  });
}
