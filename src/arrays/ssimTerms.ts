import { powerFloor } from '../ssim/ssimOptions.js';
import type { ResolvedSsimOptions } from '../ssim/ssimOptions.js';
import type { Moments } from './windowMoments.js';

/** Below this variance, of images divided by the data range, the slope of a deviation is taken as 0. */
const flatVariance = 1e-12;

/** The slopes of SSIM in the moments of y. */
export interface Slopes {
  byMean: number;
  byVariance: number;
  byCovariance: number;
}

/**
 * 1 − SSIM of one window (eqs 4 to 8), and, where wanted, the slopes of SSIM. As everywhere in this library, each term is
 * computed as its distance from 1, and a base below 1e-6 counts as that where the exponent is not a whole number.
 */
export function ssimDistanceOf(
  { meanX, meanY, varianceX, varianceY, covariance }: Moments,
  { alpha, beta, gamma, c1, c2 }: ResolvedSsimOptions,
  slopes?: Slopes,
): number {
  const belowMeans = meanX * meanX + meanY * meanY + c1;
  const luminance = (meanX - meanY) ** 2 / belowMeans;
  const belowVariances = varianceX + varianceY + c2;
  const first = powerDistance(luminance, alpha);
  if (beta === gamma) {
    const structure = (varianceX + varianceY - 2 * covariance) / belowVariances;
    const second = powerDistance(structure, beta);
    if (slopes !== undefined) {
      const byStructure = powerSlope(structure, beta) * (1 - first);
      slopes.byMean =
        powerSlope(luminance, alpha) *
        (1 - second) *
        ((2 * meanX - 2 * meanY * (1 - luminance)) / belowMeans);
      slopes.byCovariance = byStructure * (2 / belowVariances);
      slopes.byVariance = -byStructure * ((1 - structure) / belowVariances);
    }
    return first + second - first * second;
  }
  const [sigmaX, sigmaY] = [Math.sqrt(varianceX), Math.sqrt(varianceY)];
  const belowProduct = 2 * sigmaX * sigmaY + c2;
  const contrast = (sigmaX - sigmaY) ** 2 / belowVariances;
  // 2 σx σy − 2 σxy, in a form that is exactly 0 where the images are equal.
  const structure = (varianceX + varianceY - 2 * covariance - (sigmaX - sigmaY) ** 2) / belowProduct;
  const second = powerDistance(contrast, beta);
  const third = powerDistance(structure, gamma);
  if (slopes !== undefined) {
    // By the differences of deviations and variances, which are exactly 0 where the images are equal.
    const gap = sigmaX - sigmaY;
    const sigmaSlope = (0.5 * sigmaY) / (varianceY + flatVariance);
    const byContrast = powerSlope(contrast, beta) * (1 - first) * (1 - third);
    const byStructure = powerSlope(structure, gamma) * (1 - first) * (1 - second);
    slopes.byMean =
      powerSlope(luminance, alpha) *
      (1 - second) *
      (1 - third) *
      ((2 * meanX - 2 * meanY * (1 - luminance)) / belowMeans);
    slopes.byCovariance = byStructure * (2 / belowProduct);
    slopes.byVariance =
      byContrast * ((2 * (gap + contrast * sigmaY)) / belowVariances) * sigmaSlope +
      byStructure * (((2 * (structure * sigmaX - gap)) / belowProduct) * sigmaSlope - 1 / belowProduct);
  }
  const both = first + second - first * second;
  return both + third - both * third;
}

/** 1 − (1 − d)^p. */
function powerDistance(distance: number, exponent: number): number {
  if (exponent === 1) return distance;
  if (exponent === 0) return 0 * distance;
  const base = 1 - distance;
  if (Number.isInteger(exponent) || base >= 0.5) {
    // Near 1 without cancelling: 1 − e^(p log(1 − d)).
    return base > 0.5 ? -Math.expm1(exponent * Math.log1p(-distance)) : 1 - base ** exponent;
  }
  return 1 - (base < powerFloor ? powerFloor : base) ** exponent;
}

/** The slope of (1 − d)^p in 1 − d. */
function powerSlope(distance: number, exponent: number): number {
  if (exponent === 1) return 1;
  if (exponent === 0) return 0;
  const base = 1 - distance;
  if (!Number.isInteger(exponent) && base < powerFloor) return 0;
  return exponent * base ** (exponent - 1);
}
