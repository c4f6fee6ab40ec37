import type { ImageSize } from '../checks/arrays.js';
import { medianOf } from './median.js';

/** How much larger a residual may be along an edge than further in, all the same. */
const most = 4;

/**
 * The map, with the residual that lies along the edges of every image taken out of it.
 *
 * Beyond the edge there is nothing to tell a model what belongs there, so even good images are reproduced worse along their edges,
 * and the largest residual of an image would be the one there. The rows at a distance d from top and bottom are divided by
 * f(d) = their median / the median of the rows at `reach` to 2 · reach, but never by less than 1 nor by more than 4; columns likewise.
 * Medians, since a defect covers less than half of two such lines, and without the corners, which belong to rows and columns. They are
 * of the image itself: nothing is taken over from others, so that scores of good images stay exchangeable.
 */
export function evenEdges(map: Float32Array, { height, width }: ImageSize, reach: number): Float32Array {
  const factorsOf = (lines: number, across: number, placeOf: Place): Float64Array => {
    const valuesAt = (distance: number): number[] => {
      const values: number[] = [];
      for (let k = reach; k < across - reach; k++)
        values.push(map[placeOf(distance, k)]!, map[placeOf(lines - 1 - distance, k)]!);
      return values;
    };
    const distances = Array.from({ length: reach }, (_, distance) => distance);
    const further = medianOf(distances.flatMap((distance) => valuesAt(reach + distance)));
    return Float64Array.from(distances, (distance) =>
      further > 0 ? Math.min(most, Math.max(1, medianOf(valuesAt(distance)) / further)) : 1,
    );
  };
  const ofRows = factorsOf(height, width, (row, column) => row * width + column);
  const ofColumns = factorsOf(width, height, (column, row) => row * width + column);
  const at = (factors: Float64Array, place: number, length: number): number =>
    factors[Math.min(place, length - 1 - place)] ?? 1;
  return map.map((value, k) => {
    const [row, column] = [Math.floor(k / width), k % width];
    return value / Math.min(most, at(ofRows, row, height) * at(ofColumns, column, width));
  });
}

/** Where a pixel lies, by the line that it is in and its place along it. */
type Place = (line: number, along: number) => number;
