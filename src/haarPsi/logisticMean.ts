import { add, cast, div, equal, exp, log, mul, neg, sub, tanh } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { atLeast, isAbove } from '../operations/bounds.js';
import { withGradient } from '../operations/withGradient.js';

/**
 * The mean of similarities S under the logistic function σ, σ⁻¹(Σ σ(α S) w / Σ w) / α, in terms of the distances
 * d = 1 − S, near 0 where images resemble each other: with p = σ(α), n = 1 − p and
 *
 * u(d) = (e^(αd) − 1) / (1 + n (e^(αd) − 1)) = (σ(α) − σ(α S)) / (p n),
 *
 * it is 1 − u⁻¹(Σ u(d) w / Σ w). Nothing cancels here, and equal images have exactly 0.
 */
interface Logistic {
  readonly p: number;
  readonly n: number;
}

function logisticAt(alpha: number): Logistic {
  const tail = Math.exp(-alpha);
  return { p: 1 / (1 + tail), n: tail / (1 + tail) };
}

/** u(d), d in [0, 1]; its slope is α (1 + p u) (1 − n u). */
export function steepened<T extends Tensor>(distance: T, alpha: number): T {
  const { n } = logisticAt(alpha);
  return withGradient(
    [distance] as const,
    ([d]) => {
      const t = mul(d, alpha);
      // e^t − 1, which tfjs-wasm 4.0 has no kernel for.
      const grown = mul<T>(tanh(mul(t, 0.5)), add(exp(t), 1));
      return div<T>(grown, add(mul(grown, n), 1));
    },
    (dy, [d]) => [mul(dy, mul(slopeAt(steepened(d, alpha), alpha), alpha))],
  );
}

/** u⁻¹(u) = log(1 + u / (1 − n u)) / α. */
export function eased<T extends Tensor>(steep: T, alpha: number): T {
  const { n } = logisticAt(alpha);
  return withGradient(
    [steep] as const,
    ([u]) => mul<T>(logOfOnePlus(div(u, sub(1, mul(u, n)))), 1 / alpha),
    (dy, [u]) => [div(dy, mul(slopeAt(u, alpha), alpha))],
  );
}

/** (1 + p u) (1 − n u). */
function slopeAt(u: Tensor, alpha: number): Tensor {
  const { p, n } = logisticAt(alpha);
  return mul(add(mul(u, p), 1), sub(1, mul(u, n)));
}

/** log(1 + x) with the relative precision of x: what 1 + x rounds away is made good by the quotient. */
function logOfOnePlus(x: Tensor): Tensor {
  const rounded = add(x, 1);
  const kept = sub(rounded, 1);
  const nothing = cast(equal(kept, 0), 'float32');
  return mul(x, div(add(log(rounded), nothing), add(kept, nothing)));
}

/** Below this mean weight, of images divided by the data range, images count as black. */
const leastWeight = 1e-10;

/** total / weight; 0 where there is no weight, and nothing that a gradient could flow to. */
export function ratio<T extends Tensor>(total: T, weight: T): T {
  return withGradient(
    [total, weight] as const,
    ([above, under]) => div<T>(above, atLeast(under, leastWeight)),
    (dy, [above, under]) => {
      const share = div<T>(dy, atLeast(under, leastWeight));
      return [share, neg(mul(mul(share, ratio(above, under)), isAbove(under, leastWeight)))];
    },
  );
}

/** x · y, of one shape. */
export function product<T extends Tensor>(x: T, y: T): T {
  return withGradient(
    [x, y] as const,
    ([a, b]) => mul<T>(a, b),
    (dy, [a, b]) => [mul(dy, b), mul(dy, a)],
  );
}
