import { furtherNames, tensorNames } from '../checks/namesElsewhere.js';
import {
  checkBoolean,
  checkDataRange,
  checkNumber,
  checkOptionNames,
  checkConstant,
  unitOf,
} from '../checks/options.js';
import type { WeightOptions } from '../checks/weights.js';

/** How Haar coefficients are compared at every position. */
export interface HaarPsiResidualMapOptions {
  /**
   * L, the distance from the smallest to the largest value that a pixel can have: 1 for images in [0, 1],
   * 255 for 8-bit values. It is never guessed from the pixels.
   * @default 1
   */
  readonly dataRange?: number;
  /**
   * The constant C that keeps flat areas comparable, in squared pixel units: 30 for 8-bit values, 0.00046 for
   * images in [0, 1]. The smaller it is, the more faint edges count.
   * @default 30 · (dataRange / 255)²
   */
  readonly c?: number;
  /**
   * Whether both images are halved first, pixels averaged 2 × 2, as the paper does for its viewing distance. An odd
   * size gets a line of zeros.
   * @default true
   */
  readonly subsample?: boolean;
  /**
   * For development: throws a RangeError if pixels lie outside [0, dataRange], with their smallest and largest
   * value, or if the weights are wrong. Every call then waits for the device. Not available on the webgpu
   * backend.
   * @default false
   */
  readonly checkRange?: boolean;
}

/** {@link HaarPsiResidualMapOptions} of a mean over positions. */
export interface HaarPsiOptions extends HaarPsiResidualMapOptions, WeightOptions {
  /**
   * The steepness α of the logistic function, from 0.001 to 40: the larger it is, the more the least different
   * positions count.
   * @default 4.2
   */
  readonly alpha?: number;
}

/** {@link HaarPsiOptions}, checked and complete. */
export interface ResolvedHaarPsiOptions {
  readonly dataRange: number;
  /** What images are divided by: the power of 2 at or below `dataRange`. */
  readonly unit: number;
  /** Of images divided by `unit`, as the coefficients are compared. */
  readonly c: number;
  readonly alpha: number;
  readonly subsample: boolean;
  readonly checkRange: boolean;
}

/** Checks the options and fills in the defaults; `further` names those that not every caller has. */
export function resolveHaarPsiOptions(
  functionName: string,
  options: HaarPsiOptions,
  further: readonly string[],
): ResolvedHaarPsiOptions {
  checkOptionNames(
    functionName,
    options,
    ['dataRange', 'c', 'subsample', 'checkRange', ...further],
    tensorNames,
    furtherNames,
  );
  const dataRange = checkDataRange(`${functionName}: dataRange`, options.dataRange ?? 1);
  const constant =
    options.c === undefined
      ? 30 / 255 ** 2
      : checkNumber(`${functionName}: c`, options.c, { above: 0 }) / dataRange ** 2;
  const alpha = checkNumber(`${functionName}: alpha`, options.alpha ?? 4.2, { least: 0.001, most: 40 });
  const subsample = checkBoolean(`${functionName}: subsample`, options.subsample ?? true);
  const checkRange = checkBoolean(`${functionName}: checkRange`, options.checkRange ?? false);
  const unit = unitOf(dataRange);
  const c = checkConstant(`${functionName}: c`, constant, dataRange, 'places');
  return { dataRange, unit, c, alpha, subsample, checkRange };
}
