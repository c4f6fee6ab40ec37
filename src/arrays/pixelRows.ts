import { lumaShares } from '../filters/lumaShares.js';
import { sourceIndex } from '../filters/paddings.js';
import { comparedChannels, isColored } from './imageArray.js';
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
  readonly bytes?: ImageArray['data'];
}

type Numbers = Float32Array | Float64Array;

/** Luma, or colours without alpha; averaged over `factor` × `factor` pixels. */
export function pixelRows(image: CheckedImage, color: Color, factor = 1): PixelRows {
  const rows: PixelRows = {
    width: image.width,
    height: image.height,
    channels: comparedChannels(image, color),
    read: readerOf(image, color),
    ...(isRgba(image) && color === 'luma' && { bytes: image.data }),
  };
  return factor === 1 ? rows : downsampled(rows, factor);
}

const isRgba = ({ kind, channels }: CheckedImage): boolean => kind === '8 bits' && channels === 4;

function readerOf(image: CheckedImage, color: Color): PixelRows['read'] {
  const { data, width, channels } = image;
  if (!isColored(image)) {
    return (row, column, columns, to, at) => {
      for (let k = 0, from = (row * width + column) * channels; k < columns; k++, from += channels) {
        to[at + k] = data[from]!;
      }
    };
  }
  if (color === 'luma') {
    const [red, green, blue] = lumaShares;
    return (row, column, columns, to, at) => {
      for (let k = 0, from = (row * width + column) * channels; k < columns; k++, from += channels) {
        to[at + k] = red * data[from]! + green * data[from + 1]! + blue * data[from + 2]!;
      }
    };
  }
  return (row, column, columns, to, at) => {
    for (let k = 0, from = (row * width + column) * channels; k < columns; k++, from += channels) {
      for (let channel = 0; channel < 3; channel++) to[at + 3 * k + channel] = data[from + channel]!;
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
  let sums = new Float64Array(0);
  let one = sums;
  return {
    width: Math.ceil(width / factor),
    height: Math.ceil(height / factor),
    channels,
    read: (row, column, columns, to, at) => {
      // What lies beyond an edge is a copy of what is within reach of it.
      const reach = boxBefore(factor);
      const first = Math.max(0, column * factor - reach);
      const end = Math.min(width, (column + columns) * factor - reach);
      const length = (end - first) * channels;
      if (sums.length < length) [sums, one] = [new Float64Array(length), new Float64Array(length)];
      sums.fill(0, 0, length);
      for (const source of boxOf(row, factor, height)) {
        read(source, first, end - first, one, 0);
        for (let k = 0; k < length; k++) sums[k]! += one[k]!;
      }
      for (let k = 0; k < columns; k++) {
        const box = (column + k) * factor - reach;
        const inside = box >= 0 && box + factor <= width;
        for (let channel = 0; channel < channels; channel++) {
          let sum = 0;
          for (let place = box; place < box + factor; place++) {
            const source = inside ? place : sourceIndex(place, width, 'symmetric');
            sum += sums[(source - first) * channels + channel]!;
          }
          to[at + k * channels + channel] = sum / (factor * factor);
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
  return {
    width,
    height,
    channels: 1,
    read: (row, column, columns, to, at) => {
      const from = row * width + column;
      to.set(data.subarray(from, from + columns), at);
    },
  };
}
