/** The sizes of an image in every level of a pyramid: each half of the one before, rounded up. */
export function levelSize(size: readonly number[], level: number): number[] {
  return size.map((length) => Math.ceil(length / 2 ** level));
}
