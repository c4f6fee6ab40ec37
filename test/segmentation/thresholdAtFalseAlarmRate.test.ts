import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { thresholdAtFalseAlarmRate } from '../../src/index.js';
import { randomNumbers } from '../support/images.js';

/** The rank that the definition names, in whole numbers: ⌈(n + 1)(1 − p/q)⌉. */
const rankOf = (n: number, p: number, q: number): number => Math.ceil(((n + 1) * (q - p)) / q);

test('is the score of that rank, whatever the order and kind of array', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 60 }),
      fc
        .integer({ min: 2, max: 100 })
        .chain((q) => fc.tuple(fc.integer({ min: 1, max: q - 1 }), fc.constant(q))),
      (scores, [p, q]) => {
        const rank = rankOf(scores.length, p, q);
        const call = (): number => thresholdAtFalseAlarmRate(Float64Array.from(scores), p / q);
        if (rank > scores.length) expect(call).toThrow(RangeError);
        else expect(call()).toBe([...scores].sort((a, b) => a - b)[rank - 1]);
      },
    ),
  );
  const scores = [0.5, 0.25, 1, 0.75];
  for (const given of [scores, Float32Array.from(scores), Float64Array.from(scores)]) {
    expect([0.2, 0.4, 0.6, 0.99].map((rate) => thresholdAtFalseAlarmRate(given, rate))).toEqual([
      1, 0.75, 0.5, 0.25,
    ]);
    expect([...given]).toEqual(scores);
  }
});

test('rates that binary numbers hold only nearly count as what they are', () => {
  const scores = Float64Array.from({ length: 99 }, (_, k) => k + 1);
  for (let percent = 1; percent < 100; percent++) {
    expect(thresholdAtFalseAlarmRate(scores, percent / 100), `${percent} %`).toBe(100 - percent);
  }
});

describe('a new good image exceeds it with the probability that was promised, 1,000 calibrations', () => {
  const normal = (random: () => number): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const distributions: [string, (random: () => number) => number, boolean][] = [
    ['uniform', (random) => random(), false],
    ['normal', normal, false],
    ['log-normal, a long tail', (random) => Math.exp(2 * normal(random)), false],
    ['two kinds of images', (random) => (random() < 0.1 ? 5 : 0) + normal(random), false],
    ['five values', (random) => Math.floor(5 * random()), true],
    ['mostly one value', (random) => (random() < 0.9 ? 0 : random()), true],
    ['one value', () => 0.5, true],
  ];

  test.each(distributions)('%s', (_, draw, hasTies) => {
    for (const [count, rate] of [
      [19, 0.05],
      [50, 0.05],
      [120, 0.01],
      [30, 0.25],
    ] as const) {
      const random = randomNumbers(7);
      const [calibrations, later] = [1000, 50];
      const shares = Array.from({ length: calibrations }, () => {
        const threshold = thresholdAtFalseAlarmRate(
          Array.from({ length: count }, () => draw(random)),
          rate,
        );
        let flagged = 0;
        for (let k = 0; k < later; k++) if (draw(random) > threshold) flagged++;
        return flagged / later;
      });
      const mean = shares.reduce((sum, share) => sum + share, 0) / calibrations;
      const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / calibrations;
      const error = 4 * Math.sqrt(variance / calibrations);
      expect(mean).toBeLessThanOrEqual(rate + error);
      // Without ties every place among the scores is equally likely.
      const exact = 1 - rankOf(count, Math.round(rate * 100), 100) / (count + 1);
      if (!hasTies) expect(Math.abs(mean - exact)).toBeLessThanOrEqual(error);
    }
  });
});

describe('rejects', () => {
  test.each([
    [
      [1, 2, 3],
      0.01,
      'a rate of 0.01 takes at least 99 good images, but got 3 scores; score more of them, or use rate ≥ 0.25.',
    ],
    [
      [1],
      0.1,
      'a rate of 0.1 takes at least 9 good images, but got 1 score; score more of them, or use rate ≥ 0.5.',
    ],
    [
      Array<number>(98).fill(1),
      0.01,
      'a rate of 0.01 takes at least 99 good images, but got 98 scores; score more of them, or use rate ≥ 0.011.',
    ],
    [[1, 2], 0, 'rate must be a finite number > 0 and < 1, but got 0.'],
    [[1, 2], 1, 'rate must be a finite number > 0 and < 1, but got 1.'],
    [[1, 2], NaN, 'rate must be a finite number > 0 and < 1, but got NaN.'],
  ])('%j at %d', (scores, rate, message) => {
    expect(() => thresholdAtFalseAlarmRate(scores, rate)).toThrow(RangeError);
    expect(() => thresholdAtFalseAlarmRate(scores, rate)).toThrow(message);
  });

  test('the rate that a message offers is enough', () => {
    for (let count = 1; count < 300; count++) {
      const scores = Array<number>(count).fill(0);
      try {
        thresholdAtFalseAlarmRate(scores, 1e-4);
        expect.unreachable();
      } catch (error) {
        const [, offered] = /use rate ≥ ([\d.]+)\.$/.exec((error as Error).message)!;
        expect(thresholdAtFalseAlarmRate(scores, Number(offered))).toBe(0);
      }
    }
  });
});
