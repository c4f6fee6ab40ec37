import { sourceIndex } from '../filters/paddings.js';
import type { Padding } from '../filters/paddings.js';
import type { Window } from '../filters/window.js';

/** Numbers in rows, in float64. */
export interface Plane {
  readonly data: Float64Array;
  readonly width: number;
  readonly height: number;
}

/** With a border of half a window on every side, unless the padding is `valid`. */
export function padded({ data, width, height }: Plane, window: Window, padding: Padding): Plane {
  if (padding === 'valid') return { data, width, height };
  const [top, left] = window.map((taps) => (taps.length - 1) / 2) as [number, number];
  const [rows, columns] = [height + 2 * top, width + 2 * left];
  const all = new Float64Array(rows * columns);
  const sources = Array.from({ length: columns }, (_, k) => sourceIndex(k - left, width, padding));
  for (let row = 0; row < rows; row++) {
    const source = sourceIndex(row - top, height, padding);
    if (source < 0) continue;
    for (let k = 0; k < columns; k++) {
      if (sources[k]! >= 0) all[row * columns + k] = data[source * width + sources[k]!]!;
    }
  }
  return { data: all, width: columns, height: rows };
}

/** The adjoint of {@link padded}: what lies on the border is added to the pixels that it is a copy of. */
export function folded(
  { data, width: columns, height: rows }: Plane,
  window: Window,
  padding: Padding,
): Plane {
  if (padding === 'valid') return { data, width: columns, height: rows };
  const [top, left] = window.map((taps) => (taps.length - 1) / 2) as [number, number];
  const [height, width] = [rows - 2 * top, columns - 2 * left];
  const inner = new Float64Array(width * height);
  const sources = Array.from({ length: columns }, (_, k) => sourceIndex(k - left, width, padding));
  for (let row = 0; row < rows; row++) {
    const source = sourceIndex(row - top, height, padding);
    if (source < 0) continue;
    for (let k = 0; k < columns; k++) {
      if (sources[k]! >= 0) inner[source * width + sources[k]!]! += data[row * columns + k]!;
    }
  }
  return { data: inner, width, height };
}

/** Means, variances and covariance under one position of the window. */
export interface Moments {
  meanX: number;
  meanY: number;
  varianceX: number;
  varianceY: number;
  covariance: number;
}

/**
 * Goes through all positions of the window, row by row, with the moments under each. All come from differences to the
 * pixel in the middle, first along columns, then along rows: a flat window has variances of exactly 0, whatever its
 * brightness, and equal images have equal variances and covariance.
 */
export function eachWindow(
  x: Plane,
  y: Plane,
  [rows, columns]: readonly [rows: Float64Array, columns: Float64Array],
  varianceScale: number,
  visit: (index: number, moments: Moments) => void,
): void {
  const { width, height } = x;
  const [above, before] = [(rows.length - 1) / 2, (columns.length - 1) / 2];
  const of = (): Float64Array => new Float64Array(width);
  const [meansX, meansY, variancesX, variancesY, covariances] = [of(), of(), of(), of(), of()];
  const moments: Moments = { meanX: 0, meanY: 0, varianceX: 0, varianceY: 0, covariance: 0 };
  let index = 0;
  for (let row = above; row < height - above; row++) {
    for (let column = 0; column < width; column++) {
      const [centreX, centreY] = [x.data[row * width + column]!, y.data[row * width + column]!];
      let [sumX, sumY, squareX, squareY, product] = [0, 0, 0, 0, 0];
      for (let k = 0, at = (row - above) * width + column; k < rows.length; k++, at += width) {
        const tap = rows[k]!;
        const dx = x.data[at]! - centreX;
        const dy = y.data[at]! - centreY;
        sumX += tap * dx;
        sumY += tap * dy;
        squareX += tap * dx * dx;
        squareY += tap * dy * dy;
        product += tap * dx * dy;
      }
      meansX[column] = centreX + sumX;
      meansY[column] = centreY + sumY;
      variancesX[column] = squareX - sumX * sumX;
      variancesY[column] = squareY - sumY * sumY;
      covariances[column] = product - sumX * sumY;
    }
    for (let column = before; column < width - before; column++) {
      const [centreX, centreY] = [meansX[column]!, meansY[column]!];
      let [sumX, sumY, squareX, squareY, product] = [0, 0, 0, 0, 0];
      for (let k = 0, at = column - before; k < columns.length; k++, at++) {
        const tap = columns[k]!;
        const dx = meansX[at]! - centreX;
        const dy = meansY[at]! - centreY;
        sumX += tap * dx;
        sumY += tap * dy;
        squareX += tap * (dx * dx + variancesX[at]!);
        squareY += tap * (dy * dy + variancesY[at]!);
        product += tap * (dx * dy + covariances[at]!);
      }
      moments.meanX = centreX + sumX;
      moments.meanY = centreY + sumY;
      moments.varianceX = atLeastZero(squareX - sumX * sumX) * varianceScale;
      moments.varianceY = atLeastZero(squareY - sumY * sumY) * varianceScale;
      moments.covariance = (product - sumX * sumY) * varianceScale;
      visit(index++, moments);
    }
  }
}

/** Rounding may leave a little less than 0; NaN stays. */
const atLeastZero = (value: number): number => (value < 0 ? 0 : value);

/** Spreads a number for each position over the pixels under its window: the adjoint of the window's mean. */
export function spread(
  { data, width, height }: Plane,
  [rows, columns]: readonly [rows: Float64Array, columns: Float64Array],
): Plane {
  const [allRows, allColumns] = [height + rows.length - 1, width + columns.length - 1];
  const wide = new Float64Array(height * allColumns);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = data[row * width + column]!;
      for (let k = 0; k < columns.length; k++) wide[row * allColumns + column + k]! += columns[k]! * value;
    }
  }
  const all = new Float64Array(allRows * allColumns);
  for (let row = 0; row < height; row++) {
    for (let k = 0; k < rows.length; k++) {
      const [from, to] = [row * allColumns, (row + k) * allColumns];
      for (let column = 0; column < allColumns; column++) {
        all[to + column]! += rows[k]! * wide[from + column]!;
      }
    }
  }
  return { data: all, width: allColumns, height: allRows };
}
