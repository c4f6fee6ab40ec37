import { powerFloor } from '../ssim/ssimOptions.js';
import type { ResolvedSsimOptions } from '../ssim/ssimOptions.js';
import type { Moments } from './windowMoments.js';

/**
 * 1 − SSIM of one window (eqs 4 to 8). As everywhere in this library, each term is computed as its distance from 1, and a base
 * below 1e-6 counts as that where the exponent is not a whole number.
 */
export function ssimDistanceOf(
  { meanX, meanY, varianceX, varianceY, covariance }: Moments,
  { alpha, beta, gamma, c1, c2 }: ResolvedSsimOptions,
): number {
  const luminance = (meanX - meanY) ** 2 / (meanX * meanX + meanY * meanY + c1);
  const first = powerDistance(luminance, alpha);
  const belowVariances = varianceX + varianceY + c2;
  const both = varianceX + varianceY - 2 * covariance;
  if (beta === gamma) return joined(first, powerDistance(both / belowVariances, beta));
  const [sigmaX, sigmaY] = [Math.sqrt(varianceX), Math.sqrt(varianceY)];
  const gap = (sigmaX - sigmaY) ** 2;
  // 2 σx σy − 2 σxy, in a form that is exactly 0 where the images are equal.
  const structure = (both - gap) / (2 * sigmaX * sigmaY + c2);
  return joined(joined(first, powerDistance(gap / belowVariances, beta)), powerDistance(structure, gamma));
}

/** 1 − (1 − p)(1 − q). */
const joined = (p: number, q: number): number => p + q - p * q;

/** 1 − (1 − d)^p. */
export function powerDistance(distance: number, exponent: number): number {
  if (exponent === 1) return distance;
  if (exponent === 0) return 0 * distance;
  const base = 1 - distance;
  if (Number.isInteger(exponent) || base >= 0.5) {
    // Near 1 without cancelling: 1 − e^(p log(1 − d)).
    return base > 0.5 ? -Math.expm1(exponent * Math.log1p(-distance)) : 1 - base ** exponent;
  }
  return 1 - (base < powerFloor ? powerFloor : base) ** exponent;
}
