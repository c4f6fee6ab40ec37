import { checkScores } from '../checks/arrays.js';
import type { Scores } from '../checks/arrays.js';
import { checkArguments, checkNumber } from '../checks/options.js';
import { isFloat32Array } from '../checks/typedArrays.js';
import { binOf, cutCounts, cutShift } from '../ranking/bins.js';
import { keysOf, scoreOfKey } from '../ranking/keys.js';

/**
 * The threshold that leaves a given share of defect-free scores below it.
 *
 * t = s₍⌊k⌋₎ + (k − ⌊k⌋) · (s₍⌊k⌋₊₁₎ − s₍⌊k⌋₎), k = q · (n − 1), s₍₀₎ ≤ … ≤ s₍ₙ₋₁₎ the sorted scores: exact, by
 * selection, and interpolated between neighbours as numpy.quantile does.
 *
 * Shapes: any number of scores, or whole maps of them → one number.
 * Range: as the scores; a pixel counts as defective if its score ≥ t.
 *
 * @param scores scores of defect-free images or pixels
 * @param quantile q, in [0, 1]
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown argument
 * @throws RangeError if there are no scores, for a NaN or an infinity among them, or a quantile outside of [0, 1]
 * @see Hyndman and Fan 1996, "Sample Quantiles in Statistical Packages", definition 7
 *
 * @example
 * ```ts
 * import { thresholdAtQuantile } from 'ssim-ae';
 *
 * console.log(thresholdAtQuantile([0.1, 0.4, 0.2, 0.3], 0.5)); // 0.25
 * ```
 */
export function thresholdAtQuantile(scores: Scores, quantile: number): number {
  checkArguments('thresholdAtQuantile', arguments, 2);
  const name = 'thresholdAtQuantile';
  const values = checkScores(`${name}: scores`, scores);
  const q = checkNumber(`${name}: quantile`, quantile, { least: 0, most: 1 });
  const place = q * (values.length - 1);
  const [low, high] = neighbours(values, Math.floor(place));
  const share = place - Math.floor(place);
  const gap = high - low;
  // Rounding must not take it out of the gap; scores of either sign may be too far apart for a number.
  return gap === Infinity ? low * (1 - share) + high * share : Math.min(high, low + share * gap);
}

/** The scores at a place of the sorted order, and at the next. */
function neighbours(values: Float32Array | Float64Array, place: number): readonly [number, number] {
  const next = Math.min(place + 1, values.length - 1);
  if (!isFloat32Array(values)) {
    const sorted = values.slice().sort();
    return [sorted[place]!, sorted[next]!];
  }
  // Only the keys of the bins that the place and the next lie in need sorting.
  const keys = keysOf(values);
  const counts = cutCounts();
  for (let i = 0; i < keys.length; i++) counts[binOf(keys[i]!, cutShift)]!++;
  let [first, before] = [0, 0];
  while (before + counts[first]! <= place) before += counts[first++]!;
  let last = first;
  let through = before + counts[last]!;
  while (through <= next) through += counts[++last]!;
  const near = keys
    .filter((key) => {
      const bin = binOf(key, cutShift);
      return bin >= first && bin <= last;
    })
    .sort();
  return [scoreOfKey(near[place - before]!), scoreOfKey(near[next - before]!)];
}
