import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { describeShape } from '../checks/describe.js';
import { furtherNames, tensorNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkOptionNames } from '../checks/options.js';
import { checkImagePair } from '../checks/tensors.js';
import { added } from '../operations/elementwise.js';
import { klPerLatent } from './klDivergence.js';
import { checkPosterior } from './posterior.js';
import type { Posterior } from './posterior.js';
import { divergenceOf } from './vaeDivergence.js';
import { vaeLossOptionNames } from './vaeLossOptions.js';
import type { VaeLossOptions } from './vaeLossOptions.js';
import { reconstructionOf } from './vaeReconstruction.js';

/**
 * The loss of a variational autoencoder: reconstruction error plus divergence from the prior.
 *
 * L(x, x̂) = L2(x, x̂) + β KL(Q(z|x) ‖ N(0, 1)), or −log p(x|z) + β KL: both are sums, over pixels and over latents.
 *
 * −log p is, for each pixel, (x − x̂)² / (2 σ²) + log σ + ½ log 2π (`gaussian` with a sigma), |x − x̂| / b + log 2b
 * (`laplace`), or max(x̂, 0) − x x̂ + log(1 + e^−|x̂|) (`bernoulli`, x̂ a logit).
 *
 * Shapes: two of [N, H, W, C], mean and logVariance [N, …] → [N].
 * Range: ≥ 0 without a sigma, lower is better; a density may exceed 1, so its −log p may be below 0.
 * Gradient: analytic, in both images, the posterior and `logSigma`.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂ from a sample of the posterior, of the same shape
 * @param posterior what the encoder gave: `mean` μ and `logVariance` log σ²
 * @param options the weight of the divergence and the reconstruction term: see {@link VaeLossOptions}
 * @throws TypeError for a missing posterior or field, a tensor that is not float32 or was disposed, or an unknown
 * option or argument
 * @throws RangeError for differing shapes, differing batches, an empty batch, a value out of range, or options that
 * exclude each other
 * @see Bergmann et al. 2019 (arXiv 1807.02011), section 3.1.1; Kingma and Welling 2014, eq. 10; Burgess et al. 2018,
 * eq. 8; Kingma et al. 2016, eq. 15; Rybkin et al. 2021, eq. 7
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { ssimLoss, vaeLoss } from 'ssim-ae';
 *
 * const x = tf.randomUniform([2, 16, 16, 1]);
 * const posterior = { mean: tf.zeros([2, 8]), logVariance: tf.zeros([2, 8]) };
 * vaeLoss(x, x, posterior).print(); // [0, 0]
 * vaeLoss(x, x, posterior, { sigma: 1 }).print(); // [235.25, 235.25]: 256 times ½ log 2π
 * vaeLoss(x, x, posterior, { reconstruction: ssimLoss, beta: 1 / 256 }).print(); // [0, 0]
 * ```
 */
export function vaeLoss(
  yTrue: Tensor,
  yPred: Tensor,
  posterior: Posterior,
  options: VaeLossOptions = {},
): Tensor1D {
  checkArguments('vaeLoss', arguments, 4);
  const images = checkImagePair('vaeLoss', yTrue, yPred);
  const { mean, logVariance } = checkPosterior('vaeLoss', posterior);
  checkOptionNames('vaeLoss', options, vaeLossOptionNames, tensorNames, furtherNames);
  const batch = images.yTrue.shape[0];
  if (mean.shape[0] !== batch) {
    throw new RangeError(
      `vaeLoss: the posterior must have one row for each of the ${batch} images, ` +
        `but its shape is ${describeShape(mean.shape)}.`,
    );
  }
  const divergence = divergenceOf(options);
  const reconstruction = reconstructionOf(options, images.yTrue);
  return tidy(() =>
    added(reconstruction(images.yTrue, images.yPred), divergence(klPerLatent(mean, logVariance))),
  );
}
