import { borders } from '../../filters/paddings.js';
import type { Border, End, Padding } from '../../filters/paddings.js';

// Arithmetic with borders in the words that GLSL and WGSL share; what differs is the head of a function.

/** The body of a function of `index` and `size`: the place that lies there. */
export function sourceBody(padding: Padding): string {
  const border = borders[padding];
  if (border === undefined) return 'return index;';
  const source = ({ sign, sizes, offset }: End): string => `${sign} * index + ${sizes} * size + ${offset}`;
  return `if (index < 0) { return ${source(border.before)}; }
      if (index >= size) { return ${source(border.after)}; }
      return index;`;
}

/**
 * Whether the windows over a pixel are found by going round. Elsewhere all windows that reach a copy of a pixel reach
 * the pixel itself too, and count it more: {@link borderBody}.
 */
export function goesRound(padding: Padding): boolean {
  return borders[padding]?.before.sign === 1;
}

/** The bodies of two functions, with the taps that they know. */
export interface BorderBodies {
  /** Of `d`: what a pixel at that distance from the middle of a window, outside of the image, weighs. */
  readonly tapAt: string;
  /** Of `i`, `w` and `size`, adding to `extra`: the weight of every copy of pixel i in the window at w. */
  readonly copies: string;
}

/** What the border adds to the weights of pixels; undefined where it adds nothing. */
export function borderBodies(taps: ArrayLike<number>, padding: Padding): BorderBodies | undefined {
  const half = (taps.length - 1) / 2;
  const border = borders[padding];
  if (half === 0 || border === undefined || goesRound(padding)) return undefined;
  const byDistance = Array.from(taps).slice(half);
  if (isOnePixel(border)) {
    // Copies lie side by side, so the weights of all from some distance on are added up.
    for (let d = half - 1; d >= 0; d--) byDistance[d]! += byDistance[d + 1]!;
  }
  // WebGL 1 has no arrays to look up in.
  const lookup = byDistance.map((weight, d) => `if (d == ${d}) { return ${weight.toExponential(8)}; }`);
  return {
    tapAt: `${lookup.join('\n      ')}
      return 0.0;`,
    copies: `if (i > ${half} && i < size - 1 - ${half}) { return extra; }
      ${copiesAt(
        border.before,
        (place) => `${place} < 0`,
        (place) => `w - (${place})`,
        'w + 1',
      )}
      ${copiesAt(
        border.after,
        (place) => `${place} >= size`,
        (place) => `${place} - w`,
        'size - w',
      )}
      return extra;`,
  };
}

const isOnePixel = ({ before }: Border): boolean => before.sign === 0;

/** Where the copy of pixel i lies at an end, if it has one there, and how far from the window at w. */
function copiesAt(
  { sign, sizes, offset }: End,
  isBeyond: (place: string) => string,
  distance: (place: string) => string,
  nearest: string,
): string {
  const fixed = `${sizes} * size + ${offset}`;
  if (sign === 0) return `if (i == ${fixed}) { extra += tapAt(${nearest}); }`;
  const place = `${fixed} - i`;
  return `if (${isBeyond(place)}) { extra += tapAt(${distance(place)}); }`;
}
