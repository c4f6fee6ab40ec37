/** How the pixels of a window are weighted. */
export type WindowType = 'gaussian' | 'uniform';

/** What describes a window, with one number for every spatial axis. */
export interface WindowShape {
  readonly windowType: WindowType;
  readonly windowSize: readonly number[];
  readonly windowSigma: readonly number[];
}

/**
 * A separable window: the taps of each spatial axis, symmetric, of odd length, summing to 1.
 * The weight of a pixel is the product of its taps.
 */
export type Window = readonly Float64Array[];

/** exp(−i² / 2σ²) at whole pixels from the centre, normalised to sum 1. */
export function gaussianTaps(size: number, sigma: number): Float64Array {
  const centre = (size - 1) / 2;
  const weights = Array.from({ length: size }, (_, i) => Math.exp(-((i - centre) ** 2) / (2 * sigma ** 2)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Float64Array.from(weights, (weight) => weight / total);
}

/** The same weight, 1 / size, for every pixel. */
export function uniformTaps(size: number): Float64Array {
  return new Float64Array(size).fill(1 / size);
}

/** The window that the options describe. */
export function windowOf({ windowType, windowSize, windowSigma }: WindowShape): Window {
  return windowSize.map((size, axis) =>
    windowType === 'gaussian' ? gaussianTaps(size, windowSigma[axis]!) : uniformTaps(size),
  );
}
