import { describeSize, describeValue, isTensorLike } from '../checks/describe.js';
import { checkChoice, checkWhole } from '../checks/options.js';
import { pixelRangeOf } from '../checks/typedArrays.js';
import type { PixelRange } from '../checks/typedArrays.js';

/**
 * One picture: rows from top to bottom, pixels from left to right, channels side by side. An `ImageData` is one as it
 * is, and so is `{ data, ...info }` of what sharp's `raw().toBuffer({ resolveWithObject: true })` gives.
 */
export interface ImageArray {
  /** The pixels: 8 or 16 bits, or floats. */
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array | Float32Array | Float64Array;
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /**
   * 1: gray, 2: gray and alpha, 3: RGB, 4: RGBA.
   * @default data.length / (width · height)
   */
  readonly channels?: 1 | 2 | 3 | 4 | undefined;
}

/** One number for each position of a window, or for each pixel, by rows. */
export interface ArrayMap {
  /** The numbers. */
  readonly data: Float32Array;
  /** How many in a row. */
  readonly width: number;
  /** How many rows. */
  readonly height: number;
}

/** How colours are compared. */
export type Color = 'luma' | 'channels';

/** An image that was checked. */
export interface CheckedImage extends Required<ImageArray> {
  readonly channels: 1 | 2 | 3 | 4;
  /** What its pixels go up to unless it is said. */
  readonly range: PixelRange;
}

export interface ImagePair {
  readonly x: CheckedImage;
  readonly y: CheckedImage;
  /** What `dataRange` is unless it is given. */
  readonly dataRange: number;
}

const kinds: Readonly<Record<PixelRange, string>> = { 255: '8 bits', 65535: '16 bits', 1: 'floats' };

/** Two images of one size, of the same colours, and of one kind of number unless it is said what their range is. */
export function checkImageArrays(
  functionName: string,
  first: unknown,
  second: unknown,
  options: unknown,
): ImagePair {
  const [x, y] = [checkImage(functionName, 'x', first), checkImage(functionName, 'y', second)];
  if (x.width !== y.width || x.height !== y.height) {
    throw new RangeError(
      `${functionName}: x and y must have the same size, but got ${describeSize([x.width, x.height])} and ` +
        `${describeSize([y.width, y.height])} (width × height); resize or crop one of them first.`,
    );
  }
  if (isColored(x) !== isColored(y)) {
    throw new RangeError(
      `${functionName}: x and y must both be gray or both have colours, but got ${x.channels} and ${y.channels} ` +
        `channels; convert one of them first.`,
    );
  }
  const given = (options as { readonly dataRange?: unknown } | null | undefined)?.dataRange;
  if (x.range !== y.range && given === undefined) {
    throw new TypeError(
      `${functionName}: x holds ${kinds[x.range]} and y ${kinds[y.range]}, which leaves open what dataRange is; give both the same ` +
        `type, or say { dataRange } if their numbers have one range.`,
    );
  }
  return { x, y, dataRange: x.range };
}

export const isColored = ({ channels }: CheckedImage): boolean => channels > 2;

/** How many numbers of a pixel are compared. */
export function comparedChannels(image: CheckedImage, color: Color): 1 | 3 {
  return isColored(image) && color === 'channels' ? 3 : 1;
}

/** The option `color` of every function that compares images. */
export const checkColor = (functionName: string, color: unknown): Color =>
  checkChoice(`${functionName}: color`, color ?? 'luma', ['luma', 'channels']);

function checkImage(functionName: string, name: 'x' | 'y', value: unknown): CheckedImage {
  const where = `${functionName}: ${name}`;
  const notAnImage = (got: string): TypeError =>
    new TypeError(`${where} must be an image { data, width, height }, but got ${got}.`);
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw notAnImage(describeValue(value));
  }
  if (isTensorLike(value)) {
    throw notAnImage(
      `${describeValue(value)}; pass its values, { data: await tensor.data(), width, height }, ` +
        `or compare tensors with 'ssim-ae'`,
    );
  }
  const { data, width: columns, height: rows, channels, info } = value as Partial<Record<string, unknown>>;
  if (columns === undefined && typeof info === 'object') {
    throw notAnImage('{ data, info }; pass { data, ...info }');
  }
  const range = pixelRangeOf(data);
  if (range === undefined) {
    const hint = Array.isArray(data) ? '; make it one with Float32Array.from(data)' : '';
    throw new TypeError(
      `${where}.data must be a Uint8Array, Uint8ClampedArray, Uint16Array, Float32Array or Float64Array, ` +
        `but got ${describeValue(data)}${hint}.`,
    );
  }
  const width = checkWhole(`${where}.width`, columns, { least: 1 });
  const height = checkWhole(`${where}.height`, rows, { least: 1 });
  const pixels = width * height;
  const { length } = data as ImageArray['data'];
  const count =
    channels === undefined
      ? length / pixels
      : checkWhole(`${where}.channels`, channels, { least: 1, most: 4 });
  if (length !== pixels * count || ![1, 2, 3, 4].includes(count)) {
    const expected =
      channels === undefined
        ? `${pixels} for each of 1 to 4 channels`
        : `${pixels * count} for ${count} channels`;
    throw new RangeError(
      `${where}.data must hold width · height · channels values, ${expected} of ${describeSize([width, height])} pixels ` +
        `(width × height), but got ${length}.`,
    );
  }
  return {
    data: data as ImageArray['data'],
    width,
    height,
    channels: count as CheckedImage['channels'],
    range,
  };
}
