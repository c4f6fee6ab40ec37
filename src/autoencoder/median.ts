/** The median of float32 numbers, the upper one of two; 0 if there is none. */
export function medianOf(values: ArrayLike<number>): number {
  return Float32Array.from(values).sort()[values.length >> 1] ?? 0;
}
