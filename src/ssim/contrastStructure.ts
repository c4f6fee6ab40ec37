import { add, div, mul, sub } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from '../operations/withGradient.js';

/**
 * 1 − c·s, with c·s = (2 σxy + c2) / (σx² + σy² + c2) (eqs 6 and 7), from the variances of a = x + y and
 * b = x − y: σb² / ((σa² + σb²) / 2 + c2).
 *
 * No square root, so the gradient is finite where the images are flat.
 */
export function contrastStructureDistance<T extends Tensor>(varianceA: T, varianceB: T, c2: number): T {
  const denominator = (a: T, b: T): T => add<T>(mul(add(a, b), 0.5), c2);
  return withGradient(
    [varianceA, varianceB] as const,
    ([a, b]) => div<T>(b, denominator(a, b)),
    (dy, [a, b]) => {
      const below = denominator(a, b);
      const half = mul(div(b, below), 0.5);
      const share = div(dy, below);
      return [mul(mul(half, share), -1), mul(sub(1, half), share)];
    },
  );
}
