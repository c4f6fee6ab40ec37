/**
 * Figure 2 of the paper: three pairs of patches that differ by 0.5 at every pixel, the first in luminance, the
 * second in contrast, the third in structure. `share` 1 is the pair of the figure; below it, the second patch lies on
 * the way from the first to that.
 */

export const size = 24;

export interface Pair {
  readonly name: 'luminance' | 'contrast' | 'structure';
  /** The two patches, row by row, in [0, 1]. */
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** A checkerboard, −1 and 1. */
const board = (pixel: number): number => (((pixel % size) + Math.floor(pixel / size)) % 2 === 0 ? -1 : 1);

const patches = {
  // Both patches have the same squares; the second is brighter.
  luminance: [(s: number) => 0.25 + 0.1 * s, (s: number) => 0.75 + 0.1 * s],
  // Flat grey, and squares of full contrast.
  contrast: [() => 0.5, (s: number) => 0.5 + 0.5 * s],
  // What is dark in the first is bright in the second.
  structure: [(s: number) => 0.5 + 0.25 * s, (s: number) => 0.5 - 0.25 * s],
} as const;

export function threePairs(share: number): Pair[] {
  return (['luminance', 'contrast', 'structure'] as const).map((name) => {
    const [first, second] = patches[name];
    const x = Float32Array.from({ length: size * size }, (_, pixel) => first(board(pixel)));
    const y = x.map((value, pixel) => value + share * (second(board(pixel)) - value));
    return { name, x, y };
  });
}
