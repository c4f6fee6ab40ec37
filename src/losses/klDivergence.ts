import { add, exp, maximum, minimum, mul, square, sub, tanh, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { checkPosterior, largestLogVariance } from '../checks/posterior.js';
import type { Posterior } from '../checks/posterior.js';
import { scaled } from '../operations/elementwise.js';
import { sumPerImage } from '../operations/reductions.js';
import { withGradient } from '../operations/withGradient.js';

/**
 * The Kullback–Leibler divergence of a diagonal Gaussian posterior from the unit Gaussian prior.
 *
 * KL(Q(z|x) ‖ N(0, 1)) = ½ Σ (μ² + σ² − 1 − log σ²), a sum over the latents, so that it keeps its scale
 * relative to the sum over pixels in `l2Loss`, whatever the size of the image.
 *
 * Shapes: mean and logVariance [N, …] → [N].
 * Range: ≥ 0, in nats; 0 if and only if the posterior is the prior.
 * Gradient: μ with respect to the mean, ½ (σ² − 1) with respect to log σ².
 * Log-variances above 60 count as 60 in σ², with that slope, so that value and gradient stay finite.
 *
 * @param posterior what the encoder gave: `mean` μ and `logVariance` log σ²
 * @throws TypeError for a missing posterior or field, or what is no float32 tensor
 * @throws RangeError for differing shapes, no latent axis, or an empty batch
 * @see Kingma and Welling 2014, "Auto-Encoding Variational Bayes", appendix B
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import { klDivergence } from 'ssim-ae';
 *
 * klDivergence({ mean: tf.zeros([2, 8]), logVariance: tf.zeros([2, 8]) }).print(); // [0, 0]
 * klDivergence({ mean: tf.ones([1, 8]), logVariance: tf.zeros([1, 8]) }).print(); // [4]
 * ```
 */
export function klDivergence(posterior: Posterior): Tensor1D {
  const { mean, logVariance } = checkPosterior('klDivergence', posterior);
  return tidy(() => klFromPrior(mean, logVariance));
}

/** {@link klDivergence} of checked tensors. */
export function klFromPrior(mean: Tensor, logVariance: Tensor): Tensor1D {
  const bounded = (v: Tensor): Tensor => minimum(v, largestLogVariance);
  const exponentialLessOne = (v: Tensor): Tensor => mul(add(exp(v), 1), tanh(mul(v, 0.5)));
  const perLatent = withGradient(
    [mean, logVariance] as const,
    // e^v − 1 as (e^v + 1) tanh(v/2), which does not cancel near the prior; tfjs 4.0's wasm has no expm1.
    ([mu, v]) => add(square(mu), maximum(sub(exponentialLessOne(bounded(v)), v), 0)),
    (dy, [mu, v]) => [mul(dy, mul(mu, 2)), mul(dy, sub(exp(bounded(v)), 1))],
  );
  return scaled(sumPerImage(perLatent), 0.5);
}
