/**
 * The area under the ROC curve: the probability that a defective pixel scores higher than a good one, a tie
 * counting half. Exact, from the ranks (Mann and Whitney); 0.5 is chance.
 */
export function rocAuc(scores: readonly Float32Array[], masks: readonly Uint8Array[]): number {
  const all = concatenated(scores, (length) => new Float32Array(length));
  const positive = concatenated(masks, (length) => new Uint8Array(length));
  const positives = positive.reduce((sum, value) => sum + value, 0);
  const negatives = positive.length - positives;
  if (positives === 0 || negatives === 0) return NaN;

  const sorted = all.slice().sort(); // by number, as typed arrays do
  const defective = all.filter((_, k) => positive[k] === 1).sort();
  // Walk both in step: every defective score wins against what lies below it, and half against its equals.
  let wins = 0;
  let start = 0;
  for (let k = 0; k < defective.length;) {
    const score = defective[k]!;
    while (sorted[start]! < score) start++;
    let end = start;
    while (end < sorted.length && sorted[end] === score) end++;
    let equals = k;
    while (equals < defective.length && defective[equals] === score) equals++;
    const tiedPositives = equals - k;
    const below = start - k; // good scores below: all below, less the defective ones among them
    wins += tiedPositives * (below + (end - start - tiedPositives) / 2);
    start = end;
    k = equals;
  }
  return wins / (positives * negatives);
}

/** The value below which a share of all scores lies. */
export function quantile(scores: readonly Float32Array[], share: number): number {
  const sorted = concatenated(scores, (length) => new Float32Array(length)).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

function concatenated<A extends Float32Array | Uint8Array>(
  parts: readonly A[],
  create: (length: number) => A,
): A {
  const whole = create(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
