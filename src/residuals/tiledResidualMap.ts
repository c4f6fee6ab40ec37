import { tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import {
  checkArguments,
  checkChoice,
  checkOptionNames,
  checkPerAxis,
  checkWhole,
} from '../checks/options.js';
import { checkImages, checkSameShape, shapeText, valueText, withAxisOrder } from '../checks/tensors.js';
import { ssimResidualMap } from './ssimResidualMap.js';

/** Options of {@link tiledResidualMap}. */
export interface TiledResidualOptions {
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
   * The map of a batch of tiles, of any measure; with options as in (x, y) => ssimResidualMap(x, y, options).
   * @default ssimResidualMap
   */
  readonly residualMap?: (yTrue: Tensor4D, yPred: Tensor4D) => Tensor;
  /**
   * What is averaged where tiles overlap. `maps`, as in the papers; or `reconstructions`, and then one map of
   * the whole image, which is made at once.
   * @default 'maps'
   */
  readonly average?: 'maps' | 'reconstructions';
  /**
   * How much a tile counts at each of its pixels: everywhere the same, or less towards its border (a Gaussian with a
   * deviation of a quarter of the tile), where a network sees less of the surroundings.
   * @default 'uniform'
   */
  readonly weighting?: 'uniform' | 'gaussian';
  /**
   * Told after each batch how many tiles of how many are done.
   * @default undefined
   */
  readonly onProgress?: (done: number, total: number) => void;
  /**
   * Ends the work between two batches; the promise is then rejected with the signal's reason.
   * @default undefined
   */
  readonly signal?: AbortSignal;
}

const optionNames = [
  'tileSize',
  'stride',
  'batchSize',
  'residualMap',
  'average',
  'weighting',
  'onProgress',
  'signal',
] as const satisfies readonly (keyof TiledResidualOptions)[];

/**
 * The residual map of large images through a small autoencoder: tile by tile, averaged where tiles overlap.
 *
 * R(p) = Σ_tiles w_t(p) R_t(p) / Σ_tiles w_t(p). Tiles lie `stride` apart; the last of a row or column is moved back
 * to the border, so that every pixel is covered.
 *
 * It reads the image once and the maps back batch by batch, so that besides these it holds one batch only, however
 * large the images; hence a promise. The caller disposes of the result.
 *
 * Shapes: [N, H, W, C] → [N, H, W, 1].
 * Range: that of the residual map; higher = more anomalous.
 * Gradient: none.
 *
 * @param image the input, float32
 * @param reconstruct tiles [n, tileHeight, tileWidth, C] → their reconstruction, of the same shape, as in
 * (tiles) => model.predict(tiles)
 * @param options size and stride of the tiles, the measure and more: see {@link TiledResidualOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, no function, a missing tileSize, or an
 * unknown option or argument
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
 * // In earnest: (tiles) => model.predict(tiles)
 * const map = await tiledResidualMap(image, (tiles) => tf.mul(tiles, 0.9), { tileSize: 32, stride: 15 });
 * console.log(map.shape); // [1, 96, 80, 1]
 * ```
 */
export async function tiledResidualMap(
  image: Tensor,
  reconstruct: (tiles: Tensor4D) => Tensor | Tensor[],
  options: TiledResidualOptions,
): Promise<Tensor4D> {
  checkArguments('tiledResidualMap', arguments, 3);
  const where = 'tiledResidualMap';
  checkImages(`${where}: image`, image, 'divide');
  checkFunction(`${where}: reconstruct`, reconstruct);
  checkOptionNames(where, options, optionNames);
  const [batch, height, width, channels] = image.shape;
  const tileSize = checkPerAxis(`${where}: tileSize`, options.tileSize, 2, checkPositive) as [number, number];
  checkTileFits(tileSize, image.shape);
  const stride = checkPerAxis(
    `${where}: stride`,
    options.stride ?? tileSize.map((size) => Math.max(1, Math.floor(size / 2))),
    2,
    checkPositive,
  ) as [number, number];
  checkStride(stride, tileSize);
  const batchSize = checkPositive(`${where}: batchSize`, options.batchSize ?? 16);
  const average = checkChoice(`${where}: average`, options.average ?? 'maps', ['maps', 'reconstructions']);
  const weighting = checkChoice(`${where}: weighting`, options.weighting ?? 'uniform', [
    'uniform',
    'gaussian',
  ]);
  const residualMap = options.residualMap ?? ssimResidualMap;
  checkFunction(`${where}: residualMap`, residualMap);
  const { onProgress, signal } = options;
  if (onProgress !== undefined) checkFunction(`${where}: onProgress`, onProgress);

  const [rows, columns] = [0, 1].map((axis) =>
    axisOfTiles([height, width][axis]!, tileSize[axis]!, stride[axis]!, weighting),
  ) as [AxisOfTiles, AxisOfTiles];
  const tiles = places(batch, rows, columns);
  const ofMaps = average === 'maps';
  const depth = ofMaps ? 1 : channels;
  const total = new Float32Array(batch * height * width * depth);
  // Tiles are cut here: each `slice` of tfjs's wasm backend copies the whole image.
  const pixels = await image.data<'float32'>();
  const size = { height, width, channels };

  for (let first = 0; first < tiles.length; first += batchSize) {
    signal?.throwIfAborted();
    const here = tiles.slice(first, first + batchSize);
    const result = tidy(() => {
      const x = tensor4d(cut(pixels, here, rows, columns, size), [here.length, ...tileSize, channels]);
      const y = reconstructionOf(x, reconstruct);
      return ofMaps ? mapOf(x, y, residualMap) : y;
    });
    try {
      const values = await result.data<'float32'>();
      here.forEach((tile, k) => {
        addTile(total, values, k, tile, rows, columns, [height, width], depth);
      });
    } finally {
      result.dispose();
    }
    onProgress?.(Math.min(first + batchSize, tiles.length), tiles.length);
  }
  signal?.throwIfAborted();
  if (ofMaps) return tensor4d(total, [batch, height, width, 1]);
  return tidy(() => mapOf(image, tensor4d(total, [batch, height, width, channels]), residualMap));
}

/** The tiles along one axis. */
interface AxisOfTiles {
  readonly size: number;
  readonly starts: readonly number[];
  /** For each tile the share that it has in each of its pixels; the shares of a pixel sum to 1. */
  readonly shares: readonly Float64Array[];
}

interface Place {
  readonly n: number;
  readonly row: number;
  readonly column: number;
}

/** Shares of an axis suffice: tiles lie in a grid, and their weights are products of the axes'. */
function axisOfTiles(
  length: number,
  size: number,
  stride: number,
  weighting: 'uniform' | 'gaussian',
): AxisOfTiles {
  const count = Math.ceil((length - size) / stride) + 1;
  const starts = Array.from({ length: count }, (_, k) => Math.min(k * stride, length - size));
  const centre = (size - 1) / 2;
  const weights = Float64Array.from({ length: size }, (_, i) =>
    weighting === 'uniform' ? 1 : Math.exp(-8 * ((i - centre) / size) ** 2),
  );
  const sums = new Float64Array(length);
  for (const start of starts) for (let i = 0; i < size; i++) sums[start + i]! += weights[i]!;
  const shares = starts.map((start) => weights.map((weight, i) => weight / sums[start + i]!));
  return { size, starts, shares };
}

function places(batch: number, rows: AxisOfTiles, columns: AxisOfTiles): Place[] {
  const all: Place[] = [];
  for (let n = 0; n < batch; n++)
    for (let row = 0; row < rows.starts.length; row++)
      for (let column = 0; column < columns.starts.length; column++) all.push({ n, row, column });
  return all;
}

/** The pixels of tiles, one after the other. */
function cut(
  pixels: Float32Array,
  tiles: readonly Place[],
  rows: AxisOfTiles,
  columns: AxisOfTiles,
  { height, width, channels }: { readonly height: number; readonly width: number; readonly channels: number },
): Float32Array {
  const rowLength = columns.size * channels;
  const values = new Float32Array(tiles.length * rows.size * rowLength);
  let to = 0;
  for (const { n, row, column } of tiles) {
    for (let i = 0; i < rows.size; i++, to += rowLength) {
      const from = ((n * height + rows.starts[row]! + i) * width + columns.starts[column]!) * channels;
      values.set(pixels.subarray(from, from + rowLength), to);
    }
  }
  return values;
}

function addTile(
  total: Float32Array,
  values: Float32Array,
  k: number,
  { n, row, column }: Place,
  rows: AxisOfTiles,
  columns: AxisOfTiles,
  [height, width]: readonly [number, number],
  depth: number,
): void {
  const [top, left] = [rows.starts[row]!, columns.starts[column]!];
  const [down, across] = [rows.shares[row]!, columns.shares[column]!];
  let from = k * rows.size * columns.size * depth;
  for (let i = 0; i < rows.size; i++) {
    let to = ((n * height + top + i) * width + left) * depth;
    for (let j = 0; j < columns.size; j++) {
      const share = down[i]! * across[j]!;
      for (let c = 0; c < depth; c++) total[to++]! += share * values[from++]!;
    }
  }
}

function reconstructionOf(x: Tensor4D, reconstruct: (tiles: Tensor4D) => Tensor | Tensor[]): Tensor4D {
  const given: unknown = reconstruct(x);
  const y: unknown = Array.isArray(given) && given.length === 1 ? given[0] : given;
  checkImages('tiledResidualMap: what reconstruct returns', y);
  checkSameShape(
    'tiledResidualMap',
    { name: 'the tiles', tensor: x },
    { name: 'what reconstruct returns', tensor: y },
  );
  return y;
}

function mapOf(
  x: Tensor4D,
  y: Tensor4D,
  residualMap: (yTrue: Tensor4D, yPred: Tensor4D) => Tensor,
): Tensor4D {
  const map: unknown = residualMap(x, y);
  checkImages('tiledResidualMap: what residualMap returns', map);
  const expected = [...x.shape.slice(0, 3), 1];
  if (!expected.every((length, axis) => length === map.shape[axis])) {
    throw new RangeError(
      `tiledResidualMap: residualMap must return shape [${expected.join(', ')}] for these tiles, ` +
        `but returned [${map.shape.join(', ')}].`,
    );
  }
  return map;
}

const checkPositive = (where: string, value: unknown): number => checkWhole(where, value, { above: 0 });

function checkFunction(where: string, value: unknown): void {
  if (typeof value !== 'function') {
    throw new TypeError(`${where} must be a function, but got ${valueText(value)}.`);
  }
}

function checkTileFits(tileSize: readonly number[], shape: readonly number[]): void {
  const imageSize = shape.slice(1, -1);
  if (tileSize.every((size, axis) => size <= imageSize[axis]!)) return;
  throw new RangeError(
    `tiledResidualMap: a tile of ${shapeText(tileSize)} is larger than images of ${shapeText(imageSize)}; ` +
      `${withAxisOrder(shape, 'use a smaller tileSize, or pad the images')}.`,
  );
}

function checkStride(stride: readonly number[], tileSize: readonly number[]): void {
  if (stride.every((step, axis) => step <= tileSize[axis]!)) return;
  throw new RangeError(
    `tiledResidualMap: a stride of ${shapeText(stride)} leaves gaps between tiles of ${shapeText(tileSize)}; ` +
      `use stride ≤ tileSize.`,
  );
}
