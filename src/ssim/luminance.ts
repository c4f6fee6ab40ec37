import { add, div, mul, square, sub } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from '../operations/withGradient.js';

/**
 * 1 − l, with l = (2 μx μy + c1) / (μx² + μy² + c1) (eq. 5), from the means of a = x + y and b = x − y:
 * μb² / ((μa² + μb²) / 2 + c1).
 *
 * Exactly 0 where the means are equal, and precise where they nearly are, which 1 − l in float32 is not.
 */
export function luminanceDistance<T extends Tensor>(muA: T, muB: T, c1: number): T {
  const denominator = (a: T, b: T): T => add<T>(mul(add(square(a), square(b)), 0.5), c1);
  return withGradient(
    [muA, muB] as const,
    ([a, b]) => div<T>(square(b), denominator(a, b)),
    (dy, [a, b]) => {
      const below = denominator(a, b);
      const distance = div(square(b), below);
      const share = div(dy, below);
      return [mul(mul(a, distance), mul(share, -1)), mul(mul(b, sub(2, distance)), share)];
    },
  );
}
