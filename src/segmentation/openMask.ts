import { checkMask, checkSize, checkWhole } from '../checks/arrays.js';
import type { ImageSize, Labels } from '../checks/arrays.js';
import { checkOptionNames } from '../checks/options.js';

/** Options of {@link openMask}. */
export interface OpenMaskOptions extends ImageSize {
  /** Radius r of the disk in pixels, whole, ≥ 0; the disk is 2r + 1 pixels wide. */
  readonly radius: number;
}

/**
 * The morphological opening of a mask by a disk: what a disk inside the mask can reach. It takes away what is
 * thinner than the disk and rounds corners, and leaves the rest in place.
 *
 * opening = (mask ⊖ D) ⊕ D, D = {(dy, dx): dy² + dx² ≤ r²}, as skimage.morphology.binary_opening(mask, disk(r)).
 * What lies outside of the image takes nothing away: only pixels of the image that are 0 erode. The time does
 * not depend on the radius.
 *
 * Shapes: mask [H, W], flat → [H, W], flat; the mask itself stays as it is.
 * Range: 0 and 1, never 1 where the mask is 0.
 *
 * @param mask one image's pixels, 1 or true inside
 * @param options the image's size and the radius: see {@link OpenMaskOptions}
 * @throws TypeError for what is no array of the right kind or an unknown option
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
  const name = 'openMask';
  checkOptionNames(name, options, ['height', 'width', 'radius']);
  const size = checkSize(name, options);
  const radius = checkWhole(`${name}: radius`, options.radius, 0);
  const pixels = checkMask(name, mask, size);
  if (radius === 0) return pixels.slice();
  const eroded = within(pixels, 0, radius, size);
  // `eroded` marks what is near a 0, so that the eroded mask is where it is 0 itself.
  return within(eroded, 0, radius, size);
}

/**
 * Marks every pixel that has one of this value at a distance of at most `radius`. Along each column, how far
 * the nearest is; then a pixel at the vertical distance g marks √(r² − g²) pixels to either side in its row,
 * and a row is the union of such intervals: the furthest reach from the left, and from the right.
 */
function within(pixels: Uint8Array, value: 0 | 1, radius: number, { height, width }: ImageSize): Uint8Array {
  const reaches = Int32Array.from({ length: radius + 2 }, (_, g) =>
    g > radius ? -1 : Math.floor(Math.sqrt(radius * radius - g * g)),
  );
  const far = radius + 1;
  const below = new (far < 256 ? Uint8Array : far < 65536 ? Uint16Array : Uint32Array)(height * width);
  const above = new Int32Array(width).fill(far);
  for (let y = height - 1; y >= 0; y--) {
    for (let x = 0, i = y * width; x < width; x++, i++) {
      const distance = pixels[i] === value ? 0 : Math.min(above[x]! + 1, far);
      above[x] = distance;
      below[i] = distance;
    }
  }
  above.fill(far);
  const marked = new Uint8Array(height * width);
  const reach = new Int32Array(width);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let covered = -1;
    for (let x = 0, i = row; x < width; x++, i++) {
      const distance = pixels[i] === value ? 0 : Math.min(above[x]! + 1, far);
      above[x] = distance;
      const side = reaches[Math.min(distance, below[i]!)]!;
      reach[x] = side;
      if (side >= 0 && x + side > covered) covered = x + side;
      if (covered >= x) marked[i] = 1;
    }
    covered = width;
    for (let x = width - 1, i = row + x; x >= 0; x--, i--) {
      const side = reach[x]!;
      if (side >= 0 && x - side < covered) covered = x - side;
      if (covered <= x) marked[i] = 1;
    }
  }
  return marked;
}
