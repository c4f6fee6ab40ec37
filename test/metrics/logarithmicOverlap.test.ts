import { describe, expect, test } from 'vitest';
import { logarithmicOverlap } from '../../src/metrics/logarithmicOverlap.js';

describe('bins from the highest score down: of 10 defective pixels and 1,000 normal ones', () => {
  const steps: readonly (readonly [positives: number, negatives: number])[] = [
    [2, 100],
    [3, 100],
    [1, 200],
    [4, 600],
  ];
  const [two, oneAndAHalf] = [Math.log(2), Math.log(1.5)];

  // The curve goes from 0.2 at a rate of 0.1 to 0.5 at 0.2, 0.6 at 0.4 and 1 at 1, straight over the logarithm. Within a
  // bin the exact one may go any way up: half the bin's box off, or all of it where a bound cuts the bin.
  test.each([
    ['whole bins', [0.1, 0.4], (0.35 + 0.55) / 2, (0.3 + 0.1) / 4, 3],
    [
      'cut by the upper bound',
      [0.1, 0.3],
      (two * 0.35 + oneAndAHalf * (0.5 + (0.1 * oneAndAHalf) / two / 2)) / Math.log(3),
      (two * 0.15 + oneAndAHalf * 0.1) / Math.log(3),
      3,
    ],
    [
      'cut by the lower bound',
      [0.15, 0.4],
      (Math.log(4 / 3) * (0.5 - (0.3 * Math.log(4 / 3)) / two / 2) + two * 0.55) / Math.log(8 / 3),
      (Math.log(4 / 3) * 0.3 + two * 0.05) / Math.log(8 / 3),
      3,
    ],
    // Nothing is known to be found below the first rate.
    ['from before the first bin', [0.05, 0.2], 0.35 / 2, (0.2 + 0.15) / 2, 2],
    ['to the end', [0.4, 1], 0.8, 0.2, 4],
  ] as const)('%s', (_, bounds, value, errorBound, seen) => {
    let visited = 0;
    const figure = logarithmicOverlap({ bounds, normals: 1000, area: 10 }, (step) => {
      for (const [positives, negatives] of steps) {
        visited++;
        if (!step(positives, negatives)) return;
      }
    });
    expect(figure.value).toBeCloseTo(value, 12);
    expect(figure.errorBound).toBeCloseTo(errorBound, 12);
    expect(visited).toBe(seen);
  });
});
