import {
  checkBoolean,
  checkChoice,
  checkDataRange,
  checkNumber,
  checkOddSize,
  checkPerAxis,
  checkConstant,
  unitOf,
} from '../checks/options.js';
import { paddings } from '../filters/paddings.js';
import type { Padding } from '../filters/paddings.js';
import type { WindowShape, WindowType } from '../filters/window.js';

/** A number for every spatial axis. */
export type PerAxis =
  readonly [height: number, width: number] | readonly [depth: number, height: number, width: number];

/** How SSIM is computed. Every field has a default; an unknown name throws. */
export interface SsimOptions {
  /**
   * L, the distance from the smallest to the largest value that a pixel can have: 1 for images in [0, 1],
   * 255 for 8-bit values. It is never guessed from the pixels.
   * @default 1
   */
  readonly dataRange?: number;
  /** @default 'gaussian' */
  readonly windowType?: WindowType;
  /**
   * Window size in pixels, odd: one number, or [height, width], or [depth, height, width] for volumes.
   * @default 11
   */
  readonly windowSize?: number | PerAxis;
  /**
   * Standard deviation of the Gaussian window in pixels: one number, or [height, width], or [depth, height,
   * width] for volumes. A uniform window ignores it.
   * @default 1.5
   */
  readonly windowSigma?: number | PerAxis;
  /**
   * K₁ of c1 = (K₁·L)².
   * @default 0.01
   */
  readonly k1?: number;
  /**
   * K₂ of c2 = (K₂·L)².
   * @default 0.03
   */
  readonly k2?: number;
  /**
   * The constant of the luminance term itself, in squared pixel units; replaces `k1`.
   * @default (k1 · dataRange)²
   */
  readonly c1?: number;
  /**
   * The constant of the contrast and structure terms itself, in squared pixel units; replaces `k2`.
   * @default (k2 · dataRange)²
   */
  readonly c2?: number;
  /**
   * Exponent of the luminance term (eq. 4), ≥ 0.
   * @default 1
   */
  readonly alpha?: number;
  /**
   * Exponent of the contrast term (eq. 4), ≥ 0.
   * @default 1
   */
  readonly beta?: number;
  /**
   * Exponent of the structure term (eq. 4), ≥ 0.
   * @default 1
   */
  readonly gamma?: number;
  /**
   * `population` divides by n (Wang's code, tf.image.ssim, pytorch-msssim); `sample` multiplies variances and
   * covariance by n / (n − 1), n the number of pixels in the window (scikit-image's default).
   * @default 'population'
   */
  readonly covariance?: 'population' | 'sample';
  /**
   * What lies beyond the border: see {@link Padding}.
   * @default 'valid' for indices, maps and losses, 'reflect' for residual maps
   */
  readonly padding?: Padding;
  /**
   * For development: throws a RangeError if pixels lie outside [0, dataRange], with their smallest and largest
   * value, or if weights are negative, not finite, or meet no window's middle. Every call then waits for the
   * device. Not available on the webgpu backend.
   * @default false
   */
  readonly checkRange?: boolean;
}

/** {@link SsimOptions} with every default filled in, checked, and one number per spatial axis. */
export interface ResolvedSsimOptions extends WindowShape {
  readonly dataRange: number;
  /** What images are divided by: the power of 2 at or below `dataRange`. */
  readonly unit: number;
  /** Of images divided by `unit`, as the terms see them. */
  readonly c1: number;
  /** Of images divided by `unit`, as the terms see them. */
  readonly c2: number;
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  /** What a population variance is multiplied by: 1, or n / (n − 1). */
  readonly varianceScale: number;
  readonly padding: Padding;
  readonly checkRange: boolean;
}

/** The least base of a power with an exponent that is not a whole number: smaller bases count as this. */
export const powerFloor = 1e-6;

/** The names of {@link SsimOptions}. */
export const ssimOptionNames = [
  'dataRange',
  'windowType',
  'windowSize',
  'windowSigma',
  'k1',
  'k2',
  'c1',
  'c2',
  'alpha',
  'beta',
  'gamma',
  'covariance',
  'padding',
  'checkRange',
] as const satisfies readonly (keyof SsimOptions)[];

/** Checks the options, whose names were checked, and fills in the defaults. */
export function resolveSsimOptions(
  functionName: string,
  options: SsimOptions,
  defaults: {
    readonly padding: Padding;
    readonly spatialAxes: number;
    readonly dataRange?: number;
  },
): ResolvedSsimOptions {
  const checked = <Value, More extends unknown[]>(
    check: (where: string, value: unknown, ...more: More) => Value,
    name: keyof SsimOptions,
    fallback: unknown,
    ...more: More
  ): Value => check(`${functionName}: ${name}`, options[name] ?? fallback, ...more);

  const { padding: usualPadding, spatialAxes, dataRange: usualRange = 1 } = defaults;
  const dataRange = checked(checkDataRange, 'dataRange', usualRange);
  const windowType = checked(checkChoice<WindowType>, 'windowType', 'gaussian', ['gaussian', 'uniform']);
  const windowSize = checked(checkPerAxis, 'windowSize', 11, spatialAxes, checkOddSize);
  const windowSigma = checked(checkPerAxis, 'windowSigma', 1.5, spatialAxes, (where, value) =>
    checkNumber(where, value, { above: 0 }),
  );
  const covariance = checked(checkChoice, 'covariance', 'population', ['population', 'sample']);
  const padding = checked(checkChoice<Padding>, 'padding', usualPadding, paddings);
  const [alpha, beta, gamma] = (['alpha', 'beta', 'gamma'] as const).map((name) =>
    checked(checkNumber, name, 1, { least: 0 }),
  ) as [number, number, number];
  if (alpha + beta + gamma === 0) {
    throw new RangeError(
      `${functionName}: alpha, beta and gamma are all 0, which leaves nothing to compare.`,
    );
  }

  const windowPixels = windowSize.reduce((product, size) => product * size, 1);
  if (covariance === 'sample' && windowPixels === 1) {
    throw new RangeError(
      `${functionName}: covariance 'sample' needs a window of more than one pixel; use windowSize ≥ 3.`,
    );
  }

  return {
    dataRange,
    unit: unitOf(dataRange),
    windowType,
    windowSize,
    windowSigma,
    c1: resolveConstant(functionName, options, 'c1', 'k1', 0.01, dataRange),
    c2: resolveConstant(functionName, options, 'c2', 'k2', 0.03, dataRange),
    alpha,
    beta,
    gamma,
    varianceScale: covariance === 'sample' ? windowPixels / (windowPixels - 1) : 1,
    padding,
    checkRange: checked(checkBoolean, 'checkRange', false),
  };
}

/** c or (k·L)², for images divided by their unit. */
function resolveConstant(
  functionName: string,
  options: SsimOptions,
  cName: 'c1' | 'c2',
  kName: 'k1' | 'k2',
  kDefault: number,
  dataRange: number,
): number {
  const k = checkNumber(`${functionName}: ${kName}`, options[kName] ?? kDefault, { above: 0 });
  const given = options[cName];
  const constant =
    given === undefined
      ? k ** 2
      : checkNumber(`${functionName}: ${cName}`, given, { above: 0 }) / dataRange ** 2;
  const name = given === undefined ? kName : cName;
  return checkConstant(`${functionName}: ${name}`, constant, dataRange, 'windows');
}
