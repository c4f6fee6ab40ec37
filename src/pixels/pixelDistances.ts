import { abs, add, div, mul, sqrt, square, sub } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { atMost, clipped } from '../operations/bounds.js';
import { absolute, squared } from '../operations/elementwise.js';
import { withGradient } from '../operations/withGradient.js';

/** How two pixels are compared, with their difference d: |d|, d², √(d² + ε²) − ε, or Huber's. */
export interface PixelDistance {
  readonly distance: 'l1' | 'l2' | 'charbonnier' | 'huber';
  /** ε or δ. */
  readonly bound: number;
}

/** The distance of two pixels, of their difference d. */
export function pixelDistances(d: Tensor, { distance, bound }: PixelDistance): Tensor {
  switch (distance) {
    case 'l1':
      return absolute(d);
    case 'l2':
      return squared(d);
    case 'charbonnier':
      return charbonnier(d, bound);
    case 'huber':
      return huber(d, bound);
  }
}

/** √(d² + ε²) − ε, as d² / (√(d² + ε²) + ε): small differences do not cancel. */
function charbonnier<T extends Tensor>(d: T, epsilon: number): T {
  const root = (x: T): T => sqrt(add<T>(square(x), epsilon ** 2));
  return withGradient(
    [d] as const,
    ([x]) => div<T>(square(x), add(root(x), epsilon)),
    (dy, [x]) => [mul(dy, div(x, root(x)))],
  );
}

/** m (|d| − m / 2), with m = min(|d|, δ). */
function huber<T extends Tensor>(d: T, delta: number): T {
  return withGradient(
    [d] as const,
    ([x]) => {
      const size = abs(x);
      const least = atMost(size, delta);
      return mul<T>(least, sub(size, mul(least, 0.5)));
    },
    (dy, [x]) => [mul(dy, clipped(x, -delta, delta))],
  );
}
