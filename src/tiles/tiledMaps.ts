import { Tensor, Variable, clone, dispose, engine, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { withAxisOrder } from '../checks/axisOrder.js';
import { describeShape, describeSize, describeValue } from '../checks/describe.js';
import { checkChoice, checkPerAxis, checkWhole } from '../checks/options.js';
import { checkImages, checkSameShape, checkTensor } from '../checks/tensors.js';
import { blendTiles, cutTiles, places, tileGrid } from './tileGrid.js';
import type { TileGrid } from './tileGrid.js';

/** How images are cut into tiles and these are processed: common to one map and several. */
export interface TilingOptions {
  readonly tileSize: number | readonly [height: number, width: number];
  readonly stride?: number | readonly [down: number, across: number];
  readonly batchSize?: number;
  readonly average?: 'maps' | 'reconstructions';
  readonly weighting?: 'uniform' | 'gaussian';
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** The names of {@link TilingOptions}. */
export const tilingOptionNames = [
  'tileSize',
  'stride',
  'batchSize',
  'average',
  'weighting',
  'onProgress',
  'signal',
] as const satisfies readonly (keyof TilingOptions)[];

/** From tiles to their reconstruction, at once or later. */
export type Reconstruct = (tiles: Tensor4D) => Tensor | Tensor[] | Promise<Tensor | Tensor[]>;

/** A residual map, and its name in messages. */
export interface NamedMap {
  readonly name: string;
  readonly residualMap: (yTrue: Tensor4D, yPred: Tensor4D) => Tensor;
}

/** Every residual map of the images, through one pass of `reconstruct`; the caller has checked the options' names. */
export async function tiledMaps(
  functionName: string,
  image: Tensor,
  reconstruct: Reconstruct,
  options: TilingOptions,
  maps: readonly NamedMap[],
): Promise<Tensor4D[]> {
  checkImages(`${functionName}: image`, image, 'divide');
  checkFunction(`${functionName}: reconstruct`, reconstruct);
  const { shape } = image;
  const [batch, height, width, channels] = shape;
  const { tileSize, batchSize, average, grid } = resolveTiling(functionName, options, shape);
  const { onProgress, signal } = options;

  const tiles = places(batch, grid);
  const ofMaps = average === 'maps';
  const depth = ofMaps ? 1 : channels;
  const totals = (ofMaps ? maps : [undefined]).map(() => new Float32Array(batch * height * width * depth));
  // Tiles are cut here: each `slice` of tfjs's wasm backend copies the whole image.
  const pixels = await image.data<'float32'>();

  for (let first = 0; first < tiles.length; first += batchSize) {
    signal?.throwIfAborted();
    const here = tiles.slice(first, first + batchSize);
    const x = tensor4d(cutTiles(pixels, channels, grid, here), [here.length, ...tileSize, channels]);
    const results: Tensor4D[] = [];
    try {
      const use = (y: Tensor4D): Tensor4D[] =>
        ofMaps ? maps.map((map) => mapOf(functionName, x, y, map)) : [y];
      results.push(...(await ofReconstruction(functionName, x, reconstruct, use)));
      for (const [which, result] of results.entries()) {
        blendTiles(totals[which]!, depth, grid, here, await result.data<'float32'>());
      }
    } finally {
      dispose([x, ...results]);
    }
    onProgress?.(Math.min(first + batchSize, tiles.length), tiles.length);
  }
  signal?.throwIfAborted();
  if (ofMaps) return totals.map((total) => tensor4d(total, [batch, height, width, 1]));
  checkTensor(`${functionName}: image`, image);
  return tidy(() => {
    const whole = tensor4d(totals[0]!, shape);
    return maps.map((map) => clone(mapOf(functionName, image, whole, map)));
  });
}

/** The result of `use` on the reconstruction of tiles, as tensors that nothing else holds. */
async function ofReconstruction(
  functionName: string,
  x: Tensor4D,
  reconstruct: Reconstruct,
  use: (y: Tensor4D) => Tensor4D[],
): Promise<Tensor4D[]> {
  const used = (given: unknown): Tensor4D[] =>
    use(checkReconstruction(functionName, x, given)).map((result) => clone(result));
  let promised: PromiseLike<unknown> | undefined;
  const results = tidy(() => {
    const given: unknown = reconstruct(x);
    if (!isPromise(given)) return used(given);
    promised = given;
    // An async function still uses its tensors, which this tidy must not dispose of.
    return [...engine().state.activeScope.track] as Tensor4D[];
  });
  if (promised === undefined) return results;
  const given = await promised;
  try {
    return tidy(() => used(given));
  } finally {
    dispose(tensorsIn(given).filter((made) => made !== x && !made.kept && !(made instanceof Variable)));
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function tensorsIn(value: unknown): Tensor[] {
  const parts: unknown[] =
    value instanceof Tensor || typeof value !== 'object' || value === null ? [value] : Object.values(value);
  return parts.filter((part): part is Tensor => part instanceof Tensor);
}

function checkReconstruction(functionName: string, x: Tensor4D, given: unknown): Tensor4D {
  const where = `${functionName}: what reconstruct returns`;
  if (Array.isArray(given) && given.length !== 1) {
    throw new TypeError(
      `${where} must be one tensor, but got a list of ${given.length}; pick the one of the image.`,
    );
  }
  const y: unknown = Array.isArray(given) ? given[0] : given;
  checkImages(where, y);
  checkTensor(`${functionName}: what reconstruct takes`, x);
  checkSameShape(
    functionName,
    { name: 'the tiles', tensor: x },
    { name: 'what reconstruct returns', tensor: y },
  );
  return y;
}

function mapOf(functionName: string, x: Tensor4D, y: Tensor4D, { name, residualMap }: NamedMap): Tensor4D {
  const map: unknown = residualMap(x, y);
  checkImages(`${functionName}: what ${name} returns`, map);
  const expected = [...x.shape.slice(0, 3), 1];
  if (!expected.every((length, axis) => length === map.shape[axis])) {
    throw new RangeError(
      `${functionName}: ${name} must return shape ${describeShape(expected)} for these tiles, ` +
        `but returned ${describeShape(map.shape)}.`,
    );
  }
  return map;
}

/** {@link TilingOptions}, checked, and the grid that they make of images of this shape. */
function resolveTiling(
  functionName: string,
  options: TilingOptions,
  shape: readonly [number, number, number, number],
): {
  readonly tileSize: [number, number];
  readonly batchSize: number;
  readonly average: 'maps' | 'reconstructions';
  readonly grid: TileGrid;
} {
  const at = (name: keyof TilingOptions): string => `${functionName}: ${name}`;
  const tileSize = checkPerAxis(at('tileSize'), options.tileSize, 2, checkPositive) as [number, number];
  checkTileFits(functionName, tileSize, shape);
  const stride = checkPerAxis(
    at('stride'),
    options.stride ?? tileSize.map((size) => Math.max(1, Math.floor(size / 2))),
    2,
    checkPositive,
  ) as [number, number];
  checkStride(functionName, stride, tileSize);
  const batchSize = checkPositive(at('batchSize'), options.batchSize ?? 16);
  const average = checkChoice(at('average'), options.average ?? 'maps', ['maps', 'reconstructions']);
  const weighting = checkChoice(at('weighting'), options.weighting ?? 'uniform', ['uniform', 'gaussian']);
  const { onProgress, signal } = options;
  if (onProgress !== undefined) checkFunction(at('onProgress'), onProgress);
  if (signal !== undefined && typeof (signal as Partial<AbortSignal>).throwIfAborted !== 'function') {
    throw new TypeError(
      `${at('signal')} must be the signal of an AbortController, but got ${describeValue(signal)}.`,
    );
  }
  return { tileSize, batchSize, average, grid: tileGrid([shape[1], shape[2]], tileSize, stride, weighting) };
}

const checkPositive = (where: string, value: unknown): number => checkWhole(where, value, { least: 1 });

export function checkFunction(where: string, value: unknown): void {
  if (typeof value !== 'function') {
    throw new TypeError(`${where} must be a function, but got ${describeValue(value)}.`);
  }
}

function checkTileFits(functionName: string, tileSize: readonly number[], shape: readonly number[]): void {
  const imageSize = shape.slice(1, -1);
  if (tileSize.every((size, axis) => size <= imageSize[axis]!)) return;
  throw new RangeError(
    `${functionName}: a tile of ${describeSize(tileSize)} is larger than images of ${describeSize(imageSize)}; ` +
      `${withAxisOrder(shape, 'use a smaller tileSize, or pad the images')}.`,
  );
}

function checkStride(functionName: string, stride: readonly number[], tileSize: readonly number[]): void {
  if (stride.every((step, axis) => step <= tileSize[axis]!)) return;
  throw new RangeError(
    `${functionName}: a stride of ${describeSize(stride)} leaves gaps between tiles of ${describeSize(tileSize)}; ` +
      `use stride ≤ tileSize.`,
  );
}
