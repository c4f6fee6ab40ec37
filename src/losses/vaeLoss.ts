import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { checkChoice, checkNumber, checkOptionNames } from '../checks/options.js';
import { checkPosterior } from '../checks/posterior.js';
import type { Posterior } from '../checks/posterior.js';
import { checkImagePair } from '../checks/tensors.js';
import { added, difference, scaled, squared } from '../operations/elementwise.js';
import { sumPerImage } from '../operations/reductions.js';
import { klFromPrior } from './klDivergence.js';

/** Options of {@link vaeLoss}. */
export interface VaeLossOptions {
  /**
   * Weight of the divergence, ≥ 0; 1 is the paper's loss, others a β-VAE.
   * @default 1
   */
  readonly beta?: number;
  /**
   * What the decoder's output is the mean of. `gaussian`: unit-variance Gaussian pixels, up to constants
   * and the factor ½ the ℓ2 loss.
   * @default 'gaussian'
   */
  readonly likelihood?: 'gaussian';
}

/**
 * The loss of a variational autoencoder: reconstruction error plus divergence from the prior.
 *
 * L(x, x̂) = L2(x, x̂) + β KL(Q(z|x) ‖ N(0, 1)): both are sums, over pixels and over latents.
 *
 * Shapes: two of [N, H, W, C], mean and logVariance [N, …] → [N].
 * Range: ≥ 0, lower is better.
 * Gradient: those of `l2Loss` and, times β, of `klDivergence`.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂ from a sample of the posterior, of the same shape
 * @param posterior what the encoder gave: `mean` μ and `logVariance` log σ²
 * @param options weight and likelihood: see {@link VaeLossOptions}
 * @throws TypeError for a missing posterior or field, what is no float32 tensor, or an unknown option
 * @throws RangeError for differing shapes, differing batches, an empty batch, or a negative beta
 * @see Bergmann et al. 2019 (arXiv 1807.02011), section 3.1.1; Kingma and Welling 2014, eq. 10
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import { vaeLoss } from 'ssim-ae';
 *
 * const x = tf.randomUniform([2, 16, 16, 1]);
 * const posterior = { mean: tf.zeros([2, 8]), logVariance: tf.zeros([2, 8]) };
 * vaeLoss(x, x, posterior).print(); // [0, 0]
 * ```
 */
export function vaeLoss(
  yTrue: Tensor,
  yPred: Tensor,
  posterior: Posterior,
  options: VaeLossOptions = {},
): Tensor1D {
  const images = checkImagePair('vaeLoss', yTrue, yPred);
  const { mean, logVariance } = checkPosterior('vaeLoss', posterior);
  checkOptionNames('vaeLoss', options, ['beta', 'likelihood']);
  const beta = checkNumber('vaeLoss: beta', options.beta ?? 1, { least: 0 });
  checkChoice('vaeLoss: likelihood', options.likelihood ?? 'gaussian', ['gaussian']);
  if (mean.shape[0] !== images.yTrue.shape[0]) {
    throw new RangeError(
      `vaeLoss: the posterior must have one row for each of the ${images.yTrue.shape[0]} images, ` +
        `but its shape is [${mean.shape.join(', ')}].`,
    );
  }
  return tidy(() =>
    added(
      sumPerImage(squared(difference(images.yTrue, images.yPred))),
      scaled(klFromPrior(mean, logVariance), beta),
    ),
  );
}
