import sharp from 'sharp';
import { InputError } from '../../running/inputError.js';
import type { Picture } from '../dataset.js';
import type { Pixels, Values } from './decode.js';

/** Which value is white. */
const white: Partial<Record<Pixels['depth'], number>> = { uchar: 255, ushort: 65535, float: 1 };

/** Grey or colour, without transparency, in [0, 1]. Made `shrink` times smaller along each axis. */
export async function pictureOf(pixels: Pixels, colour: boolean, shrink = 1): Promise<Picture> {
  const channels = colour ? 3 : 1;
  const size = shrunk(pixels, shrink);
  const values =
    shrink === 1 && channels >= pixels.channels ? valuesOf(pixels) : await resized(pixels, size, colour);
  if (values.length === size.width * size.height * channels) return { ...size, channels, data: values };
  return {
    ...size,
    channels,
    data: Float32Array.from({ length: 3 * values.length }, (_, k) => values[Math.floor(k / 3)]!),
  };
}

/** The size of an image that is made `shrink` times smaller. */
export function shrunk(
  { width, height }: Pick<Pixels, 'width' | 'height'>,
  shrink: number,
): { readonly width: number; readonly height: number } {
  const side = (length: number): number => Math.max(1, Math.round(length / shrink));
  return { width: side(width), height: side(height) };
}

function valuesOf({ file, colour, depth }: Pixels): Float32Array {
  const most = white[depth];
  if (most === undefined) {
    throw new InputError(
      `${file} holds numbers that do not say what is white; save it with 8 or 16 bits without a sign, or as 32-bit floats in 0 … 1.`,
    );
  }
  const values = Float32Array.from(colour, (value) => value / most);
  const outside = values.find((value) => !(value >= 0 && value <= 1 + 1e-6));
  if (outside !== undefined)
    throw new InputError(`${file} holds the value ${outside}; floats must lie in 0 … 1.`);
  return values;
}

/** By sharp, which keeps 8 bits and 16; of floats it has 65,536 levels. */
async function resized(
  pixels: Pixels,
  { width, height }: { readonly width: number; readonly height: number },
  colour: boolean,
): Promise<Float32Array> {
  const depth = pixels.depth === 'uchar' ? 'uchar' : 'ushort';
  const most = white[depth]!;
  const given: Values =
    pixels.depth === depth
      ? pixels.colour
      : Uint16Array.from(valuesOf(pixels), (value) => Math.round(most * Math.min(1, value)));
  const { width: w, height: h, channels } = pixels;
  const grey = channels === 1 || !colour;
  const { data } = await sharp(given as Uint8Array | Uint16Array, { raw: { width: w, height: h, channels } })
    .resize(width, height, { fit: 'fill' })
    .toColourspace(depth === 'uchar' ? (grey ? 'b-w' : 'srgb') : grey ? 'grey16' : 'rgb16')
    .raw({ depth })
    .toBuffer({ resolveWithObject: true });
  const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
  return Float32Array.from(
    depth === 'uchar' ? new Uint8Array(bytes) : new Uint16Array(bytes),
    (value) => value / most,
  );
}
