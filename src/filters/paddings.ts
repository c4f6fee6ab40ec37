/**
 * The pixels beyond the border. `valid`: none; the window stays inside and the map is smaller. `reflect`: the
 * mirror image without the edge pixel (cb|abc|ba). `symmetric`: with it (ba|abc|cb). `edge`: the edge pixel
 * again (aa|abc|cc). `zero`: zeros. `wrap`: the pixels of the opposite edge, as if the image repeated
 * (bc|abc|ab).
 */
export type Padding = 'valid' | 'reflect' | 'symmetric' | 'edge' | 'zero' | 'wrap';

/** The pixel that a place beyond one end copies: `sign` · place + `sizes` · size + `offset`, places counted from 0. */
export type End = readonly [sign: -1 | 0 | 1, sizes: number, offset: number];

/** What lies before the first pixel and after the last. */
export interface Border {
  readonly before: End;
  readonly after: End;
  /** How many pixels an image must have beyond the width of its border. */
  readonly spare: number;
}

/** Undefined where nothing is copied. All backends derive their arithmetic with borders from this table. */
export const borders: Readonly<Record<Padding, Border | undefined>> = {
  valid: undefined,
  reflect: { before: [-1, 0, 0], after: [-1, 2, -2], spare: 1 },
  symmetric: { before: [-1, 0, -1], after: [-1, 2, -1], spare: 0 },
  edge: { before: [0, 0, 0], after: [0, 1, -1], spare: -Infinity },
  zero: undefined,
  wrap: { before: [1, 1, 0], after: [1, -1, 0], spare: 0 },
};

/** The names of {@link Padding}. */
export const paddings = ['valid', 'reflect', 'symmetric', 'edge', 'zero', 'wrap'] as const;

/** The pixel that a place beyond an end copies. */
export function sourceOf([sign, sizes, offset]: End, place: number, size: number): number {
  return sign * place + sizes * size + offset;
}

/** The pixel that lies at any place; −1 for a zero. */
export function sourceIndex(place: number, size: number, padding: Padding): number {
  if (place >= 0 && place < size) return place;
  const border = borders[padding];
  return border === undefined ? -1 : sourceOf(place < 0 ? border.before : border.after, place, size);
}

/** The smallest image, along one axis, that a window of so many pixels fits. */
export function smallestFor(windowSize: number, padding: Padding): number {
  if (padding === 'valid') return windowSize;
  return Math.max((windowSize - 1) / 2 + (borders[padding]?.spare ?? -Infinity), 1);
}

/** The largest window that fits so many pixels along one axis. */
export function largestFor(size: number, padding: Padding): number {
  if (padding === 'valid') return size - 1 + (size % 2);
  return 2 * (size - (borders[padding]?.spare ?? -Infinity)) + 1;
}
