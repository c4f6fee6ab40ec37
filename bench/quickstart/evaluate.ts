import { tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { l1ResidualMap, l2ResidualMap, ssimResidualMap } from '../../src/index.js';
import type { Picture } from './dataset.js';
import { addPatch, copyPatch, tilePlaces } from './patches.js';

export const residualMaps = { ℓ1: l1ResidualMap, ℓ2: l2ResidualMap, SSIM: ssimResidualMap } as const;
export type MapName = keyof typeof residualMaps;
export const mapNames = Object.keys(residualMaps) as MapName[];

/** What a model makes of one picture: its reconstruction and every residual map, tiles averaged. */
export interface Inspection {
  readonly reconstruction: Float32Array;
  readonly maps: Readonly<Record<MapName, Float32Array>>;
}

const tilesAtOnce = 32;

/** Sends a picture through the model tile by tile, as the paper does. */
export function inspect(model: LayersModel, picture: Picture, size: number): Inspection {
  const { height, width, channels } = picture;
  const places = tilePlaces(picture, size, size / 2);
  const pixels = height * width;
  const covered = new Float32Array(pixels);
  const reconstruction = new Float32Array(pixels * channels);
  const maps = Object.fromEntries(mapNames.map((name) => [name, new Float32Array(pixels)])) as Record<
    MapName,
    Float32Array
  >;
  const once = new Float32Array(size * size).fill(1);
  for (let first = 0; first < places.length; first += tilesAtOnce) {
    const chunk = places.slice(first, first + tilesAtOnce);
    const batch = new Float32Array(chunk.length * size * size * channels);
    chunk.forEach((place, index) => copyPatch(picture, place, size, batch, index));
    tidy(() => {
      const input = tensor4d(batch, [chunk.length, size, size, channels]);
      const output = model.predict(input, { batchSize: tilesAtOnce }) as Tensor4D;
      const read = (tensor: Tensor): Float32Array => tensor.dataSync<'float32'>();
      const decoded = read(output);
      chunk.forEach((place, index) => {
        addPatch(covered, width, 1, place, size, once, 0);
        addPatch(reconstruction, width, channels, place, size, decoded, index);
      });
      for (const name of mapNames) {
        const map = read(residualMaps[name](input, output));
        chunk.forEach((place, index) => addPatch(maps[name], width, 1, place, size, map, index));
      }
    });
  }
  for (const name of mapNames) maps[name].forEach((value, k) => (maps[name][k] = value / covered[k]!));
  reconstruction.forEach((value, k) => (reconstruction[k] = value / covered[Math.floor(k / channels)]!));
  return { reconstruction, maps };
}
