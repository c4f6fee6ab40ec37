import { thresholdAtQuantile } from '../../src/index.js';

/** Which residual is black, and which is the brightest. */
export interface HeatScale {
  readonly dark: number;
  readonly bright: number;
}

/** Black is the median of good pixels, the brightest 1.5 times as far from it as 99 % of them reach. */
export function heatScaleOf(good: Float32Array): HeatScale {
  const [dark, high] = [0.5, 0.99].map((share) => thresholdAtQuantile(good, share)) as [number, number];
  return { dark, bright: dark + 1.5 * Math.max(high - dark, 1e-9) };
}
