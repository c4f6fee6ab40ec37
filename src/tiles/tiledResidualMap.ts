import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { furtherNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkOptionNames } from '../checks/options.js';
import { ssimResidualMap } from '../ssim/ssimResidualMap.js';
import { checkFunction, tiledMaps, tilingOptionNames } from './tiledMaps.js';

/** Options of {@link tiledResidualMap}. */
export interface TiledResidualMapOptions {
  /** The size of a tile in pixels, which is what `reconstruct` takes; one number, or [height, width]. */
  readonly tileSize: number | readonly [height: number, width: number];
  /**
   * Pixels from one tile to the next, at most a tile; one number, or [down, across]. The paper's is 30, for
   * tiles of 128.
   * @default half of the tile
   */
  readonly stride?: number | readonly [down: number, across: number];
  /**
   * How many tiles `reconstruct` gets at once.
   * @default 16
   */
  readonly batchSize?: number;
  /**
   * The residual map of a batch of tiles, by any measure. To set its options: (x, y) =>
   * ssimResidualMap(x, y, options).
   * @default ssimResidualMap
   */
  readonly residualMap?: (yTrue: Tensor4D, yPred: Tensor4D) => Tensor;
  /**
   * What is averaged where tiles overlap: `maps`, as in the papers, or `reconstructions`. With
   * `reconstructions`, one map of the whole image is computed at the end.
   * @default 'maps'
   */
  readonly average?: 'maps' | 'reconstructions';
  /**
   * How much a tile counts at each of its pixels: the same everywhere, or less towards its border (a Gaussian
   * with a deviation of a quarter of the tile), where a network sees less of the surroundings.
   * @default 'uniform'
   */
  readonly weighting?: 'uniform' | 'gaussian';
  /**
   * Called after each batch with the number of finished tiles and of all tiles.
   * @default undefined
   */
  readonly onProgress?: (done: number, total: number) => void;
  /**
   * Stops the work between two batches; the promise is then rejected with the signal's reason.
   * @default undefined
   */
  readonly signal?: AbortSignal;
}

/**
 * The residual map of large images from a small autoencoder: computed tile by tile, averaged where tiles overlap.
 *
 * R(p) = Σ_tiles w_t(p) R_t(p) / Σ_tiles w_t(p). Tiles lie `stride` apart; the last of a row or column is moved back
 * to the border, so that every pixel is covered.
 *
 * It reads the image once and the maps batch by batch, and therefore returns a promise. Besides image and map
 * it holds only one batch, for images of any size. The caller disposes of the result.
 *
 * `reconstruct` may be async too, for `executeAsync` of a graph model or for another runtime such as onnxruntime. Batches
 * come one after the other. This function disposes of the tiles and of the tensor that an async function
 * promises, unless that is a variable or kept by `tf.keep`. The async function must dispose of its other
 * tensors itself, since no tidy reaches beyond an await.
 *
 * Shapes: [N, H, W, C] → [N, H, W, 1].
 * Range: as the residual map; higher = more anomalous.
 * Gradient: none.
 *
 * @param image the input, float32
 * @param reconstruct tiles [n, tileHeight, tileWidth, C] → their reconstruction, of the same shape, or a promise of it,
 * as in (tiles) => model.predict(tiles)
 * @param options size and stride of the tiles, the measure and more: see {@link TiledResidualMapOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, if `reconstruct` is not a function, for a
 * missing tileSize, or an unknown option or argument
 * @throws RangeError for a wrong shape, an empty batch, a tile larger than the image, a stride larger than the tile,
 * or a reconstruction or map of a wrong shape
 * @see Bergmann et al. 2019 (arXiv 1807.02011), section 4.2: stride 30
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { tiledResidualMap } from 'ssim-ae';
 *
 * const image = tf.randomUniform([1, 96, 80, 1]);
 * // In practice: (tiles) => model.predict(tiles)
 * const map = await tiledResidualMap(image, (tiles) => tf.mul(tiles, 0.9), { tileSize: 32, stride: 15 });
 * console.log(map.shape); // [1, 96, 80, 1]
 *
 * // Another runtime, which takes and returns typed arrays: in practice, await session.run(…)
 * const options = { tileSize: 32, stride: 15 };
 * const same = await tiledResidualMap(image, async (tiles) => {
 *   const pixels = await tiles.data();
 *   return tf.tensor(pixels.map((pixel) => 0.9 * pixel), tiles.shape);
 * }, options);
 * tf.max(tf.abs(tf.sub(same, map))).print(); // below 0.00001
 * ```
 */
export async function tiledResidualMap(
  image: Tensor,
  reconstruct: (tiles: Tensor4D) => Tensor | Tensor[] | Promise<Tensor | Tensor[]>,
  options: TiledResidualMapOptions,
): Promise<Tensor4D> {
  const where = 'tiledResidualMap';
  checkArguments(where, arguments, 3);
  checkOptionNames(where, options, [...tilingOptionNames, 'residualMap'], furtherNames);
  const residualMap = options.residualMap ?? ssimResidualMap;
  checkFunction(`${where}: residualMap`, residualMap);
  const [map] = await tiledMaps(where, image, reconstruct, options, [{ name: 'residualMap', residualMap }]);
  return map!;
}
