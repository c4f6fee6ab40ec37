import {
  checkBoolean,
  checkChoice,
  checkDataRange,
  checkNumber,
  checkWhole,
  checkConstant,
  unitOf,
} from '../checks/options.js';
import { paddings } from '../filters/paddings.js';
import type { Padding } from '../filters/paddings.js';

/** How gradient magnitudes are compared. */
export interface GmsOptions {
  /**
   * L, the distance from the smallest to the largest value that a pixel can have: 1 for images in [0, 1],
   * 255 for 8-bit values. It is never guessed from the pixels.
   * @default 1
   */
  readonly dataRange?: number;
  /**
   * The constant that keeps flat areas comparable, in squared pixel units: 170 for 8-bit values, 0.0026 for
   * images in [0, 1]. The smaller it is, the more faint edges count.
   * @default 170 · (dataRange / 255)²
   */
  readonly c?: number;
  /**
   * The pixels beyond the border: see {@link Padding}. `zero`, as in the paper's code, puts an edge around both
   * images; the brighter they are, the stronger it is.
   * @default 'zero' for indices, maps and losses, 'reflect' for residual maps
   */
  readonly padding?: Padding;
  /**
   * For development: throws a RangeError if pixels lie outside [0, dataRange], with their smallest and largest
   * value, or if the weights are wrong. Every call then waits for the device. Not available on the webgpu
   * backend.
   * @default false
   */
  readonly checkRange?: boolean;
}

/** {@link GmsOptions} over several sizes of the images. */
export interface MsGmsOptions extends GmsOptions {
  /**
   * The number of sizes, ≥ 1: the full size, and each further one half of the previous.
   * @default 4
   */
  readonly levels?: number;
}

/** {@link GmsOptions}, checked and complete. */
export interface ResolvedGmsOptions {
  readonly dataRange: number;
  /** What images are divided by: the power of 2 at or below `dataRange`. */
  readonly unit: number;
  /** Of images divided by `unit`, as the term sees them. */
  readonly c: number;
  readonly padding: Padding;
  readonly checkRange: boolean;
}

/** The names of {@link GmsOptions}. */
export const gmsOptionNames = [
  'dataRange',
  'c',
  'padding',
  'checkRange',
] as const satisfies readonly (keyof GmsOptions)[];

/** Checks the options, whose names were checked, and fills in the defaults. */
export function resolveGmsOptions(
  functionName: string,
  options: GmsOptions,
  defaultPadding: Padding,
  defaultRange = 1,
): ResolvedGmsOptions {
  const dataRange = checkDataRange(`${functionName}: dataRange`, options.dataRange ?? defaultRange);
  const constant =
    options.c === undefined
      ? 170 / 255 ** 2
      : checkNumber(`${functionName}: c`, options.c, { above: 0 }) / dataRange ** 2;
  const padding = checkChoice(`${functionName}: padding`, options.padding ?? defaultPadding, paddings);
  const unit = unitOf(dataRange);
  const c = checkConstant(`${functionName}: c`, constant, dataRange, 'places');
  const checkRange = checkBoolean(`${functionName}: checkRange`, options.checkRange ?? false);
  return { dataRange, unit, c, padding, checkRange };
}

/** A whole number of levels, 4 unless given. */
export const resolveGmsLevels = (functionName: string, levels: unknown): number =>
  checkWhole(`${functionName}: levels`, levels ?? 4, { least: 1 });
