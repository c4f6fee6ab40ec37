import { add, split } from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Sequential } from '@tensorflow/tfjs-layers';
import { featureMatchingLoss, l2Loss, reparameterize, ssimLoss, vaeLoss } from '../../../src/index.js';
import type { Posterior, SsimOptions } from '../../../src/index.js';
import type { Features } from '../../features/features.js';
import type { ModelName } from '../models.js';

export interface ObjectiveOptions {
  readonly ssim: SsimOptions;
}

export interface Networks {
  readonly encoder: Sequential;
  readonly decoder: Sequential;
}

/**
 * With this log-variance a VAE begins, σ = 0.37: latents drawn as widely as their prior would drown what the encoder
 * says before the decoder has learnt to listen, and the posterior of a hard texture then collapses.
 */
const initialLogVariance = -2;

/** Mean and log-variance from what the encoder of a VAE gives, [N, 1, 1, 2 latent]. */
export function posteriorOf(encoder: Sequential, x: Tensor4D): Posterior {
  const [mean, logVariance] = split(encoder.apply(x) as Tensor4D, 2, 3) as [Tensor4D, Tensor4D];
  return { mean, logVariance: add(logVariance, initialLogVariance) };
}

/** What of an objective may differ from step to step. */
export interface Weighting {
  /** Draws the latents of a VAE. */
  readonly seed: number;
  /** Weight of its divergence. */
  readonly beta: number;
  /** Weight of the feature distance (eq. 3). */
  readonly lambda: number;
}

/** The loss of each image of a batch. */
export type Objective = (x: Tensor4D, weighting: Weighting) => Tensor1D;

export function objectiveOf(
  name: ModelName,
  { encoder, decoder }: Networks,
  { ssim }: ObjectiveOptions,
  features: Features,
): Objective {
  const reconstruction = (x: Tensor4D): Tensor4D => decoder.apply(encoder.apply(x)) as Tensor4D;
  switch (name) {
    case 'ℓ2':
      return (x) => l2Loss(x, reconstruction(x));
    case 'SSIM':
      return (x) => ssimLoss(x, reconstruction(x), ssim);
    case 'FM':
      return (x, { lambda }) => featureMatchingLoss(x, reconstruction(x), { features, lambda });
    case 'VAE':
      return (x, { seed, beta }) => {
        const posterior = posteriorOf(encoder, x);
        const y = decoder.apply(reparameterize(posterior, { seed })) as Tensor4D;
        return vaeLoss(x, y, posterior, { beta, sigma: 'optimal' });
      };
  }
}
