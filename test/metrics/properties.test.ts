import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  auPimo,
  auPro,
  averagePrecision,
  bestF1,
  dice,
  iou,
  pimoCurve,
  proAccumulator,
  proCurve,
  rocAuc,
  rocCurve,
  thresholdAtF1,
} from '../../src/index.js';
import { areaTo, descending, pairwiseAuc, proPoints } from './support/definitions.js';
import type { Images } from './support/definitions.js';
import { generator } from './support/shards.js';

const close = (actual: number, expected: number): void =>
  expect(Math.abs(actual - expected)).toBeLessThan(1e-9);

const allClose = (actual: ArrayLike<number>, expected: ArrayLike<number>): void => {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) close(actual[i]!, expected[i]!);
};

/** Scores with many ties, float32 and not, and labels of both classes. */
const labelled = fc
  .tuple(
    fc.array(fc.tuple(fc.integer({ min: -6, max: 6 }), fc.integer({ min: 0, max: 1 })), {
      minLength: 1,
      maxLength: 30,
    }),
    fc.integer({ min: -6, max: 6 }),
    fc.integer({ min: -6, max: 6 }),
    fc.constantFrom(0.1, 0.25),
  )
  .map(([pairs, positive, negative, unit]) => ({
    scores: [...pairs.map(([score]) => score), positive, negative].map((score) => score * unit),
    labels: [...pairs.map(([, label]) => label), 1, 0],
  }));

const images: fc.Arbitrary<Images> = fc
  .record({
    height: fc.integer({ min: 1, max: 6 }),
    width: fc.integer({ min: 2, max: 6 }),
    n: fc.integer({ min: 1, max: 3 }),
    levels: fc.constantFrom(3, 10, 1000),
    seed: fc.integer({ min: 1, max: 1e6 }),
  })
  .map(({ height, width, n, levels, seed }) => {
    const random = generator(seed);
    const masks = Array.from({ length: n }, () =>
      Array.from({ length: height * width }, () => (random() < 0.35 ? 1 : 0)),
    );
    masks[0]![0] = 1;
    masks[0]![1] = 0;
    const maps = masks.map((mask) =>
      mask.map((value) => Math.floor(levels * (random() + 0.2 * value)) / levels),
    );
    return { height, width, maps, masks };
  });

const set1 = ({ height, width }: Images): { readonly height: number; readonly width: number } => ({
  height,
  width,
});

function logArea(
  points: readonly (readonly [number, number])[],
  [lower, upper]: readonly [number, number],
): number {
  let area = 0;
  for (let k = 1; k < points.length; k++) {
    const [[x0, y0], [x1, y1]] = [points[k - 1]!, points[k]!];
    const [from, to] = [Math.max(x0, lower), Math.min(x1, upper)];
    if (to <= from) continue;
    const at = (x: number): number =>
      x0 === 0 ? y0 : y0 + ((y1 - y0) * Math.log(x / x0)) / Math.log(x1 / x0);
    area += (Math.log(to / from) * (at(from) + at(to))) / 2;
  }
  return area / Math.log(upper / lower);
}

