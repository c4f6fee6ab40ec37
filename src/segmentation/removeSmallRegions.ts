import { checkMask, checkSize } from '../checks/arrays.js';
import type { ImageSize, Labels } from '../checks/arrays.js';
import { checkArguments, checkWhole } from '../checks/options.js';
import { checkConnectivity } from './connectedRegions.js';
import { labelledRuns } from './labelledRuns.js';

/** Options of {@link removeSmallRegions}. */
export interface RemoveSmallRegionsOptions extends ImageSize {
  /** The least number of pixels that a region must have to stay, a whole number ≥ 1. */
  readonly minimumArea: number;
  /**
   * Which neighbours touch: 4 share an edge, 8 an edge or a corner.
   * @default 8
   */
  readonly connectivity?: 4 | 8;
}

/**
 * A mask without its small regions.
 *
 * result(p) = mask(p) · [area of p's region ≥ minimumArea], as skimage.morphology.remove_small_objects.
 *
 * Shapes: mask [H, W], flat → [H, W], flat; the mask itself is not changed.
 * Range: 0 and 1.
 *
 * @param mask one image's pixels, 1 or true inside
 * @param options the image's size, the least area and the connectivity: see {@link RemoveSmallRegionsOptions}
 * @throws TypeError if an argument is not an array of the right kind, or for an unknown option or argument
 * @throws RangeError for a length other than height · width, values other than 0 and 1, or an area that is
 * not whole or below 1
 * @see Bergmann et al. 2019, "MVTec AD", section 4.2: a defect has a minimum area
 *
 * @example
 * ```ts
 * import { removeSmallRegions } from 'ssim-ae';
 *
 * const mask = [1, 0, 1, 1, 0, 0, 1, 1];
 * const kept = removeSmallRegions(mask, { height: 2, width: 4, minimumArea: 2 });
 * console.log([...kept]); // [0, 0, 1, 1, 0, 0, 1, 1]
 * ```
 */
export function removeSmallRegions(mask: Labels, options: RemoveSmallRegionsOptions): Uint8Array {
  checkArguments('removeSmallRegions', arguments, 2);
  const name = 'removeSmallRegions';
  const size = checkSize(name, options, ['minimumArea', 'connectivity']);
  const least = checkWhole(`${name}: minimumArea`, options.minimumArea, { least: 1 });
  const connectivity = checkConnectivity(name, options.connectivity);
  const pixels = checkMask(name, mask, size);
  const { runs, starts, ends, regions, areas } = labelledRuns(pixels, size.height, size.width, connectivity);
  const kept = new Uint8Array(pixels.length);
  for (let run = 0; run < runs; run++) {
    if (areas[regions[run]!]! >= least) kept.fill(1, starts[run], ends[run]);
  }
  return kept;
}
