/** The q-quantile of numbers, interpolated between neighbours. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = q * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) return NaN;
  return below + (place - Math.floor(place)) * (above - below);
}

/** Milliseconds of one call. */
export interface Timing {
  readonly median: number;
  readonly q1: number;
  readonly q3: number;
  /** Measurements; each is the mean of `repeats` calls. */
  readonly runs: number;
  readonly repeats: number;
}

export function timingOf(samples: readonly number[], repeats: number): Timing {
  const [q1, median, q3] = [0.25, 0.5, 0.75].map((q) => quantile(samples, q)) as [number, number, number];
  return { median, q1, q3, runs: samples.length, repeats };
}
