import { add, cast, greater, maximum, minimum } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { detached } from './withoutGradient.js';

/**
 * Bounds that keep NaN, on every backend: a value that is not a number must not come out as a good one.
 *
 * tfjs's wasm backend drops it in `clipByValue`, and in the second argument of `minimum` and `maximum`: so these two,
 * with what may be NaN first.
 */

/** x, at least `least`. */
export function atLeast<T extends Tensor>(x: T, least: number): T {
  return maximum<T>(x, least);
}

/** x, at most `most`. */
export function atMost<T extends Tensor>(x: T, most: number): T {
  return minimum<T>(x, most);
}

/** x in [least, most]. */
export function clipped<T extends Tensor>(x: T, least: number, most: number): T {
  return atMost(atLeast(x, least), most);
}

/** 1 where x > bound, 0 where not, NaN where x is NaN; no gradient flows back through it. */
export function isAbove<T extends Tensor>(x: T, bound: number): T {
  return detached(x, (given) => add<T>(cast(greater(given, bound), 'float32'), zeroUnlessNaN(given)));
}

/** 0 where x is a number, infinite ones included, NaN where it is not. */
export function zeroUnlessNaN<T extends Tensor>(x: T): T {
  return clipped(x, 0, 0);
}
