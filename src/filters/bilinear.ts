/** The two old places between which each new one lies, and the share of the second. */
export interface PlacesBetween {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly share: Float64Array;
}

/** Along one axis, resized bilinearly: pixel centres at half pixels, edge values beyond the outermost centres. */
export function placesBetween(from: number, to: number): PlacesBetween {
  const first = new Int32Array(to);
  const second = new Int32Array(to);
  const share = new Float64Array(to);
  for (let i = 0; i < to; i++) {
    const position = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    first[i] = Math.floor(position);
    second[i] = Math.min(first[i]! + 1, from - 1);
    share[i] = position - first[i]!;
  }
  return { first, second, share };
}
