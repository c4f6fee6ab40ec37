import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { quantile, rocAuc } from '../../bench/quickstart/rocAuc.js';

/** Every pair of a defective and a good pixel, one by one. */
function bruteForce(scores: readonly number[], mask: readonly number[]): number {
  let wins = 0;
  let pairs = 0;
  scores.forEach((defective, i) => {
    if (mask[i] === 0) return;
    scores.forEach((good, j) => {
      if (mask[j] === 1) return;
      pairs++;
      wins += defective > good ? 1 : defective === good ? 0.5 : 0;
    });
  });
  return wins / pairs;
}

// Few different scores, so that most of them are tied.
const scored = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0, 1)), {
  minLength: 2,
  maxLength: 60,
});

describe('rocAuc', () => {
  test.prop([scored, fc.nat()])('is the share of pairs in the right order', (pixels, cut) => {
    const scores = pixels.map(([score]) => score);
    const mask = pixels.map(([, defective]) => defective);
    const at = cut % pixels.length;
    const area = rocAuc(
      [Float32Array.from(scores.slice(0, at)), Float32Array.from(scores.slice(at))],
      [Uint8Array.from(mask.slice(0, at)), Uint8Array.from(mask.slice(at))],
    );
    const expected = bruteForce(scores, mask);
    if (Number.isNaN(expected)) expect(area).toBeNaN();
    else expect(area).toBeCloseTo(expected, 12);
  });

  test('is 1 for a perfect order, 0 for the reverse, ½ for equal scores', () => {
    const mask = [Uint8Array.of(0, 0, 1)];
    expect(rocAuc([Float32Array.of(1, 2, 3)], mask)).toBe(1);
    expect(rocAuc([Float32Array.of(3, 2, 1)], mask)).toBe(0);
    expect(rocAuc([Float32Array.of(2, 2, 2)], mask)).toBe(0.5);
  });
});

describe('quantile', () => {
  test('looks at the scores of all images together', () => {
    const scores = [Float32Array.of(4, 1, 3), Float32Array.of(2, 0)];
    expect(quantile(scores, 0.5)).toBe(2);
    expect(quantile(scores, 1)).toBe(4);
  });
});
