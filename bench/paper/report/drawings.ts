import sharp from 'sharp';
import { segment, thresholdAtQuantile } from '../../../src/index.js';
import { heatScaleOf } from '../../drawing/heatScale.js';
import { inputPixels, mapPixels, maskPixels } from '../../drawing/raster.js';
import type { Inspection } from '../../inspection/inspect.js';
import { joined } from '../../inspection/joined.js';
import type { Picture, TestPicture } from '../../pictures/dataset.js';
import { mapNames, ofEachMap } from '../judge/maps.js';
import type { MapName } from '../judge/maps.js';

/** What a report shows of one test picture and one model: PNG files as data URIs. */
export interface Drawing {
  readonly reconstruction: string;
  readonly maps: Readonly<Record<MapName, string>>;
  readonly masks: Readonly<Record<MapName, string>>;
}

/** Regions smaller than this are not drawn in masks. */
const leastRegion = 10;

/** Colours and masks are scaled by what good images that were not trained on give. */
export function drawings(
  shown: readonly { readonly picture: TestPicture; readonly inspection: Inspection<MapName> }[],
  good: readonly Inspection<MapName>[],
): Promise<Drawing[]> {
  const scales = ofEachMap((name) => {
    const residuals = joined(good.map(({ maps }) => maps[name]));
    return { heat: heatScaleOf(residuals), threshold: thresholdAtQuantile(residuals, 0.999) };
  });
  const each = async (make: (name: MapName) => Promise<string>): Promise<Record<MapName, string>> => {
    const made = await Promise.all(mapNames.map(make));
    return ofEachMap((name) => made[mapNames.indexOf(name)]!);
  };
  return Promise.all(
    shown.map(async ({ picture, inspection: { reconstruction, maps } }) => ({
      reconstruction: await png(inputPixels(picture, reconstruction), picture),
      maps: await each((name) => png(mapPixels(picture, maps[name], scales[name].heat), picture)),
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