describe('properties', () => {
  test('rocAuc is the probability of the right order, ties counting half', () => {
    fc.assert(
      fc.property(labelled, ({ scores, labels }) => {
        close(rocAuc(scores, labels), pairwiseAuc(scores, labels));
        close(rocAuc(Float32Array.from(scores), Uint8Array.from(labels)), pairwiseAuc(scores, labels));
      }),
    );
  });

  test('so it is where there are enough scores to sort by their bits, of either sign', () => {
    const random = generator(5);
    const scores = Float32Array.from({ length: 6000 }, () => (random() - 0.5) * 10 ** (8 * random() - 4));
    const labels = Array.from(scores, (score) => (random() + Math.sign(score) * 0.2 > 0.6 ? 1 : 0));
    scores[3] = -0;
    scores[4] = 0;
    const expected = pairwiseAuc([...scores], labels);
    close(rocAuc(scores, labels), expected);
    close(
      rocAuc(
        Float64Array.from(scores, (score) => score * 1.1),
        labels,
      ),
      expected,
    );
  });

  test('a partial area is that under the curve, up to the limit', () => {
    fc.assert(
      fc.property(labelled, fc.double({ min: 0.01, max: 1, noNaN: true }), ({ scores, labels }, limit) => {
        const curve = rocCurve(scores, labels);
        const points = [...curve.falsePositiveRate].map((x, k) => [x, curve.truePositiveRate[k]!] as const);
        close(rocAuc(scores, labels, { maxFalsePositiveRate: limit }), areaTo(points, limit));
      }),
    );
  });

  test('any ascending function of the scores leaves the figures alone', () => {
    fc.assert(
      fc.property(labelled, ({ scores, labels }) => {
        const others = scores.map((score) => Math.exp(3 * score) - 1);
        for (const metric of [rocAuc, averagePrecision]) {
          expect(metric(others, labels)).toBe(metric(scores, labels));
        }
        expect(bestF1(others, labels).f1).toBe(bestF1(scores, labels).f1);
      }),
    );
  });

  test('labels may be bytes, floats, numbers or booleans, and order does not matter', () => {
    fc.assert(
      fc.property(labelled, ({ scores, labels }) => {
        const expected = [rocAuc(scores, labels), averagePrecision(scores, labels), bestF1(scores, labels)];
        const kinds = [
          Uint8Array.from(labels),
          Float32Array.from(labels),
          labels.map((label) => label === 1),
        ];
        for (const kind of kinds) {
          expect([rocAuc(scores, kind), averagePrecision(scores, kind), bestF1(scores, kind)]).toEqual(
            expected,
          );
        }
        const [back, backLabels] = [[...scores].reverse(), [...labels].reverse()];
        expect([
          rocAuc(back, backLabels),
          averagePrecision(back, backLabels),
          bestF1(back, backLabels),
        ]).toEqual(expected);
      }),
    );
  });

  test('scores that are all equal are chance', () => {
    for (const score of [0, -0.3, 1e30]) {
      const scores = new Float32Array(7).fill(score);
      const labels = [1, 0, 0, 1, 0, 0, 0];
      expect(rocAuc(scores, labels)).toBe(0.5);
      close(averagePrecision(scores, labels), 2 / 7);
      close(bestF1(scores, labels).f1, 4 / 9);
      close(auPro(scores, labels, { height: 1, width: 7, maxFalsePositiveRate: 0.4 }), 0.2);
    }
    expect(rocAuc([0, -0], [1, 0])).toBe(0.5);
    expect(rocAuc([0.5, 0.5, 0.5], [1, 0, 0], { maxFalsePositiveRate: 0.1, standardize: 'mcclish' })).toBe(
      0.5,
    );
  });

  test('AU-PRO up to a limit that a score meets exactly: whole trapezoids, to the last bit', () => {
    // One pixel of the region of 5 is found by the highest score, then all or most of it beside false positives.
    for (const [map, good, falsePositives, exact] of [
      [[3, 2, 2, 2, 2], 5, 3, (0.2 + 1) / 2],
      [[3, 2, 2, 2, 2], 9, 6, (0.2 + 1) / 2],
      [[3, 2, 2, 2, 0], 9, 7, (0.2 + 0.8) / 2],
    ] as const) {
      const others = Array.from({ length: good }, (_, i) => (i < falsePositives ? 2 : 1));
      const [scores, mask] = [
        [...map, ...others],
        [...map.map(() => 1), ...others.map(() => 0)],
      ];
      const size = { height: 1, width: scores.length };
      const limit = falsePositives / good;
      expect(auPro(scores, mask, { ...size, maxFalsePositiveRate: limit })).toBe(exact);
      const kept = proAccumulator();
      kept.add(scores, mask, size);
      expect(kept.auPro({ maxFalsePositiveRate: limit })).toEqual({ value: exact, errorBound: 0 });
    }
  });

  test('bestF1 is the best of all thresholds, the highest of several', () => {
    fc.assert(
      fc.property(labelled, ({ scores, labels }) => {
        const f1 = (t: number): number => {
          const found = scores.map((score) => score >= t);
          const both = found.filter((is, i) => is && labels[i] === 1).length;
          return (2 * both) / (found.filter(Boolean).length + labels.filter((label) => label === 1).length);
        };
        const thresholds = descending(scores);
        const best = Math.max(...thresholds.map(f1));
        const found = bestF1(scores, labels);
        close(found.f1, best);
        expect(found.threshold).toBe(thresholds.find((t) => f1(t) === best));
        expect(thresholdAtF1(scores, labels)).toBe(found.threshold);
        close(found.f1, (2 * found.precision * found.recall) / (found.precision + found.recall));
      }),
    );
  });

  test('proCurve is PRO by its definition at all thresholds, and auPro its area', () => {
    fc.assert(
      fc.property(images, fc.constantFrom(0.07, 0.3, 0.5, 1), (set, limit) => {
        const points = proPoints(set);
        const curve = proCurve(set.maps, set.masks, set1(set));
        allClose(
          curve.falsePositiveRate,
          points.map(([x]) => x),
        );
        allClose(
          curve.overlap,
          points.map(([, y]) => y),
        );
        expect([...curve.thresholds]).toEqual([Infinity, ...descending(set.maps.flat())]);
        close(
          auPro(set.maps, set.masks, { ...set1(set), maxFalsePositiveRate: limit }),
          areaTo(points, limit),
        );
        const part = proCurve(set.maps, set.masks, { ...set1(set), maxFalsePositiveRate: limit });
        expect(part.falsePositiveRate.at(-1)).toBeCloseTo(limit, 12);
        close(
          areaTo(
            [...part.falsePositiveRate].map((x, k) => [x, part.overlap[k]!] as const),
            limit,
          ),
          areaTo(points, limit),
        );
      }),
    );
  });

  test('auPro of float32 maps, flat or as a list, is that of the same numbers in float64', () => {
    fc.assert(
      fc.property(images, (set) => {
        const maps = set.maps.map((map) => Float32Array.from(map));
        const numbers = maps.map((map) => [...map].map((value) => value * 1.1));
        const flat = Float32Array.from(maps.flatMap((map) => [...map]));
        const expected = auPro(numbers, set.masks, set1(set));
        close(auPro(maps, set.masks, set1(set)), expected);
        close(auPro(flat, set.masks.flat(), set1(set)), expected);
      }),
    );
  });

  test('a perfect map reaches 1 in everything, whatever the sizes of the defects', () => {
    fc.assert(
      fc.property(images, (set) => {
        const maps = set.masks.map((mask) => mask.map((value, i) => value + (i % 7) / 10));
        close(auPro(maps, set.masks, set1(set)), 1);
        close(rocAuc(maps.flat(), set.masks.flat()), 1);
        close(averagePrecision(maps.flat(), set.masks.flat()), 1);
      }),
    );
  });

  test('proCurve ends where it meets its limit, once', () => {
    // Scores far apart and close together: how the pixels below the limit are left out must not show.
    for (const step of [1, 1e-6]) {
      const map = Float32Array.from({ length: 10 }, (_, i) => 1 + (10 - i) * step);
      const mask = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0]; // eight outside: 0.25 of them are two
      const curve = proCurve(map, mask, { height: 1, width: 10, maxFalsePositiveRate: 0.25 });
      expect([...curve.falsePositiveRate]).toEqual([0, 0.125, 0.125, 0.25]);
      expect([...curve.overlap]).toEqual([0, 0, 0.5, 0.5]);
    }
  });

  test('auPimo is the area under the curves of pimoCurve', () => {
    fc.assert(
      fc.property(images, (set) => {
        const random = generator(set.maps.length + 7);
        const normal = set.maps[0]!.map(() => Math.floor(10 * random()) / 10);
        const maps = [normal, ...set.maps];
        const masks = [normal.map(() => 0), ...set.masks];
        const bounds = [0.25, 0.9] as const;
        const curve = pimoCurve(maps, masks, { ...set1(set), falsePositiveRates: bounds });
        const figures = auPimo(maps, masks, { ...set1(set), falsePositiveRates: bounds });
        expect([...curve.images]).toEqual([...figures.images]);
        expect([...figures.images]).toEqual(masks.flatMap((mask, k) => (mask.includes(1) ? [k] : [])));
        curve.overlaps.forEach((overlap, k) => {
          const x = [...curve.falsePositiveRate];
          const first = x.findIndex((rate) => rate > 0);
          const points = x.slice(first - 1).map((rate, i) => [rate, overlap[first - 1 + i]!] as const);
          close(figures.scores[k]!, logArea(points, bounds));
        });
      }),
    );
  });

  test('iou and dice count pixels', () => {
    const mask = fc.array(fc.constantFrom(0, 1), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(mask, mask, (a, b) => {
        const both = a.filter((value, i) => value === 1 && b[i] === 1).length;
        const sum = [...a, ...b].filter((value) => value === 1).length;
        close(iou(a, b), sum === 0 ? 1 : both / (sum - both));
        close(dice(a, b), sum === 0 ? 1 : (2 * both) / sum);
        expect([iou(a, a), dice(b, b)]).toEqual([1, 1]);
      }),
    );
  });

  test('arguments stay as they were', () => {
    const map = Float32Array.from({ length: 5000 }, (_, i) => Math.sin(i) - 0.2);
    const mask = Uint8Array.from(map, (_, i) => (i % 50 < 7 ? 1 : 0));
    const [mapBefore, maskBefore] = [map.slice(), mask.slice()];
    rocAuc(map, mask);
    averagePrecision(map, mask);
    auPro(map, mask, { height: 50, width: 100 });
    expect([map, mask]).toEqual([mapBefore, maskBefore]);
  });
});
