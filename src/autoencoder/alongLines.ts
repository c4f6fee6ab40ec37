import { abs, maximum, pad, reshape, slice } from '@tensorflow/tfjs-core';
import type { Rank, Tensor4D } from '@tensorflow/tfjs-core';
import { padForWindow } from '../filters/pad.js';
import { gaussianTaps } from '../filters/window.js';
import { filterAxis, windowFilter } from '../filters/windowFilter.js';

/** The deviation of the weights along a line, in pixels. They end at two and a half of them, or at the size of the image. */
const sigma = 5;

/**
 * |Σ along a line through each pixel|, with Gaussian weights and a mirrored border: the largest of four directions. What changes
 * its sign from pixel to pixel cancels, and a thin line does not.
 */
export function alongLines(map: Tensor4D): Tensor4D {
  const [, height, width] = map.shape;
  const tapsOf = (step: number): Float64Array => {
    const reach = Math.min(Math.ceil((2.5 * sigma) / step), height, width);
    return gaussianTaps(2 * reach + 1, sigma / step);
  };
  const [straight, diagonal, one] = [tapsOf(1), tapsOf(Math.SQRT2), Float64Array.of(1)];
  const sums = [
    ...[[straight, one] as const, [one, straight] as const].map((window) =>
      windowFilter(padForWindow(map, window, 'symmetric'), window),
    ),
    ...[1, -1].map((side) => alongDiagonal(map, diagonal, side)),
  ];
  return sums.map((sum) => abs(sum)).reduce((most, sum) => maximum(most, sum));
}

/**
 * Along the diagonal that goes down and to the right (`side` 1) or to the left (−1). The padded image is read in lines that are one
 * pixel longer, or shorter, than its rows: there the next pixel of the diagonal lies straight below.
 */
function alongDiagonal(map: Tensor4D, taps: Float64Array, side: number): Tensor4D {
  const [count, height, width, channels] = map.shape;
  const border = taps.length - 1;
  const columns = width + border;
  const length = columns + side;
  const lines = border + Math.ceil((height * columns + border) / length);
  const padded = padForWindow(map, [taps, taps], 'symmetric');
  const pixels = reshape<Rank.R3>(padded, [count, (height + border) * columns, channels]);
  const filled = pad(pixels, [[0, 0], [0, lines * length - pixels.shape[1]], [0, 0]]); // prettier-ignore
  const filtered = filterAxis(reshape<Rank.R4>(filled, [count, lines, length, channels]), 1, taps);
  // The first line filtered is half a border below the first one; the image begins as many rows and columns into the padded one.
  const first = side === 1 ? 0 : border;
  const rows = slice(reshape(filtered, [count, (lines - border) * length, channels]), [0, first, 0], [count, height * columns, channels]); // prettier-ignore
  return slice(reshape<Rank.R4>(rows, [count, height, columns, channels]), 0, [count, height, width, channels]); // prettier-ignore
}
