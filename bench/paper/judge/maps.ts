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
import type { Features } from '../../features/features.js';
import type { MapOfTiles } from '../../inspection/inspect.js';
import type { ModelName } from '../models.js';

/** Every residual map, each taken on every model. */
export const mapNames = ['ℓ1', 'ℓ2', 'SSIM', 'GMS', 'features', 'VAE'] as const;
export type MapName = (typeof mapNames)[number];

/** Something for each map, by its name. */
export const ofEachMap = <T>(make: (name: MapName) => T): Record<MapName, T> =>
  Object.fromEntries(mapNames.map((name) => [name, make(name)])) as Record<MapName, T>;

/** The map that the paper judges each model by. */
export const ownMap: Readonly<Record<ModelName, MapName>> = { ℓ2: 'ℓ2', VAE: 'VAE', FM: 'ℓ2', SSIM: 'SSIM' };

/** Each map as it is made of a batch of tiles; `samplesOf` are the reconstructions that the VAE map takes. */
export function residualMapsOf(
  ssim: SsimOptions,
  features: Features,
  samplesOf: (tiles: Tensor4D, reconstruction: Tensor4D) => readonly Tensor4D[],
): Record<MapName, MapOfTiles> {
  return {
    ℓ1: l1ResidualMap,
    ℓ2: l2ResidualMap,
    SSIM: (x, y) => ssimResidualMap(x, y, ssim),
    GMS: (x, y) => msGmsResidualMap(x, y),
    features: (x, y) => featureResidualMap(x, y, { features }),
    VAE: (x, y) => vaeResidualMap(x, samplesOf(x, y)),
  };
}
