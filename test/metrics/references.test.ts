import { describe, expect, test } from 'vitest';
import {
  auPimo,
  auPro,
  averagePrecision,
  bestF1,
  precisionRecallCurve,
  rocAuc,
  rocCurve,
  thresholdAtF1,
} from '../../src/index.js';
import fixtures from '../fixtures/metrics.json' with { type: 'json' };

const close = (actual: number, expected: number): void =>
  expect(Math.abs(actual - expected)).toBeLessThan(1e-9);

const allClose = (actual: ArrayLike<number>, expected: ArrayLike<number>): void => {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) close(actual[i]!, expected[i]!);
};

describe('references', () => {
  test.each(fixtures.ranking.map((expected, k) => ({ k, expected })))(
    'scikit-learn, case $k',
    ({ expected }) => {
      const { scores, labels } = expected;
      close(rocAuc(scores, labels), expected.rocAuc);
      for (const [limit, value] of Object.entries(expected.mcclish)) {
        const options = { maxFalsePositiveRate: Number(limit), standardize: 'mcclish' } as const;
        close(rocAuc(scores, labels, options), value);
      }
      close(averagePrecision(scores, labels), expected.averagePrecision);
      close(bestF1(scores, labels).f1, expected.bestF1);
      const roc = rocCurve(scores, labels);
      allClose(roc.falsePositiveRate, expected.falsePositiveRate);
      allClose(roc.truePositiveRate, expected.truePositiveRate);
      allClose(roc.thresholds.slice(1), expected.thresholds);
      const curve = precisionRecallCurve(scores, labels);
      allClose(curve.precision, expected.precision);
      allClose(curve.recall, expected.recall);
      allClose(curve.thresholds.slice(1), expected.prThresholds);
    },
  );

  test.each(fixtures.overlaps.map((expected, k) => ({ k, expected })))(
    'AU-PRO and AUPIMO with scikit-image and NumPy, case $k',
    ({ expected }) => {
      const { maps, masks, height, width } = expected;
      for (const [limit, value] of Object.entries(expected.auPro)) {
        close(auPro(maps, masks, { height, width, maxFalsePositiveRate: Number(limit) }), value);
      }
      const bounds = expected.auPimo.bounds as [number, number];
      const { scores } = auPimo(maps, masks, { height, width, falsePositiveRates: bounds });
      allClose(scores, expected.auPimo.scores);
      // Thresholds that are sampled, as anomalib does it, end at the nearest false positive rates.
      expected.sampled.forEach((value, k) => expect(Math.abs(scores[k]! - value)).toBeLessThan(0.05));
    },
  );

  test("the cases of anomalib's tests: a ladder of scores over columns, and F1", () => {
    const map = Float32Array.from({ length: 2800 }, (_, i) => i / 2800);
    for (const columns of ['0001000', '0101010']) {
      const mask = Uint8Array.from({ length: 2800 }, (_, i) => Number(columns[i % 7]));
      const value = auPro(map, mask, { height: 400, width: 7, maxFalsePositiveRate: 1 / 3 });
      expect(Math.abs(value - 1 / 6)).toBeLessThan(1e-3);
    }
    expect(thresholdAtF1([2.3, 1.6, 2.6, 7.9, 3.3], [0, 0, 0, 1, 1])).toBe(3.3);
    const best = bestF1([0.1, 0.5, 0.9, 0.1], [0, 1, 1, 1]);
    expect(best.f1).toBeCloseTo(0.8571, 4);
    expect(best.threshold).toBe(0.1);
  });
});
