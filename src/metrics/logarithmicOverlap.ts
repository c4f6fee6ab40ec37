import type { BoundedFigure } from './tally.js';

/**
 * The mean overlap of one image between two false positive rates, over their logarithm. The steps go from the
 * highest score down, with how many defective pixels of the image and how many normal pixels each holds, as
 * long as `step` gives true. The bound holds for steps that are bins: within one the curve may go any way up.
 */
export function logarithmicOverlap(
  {
    bounds,
    normals,
    area,
  }: {
    readonly bounds: readonly [lower: number, upper: number];
    /** Pixels of all normal images. */
    readonly normals: number;
    /** Defective pixels of this image. */
    readonly area: number;
  },
  visit: (step: (positives: number, negatives: number) => boolean) => void,
): BoundedFigure {
  const [low, high] = bounds.map(Math.log) as [number, number];
  let [sum, undecided, found, falsePositives] = [0, 0, 0, 0];
  let [x, y] = [-Infinity, 0];
  visit((positives, negatives) => {
    falsePositives += negatives;
    found += positives;
    const [nextX, nextY] = [Math.log(falsePositives / normals), found / area];
    const [from, to] = [Math.max(x, low), Math.min(nextX, high)];
    if (from < to) {
      const at = (place: number): number =>
        x === -Infinity ? y : y + ((nextY - y) * (place - x)) / (nextX - x);
      sum += ((to - from) * (at(from) + at(to))) / 2;
      const isWhole = from === x && to === nextX;
      undecided += (to - from) * (nextY - y) * (isWhole ? 0.5 : 1);
    }
    [x, y] = [nextX, nextY];
    return x < high;
  });
  return { value: Math.min(1, sum / (high - low)), errorBound: undecided / (high - low) };
}
