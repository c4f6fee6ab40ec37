import { abs, add, cast, exp, lessEqual, mul, neg, square, sub, tanh, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { checkSameShape } from '../checks/tensors.js';
import { atLeast, atMost, clipped } from '../operations/bounds.js';
import { scaled } from '../operations/elementwise.js';
import { sumPerImage } from '../operations/reductions.js';
import { withGradient } from '../operations/withGradient.js';
import { checkPosterior, largestLogVariance } from './posterior.js';
import type { Posterior } from './posterior.js';

/**
 * The Kullback–Leibler divergence of a diagonal Gaussian posterior from a prior: the unit Gaussian, or another
 * diagonal Gaussian.
 *
 * KL(Q ‖ N(0, 1)) = ½ Σ (μ² + σ² − 1 − log σ²),
 * KL(Q ‖ P) = ½ Σ ((μ − μₚ)² / σₚ² + σ² / σₚ² − 1 − log (σ² / σₚ²)), sums over the latents. So it keeps its
 * scale relative to the sum over pixels in `l2Loss`, for images of any size.
 *
 * Shapes: mean and logVariance [N, …], of the posterior and the prior → [N].
 * Range: ≥ 0, in nats; 0 if and only if the posterior is the prior.
 * Gradient: analytic, with respect to all four tensors; with the unit prior, μ for the mean and ½ (σ² − 1) for
 * log σ². Exponents above 60 count as 60, in σ² / σₚ² and in 1 / σₚ², with that slope, so that value and
 * gradient stay finite. The value never decreases as the variance grows, and is infinite or NaN if an argument
 * is.
 *
 * @param posterior what the encoder gave: `mean` μ and `logVariance` log σ²
 * @param prior a Gaussian other than N(0, 1), of the same shape
 * @throws TypeError for a missing posterior or field, or a tensor that is not float32 or was disposed
 * @throws RangeError for differing shapes, no latent axis, or an empty batch
 * @see Kingma and Welling 2014, "Auto-Encoding Variational Bayes", appendix B
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { klDivergence } from 'ssim-ae';
 *
 * const unit = { mean: tf.zeros([1, 8]), logVariance: tf.zeros([1, 8]) };
 * const moved = { mean: tf.ones([1, 8]), logVariance: tf.zeros([1, 8]) };
 * klDivergence(unit).print(); // [0]
 * klDivergence(moved).print(); // [4]
 * klDivergence(moved, moved).print(); // [0]
 * ```
 */
export function klDivergence(posterior: Posterior, prior?: Posterior): Tensor1D {
  checkArguments('klDivergence', arguments, 2);
  const { mean, logVariance } = checkPosterior('klDivergence', posterior);
  if (prior === undefined) return tidy(() => sumPerImage(klPerLatent(mean, logVariance)));
  const other = checkPosterior('klDivergence: prior', prior);
  checkSameShape(
    'klDivergence',
    { name: 'mean', tensor: mean },
    { name: 'the mean of the prior', tensor: other.mean },
  );
  return tidy(() => sumPerImage(klFromGaussian(mean, logVariance, other.mean, other.logVariance)));
}

/** KL(Q ‖ N(0, 1)) of every latent, of checked tensors. */
export function klPerLatent(mean: Tensor, logVariance: Tensor): Tensor {
  return scaled(
    withGradient(
      [mean, logVariance] as const,
      ([mu, v]) => add(square(mu), exponentialLessOneAnd(v)),
      (dy, [mu, v]) => [mul(dy, mul(mu, 2)), mul(dy, sub(exp(bounded(v)), 1))],
    ),
    0.5,
  );
}

function klFromGaussian(
  mean: Tensor,
  logVariance: Tensor,
  otherMean: Tensor,
  otherLogVariance: Tensor,
): Tensor {
  const inverse = (v: Tensor): Tensor => exp(bounded(neg(v)));
  return scaled(
    withGradient(
      [mean, logVariance, otherMean, otherLogVariance] as const,
      ([mu, v, muP, vP]) => add(mul(square(sub(mu, muP)), inverse(vP)), exponentialLessOneAnd(sub(v, vP))),
      (dy, [mu, v, muP, vP]) => {
        const distance = mul(sub(mu, muP), inverse(vP));
        const byMean = mul(dy, mul(distance, 2));
        const byRatio = mul(dy, sub(exp(bounded(sub(v, vP))), 1));
        const byInverse = mul(dy, mul(distance, sub(mu, muP)));
        return [byMean, byRatio, neg(byMean), neg(add(byRatio, byInverse))];
      },
    ),
    0.5,
  );
}

const bounded = (v: Tensor): Tensor => atMost(v, largestLogVariance);

/**
 * e^v − 1 − v ≥ 0. Near 0 by its series, since it cancels there; elsewhere with e^v − 1 as (e^v + 1) tanh(v/2):
 * tfjs 4.0's wasm has no expm1. Above 60 its value at 60 plus what is beyond, so that it never falls: infinite for an
 * infinite v only.
 */
function exponentialLessOneAnd(v: Tensor): Tensor {
  const near = clipped(v, -0.25, 0.25);
  const term = (sum: Tensor | number, factor: number): Tensor => add(mul(near, sum), factor);
  const series = mul(square(near), term(term(term(term(1 / 5040, 1 / 720), 1 / 120), 1 / 24), 1 / 6));
  // ½ v² + v³ (1/6 + v/24 + …)
  const small = add(mul(square(near), 0.5), mul(near, series));
  const limited = bounded(v);
  const direct = sub(mul(add(exp(limited), 1), tanh(mul(limited, 0.5))), limited);
  const isSmall = cast(lessEqual(abs(v), 0.25), 'float32');
  return add(
    add(mul(isSmall, small), mul(sub(1, isSmall), atLeast(direct, 0))),
    atLeast(sub(v, largestLogVariance), 0),
  );
}
