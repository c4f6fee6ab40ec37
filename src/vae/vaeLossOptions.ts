import type { Tensor } from '@tensorflow/tfjs-core';
import type { WeightOptions } from '../checks/weights.js';
import type { Likelihood } from './likelihood.js';

/** Options of `vaeLoss`. */
export interface VaeLossOptions extends WeightOptions {
  /**
   * Weight of the divergence, ≥ 0; 1 is the paper's loss, other values make a β-VAE. For a weight that rises
   * with the steps, use `linearAnnealing` or `cyclicalAnnealing`.
   * @default 1
   */
  readonly beta?: number;
  /**
   * C in β |KL − C|, nats of the whole image, ≥ 0 (Burgess et al. 2018): how much information the latents
   * should hold.
   * @default undefined, which is β KL
   */
  readonly capacity?: number;
  /**
   * λ in Σ_j max(λ, KL_j), nats of each latent, ≥ 0, with KL_j the mean over the batch (Kingma et al. 2016,
   * eq. 15): how much each latent may hold without a cost. Every image of the batch gets the same number.
   * @default undefined
   */
  readonly freeBits?: number;
  /**
   * `gaussian`: x̂ is the mean of normal pixels. `laplace`: the median of Laplace pixels. `bernoulli`: logits, for
   * pixels in [0, 1]; the decoder ends without a sigmoid.
   * @default 'gaussian'
   */
  readonly likelihood?: Likelihood;
  /**
   * The deviation σ of normal pixels or the scale b of Laplace pixels, in pixel units: the reconstruction term is then
   * −log p(x|z) with all its constants, in nats. `'optimal'` (normal pixels): the σ that suits each image best, its root
   * mean squared error, at least e⁻⁶ (σ-VAE, Rybkin et al. 2021, who share it over the batch).
   * @default undefined: the plain ℓ2 loss for `gaussian`, b = 1 for `laplace`
   */
  readonly sigma?: number | 'optimal';
  /**
   * log σ of normal pixels as a tensor that is learned: one number, such as a `tf.variable`, or [N, H, W, C]. Beyond
   * ±30 it counts as ±30 in σ².
   * @default undefined
   */
  readonly logSigma?: Tensor;
  /**
   * Any loss as the reconstruction term instead of a likelihood: `ssimLoss`, or one with options by
   * `withOptions`. Mind the scale: SSIM is a mean in [0, 2], the divergence a sum of nats over the latents. So
   * make β small, about one over the number of pixels.
   * @default undefined
   */
  readonly reconstruction?: (yTrue: Tensor, yPred: Tensor) => Tensor;
}

/** The names of {@link VaeLossOptions}. */
export const vaeLossOptionNames = [
  'beta',
  'capacity',
  'freeBits',
  'likelihood',
  'sigma',
  'logSigma',
  'reconstruction',
  'weights',
] as const satisfies readonly (keyof VaeLossOptions)[];
