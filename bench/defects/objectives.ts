import { split } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Sequential } from '@tensorflow/tfjs-layers';
import { featureMatchingLoss, l2Loss, reparameterize, ssimLoss, vaeLoss } from '../../src/index.js';
import type { Posterior, SsimOptions } from '../../src/index.js';

/** The paper's four autoencoders, by their loss. */
export const modelNames = ['ℓ2', 'VAE', 'FM', 'SSIM'] as const;
export type ModelName = (typeof modelNames)[number];

/** As the paper calls it. */
export const titleOfModel = (name: ModelName): string => (name === 'VAE' ? name : `${name}-AE`);

export interface ObjectiveOptions {
  readonly ssim: SsimOptions;
  /** Weight of the feature distance (eq. 3). */
  readonly lambda: number;
}

export type Features = (image: Tensor4D) => Tensor | Tensor[];

export interface Networks {
  readonly encoder: Sequential;
  readonly decoder: Sequential;
}

/** Mean and log-variance from what the encoder of a VAE gives, [N, 1, 1, 2 latent]. */
export function posteriorOf(encoder: Sequential, x: Tensor4D): Posterior {
  const [mean, logVariance] = split(encoder.apply(x) as Tensor4D, 2, 3) as [Tensor4D, Tensor4D];
  return { mean, logVariance };
}

/** The loss of each image of a batch; a VAE draws its latents by the seed and weighs its divergence by β. */
export type Objective = (x: Tensor4D, step: { readonly seed: number; readonly beta: number }) => Tensor1D;

export function objectiveOf(
  name: ModelName,
  { encoder, decoder }: Networks,
  { ssim, lambda }: ObjectiveOptions,
  features: Features | undefined,
): Objective {
  const reconstruction = (x: Tensor4D): Tensor4D => decoder.apply(encoder.apply(x)) as Tensor4D;
  switch (name) {
    case 'ℓ2':
      return (x) => l2Loss(x, reconstruction(x));
    case 'SSIM':
      return (x) => ssimLoss(x, reconstruction(x), ssim);
    case 'FM': {
      if (features === undefined) throw new Error('the FM model needs features');
      return (x) => featureMatchingLoss(x, reconstruction(x), { features, lambda });
    }
    case 'VAE':
      return (x, { seed, beta }) => {
        const posterior = posteriorOf(encoder, x);
        const y = decoder.apply(reparameterize(posterior, { seed })) as Tensor4D;
        return vaeLoss(x, y, posterior, { beta, sigma: 'optimal' });
      };
  }
}
