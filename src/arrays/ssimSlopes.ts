import { powerFloor } from '../ssim/ssimOptions.js';
import type { ResolvedSsimOptions } from '../ssim/ssimOptions.js';
import { powerDistance } from './ssimTerms.js';
import type { Moments } from './windowMoments.js';

/** Below this variance, of images divided by the data range, the slope of a deviation is taken as 0. */
const flatVariance = 1e-12;

/** The slopes of SSIM in the moments of y. */
export interface Slopes {
  byMean: number;
  byVariance: number;
  byCovariance: number;
}

/** Writes the slopes of SSIM of one window, by the terms that `ssimDistanceOf` has. */
export function ssimSlopesOf(
  { meanX, meanY, varianceX, varianceY, covariance }: Moments,
  { alpha, beta, gamma, c1, c2 }: ResolvedSsimOptions,
  slopes: Slopes,
): void {
  const belowMeans = meanX * meanX + meanY * meanY + c1;
  const luminance = (meanX - meanY) ** 2 / belowMeans;
  const belowVariances = varianceX + varianceY + c2;
  const first = powerDistance(luminance, alpha);
  const byLuminance = powerSlope(luminance, alpha);
  const luminanceSlope = (2 * meanX - 2 * meanY * (1 - luminance)) / belowMeans;
  if (beta === gamma) {
    const structure = (varianceX + varianceY - 2 * covariance) / belowVariances;
    const byStructure = powerSlope(structure, beta) * (1 - first);
    slopes.byMean = byLuminance * (1 - powerDistance(structure, beta)) * luminanceSlope;
    slopes.byCovariance = byStructure * (2 / belowVariances);
    slopes.byVariance = -byStructure * ((1 - structure) / belowVariances);
    return;
  }
  const [sigmaX, sigmaY] = [Math.sqrt(varianceX), Math.sqrt(varianceY)];
  const belowProduct = 2 * sigmaX * sigmaY + c2;
  // By the differences of deviations and variances, which are exactly 0 where the images are equal.
  const gap = sigmaX - sigmaY;
  const contrast = gap ** 2 / belowVariances;
  const structure = (varianceX + varianceY - 2 * covariance - gap ** 2) / belowProduct;
  const second = powerDistance(contrast, beta);
  const third = powerDistance(structure, gamma);
  const sigmaSlope = (0.5 * sigmaY) / (varianceY + flatVariance);
  const byContrast = powerSlope(contrast, beta) * (1 - first) * (1 - third);
  const byStructure = powerSlope(structure, gamma) * (1 - first) * (1 - second);
  slopes.byMean = byLuminance * (1 - second) * (1 - third) * luminanceSlope;
  slopes.byCovariance = byStructure * (2 / belowProduct);
  slopes.byVariance =
    byContrast * ((2 * (gap + contrast * sigmaY)) / belowVariances) * sigmaSlope +
    byStructure * (((2 * (structure * sigmaX - gap)) / belowProduct) * sigmaSlope - 1 / belowProduct);
}

/** The slope of (1 − d)^p in 1 − d. */
function powerSlope(distance: number, exponent: number): number {
  if (exponent === 1) return 1;
  if (exponent === 0) return 0;
  const base = 1 - distance;
  if (!Number.isInteger(exponent) && base < powerFloor) return 0;
  return exponent * base ** (exponent - 1);
}
