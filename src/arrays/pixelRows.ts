import { lumaShares } from '../filters/lumaShares.js';
import { sourceIndex } from '../filters/paddings.js';
import { comparedChannels } from './imageArray.js';
import type { Plane } from './windowMoments.js';
import type { CheckedImage, Color, ImageArray } from './imageArray.js';

/** Numbers that are compared, given out by rows. */
export interface PixelRows {
  readonly width: number;
  readonly height: number;
  /** Numbers of a pixel: 1, or 3 where each colour is compared. */
  readonly channels: 1 | 3;
  /** Writes some pixels of a row into an array, from `at` on. */
  readonly read: (row: number, column: number, columns: number, to: Numbers, at: number) => void;
  /** Bytes of RGBA, whose luma the numbers are, if they are nothing else. */
  readonly bytes?: ImageArray['data'] | undefined;
}

type Numbers = Float32Array | Float64Array;

/** Luma, or colours without alpha; averaged over `factor` × `factor` pixels. */
export function pixelRows(image: CheckedImage, color: Color, factor = 1): PixelRows {
  const { data, width, height, channels: given } = image;
  const channels = comparedChannels(image, color);
  const rows: PixelRows = {
    width,
    height,
    channels,
    read: readerOf(data, width, given, channels),
    bytes: isRgba(image) && channels === 1 ? data : undefined,
  };
  return factor === 1 ? rows : downsampled(rows, factor);
}

const isRgba = ({ range, channels }: CheckedImage): boolean => range === 255 && channels === 4;

/** `compared` numbers of each pixel, or its luma where colours become one number. */
function readerOf(
  data: ImageArray['data'],
  width: number,
  channels: number,
  compared: number,
): PixelRows['read'] {
  const [red, green, blue] = lumaShares;
  return (row, column, columns, to, at) => {
    let from = (row * width + column) * channels;
    const end = from + columns * channels;
    if (channels === 1) to.set(data.subarray(from, end), at);
    else if (compared === 1 && channels > 2) {
      for (; from < end; from += channels) {
        to[at++] = red * data[from]! + green * data[from + 1]! + blue * data[from + 2]!;
      }
    } else {
      for (; from < end; from += channels) {
        for (let k = 0; k < compared; k++) to[at++] = data[from + k]!;
      }
    }
  };
}

/** The pixels before a sampled one that its mean takes in, as MATLAB's imfilter centres an even box. */
const boxBefore = (factor: number): number => Math.floor((factor - 1) / 2);

/** The pixels whose mean the one at `place` becomes, along one axis of so many; mirrored at the border. */
export function boxOf(place: number, factor: number, size: number): number[] {
  const first = place * factor - boxBefore(factor);
  return Array.from({ length: factor }, (_, k) => sourceIndex(first + k, size, 'symmetric'));
}

/** Every `factor`-th pixel, of the means over a box of that size. */
function downsampled({ width, height, channels, read }: PixelRows, factor: number): PixelRows {
  const boxes = Array.from({ length: Math.ceil(width / factor) }, (_, k) => boxOf(k, factor, width));
  const [sums, one] = [new Float64Array(width * channels), new Float64Array(width * channels)];
  return {
    width: boxes.length,
    height: Math.ceil(height / factor),
    channels,
    read: (row, column, columns, to, at) => {
      // What lies beyond an edge is a copy of what is within reach of it.
      const start = column * factor - boxBefore(factor);
      const first = Math.max(0, start);
      const length = Math.min(width, start + columns * factor) - first;
      sums.fill(0);
      for (const source of boxOf(row, factor, height)) {
        read(source, first, length, one, 0);
        for (let k = 0; k < length * channels; k++) sums[k]! += one[k]!;
      }
      for (const box of boxes.slice(column, column + columns)) {
        for (let channel = 0; channel < channels; channel++) {
          let sum = 0;
          for (const place of box) sum += sums[(place - first) * channels + channel]!;
          to[at++] = sum / (factor * factor);
        }
      }
    },
  };
}

/** All of it at once, divided by `unit`: for what cannot go row by row. */
export function readAll<T extends Numbers>({ width, height, channels, read }: PixelRows, to: T, unit = 1): T {
  for (let row = 0; row < height; row++) read(row, 0, width, to, row * width * channels);
  if (unit !== 1) for (let k = 0; k < to.length; k++) to[k]! /= unit;
  return to;
}

/** Numbers of one channel that are there already. */
export function planeRows({ data, width, height }: Plane): PixelRows {
  return { width, height, channels: 1, read: readerOf(data, width, 1, 1) };
}
