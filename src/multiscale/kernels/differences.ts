import { halvedWeights } from '../../backends/imagePairs.js';
import { sourceIndex } from '../../filters/paddings.js';
import type { Padding } from '../../filters/paddings.js';
import type { Shape4D } from '../../backends/pairOnArrays.js';
import type { Window } from '../../filters/window.js';
import type { ResolvedMsSsimOptions } from '../msSsimOptions.js';
import type { Mix } from './contract.js';

/** α · (1 − MS-SSIM) and (1 − α) times the mean of |x − y| / dataRange under a window. */
export function mixOf(
  [, height, width, channels]: Shape4D,
  { window, halvings }: { readonly window: Window; readonly halvings: number },
  { dataRange, padding }: ResolvedMsSsimOptions,
  alpha: number,
): Mix {
  const [down, across] = window as [Float64Array, Float64Array];
  const factor = (1 - alpha) / (dataRange * channels);
  return {
    share: alpha,
    rows: sharesUnderWindow(height, down, padding, halvings).map((share) => factor * share),
    columns: sharesUnderWindow(width, across, padding, halvings),
    window,
    halvings,
    factor,
  };
}

/** What each of so many pixels counts, along one axis, in the mean under a window over images halved so often. */
function sharesUnderWindow(
  size: number,
  taps: Float64Array,
  padding: Padding,
  halvings: number,
): Float64Array {
  const { length, middle } = placesOf(Math.ceil(size / 2 ** halvings), taps, padding);
  const shares = new Float64Array(length - 2 * middle).fill(1 / (length - 2 * middle));
  const coarse = windowTransposed(shares, length, taps, padding);
  return sharesOfHalved(size, halvings).map((share, k) => share * coarse[k >> halvings]!);
}

/**
 * What each pixel counts in the mean of windows by the weights of their middle pixels, over images and weights halved so
 * often, times the factor of the mix.
 */
export function sharesByWeights(
  weights: Float32Array,
  shape: Shape4D,
  { window, halvings, factor }: Mix,
  padding: Padding,
): Float32Array {
  const [down, across] = window as [Float64Array, Float64Array];
  const [, height, width] = shape;
  const counts = halvedWeights(weights, shape, halvings);
  const rows = placesOf(Math.ceil(height / 2 ** halvings), down, padding);
  const columns = placesOf(Math.ceil(width / 2 ** halvings), across, padding);
  const alongRows: Float64Array[] = [];
  let total = 0;
  for (let row = rows.middle; row < rows.length - rows.middle; row++) {
    const first = row * columns.length;
    const windows = counts.subarray(first + columns.middle, first + columns.length - columns.middle);
    for (const count of windows) total += count;
    alongRows.push(windowTransposed(windows, columns.length, across, padding));
  }
  const shares = new Float32Array(height * width);
  if (total === 0) return shares;
  const alongColumns = Array.from({ length: columns.length }, (_, column) => {
    const windows = Float64Array.from(alongRows, (row) => row[column]!);
    return windowTransposed(windows, rows.length, down, padding);
  });
  const ofRows = sharesOfHalved(height, halvings);
  const ofColumns = sharesOfHalved(width, halvings);
  for (let row = 0, k = 0; row < height; row++) {
    const ofRow = (ofRows[row]! * factor) / total;
    for (let column = 0; column < width; column++, k++) {
      shares[k] = ofRow * ofColumns[column]! * alongColumns[column >> halvings]![row >> halvings]!;
    }
  }
  return shares;
}

/** How many pixels there are along an axis, and how many of them before the middle of the first window. */
function placesOf(
  length: number,
  taps: Float64Array,
  padding: Padding,
): { readonly length: number; readonly middle: number } {
  return { length, middle: padding === 'valid' ? (taps.length - 1) / 2 : 0 };
}

/** The transposed border of the transposed window, of what each window counts. */
function windowTransposed(
  windows: Float64Array | Float32Array,
  length: number,
  taps: Float64Array,
  padding: Padding,
): Float64Array {
  const shares = new Float64Array(length);
  const border = padding === 'valid' ? 0 : (taps.length - 1) / 2;
  for (let place = 0; place < windows.length; place++) {
    for (let k = 0; k < taps.length; k++) {
      const source = sourceIndex(place + k - border, length, padding);
      if (source >= 0) shares[source]! += taps[k]! * windows[place]!;
    }
  }
  return shares;
}

/** What each of so many pixels counts in the one that it is halved to so often. */
export function sharesOfHalved(size: number, halvings: number): Float64Array {
  const shares = new Float64Array(size).fill(1);
  for (let level = 0; level < halvings; level++) {
    const length = Math.ceil(size / 2 ** level);
    for (let k = 0; k < size; k++) shares[k]! *= halfOf(k >> level, length);
  }
  return shares;
}

/** The share of a line in the mean that it is halved to: all if it is the last of an odd number. */
export function halfOf(line: number, size: number): number {
  return line === size - 1 && size % 2 === 1 ? 1 : 0.5;
}

/** Σ rows · across · |x − y|, where `across` holds for the numbers of a row. */
export function sumOfDifferences(
  x: Float32Array,
  y: Float32Array,
  rows: Float64Array,
  across: Float64Array,
): number {
  let total = 0;
  for (let row = 0, k = 0; row < rows.length; row++) {
    let sum = 0;
    for (let j = 0; j < across.length; j++, k++) sum += across[j]! * Math.abs(x[k]! - y[k]!);
    total += rows[row]! * sum;
  }
  return total;
}

/** The same sum, and `factor` times its gradient in x added to `gradient`: 0 where x and y are equal. */
export function addDifferences(
  x: Float32Array,
  y: Float32Array,
  rows: Float64Array,
  across: Float64Array,
  factor: number,
  gradient: Float32Array,
): number {
  let total = 0;
  for (let row = 0, k = 0; row < rows.length; row++) {
    let sum = 0;
    const slope = factor * rows[row]!;
    for (let j = 0; j < across.length; j++, k++) {
      const difference = x[k]! - y[k]!;
      const size = Math.abs(difference);
      const share = across[j]!;
      sum += share * size;
      // The sign without a branch, which signs that change all the time would mislead.
      if (size !== 0) gradient[k]! += slope * share * (difference / size);
    }
    total += rows[row]! * sum;
  }
  return total;
}

/** Σ shares · |x − y|, where a share holds for all channels of a pixel. */
export function sumOfWeighedDifferences(
  x: Float32Array,
  y: Float32Array,
  shares: Float32Array,
  channels: number,
): number {
  let total = 0;
  for (let pixel = 0, k = 0; pixel < shares.length; pixel++) {
    const share = shares[pixel]!;
    for (let c = 0; c < channels; c++, k++) total += share * Math.abs(x[k]! - y[k]!);
  }
  return total;
}

/** The same sum, and `factor` times its gradient in x added to `gradient`: 0 where x and y are equal. */
export function addWeighedDifferences(
  x: Float32Array,
  y: Float32Array,
  shares: Float32Array,
  channels: number,
  factor: number,
  gradient: Float32Array,
): number {
  let total = 0;
  for (let pixel = 0, k = 0; pixel < shares.length; pixel++) {
    const share = shares[pixel]!;
    for (let c = 0; c < channels; c++, k++) {
      const difference = x[k]! - y[k]!;
      const size = Math.abs(difference);
      total += share * size;
      if (size !== 0) gradient[k]! += factor * share * (difference / size);
    }
  }
  return total;
}
