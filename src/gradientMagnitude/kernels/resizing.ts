import { placesBetween } from '../../filters/bilinear.js';

type Size = readonly [height: number, width: number];

/** Small planes resized to large ones, as `resizeBilinear` does it, and the transposed step. */
export interface Resizing {
  /** Adds a small plane, resized, times `factor`. */
  addResized(small: Float32Array, factor: number, large: Float32Array): void;
  /** Adds what each number of the small plane counts in the large one, times `factor`. */
  addTransposed(large: Float32Array, factor: number, small: Float32Array): void;
}

export function resizing([height, width]: Size, [largeHeight, largeWidth]: Size): Resizing {
  const rows = placesBetween(height, largeHeight);
  const columns = placesBetween(width, largeWidth);
  const row = new Float64Array(width);
  return {
    addResized(small, factor, large) {
      for (let i = 0, to = 0; i < largeHeight; i++) {
        const [upper, lower] = [rows.first[i]! * width, rows.second[i]! * width];
        const ofLower = factor * rows.share[i]!;
        const ofUpper = factor - ofLower;
        for (let j = 0; j < width; j++) row[j] = ofUpper * small[upper + j]! + ofLower * small[lower + j]!;
        for (let j = 0; j < largeWidth; j++, to++) {
          const share = columns.share[j]!;
          large[to]! += (1 - share) * row[columns.first[j]!]! + share * row[columns.second[j]!]!;
        }
      }
    },
    addTransposed(large, factor, small) {
      for (let i = 0, from = 0; i < largeHeight; i++) {
        row.fill(0);
        for (let j = 0; j < largeWidth; j++, from++) {
          const share = columns.share[j]!;
          row[columns.first[j]!]! += (1 - share) * large[from]!;
          row[columns.second[j]!]! += share * large[from]!;
        }
        const [upper, lower] = [rows.first[i]! * width, rows.second[i]! * width];
        const ofLower = factor * rows.share[i]!;
        const ofUpper = factor - ofLower;
        for (let j = 0; j < width; j++) {
          small[upper + j]! += ofUpper * row[j]!;
          small[lower + j]! += ofLower * row[j]!;
        }
      }
    },
  };
}
