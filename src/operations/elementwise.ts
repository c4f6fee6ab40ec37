import { abs, add, cast, greater, less, mul, neg, square, sub } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { clipped, zeroUnlessNaN } from './bounds.js';
import { linear, withGradient } from './withGradient.js';
import { detached } from './withoutGradient.js';

/** x + y, of one shape. */
export function added<T extends Tensor>(x: T, y: T): T {
  return withGradient(
    [x, y] as const,
    () => add<T>(x, y),
    (dy) => [dy, dy],
  );
}

/** x − y, of one shape. */
export function difference<T extends Tensor>(x: T, y: T): T {
  return withGradient(
    [x, y] as const,
    () => sub<T>(x, y),
    (dy) => [dy, neg(dy)],
  );
}

/** x². */
export function squared<T extends Tensor>(x: T): T {
  return withGradient(
    [x] as const,
    () => square(x),
    (dy, [saved]) => [mul(dy, mul(saved, 2))],
  );
}

/** |x|, with gradient 0 at 0 (tfjs's own has −1 there). */
export function absolute<T extends Tensor>(x: T): T {
  return withGradient(
    [x] as const,
    () => abs(x),
    (dy, [saved]) => [mul(dy, detached(saved, signOf))],
  );
}

/** −1, 0 or 1, and NaN for NaN: tfjs's own sign has no kernel in the wasm backend of tfjs 4.0. */
function signOf<T extends Tensor>(x: T): T {
  const sign = sub<T>(cast(greater(x, 0), 'float32'), cast(less(x, 0), 'float32'));
  return add<T>(sign, zeroUnlessNaN(x));
}

/** factor · x. */
export function scaled<T extends Tensor>(x: T, factor: number): T {
  if (factor === 1) return x;
  return linear(
    x,
    (given) => mul<T>(given, factor),
    (dy) => scaled(dy, factor),
  );
}

/** x + offset; no gradient flows into the offset. */
export function shifted<T extends Tensor>(x: T, offset: Tensor | number): T {
  return linear(
    x,
    (given) => add<T>(given, offset),
    (dy) => dy,
  );
}

/** 1 − x. */
export function complement<T extends Tensor>(x: T): T {
  return linear(
    x,
    (given) => sub<T>(1, given),
    (dy) => scaled(dy, -1),
  );
}

/** Clips x, which leaves [least, most] only by rounding; the gradient passes through. */
export function bounded<T extends Tensor>(x: T, least: number, most: number): T {
  return linear(
    x,
    (given) => clipped(given, least, most),
    (dy) => dy,
  );
}
