import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { featureMatchingLoss, l2Loss, reparameterize, ssimLoss, vaeLoss } from '../../../src/index.js';
import type { SsimOptions } from '../../../src/index.js';
import type { Features } from '../../features/features.js';
import type { ModelName } from '../models.js';
import { posteriorOf } from './networks.js';
import type { Network } from './networks.js';

export interface ObjectiveOptions {
  readonly ssim: SsimOptions;
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
  network: Network,
  { ssim }: ObjectiveOptions,
  features: Features,
): Objective {
  const reconstruction = (x: Tensor4D): Tensor4D => network.whole.apply(x) as Tensor4D;
  switch (name) {
    case 'ℓ2':
      return (x) => l2Loss(x, reconstruction(x));
    case 'SSIM':
      return (x) => ssimLoss(x, reconstruction(x), ssim);
    case 'FM':
      return (x, { lambda }) => featureMatchingLoss(x, reconstruction(x), { features, lambda });
    case 'VAE':
      return (x, { seed, beta }) => {
        const halves = network.halves!;
        const posterior = posteriorOf(halves, x);
        const y = halves.decoder.apply(reparameterize(posterior, { seed })) as Tensor4D;
        return vaeLoss(x, y, posterior, { beta, sigma: 'optimal' });
      };
  }
}
