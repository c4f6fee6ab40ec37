import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { decode } from 'bmp-ts';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { Picture } from './dataset.js';
import { InputError } from './inputError.js';

/** What can be read, by its ending. */
export const imageEndings = ['.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff', '.webp'] as const;

/** Is the image in this file one of colours? */
export async function isColour(file: string): Promise<boolean> {
  const { channels } = await opened(file).metadata().catch(unreadable(file));
  return channels >= 3;
}

/** Grey or colour, without transparency; 16 bits become 8. Made `shrink` times smaller along each axis. */
export async function readPicture(file: string, colour: boolean, shrink = 1): Promise<Picture> {
  const image = opened(file);
  const whole = await image.metadata().catch(unreadable(file));
  const [smallWidth, smallHeight] = [whole.width, whole.height].map((side) =>
    Math.max(1, Math.round(side / shrink)),
  ) as [number, number];
  const { data, info } = await image
    .resize(smallWidth, smallHeight, { fit: 'fill' })
    .removeAlpha()
    .toColourspace(colour ? 'srgb' : 'b-w')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch(unreadable(file));
  const { height, width, channels } = info;
  return { height, width, channels, data: Float32Array.from(data, (value) => value / 255) };
}

function opened(file: string): Sharp {
  if (extname(file).toLowerCase() !== '.bmp') return sharp(file);
  // The only format here that sharp does not know.
  try {
    const { data, width, height, palette } = decode(readFileSync(file)); // alpha, blue, green, red
    const grey = palette?.every(({ red, green, blue }) => red === green && green === blue) ?? false;
    const channels = grey ? 1 : 3;
    const pixels = Buffer.alloc(width * height * channels);
    for (let k = 0; k < width * height; k++) {
      for (let c = 0; c < channels; c++) pixels[k * channels + c] = data[4 * k + 3 - c]!;
    }
    return sharp(pixels, { raw: { width, height, channels } });
  } catch (error) {
    return unreadable(file)(error);
  }
}

function unreadable(file: string): (error: unknown) => never {
  return (error) => {
    const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0];
    throw new InputError(`${file} cannot be read as an image: ${reason}.`);
  };
}
