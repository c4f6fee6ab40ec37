import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { l1ResidualMap, l2ResidualMap, ssimResidualMap } from '../../src/index.js';
import { inspect as inspectWith } from '../inspection/inspect.js';
import type { Inspection as InspectionOf } from '../inspection/inspect.js';
import type { Picture } from '../pictures/dataset.js';

const residualMaps = { ℓ1: l1ResidualMap, ℓ2: l2ResidualMap, SSIM: ssimResidualMap } as const;
export type MapName = keyof typeof residualMaps;
export const mapNames = Object.keys(residualMaps) as MapName[];

export type Inspection = InspectionOf<MapName>;

/** The reconstruction of a picture and every residual map of it. */
export function inspect(model: LayersModel, picture: Picture, size: number): Promise<Inspection> {
  return inspectWith(picture, {
    size,
    stride: size / 2,
    reconstruct: (tiles) => model.predict(tiles) as Tensor4D,
    residualMaps,
  });
}
