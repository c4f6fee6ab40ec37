import { abs, add, exp, log, mul, neg, sigmoid, square, sub } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { atLeast, clipped } from '../operations/bounds.js';
import { difference, scaled, shifted } from '../operations/elementwise.js';
import { withGradient } from '../operations/withGradient.js';
import { pixelDistances } from '../pixels/pixelDistances.js';

/**
 * −log p(x | x̂) of every pixel, in nats, with gradients in both.
 */

const halfLogTwoPi = 0.9189385332046727;

/** One that is factor · distance + constant. */
export interface LikelihoodOfDistance {
  readonly distance: 'l1' | 'l2';
  readonly factor: number;
  readonly constant: number;
}

/** Normal with the deviation σ: (x − x̂)² / (2 σ²) + log σ + ½ log 2π. */
export const gaussian = (sigma: number): LikelihoodOfDistance => ({
  distance: 'l2',
  factor: 1 / (2 * sigma ** 2),
  constant: Math.log(sigma) + halfLogTwoPi,
});

/** Laplace with the scale b: |x − x̂| / b + log 2b. */
export const laplace = (scale: number): LikelihoodOfDistance => ({
  distance: 'l1',
  factor: 1 / scale,
  constant: Math.log(2 * scale),
});

export function negativeLogLikelihood<T extends Tensor>(
  x: T,
  y: T,
  { distance, factor, constant }: LikelihoodOfDistance,
): T {
  const distances = pixelDistances(difference(x, y), { distance, bound: 0 }) as T;
  return shifted(scaled(distances, factor), constant);
}

/** Beyond ±30, e^(−2s) counts as there, below −30 along its tangent: the squares of images stay within float32. */
const bound = 30;

/** Normal with a deviation for every pixel, as its logarithm s: ½ (x − x̂)² e^(−2s) + s + ½ log 2π. */
export function learnedGaussianNegativeLogLikelihood<T extends Tensor>(x: T, y: T, logSigma: T): T {
  const precision = (s: T): T => exp(mul<T>(clipped(s, -bound, bound), -2));
  // ½ e^(−2s) is e^60 (½ + what is missing to −30) there, so that the value has the slope of its gradient.
  const half = (s: T): Tensor => add(atLeast(sub(-bound, s), 0), 0.5);
  return withGradient(
    [difference(x, y), logSigma] as const,
    ([d, s]) => add<T>(add(mul(mul(square(d), precision(s)), half(s)), s), halfLogTwoPi),
    (dy, [d, s]) => {
      const scaledDifference = mul(d, precision(s));
      return [mul(dy, scaledDifference), mul(dy, sub(1, mul(d, scaledDifference)))];
    },
  );
}

/** Bernoulli with the probability 1 / (1 + e^−l): max(l, 0) − l x + log(1 + e^−|l|), which nothing overflows. */
export function bernoulliNegativeLogLikelihood<T extends Tensor>(x: T, logits: T): T {
  return withGradient(
    [x, logits] as const,
    ([p, l]) => add<T>(sub(atLeast(l, 0), mul(l, p)), log(add(exp(neg(abs(l))), 1))),
    (dy, [p, l]) => [mul(dy, neg(l)), mul(dy, sub(sigmoid(l), p))],
  );
}
