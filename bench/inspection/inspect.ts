import { dispose, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Picture } from '../pictures/dataset.js';
import { addPatch, copyPatch, tilePlaces } from './patches.js';

/** What a model makes of one picture: its reconstruction and its residual maps, tiles averaged. */
export interface Inspection<M extends string> {
  readonly reconstruction: Float32Array;
  readonly maps: Readonly<Record<M, Float32Array>>;
}

/** What a model makes of some tiles [N, size, size, C]; each map [N, size, size, 1]. */
export interface Judged<M extends string> {
  readonly reconstruction: Tensor4D;
  readonly maps: Readonly<Record<M, Tensor>>;
}

const tilesAtOnce = 32;

/** Sends a picture through a model tile by tile, as the paper does. */
export async function inspect<M extends string>(
  picture: Picture,
  { size, stride }: { readonly size: number; readonly stride: number },
  judge: (tiles: Tensor4D) => Judged<M>,
): Promise<Inspection<M>> {
  const { height, width, channels } = picture;
  const places = tilePlaces(picture, size, stride);
  const covered = new Float32Array(height * width);
  const reconstruction = new Float32Array(height * width * channels);
  const maps = {} as Record<M, Float32Array>;
  const once = new Float32Array(size * size).fill(1);
  for (let first = 0; first < places.length; first += tilesAtOnce) {
    const chunk = places.slice(first, first + tilesAtOnce);
    const batch = new Float32Array(chunk.length * size * size * channels);
    chunk.forEach((place, index) => copyPatch(picture, place, size, batch, index));
    const judged = tidy(
      () => judge(tensor4d(batch, [chunk.length, size, size, channels])) as never,
    ) as Judged<M>;
    const decoded = await judged.reconstruction.data<'float32'>();
    chunk.forEach((place, index) => {
      addPatch(covered, width, 1, place, size, once, 0);
      addPatch(reconstruction, width, channels, place, size, decoded, index);
    });
    for (const [name, tensor] of Object.entries(judged.maps) as [M, Tensor][]) {
      const map = await tensor.data<'float32'>();
      const total = (maps[name] ??= new Float32Array(height * width));
      chunk.forEach((place, index) => addPatch(total, width, 1, place, size, map, index));
    }
    dispose(judged as never);
  }
  for (const map of Object.values<Float32Array>(maps))
    map.forEach((value, k) => (map[k] = value / covered[k]!));
  reconstruction.forEach((value, k) => (reconstruction[k] = value / covered[Math.floor(k / channels)]!));
  return { reconstruction, maps };
}
