import { add, div, mul, square, sub } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from '../operations/withGradient.js';

/** 1 − c, with c = (2 σx σy + c2) / (σx² + σy² + c2) (eq. 6): (σx − σy)² / (σx² + σy² + c2). */
export function contrastDistance<T extends Tensor>(sigmaX: T, sigmaY: T, c2: number): T {
  const denominator = (x: T, y: T): T => add<T>(add(square(x), square(y)), c2);
  return withGradient(
    [sigmaX, sigmaY] as const,
    ([x, y]) => div<T>(square(sub(x, y)), denominator(x, y)),
    (dy, [x, y]) => {
      const below = denominator(x, y);
      const gap = sub(x, y);
      const distance = div(square(gap), below);
      const share = mul(div(dy, below), 2);
      return [mul(share, sub(gap, mul(distance, x))), mul(share, sub(mul(gap, -1), mul(distance, y)))];
    },
  );
}
