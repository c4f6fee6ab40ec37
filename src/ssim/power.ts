import { add, less, mul, pow, sub } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { atLeast, isAbove, zeroUnlessNaN } from '../operations/bounds.js';
import { chosen } from '../operations/chosen.js';
import { withGradient } from '../operations/withGradient.js';
import { powerFloor } from './ssimOptions.js';

/**
 * 1 − (1 − d)^p for the distance d = 1 − term: a term raised to its exponent (eq. 4), as a distance.
 *
 * A negative term has no real power if p is not a whole number; in that case, terms below 1e-6 count as 1e-6,
 * with gradient 0. Small distances take the binomial series, so that they keep their precision.
 */
export function powerDistance<T extends Tensor>(distance: T, exponent: number): T {
  if (exponent === 1) return distance;
  const whole = Number.isInteger(exponent);
  const base = (d: T): T => (whole ? sub<T>(1, d) : atLeast(sub<T>(1, d), powerFloor));
  return withGradient(
    [distance] as const,
    ([d]) => {
      const direct = sub<T>(1, power(base(d), exponent));
      const isSmall = less(d, 0.05 / Math.max(exponent, 1));
      return chosen(isSmall, series(d, exponent), direct);
    },
    (dy, [d]) => {
      const slope = mul(power(base(d), exponent - 1), exponent);
      return [mul(dy, whole ? slope : mul(slope, isAbove(sub(1, d), powerFloor)))];
    },
  );
}

/** NaN to any power is NaN: `pow` of tfjs's webgl backend makes it 0. */
function power<T extends Tensor>(base: T, exponent: number): T {
  return add<T>(pow<T>(base, exponent), zeroUnlessNaN(base));
}

/** p d (1 − (p−1)/2 d (1 − (p−2)/3 d (1 − (p−3)/4 d (1 − (p−4)/5 d)))): the first five terms of 1 − (1 − d)^p. */
function series<T extends Tensor>(d: T, p: number): T {
  let sum: T = mul(d, 0);
  for (let k = 5; k > 0; k--) sum = mul(mul(d, (p - k + 1) / k), sub(1, sum));
  return sum;
}
