import { checkMask, checkSize } from '../checks/arrays.js';
import type { ImageSize, Labels } from '../checks/arrays.js';
import { checkArguments, checkWhole } from '../checks/options.js';

/** Options of {@link openMask}. */
export interface OpenMaskOptions extends ImageSize {
  /** Radius r of the disk in pixels, whole, ≥ 0; the disk is 2r + 1 pixels wide. */
  readonly radius: number;
}

/**
 * The morphological opening of a mask by a disk: what a disk inside the mask can reach. It removes parts
 * thinner than the disk, rounds corners, and keeps the rest.
 *
 * opening = (mask ⊖ D) ⊕ D, D = {(dy, dx): dy² + dx² ≤ r²}, as skimage.morphology.binary_opening(mask, disk(r)).
 * The area outside the image removes nothing: only pixels of the image that are 0 erode. The time does
 * not depend on the radius.
 *
 * Shapes: mask [H, W], flat → [H, W], flat; the mask itself is not changed.
 * Range: 0 and 1, never 1 where the mask is 0.
 *
 * @param mask one image's pixels, 1 or true inside
 * @param options the image's size and the radius: see {@link OpenMaskOptions}
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown option or argument
 * @throws RangeError for a length other than height · width, values other than 0 and 1, or a radius that is
 * not whole or negative
 * @see Serra 1982, "Image Analysis and Mathematical Morphology"; Meijster et al. 2000, "A General Algorithm for
 * Computing Distance Transforms in Linear Time", for the two passes
 *
 * @example
 * ```ts
 * import { openMask } from 'ssim-ae';
 *
 * const mask = [0, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 0];
 * console.log([...openMask(mask, { height: 3, width: 4, radius: 1 })]); // [0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0]
 * ```
 */
export function openMask(mask: Labels, options: OpenMaskOptions): Uint8Array {
  checkArguments('openMask', arguments, 2);
  const name = 'openMask';
  const size = checkSize(name, options, ['radius']);
  const radius = checkWhole(`${name}: radius`, options.radius, { least: 0 });
  const pixels = checkMask(name, mask, size);
  if (radius === 0) return new Uint8Array(pixels); // not slice(): that of a Buffer shares its memory
  // What lies near a 0 is taken away; what is left is 0 in `taken`, and comes back with all that is near it.
  const taken = nearZeros(pixels, radius, size);
  return nearZeros(taken, radius, size);
}

/**
 * Marks every pixel that has a 0 at a distance of at most `radius`. Along each column, how far the nearest 0 is;
 * then a pixel at the vertical distance g from it marks √(r² − g²) pixels to either side in its row, and a row
 * is the union of such intervals: the furthest reach from the left, and from the right.
 *
 * No step branches on the mask, which no processor foresees: d & (d >> 31) is d where it is negative, else 0.
 */
function nearZeros(mask: Uint8Array, radius: number, { height, width }: ImageSize): Uint8Array {
  // Beyond the whole image nothing changes, and its size stays within the bits of a distance.
  const largest = Math.min(radius, height + width);
  const far = largest + 1;
  const reaches = Int32Array.from({ length: far + 1 }, (_, g) =>
    g === far ? -2 * width : Math.min(width, Math.floor(Math.sqrt(largest * largest - g * g))),
  );
  const below = new (far < 256 ? Uint8Array : far < 65536 ? Uint16Array : Uint32Array)(height * width);
  const vertical = new Int32Array(width).fill(far);
  for (let y = height - 1; y >= 0; y--) {
    for (let x = 0, i = y * width; x < width; x++, i++) {
      const over = vertical[x]! + 1 - far;
      const distance = -mask[i]! & (far + (over & (over >> 31)));
      vertical[x] = distance;
      below[i] = distance;
    }
  }
  vertical.fill(far);
  const marked = new Uint8Array(height * width);
  const reach = new Int32Array(width);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let covered = -1;
    for (let x = 0, i = row; x < width; x++, i++) {
      const over = vertical[x]! + 1 - far;
      const above = -mask[i]! & (far + (over & (over >> 31)));
      vertical[x] = above;
      const nearer = below[i]! - above;
      const side = reaches[above + (nearer & (nearer >> 31))]!;
      reach[x] = side;
      const behind = covered - x - side;
      covered -= behind & (behind >> 31);
      marked[i] = (x - covered - 1) >>> 31;
    }
    covered = width;
    for (let x = width - 1, i = row + x; x >= 0; x--, i--) {
      const ahead = x - reach[x]! - covered;
      covered += ahead & (ahead >> 31);
      marked[i]! |= (covered - x - 1) >>> 31;
    }
  }
  return marked;
}
