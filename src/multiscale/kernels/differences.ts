import { sourceIndex } from '../../filters/paddings.js';
import type { Padding } from '../../filters/paddings.js';
import type { Shape4D } from '../../backends/pairOnArrays.js';
import type { Window } from '../../filters/window.js';
import type { ResolvedMsSsimOptions } from '../msSsimOptions.js';
import type { Mix } from './contract.js';

/** α · (1 − MS-SSIM) and (1 − α) times the mean of |x − y| / dataRange under a window. */
export function mixOf(
  [, height, width, channels]: Shape4D,
  { window: [down, across], halvings }: { readonly window: Window; readonly halvings: number },
  { dataRange, padding }: ResolvedMsSsimOptions,
  alpha: number,
): Mix {
  const factor = (1 - alpha) / (dataRange * channels);
  return {
    share: alpha,
    rows: sharesUnderWindow(height, down!, padding, halvings).map((share) => factor * share),
    columns: sharesUnderWindow(width, across!, padding, halvings),
  };
}

/**
 * What each of so many pixels counts, along one axis, in the mean under a window over images halved so often: the
 * transposed halving of the transposed border of the transposed window of 1 / (size of the map).
 */
function sharesUnderWindow(
  size: number,
  taps: Float64Array,
  padding: Padding,
  halvings: number,
): Float64Array {
  const sizes = Array.from({ length: halvings + 1 }, (_, level) => Math.ceil(size / 2 ** level));
  let shares = new Float64Array(sizes[halvings]!);
  const border = padding === 'valid' ? 0 : (taps.length - 1) / 2;
  const places = shares.length + 2 * border - taps.length + 1;
  for (let place = 0; place < places; place++) {
    taps.forEach((tap, k) => {
      const source = sourceIndex(place + k - border, shares.length, padding);
      if (source >= 0) shares[source]! += tap / places;
    });
  }
  for (let level = halvings - 1; level >= 0; level--) {
    const coarse = shares;
    shares = Float64Array.from(
      { length: sizes[level]! },
      (_, k) => halfOf(k, sizes[level]!) * coarse[k >> 1]!,
    );
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
