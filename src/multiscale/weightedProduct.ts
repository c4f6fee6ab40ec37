import { add, div, exp, greater, less, log, mul, sub, where } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { atLeast, atMost } from '../operations/bounds.js';
import { withGradient } from '../operations/withGradient.js';

/** Where the logarithm of a term goes over into its tangent. */
export const leastTerm = 0.01;

/**
 * 1 − Π (1 − d)^w for the distances d = 1 − term and their weights w ≥ 0: terms multiplied, each to the power
 * of its weight, as a distance.
 *
 * A term t below 0.01, which may be negative and then has no real power, counts as 0.01 e^(t / 0.01 − 1): its
 * logarithm goes on along the tangent, so that value and slope are continuous, and the slope finite and above 0
 * until e^s leaves float32.
 * Computed as 1 − e^s with s = Σ w log(1 − d), both by series where they would cancel, so that small distances
 * keep their precision for all weights.
 */
export function weightedProductDistance<T extends Tensor>(
  distances: readonly T[],
  weights: readonly number[],
): T {
  const logarithm = (given: readonly Tensor[], logOf: (d: Tensor) => Tensor): Tensor =>
    given.map((d, k) => mul(logOf(d), weights[k]!)).reduce((sum, term) => add(sum, term));
  return withGradient<readonly Tensor[], T>(
    distances,
    (given) => complementOfExponential(logarithm(given, preciseLogOfComplement)) as T,
    (dy, given) => {
      const product = mul(dy, exp(logarithm(given, logOfComplement)));
      return given.map((d, k) => mul(product, div(weights[k]!, atLeast(sub(1, d), leastTerm))));
    },
  );
}

/** log(1 − d), or its tangent at 0.01: of ops that tfjs has the gradients of. */
function logOfComplement(d: Tensor): Tensor {
  const term = sub(1, d);
  const tangent = atMost(sub(div(term, leastTerm), 1), 0);
  return add(log(atLeast(term, leastTerm)), tangent);
}

/** The same; for small d −2 artanh z, by its series, with z = d / (2 − d) ≤ 1/3. */
function preciseLogOfComplement(d: Tensor): Tensor {
  const small = atMost(d, 0.5);
  const z = div(small, sub(2, small));
  const series = horner(mul(z, z), [1, 1 / 3, 1 / 5, 1 / 7, 1 / 9, 1 / 11, 1 / 13, 1 / 15]);
  return where(less(d, 0.5), mul(mul(z, series), -2), logOfComplement(d));
}

/** 1 − e^s for s ≤ 0: for small s −(s + s²/2! + s³/3! + …). tfjs 4.0's wasm backend has no expm1. */
function complementOfExponential(s: Tensor): Tensor {
  const small = atLeast(s, -0.5);
  const series = horner(small, [1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320]);
  // e^NaN is ∞ on tfjs's GPU backends: add 0, or NaN.
  const power = add(exp(s), mul(small, 0));
  return where(greater(s, -0.5), mul(mul(small, series), -1), sub(1, power));
}

/** c₀ + c₁ x + c₂ x² + … */
function horner(x: Tensor, coefficients: readonly number[]): Tensor {
  return coefficients.reduceRight((inner: Tensor, c) => add(mul(x, inner), c), mul(x, 0));
}
