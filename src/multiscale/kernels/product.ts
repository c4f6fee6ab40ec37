import { leastTerm } from '../weightedProduct.js';

/** The mean over channels of 1 − Π (1 − d)^w over levels, and its derivative by the d of each level and channel. */
export interface Product {
  readonly distance: number;
  readonly slopes: readonly Float64Array[];
}

/** `weightedProductDistance` on numbers, [levels][channels]; a level of weight 0 is not read. */
export function productOf(distances: readonly Float64Array[], weights: readonly number[]): Product {
  const channels = distances[0]!.length;
  const slopes = distances.map(() => new Float64Array(channels));
  let total = 0;
  for (let c = 0; c < channels; c++) {
    let logarithm = 0;
    distances.forEach((ofLevel, level) => {
      if (weights[level]! > 0) logarithm += weights[level]! * logOfComplement(ofLevel[c]!);
    });
    total -= Math.expm1(logarithm);
    distances.forEach((ofLevel, level) => {
      const weight = weights[level]!;
      if (weight === 0) return;
      const term = 1 - ofLevel[c]!;
      slopes[level]![c] = (Math.exp(logarithm) * weight) / (term < leastTerm ? leastTerm : term) / channels;
    });
  }
  return { distance: total / channels, slopes };
}

/** log(1 − d), or its tangent at the least term. */
function logOfComplement(d: number): number {
  const term = 1 - d;
  return term < leastTerm ? Math.log(leastTerm) + term / leastTerm - 1 : Math.log1p(-d);
}
