import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describeValue } from '../checks/describe.js';
import { furtherNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkOptionNames } from '../checks/options.js';
import { checkFunction, tiledMaps, tilingOptionNames } from './tiledMaps.js';
import type { NamedMap } from './tiledMaps.js';
import type { TiledResidualMapOptions } from './tiledResidualMap.js';

/** Options of {@link tiledResidualMaps}: as for `tiledResidualMap`, with several residual maps. */
export interface TiledResidualMapsOptions<Name extends string = string> extends Omit<
  TiledResidualMapOptions,
  'residualMap'
> {
  /**
   * The residual maps of a batch of tiles, by names that you choose:
   * { ssim: ssimResidualMap, l2: l2ResidualMap }.
   */
  readonly residualMaps: Readonly<Record<Name, (yTrue: Tensor4D, yPred: Tensor4D) => Tensor>>;
}

/**
 * Several residual maps of large images from one pass of a small autoencoder, tile by tile: which measure
 * detects the defect?
 *
 * R_name(p) = Σ_tiles w_t(p) R_name,t(p) / Σ_tiles w_t(p): each is the result of `tiledResidualMap` with that
 * map alone. But the network, which takes most of the time, runs only once.
 *
 * Shapes: [N, H, W, C] → one [N, H, W, 1] for each name.
 * Range: as the residual maps; higher = more anomalous.
 * Gradient: none.
 *
 * @param image the input, float32
 * @param reconstruct tiles → their reconstruction, or a promise of it: as for `tiledResidualMap`
 * @param options the maps by their names, size and stride of the tiles, and more: see {@link TiledResidualMapsOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, if `reconstruct` is not a function, for no residual maps, a missing
 * tileSize, or an unknown option or argument
 * @throws RangeError for a wrong shape, an empty batch, a tile larger than the image, a stride larger than the tile,
 * or a reconstruction or map of a wrong shape
 * @see Bergmann et al. 2019 (arXiv 1807.02011), section 4.2: stride 30
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { l2ResidualMap, ssimResidualMap, tiledResidualMaps } from 'ssim-ae';
 *
 * const image = tf.randomUniform([1, 96, 80, 1]);
 * // In practice: (tiles) => model.predict(tiles)
 * const { ssim, l2 } = await tiledResidualMaps(image, (tiles) => tf.mul(tiles, 0.9), {
 *   residualMaps: { ssim: ssimResidualMap, l2: l2ResidualMap },
 *   tileSize: 32,
 * });
 * console.log(ssim.shape); // [1, 96, 80, 1]
 * console.log(l2.shape); // [1, 96, 80, 1]
 * ```
 */
export async function tiledResidualMaps<Name extends string>(
  image: Tensor,
  reconstruct: (tiles: Tensor4D) => Tensor | Tensor[] | Promise<Tensor | Tensor[]>,
  options: TiledResidualMapsOptions<Name>,
): Promise<Record<Name, Tensor4D>> {
  const where = 'tiledResidualMaps';
  checkArguments(where, arguments, 3);
  checkOptionNames(where, options, [...tilingOptionNames, 'residualMaps'], furtherNames);
  const named = checkMaps(where, options.residualMaps);
  const names = Object.keys(options.residualMaps) as Name[];
  const maps = await tiledMaps(where, image, reconstruct, options, named);
  return Object.fromEntries(names.map((name, index) => [name, maps[index]!])) as Record<Name, Tensor4D>;
}

/** At least one residual map, each with its name. */
function checkMaps(functionName: string, residualMaps: unknown): NamedMap[] {
  const named: [string, unknown][] =
    typeof residualMaps === 'object' && residualMaps !== null ? Object.entries(residualMaps) : [];
  if (named.length === 0 || Array.isArray(residualMaps)) {
    throw new TypeError(
      `${functionName}: residualMaps must be residual maps by names of your own, such as ` +
        `{ ssim: ssimResidualMap, l2: l2ResidualMap }, but got ${describeValue(residualMaps)}.`,
    );
  }
  return named.map(([name, residualMap]) => {
    checkFunction(`${functionName}: residualMaps.${name}`, residualMap);
    return { name: `residualMaps.${name}`, residualMap: residualMap as NamedMap['residualMap'] };
  });
}
