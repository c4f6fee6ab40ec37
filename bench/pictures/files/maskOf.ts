import { InputError } from '../../running/inputError.js';
import type { Pixels } from './decode.js';

/**
 * 1 where a mask is not black, whatever its classes or colours are. Where it has transparency, what cannot be seen is no
 * defect; is all that can be seen black, the transparency is the mask. Formats that blur hold no classes: there it takes half
 * of the brightest value.
 */
export function maskOf({ file, width, height, channels, colour, alpha, lossy }: Pixels): Uint8Array {
  if (colour.some(Number.isNaN)) throw new InputError(`${file} holds NaN: is that a defect or not?`);
  const least = lossy ? Math.max(leastOfLossy, largest(colour) / 2) : 0;
  const pixels = width * height;
  const varies = alpha?.some((value) => value !== alpha[0]) ?? false;
  const visible = Uint8Array.from({ length: pixels }, (_, k) => (varies && alpha![k] === 0 ? 0 : 1));
  const mask = visible.map((seen, k) => {
    for (let c = 0; c < channels; c++) if (seen === 1 && colour[k * channels + c]! > least) return 1;
    return 0;
  });
  return varies && !mask.includes(1) ? visible : mask;
}

/** JPEG makes some black pixels a little brighter; of 255. */
const leastOfLossy = 16;

const largest = (values: ArrayLike<number>): number => {
  let most = 0;
  for (let k = 0; k < values.length; k++) most = Math.max(most, values[k]!);
  return most;
};

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Made smaller without losing a defect: a pixel is defective if the middle of a defective pixel falls into it. */
export function shrunkMask(mask: Uint8Array, from: Size, to: Size): Uint8Array {
  if (from.width === to.width && from.height === to.height) return mask;
  const small = new Uint8Array(to.width * to.height);
  const place = (k: number, length: number, smaller: number): number =>
    Math.floor(((k + 0.5) * smaller) / length);
  mask.forEach((value, k) => {
    if (value === 0) return;
    const [row, column] = [Math.floor(k / from.width), k % from.width];
    small[place(row, from.height, to.height) * to.width + place(column, from.width, to.width)] = 1;
  });
  return small;
}
