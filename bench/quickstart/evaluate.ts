import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { l1ResidualMap, l2ResidualMap, ssimResidualMap } from '../../src/index.js';
import { inspect as inspectTiles } from '../inspection/inspect.js';
import type { Inspection as InspectionOf } from '../inspection/inspect.js';
import type { Picture } from '../pictures/dataset.js';

const residualMaps = { ℓ1: l1ResidualMap, ℓ2: l2ResidualMap, SSIM: ssimResidualMap } as const;
export type MapName = keyof typeof residualMaps;
export const mapNames = Object.keys(residualMaps) as MapName[];

export type Inspection = InspectionOf<MapName>;

/** The reconstruction of a picture and every residual map of it. */
export function inspect(model: LayersModel, picture: Picture, size: number): Promise<Inspection> {
  return inspectTiles(picture, { size, stride: size / 2 }, (x) => {
    const reconstruction = model.predict(x) as Tensor4D;
    const [ℓ1, ℓ2, SSIM] = mapNames.map((name) => residualMaps[name](x, reconstruction)) as [
      Tensor4D,
      Tensor4D,
      Tensor4D,
    ];
    return { reconstruction, maps: { ℓ1, ℓ2, SSIM } };
  });
}
