import { l1ResidualMap, l2ResidualMap, ssimResidualMap } from '../../src/index.js';
import type { SsimOptions } from '../../src/index.js';
import type { MapOfTiles } from '../inspection/inspect.js';

/** Of the loss and the map, as in the paper. */
export const ssimOptions: SsimOptions = { windowType: 'uniform' };

/** The residual maps of every model. */
export const residualMaps = {
  ℓ1: l1ResidualMap,
  ℓ2: l2ResidualMap,
  SSIM: (x, y) => ssimResidualMap(x, y, ssimOptions),
} as const satisfies Readonly<Record<string, MapOfTiles>>;
export type MapName = keyof typeof residualMaps;
export const mapNames = Object.keys(residualMaps) as MapName[];
