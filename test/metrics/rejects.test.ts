import { describe, expect, test } from 'vitest';
import {
  auPimo,
  auPro,
  averagePrecision,
  bestF1,
  dice,
  iou,
  pimoCurve,
  precisionRecallCurve,
  proCurve,
  rocAuc,
  rocCurve,
  thresholdAtF1,
} from '../../src/index.js';

describe('rejects', () => {
  const rejects = (call: () => unknown, error: typeof RangeError | typeof TypeError, text: string): void => {
    expect(call).toThrow(error);
    expect(call).toThrow(text);
  };
  const ranked = { rocAuc, rocCurve, averagePrecision, precisionRecallCurve, bestF1, thresholdAtF1 };
  const overMaps = { auPro, proCurve, auPimo, pimoCurve };

  test.each(Object.entries(ranked))('%s, scores and labels', (name, metric) => {
    const call = (scores: unknown, labels: unknown) => () => metric(scores as number[], labels as number[]);
    rejects(
      call('abc', [0]),
      TypeError,
      `${name}: scores must be a typed array or a list of numbers, such as await tensor.data(), but got "abc".`,
    );
    rejects(call([0.1, '2'], [0, 1]), TypeError, `${name}: scores[1] must be a number, but got "2".`);
    rejects(call([], []), RangeError, `${name}: scores is empty; it must hold at least one score.`);
    rejects(
      call([0.1, NaN], [0, 1]),
      RangeError,
      `${name}: scores[1] is NaN; every score must be a finite number.`,
    );
    rejects(
      call(Float32Array.of(0, 1, -Infinity), [0, 1, 1]),
      RangeError,
      `${name}: scores[2] is -Infinity; every score must be a finite number.`,
    );
    rejects(
      call([0.1, 0.2], Uint8Array.of(0, 255)),
      RangeError,
      `${name}: labels[1] must be 0 or 1, but got 255; make a mask of other values binary with Uint8Array.from(mask, (v) => v > 0).`,
    );
    rejects(
      call([0.1, 0.2], ['bad', 'good']),
      TypeError,
      `${name}: labels[0] must be 0 or 1, but got "bad".`,
    );
    rejects(
      call([0.1, 0.2], new BigInt64Array(2)),
      TypeError,
      `${name}: labels must be a typed array, or a list of booleans or of 0 and 1, but got a BigInt64Array of 2.`,
    );
    rejects(
      call([0.1, 0.2], [0, 1, 1]),
      RangeError,
      `${name}: there must be one label for each score, but got 2 scores and 3 labels.`,
    );
    rejects(call([0.1, 0.2], [0, 0]), RangeError, `${name}: all 2 labels are 0, so there is nothing`);
  });

  test('labels that are all 1 leave no ROC curve, but a precision of 1', () => {
    for (const metric of [rocAuc, rocCurve]) {
      rejects(
        () => metric([1, 2], [1, 1]),
        RangeError,
        'all 2 labels are 1, so there is nothing defect-free',
      );
    }
    expect(averagePrecision([1, 2], [1, 1])).toBe(1);
    expect(bestF1([1, 2], [1, 1]).f1).toBe(1);
  });

  test('options of rocAuc', () => {
    const call = (options: unknown) => () => rocAuc([1, 2], [0, 1], options as object);
    rejects(call({ maxFpr: 0.1 }), TypeError, 'rocAuc: unknown option "maxFpr"');
    rejects(
      call({ maxFalsePositiveRate: 0 }),
      RangeError,
      'rocAuc: maxFalsePositiveRate must be a finite number > 0 and ≤ 1, but got 0.',
    );
    rejects(
      call({ maxFalsePositiveRate: 1.5 }),
      RangeError,
      'rocAuc: maxFalsePositiveRate must be a finite number > 0 and ≤ 1, but got 1.5.',
    );
    rejects(call({ standardize: true }), TypeError, "rocAuc: standardize must be one of 'limit', 'mcclish'");
  });

  test.each(Object.entries(overMaps))('%s, maps and masks', (name, metric) => {
    const size = { height: 2, width: 2 };
    const call =
      (maps: unknown, masks: unknown, options: object = size) =>
      () =>
        metric(maps as number[], masks as number[], options as typeof size);
    rejects(
      call([1, 2, 3], [0, 0, 1]),
      RangeError,
      `${name}: maps must hold whole images of 2×2, a multiple of 4 values, but got 3.`,
    );
    rejects(
      call([[1, 2, 3, 4], [1]], [0, 0, 1, 1]),
      RangeError,
      `${name}: maps[1] must hold whole images of 2×2, a multiple of 4 values, but got 1.`,
    );
    rejects(
      call([1, 2, 3, NaN], [0, 0, 1, 1]),
      RangeError,
      `${name}: maps[3] is NaN; every score must be a finite number.`,
    );
    rejects(
      call([[1, 2, 3, 4]], [[0, 0, 2, 1]]),
      RangeError,
      `${name}: masks[0][2] must be 0 or 1, but got 2; make`,
    );
    rejects(
      call([1, 2, 3, 4], [0, 0, 1, 1, 0, 0, 0, 0]),
      RangeError,
      `${name}: there must be one mask for each map, but got 1 maps and 2 masks of 2×2.`,
    );
    rejects(call([1, 2, 3, 4], [0, 0, 0, 0]), RangeError, `${name}: all masks are empty`);
    rejects(
      call([1, 2], [0, 1], { height: 1 }),
      TypeError,
      `${name}: width must be a whole number ≥ 1, but got undefined.`,
    );
    rejects(
      call([1, 2], [0, 1], { height: 1.5, width: 2 }),
      RangeError,
      `${name}: height must be a whole number ≥ 1, but got 1.5.`,
    );
    rejects(call([1, 2], [0, 1], { ...size, limits: 0.3 }), TypeError, `${name}: unknown option "limits"`);
  });

  test('masks and bounds that leave no curve', () => {
    const size = { height: 1, width: 2 };
    rejects(
      () => auPro([1, 2], [1, 1], size),
      RangeError,
      'auPro: the masks cover every pixel, so there is no false positive rate; at least one pixel must be free of defects.',
    );
    rejects(
      () => auPro([1, 2], [0, 1], { ...size, maxFalsePositiveRate: 2 }),
      RangeError,
      'auPro: maxFalsePositiveRate must be a finite number > 0 and ≤ 1, but got 2.',
    );
    rejects(
      () => auPimo([1, 2], [0, 1], size),
      RangeError,
      'auPimo: no mask is empty, but the false positive rate is that of images without a defect; at least one is needed.',
    );
    const four = [1, 2, 3, 4];
    rejects(
      () => auPimo(four, [0, 0, 0, 1], size),
      RangeError,
      'auPimo: the images without a defect have 2 pixels, too few for a false positive rate of 0.0001; give more of them, or an upper bound of at least 0.5.',
    );
    rejects(
      () => auPimo(four, [0, 0, 0, 1], { ...size, falsePositiveRates: [0.5, 0.2] }),
      RangeError,
      'auPimo: falsePositiveRates must be 0 < lower < upper ≤ 1, but got [0.5, 0.2].',
    );
    rejects(
      () => auPimo(four, [0, 0, 0, 1], { ...size, falsePositiveRates: 0.5 as never }),
      TypeError,
      'auPimo: falsePositiveRates must be [lower, upper], two numbers, but got 0.5.',
    );
  });

  test('masks of different lengths', () => {
    for (const [name, metric] of Object.entries({ iou, dice })) {
      rejects(
        () => metric([0, 1], [0]),
        RangeError,
        `${name}: maskTrue and maskPred must have as many pixels as each other, at least one, but got 2 and 1.`,
      );
      rejects(
        () => metric([0, 3], [0, 1]),
        RangeError,
        `${name}: maskTrue[1] must be 0 or 1, but got 3; make`,
      );
    }
  });
});
