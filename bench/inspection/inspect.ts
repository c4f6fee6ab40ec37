import { dispose, slice, tensor4d } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { tiledResidualMaps } from '../../src/index.js';
import type { Picture } from '../pictures/dataset.js';

/** What a model makes of one picture: its reconstruction and its residual maps, tiles averaged. */
export interface Inspection<M extends string> {
  readonly reconstruction: Float32Array;
  readonly maps: Readonly<Record<M, Float32Array>>;
}

/** What makes a map [N, H, W, 1] of a batch of tiles and their reconstruction. */
export type MapOfTiles = (tiles: Tensor4D, reconstruction: Tensor4D) => Tensor4D;

/** A model as pictures are sent through it. */
export interface Inspector<M extends string> {
  /** Side of its tiles, in pixels. */
  readonly size: number;
  /** Pixels from one tile to the next. */
  readonly stride: number;
  /** How overlapping tiles are averaged. */
  readonly weighting?: 'uniform' | 'gaussian';
  readonly reconstruct: (tiles: Tensor4D) => Tensor4D;
  readonly residualMaps: Readonly<Record<M, MapOfTiles>>;
}

/** Sends a picture through a model tile by tile, as the paper does. */
export async function inspect<M extends string>(
  { height, width, channels, data }: Picture,
  { size, stride, weighting = 'uniform', reconstruct, residualMaps }: Inspector<M>,
): Promise<Inspection<M>> {
  // Maps have one channel: those of the reconstruction are averaged as one map each.
  const planes = Array.from({ length: channels }, (_, c) => `channel ${c}`);
  const planeMaps = planes.map((name, c): [string, MapOfTiles] => [
    name,
    (_tiles, reconstruction) => slice(reconstruction, [0, 0, 0, c], [-1, -1, -1, 1]),
  ]);
  const image = tensor4d(data, [1, height, width, channels]);
  const averaged = await tiledResidualMaps(image, reconstruct, {
    residualMaps: { ...residualMaps, ...Object.fromEntries(planeMaps) },
    tileSize: size,
    stride,
    weighting,
    batchSize: 32,
  });
  const read = async (name: string): Promise<Float32Array> => averaged[name]!.data<'float32'>();
  const colours = await Promise.all(planes.map(read));
  const maps = await Promise.all(
    Object.keys(residualMaps).map(async (name) => [name, await read(name)] as const),
  );
  dispose([image, ...Object.values(averaged)]);
  return {
    reconstruction: Float32Array.from(data, (_, k) => colours[k % channels]![Math.floor(k / channels)]!),
    maps: Object.fromEntries(maps) as Record<M, Float32Array>,
  };
}
