import { add, mul, sub } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from '../operations/withGradient.js';

/** 1 − t·u for the distances p = 1 − t and q = 1 − u: p + q − p q. */
export function productDistance<T extends Tensor>(first: T, second: T): T {
  return withGradient(
    [first, second] as const,
    ([p, q]) => sub<T>(add(p, q), mul(p, q)),
    (dy, [p, q]) => [mul(dy, sub(1, q)), mul(dy, sub(1, p))],
  );
}
