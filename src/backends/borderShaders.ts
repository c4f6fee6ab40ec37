import { borders } from '../filters/paddings.js';
import type { Border, End, Padding } from '../filters/paddings.js';

// Arithmetic with borders, in words that `inWgsl` turns into WGSL.

/** The function that gives the place which lies at `index`. */
export function sourceOf(padding: Padding, name = 'sourceOf'): string {
  const border = borders[padding];
  const source = ([sign, sizes, offset]: End): string => `${sign} * index + ${sizes} * size + ${offset}`;
  const copied =
    border === undefined
      ? ''
      : `
      if (index < 0) { return ${source(border.before)}; }
      if (index >= size) { return ${source(border.after)}; }`;
  return `
    int ${name}(int index, int size) {${copied}
      return index;
    }`;
}

/**
 * The windows over a pixel along an axis. `int windowAt(int place, int count)`: the one that lies at `place`, or the nearest.
 * `float weightAt(int i, int w, int place, int size, float weight)`: what pixel i weighs in it, of whose taps `weight` is the one
 * for `place`. Beyond the border that is 0: a branch would cost more than a read.
 *
 * Where the padding is periodic, so are the windows. Otherwise all windows that reach a copy of a pixel reach the pixel
 * itself too, and count it more.
 */
export function windowsOver(taps: ArrayLike<number>, padding: Padding): string {
  if (borders[padding]?.before[0] === 1) {
    return `${sourceOf(padding, 'windowAt')}
    float weightAt(int i, int w, int place, int size, float weight) {
      return weight;
    }`;
  }
  const border = borderWeight(taps, padding);
  return `${border ?? ''}
    int windowAt(int place, int count) {
      if (place < 0) { return 0; }
      if (place >= count) { return count - 1; }
      return place;
    }
    float weightAt(int i, int w, int place, int size, float weight) {
      if (w != place) { return 0.0; }
      return weight${border === undefined ? '' : ' + borderWeight(i, w, size)'};
    }`;
}

/**
 * The function that gives what the border adds to the weight of pixel i in the window at w: the weight of every copy of
 * it. Undefined where it adds nothing.
 */
function borderWeight(taps: ArrayLike<number>, padding: Padding): string | undefined {
  const half = (taps.length - 1) / 2;
  const border = borders[padding];
  if (half === 0 || border === undefined) return undefined;
  const byDistance = Array.from(taps).slice(half);
  if (isOnePixel(border)) {
    // Copies lie side by side, so the weights of all from some distance on are added up.
    for (let d = half - 1; d >= 0; d--) byDistance[d]! += byDistance[d + 1]!;
  }
  // WebGL 1 has no arrays to look up in.
  const lookup = byDistance.map((weight, d) => `if (d == ${d}) { return ${weight.toExponential(8)}; }`);
  return `
    float tapAt(int d) {
      ${lookup.join('\n      ')}
      return 0.0;
    }
    float borderWeight(int i, int w, int size) {
      float extra = 0.0;
      if (i > ${half} && i < size - 1 - ${half}) { return extra; }
      ${copyAt(border.before, '-1', (place) => `w - (${place})`)}
      ${copyAt(border.after, 'size', (place) => `${place} - w`)}
      return extra;
    }`;
}

const isOnePixel = ({ before: [sign] }: Border): boolean => sign === 0;

/** Where the copy of pixel i lies at an end, if it has one there, and how far from the window at w; `first` lies just beyond. */
function copyAt([sign, sizes, offset]: End, first: string, distance: (place: string) => string): string {
  const fixed = `${sizes} * size + ${offset}`;
  const [place, isThere] = sign === 0 ? [first, `i == ${fixed}`] : [`${fixed} - i`, `i != ${fixed} - i`];
  return `if (${isThere}) { extra += tapAt(${distance(place)}); }`;
}
