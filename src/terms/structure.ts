import { add, div, mul, square, sub } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from '../operations/withGradient.js';

/**
 * 1 − s, with s = (2 σxy + c2) / (2 σx σy + c2) (eq. 7), from the deviations and the variance of x − y,
 * since 2 σxy = σx² + σy² − σb²: (σb² − (σx − σy)²) / (2 σx σy + c2).
 */
export function structureDistance<T extends Tensor>(sigmaX: T, sigmaY: T, varianceB: T, c2: number): T {
  const denominator = (x: T, y: T): T => add<T>(mul(mul(x, y), 2), c2);
  const quotient = (x: T, y: T, b: T): T => div<T>(sub(b, square(sub(x, y))), denominator(x, y));
  return withGradient(
    [sigmaX, sigmaY, varianceB] as const,
    ([x, y, b]) => quotient(x, y, b),
    (dy, [x, y, b]) => {
      const share = div(dy, denominator(x, y));
      const distance = quotient(x, y, b);
      const gap = sub(x, y);
      const twice = mul(share, -2);
      return [mul(twice, add(gap, mul(distance, y))), mul(twice, sub(mul(distance, x), gap)), share];
    },
  );
}
