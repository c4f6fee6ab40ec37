import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dispose, tensor4d } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { l1ResidualMap, tiledResidualMap } from '../../src/index.js';
import type { Picture } from '../pictures/dataset.js';
import { joined } from '../inspection/joined.js';
import { writeWhole } from '../running/outFolder.js';

/** How pictures are cut into tiles, and these put together. */
export interface Tiling {
  readonly stride: number;
  readonly weighting: 'uniform' | 'gaussian';
}

/** What the model makes of pictures, tile by tile; what `folder` holds of the same pictures is read from there. */
export async function reconstructions(
  { model, folder }: { readonly model: LayersModel; readonly folder: string },
  pictures: readonly Picture[],
  size: number,
  tiling: Tiling,
): Promise<Float32Array[]> {
  const hash = createHash('sha256').update(JSON.stringify(tiling));
  for (const { data } of pictures) hash.update(data);
  const file = join(folder, `reconstructions-${hash.digest('hex').slice(0, 12)}.bin`);
  if (existsSync(file)) {
    const bytes = readFileSync(file);
    let offset = 0;
    return pictures.map(({ data }) => {
      const start = bytes.byteOffset + offset;
      offset += 4 * data.length;
      return new Float32Array(bytes.buffer.slice(start, start + 4 * data.length));
    });
  }
  const made: Float32Array[] = [];
  for (const picture of pictures) made.push(await reconstruction(model, picture, size, tiling));
  writeWhole(file, new Uint8Array(joined(made).buffer));
  return made;
}

async function reconstruction(
  model: LayersModel,
  { height, width, channels, data }: Picture,
  size: number,
  tiling: Tiling,
): Promise<Float32Array> {
  const image = tensor4d(data, [1, height, width, channels]);
  let values: Promise<Float32Array> | undefined;
  const map = await tiledResidualMap(image, (tiles) => model.predict(tiles), {
    tileSize: size,
    ...tiling,
    average: 'reconstructions',
    residualMap: (x, y) => {
      values = y.data<'float32'>();
      return l1ResidualMap(x, y);
    },
  });
  dispose([image, map]);
  return (await values!).slice();
}
