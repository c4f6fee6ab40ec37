/**
 * Bins over all keys, a power of two of them with as many keys each: the same for all data. There are 2³²⁻ˢ of them
 * for a shift of s, the lowest is 0.
 */
export const shiftOf = (bins: number): number => 32 - Math.log2(bins);

/** The bin of a key. */
export const binOf = (key: number, shift: number): number => (key >> shift) + (0x80000000 >>> shift);

/** The lowest key of a bin. */
export const lowestKeyOf = (bin: number, shift: number): number => (bin - (0x80000000 >>> shift)) << shift;

/**
 * The shift of a first pass over many keys, which only counts them by their upper halves: it says in which of
 * 65,536 bins those lie that are worth keeping and sorting.
 */
export const cutShift = 16;

/** Room for the counts of the first pass. */
export const cutCounts = (): Uint32Array => new Uint32Array(65536);

/** The fewest of the highest bins that hold enough keys, or all of them: the lowest of them, and how many keys they hold. */
export function cutAbove(
  counts: Uint32Array,
  enough: number,
): { readonly bin: number; readonly kept: number; readonly lowest: number } {
  let [bin, kept] = [counts.length, 0];
  while (bin > 0 && kept < enough) kept += counts[--bin]!;
  return { bin, kept, lowest: lowestKeyOf(bin, cutShift) };
}
