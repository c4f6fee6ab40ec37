import type { Plane } from './windowMoments.js';

/** At half its size, each pixel the mean of 2 × 2; the last line of an odd axis counts twice. */
export function halved({ data, width, height }: Plane): Plane {
  const [columns, rows] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const half = new Float64Array(columns * rows);
  for (let row = 0, to = 0; row < rows; row++) {
    const [above, below] = [2 * row * width, Math.min(2 * row + 1, height - 1) * width];
    for (let column = 0; column < columns; column++, to++) {
      const [left, right] = [2 * column, Math.min(2 * column + 1, width - 1)];
      half[to] =
        0.25 * (data[above + left]! + data[above + right]! + (data[below + left]! + data[below + right]!));
    }
  }
  return { data: half, width: columns, height: rows };
}
