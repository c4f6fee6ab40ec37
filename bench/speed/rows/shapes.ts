import { InputError } from '../../running/inputError.js';

/** [batch, height, width, channels]. */
export type Shape = readonly [number, number, number, number];

/** Reads '8x128x128x1,1x512x512x1'. */
export function parseShapes(text: string): Shape[] {
  return text.split(',').map((part) => {
    const lengths = part.trim().split(/[x×]/).map(Number);
    if (lengths.length !== 4 || !lengths.every((length) => Number.isInteger(length) && length > 0)) {
      throw new InputError(
        `--shapes: '${part}' is not batch x height x width x channels, as in 8x128x128x1.`,
      );
    }
    return lengths as unknown as Shape;
  });
}

export const formatShape = (shape: Shape): string => shape.join('×');

/** All numbers of an image batch: what the time of an SSIM grows with. */
export const pixelsOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);
