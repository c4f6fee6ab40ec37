import type { Tensor4D } from '@tensorflow/tfjs-core';
import {
  featureResidualMap,
  l1ResidualMap,
  l2ResidualMap,
  msGmsResidualMap,
  ssimResidualMap,
  vaeResidualMap,
} from '../../../src/index.js';
import type { SsimOptions } from '../../../src/index.js';
import type { Features, ModelName } from '../train/objectives.js';

/** Every residual map, each taken on every model. */
export const mapNames = ['ℓ1', 'ℓ2', 'SSIM', 'GMS', 'features', 'VAE'] as const;
export type MapName = (typeof mapNames)[number];

/** The map that the paper judges each model by. */
export const ownMap: Readonly<Record<ModelName, MapName>> = { ℓ2: 'ℓ2', VAE: 'VAE', FM: 'ℓ2', SSIM: 'SSIM' };

/** A model that decodes no samples has one: its VAE map then ranks pixels as the ℓ2 map does. */
export function mapsOf(
  x: Tensor4D,
  reconstruction: Tensor4D,
  samples: readonly Tensor4D[],
  ssim: SsimOptions,
  features: Features,
): Record<MapName, Tensor4D> {
  return {
    ℓ1: l1ResidualMap(x, reconstruction),
    ℓ2: l2ResidualMap(x, reconstruction),
    SSIM: ssimResidualMap(x, reconstruction, ssim),
    GMS: msGmsResidualMap(x, reconstruction),
    features: featureResidualMap(x, reconstruction, { features }),
    VAE: vaeResidualMap(x, samples),
  };
}
