import type { Picture } from './dataset.js';

/** Mean and standard deviation of all pixels. */
export function greyValues(pictures: readonly Picture[]): {
  readonly mean: number;
  readonly deviation: number;
} {
  let [count, sum, squares] = [0, 0, 0];
  for (const { data } of pictures) {
    count += data.length;
    for (const value of data) {
      sum += value;
      squares += value * value;
    }
  }
  const mean = sum / count;
  // A set of blank images has no deviation; any scale will do there.
  return { mean, deviation: Math.max(Math.sqrt(Math.max(0, squares / count - mean ** 2)), 1e-2) };
}
