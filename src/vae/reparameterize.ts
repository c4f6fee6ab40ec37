import { add, exp, mul, randomNormal, sub, tidy, zerosLike } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { furtherNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkNumber, checkOptionNames } from '../checks/options.js';
import { atLeast, atMost } from '../operations/bounds.js';
import { withGradient } from '../operations/withGradient.js';
import { checkPosterior, largestLogVariance } from './posterior.js';
import type { Posterior } from './posterior.js';

/** Options of {@link reparameterize}. */
export interface ReparameterizeOptions {
  /**
   * Seed of the noise, any finite number; a seed gives the same noise at every call, on every backend. Without
   * a seed, every call differs.
   * @default undefined
   */
  readonly seed?: number;
}

/**
 * A sample of the posterior through which gradients flow (the reparameterization trick).
 *
 * z = μ + σ ε, ε ~ N(0, 1).
 *
 * Shapes: mean and logVariance [N, …] → [N, …].
 * Range: as the latents.
 * Gradient: 1 with respect to the mean, ½ σ ε with respect to log σ². Log-variances above 60 count as 60, an infinite one
 * as an infinite σ.
 *
 * @param posterior what the encoder gave: `mean` μ and `logVariance` log σ²
 * @param options the seed
 * @throws TypeError for a missing posterior or field, a tensor that is not float32 or was disposed, or an unknown
 * option or argument
 * @throws RangeError for differing shapes, no latent axis, an empty batch, or a seed that is not finite
 * @see Kingma and Welling 2014, "Auto-Encoding Variational Bayes", section 2.4
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { reparameterize } from 'ssim-ae';
 *
 * const posterior = { mean: tf.zeros([2, 8]), logVariance: tf.fill([2, 8], -2) };
 * console.log(reparameterize(posterior, { seed: 7 }).shape); // [2, 8]
 * ```
 */
export function reparameterize<T extends Tensor>(
  posterior: { readonly mean: T; readonly logVariance: T },
  options: ReparameterizeOptions = {},
): T {
  checkArguments('reparameterize', arguments, 2);
  const { mean, logVariance } = checkPosterior('reparameterize', posterior) as {
    readonly mean: T;
    readonly logVariance: T;
  } & Posterior;
  checkOptionNames('reparameterize', options, ['seed'], furtherNames);
  const { seed } = options;
  if (seed !== undefined) checkNumber('reparameterize: seed', seed);
  return tidy(() => {
    // tfjs treats seed 0 as no seed: replace it with the nearest other number.
    const noise = randomNormal(mean.shape, 0, 1, 'float32', seed === 0 ? Number.MIN_VALUE : seed);
    const spread = (v: Tensor, epsilon: Tensor): Tensor => mul(deviationOf(v), epsilon);
    return withGradient(
      [mean, logVariance, noise] as const,
      ([mu, v, epsilon]) => add<T>(mu, spread(v, epsilon)),
      (dy, [, v, epsilon]) => [dy, mul(dy, mul(spread(v, epsilon), 0.5)), zerosLike(epsilon)],
    );
  });
}

/** Nothing visible is added to the deviation of a finite log-variance above 60; of an infinite one it is all. */
const beyond = 1e-32;

/** σ from log σ². */
function deviationOf(v: Tensor): Tensor {
  const root = exp(mul(atMost(v, largestLogVariance), 0.5));
  return add(root, mul(atLeast(sub(v, largestLogVariance), 0), beyond));
}
