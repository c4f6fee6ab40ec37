import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import type { Metadata } from 'sharp';
import { InputError, reasonOf } from '../../running/inputError.js';
import { decodeBitmap } from './decodeBitmap.js';
import { unreadable } from './folders.js';

/** What can be read, by its ending. */
export const imageEndings = ['.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff', '.webp'] as const;

const arrays = {
  uchar: Uint8Array,
  char: Int8Array,
  ushort: Uint16Array,
  short: Int16Array,
  uint: Uint32Array,
  int: Int32Array,
  float: Float32Array,
  double: Float64Array,
} as const;
type Depth = keyof typeof arrays;
export type Values = InstanceType<(typeof arrays)[Depth]>;

/** A file as it is seen, turned as its EXIF orientation says, with all of its levels. */
export interface Pixels {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /** Grey, or red, green and blue. */
  readonly channels: 1 | 3;
  readonly depth: Depth;
  readonly colour: Values;
  /** One value a pixel; undefined where there is no transparency. */
  readonly alpha: Values | undefined;
  /** Does its format blur what it stores, as JPEG does? */
  readonly lossy: boolean;
  /** Has EXIF swapped width and height? */
  readonly turned: boolean;
  /** Of which the first is read. */
  readonly pages: number;
}

export async function decode(file: string): Promise<Pixels> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
  try {
    return bytes.toString('latin1', 0, 2) === 'BM'
      ? {
          ...bitmap(decodeBitmap(bytes)),
          file,
        }
      : { ...(await decoded(bytes)), file };
  } catch (error) {
    throw new InputError(`${file} cannot be read as an image: ${reasonOf(error)}.`);
  }
}

type Unnamed = Omit<Pixels, 'file'>;

function bitmap({ data, ...rest }: ReturnType<typeof decodeBitmap>): Unnamed {
  return {
    ...rest,
    depth: 'uchar',
    colour: data,
    alpha: undefined,
    lossy: false,
    turned: false,
    pages: 1,
  };
}

async function decoded(bytes: Buffer): Promise<Unnamed> {
  const whole = await sharp(bytes).metadata();
  const depth = whole.depth as Depth;
  if (whole.space === 'grey16' && depth === 'float') throw new Error('floats of 16 bits; save them with 32');
  const { data, info } = await sharp(bytes)
    .autoOrient()
    // Its own space, so that nothing becomes 8 bits.
    .toColourspace(spaceOf(whole))
    .raw({ depth })
    .toBuffer({ resolveWithObject: true });
  const values = new arrays[depth](data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
  const { width, height } = info;
  const channels = whole.channels < 3 ? 1 : 3;
  // sharp's raw pixels have as many channels as it likes: alpha is the last, and grey may come as three.
  const take = (first: number, count: number): Values => {
    const part = new arrays[depth](width * height * count);
    for (let k = 0; k < width * height; k++)
      for (let c = 0; c < count; c++) part[k * count + c] = values[k * info.channels + first + c]!;
    return part;
  };
  const hasAlpha = whole.hasAlpha && info.channels % 2 === 0;
  return {
    width,
    height,
    channels,
    depth,
    colour: info.channels === channels ? values : take(0, channels),
    alpha: hasAlpha ? take(info.channels - 1, 1) : undefined,
    lossy: whole.format === 'jpeg' || (whole.format === 'webp' && isLossyWebp(bytes)),
    turned: (whole.orientation ?? 1) > 4,
    pages: whole.pages ?? 1,
  };
}

/** As grey, 8 bits with alpha would lose it. */
function spaceOf({ space, hasAlpha, depth }: Metadata): string {
  if (space === 'b-w' && hasAlpha && depth === 'uchar') return 'srgb';
  return ['b-w', 'grey16', 'rgb16', 'scrgb'].includes(space) ? space : 'srgb';
}

/** Whether a chunk of lossy pixels is in the file, walking from chunk to chunk. */
function isLossyWebp(bytes: Buffer): boolean {
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = bytes.toString('latin1', at, at + 4);
    if (name === 'VP8 ') return true;
    // Frames hold chunks of their own behind 16 bytes.
    const size = bytes.readUInt32LE(at + 4);
    at += name === 'ANMF' ? 8 + 16 : 8 + size + (size % 2);
  }
  return false;
}
