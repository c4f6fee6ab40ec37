import sharp from 'sharp';
import { segment } from '../../../src/index.js';
import { inputPixels, mapPixels, maskPixels } from '../../drawing/raster.js';
import type { HeatScale } from '../../drawing/raster.js';
import type { Inspection } from '../../inspection/inspect.js';
import type { Picture, TestPicture } from '../../pictures/dataset.js';
import { mapNames } from '../judge/maps.js';
import type { MapName } from '../judge/maps.js';

/** What a report shows of one test picture and one model: PNG files as data URIs. */
export interface Drawing {
  readonly reconstruction: string;
  readonly maps: Readonly<Record<MapName, string>>;
  readonly masks: Readonly<Record<MapName, string>>;
}

export interface Scale extends HeatScale {
  /** From there on a pixel belongs to the mask. */
  readonly threshold: number;
}

/** Regions smaller than this are not drawn in masks. */
const leastRegion = 10;

export function drawings(
  shown: readonly { readonly picture: TestPicture; readonly inspection: Inspection<MapName> }[],
  scales: Readonly<Record<MapName, Scale>>,
): Promise<Drawing[]> {
  const each = async (make: (name: MapName) => Promise<string>): Promise<Record<MapName, string>> =>
    Object.fromEntries(
      await Promise.all(mapNames.map(async (name) => [name, await make(name)] as const)),
    ) as Record<MapName, string>;
  return Promise.all(
    shown.map(async ({ picture, inspection: { reconstruction, maps } }) => ({
      reconstruction: await png(inputPixels(picture, reconstruction), picture),
      maps: await each((name) => png(mapPixels(picture, maps[name], scales[name]), picture)),
      masks: await each((name) => {
        const { height, width } = picture;
        const { threshold } = scales[name];
        const mask = segment(maps[name], { height, width, threshold, minimumArea: leastRegion });
        return png(maskPixels(mask), picture);
      }),
    })),
  );
}

/** The picture itself, and where it is defective. */
export async function originals(picture: TestPicture): Promise<{ input: string; truth: string }> {
  return {
    input: await png(inputPixels(picture, picture.data), picture),
    truth: await png(maskPixels(picture.mask), picture),
  };
}

/** Large enough for a report; larger pictures are made smaller. */
const side = 256;

async function png(rgb: Buffer, { width, height }: Picture): Promise<string> {
  const bytes = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .png({ palette: true, compressionLevel: 9 })
    .toBuffer();
  return `data:image/png;base64,${bytes.toString('base64')}`;
}
