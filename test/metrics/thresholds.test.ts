import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  auPimo,
  auPro,
  averagePrecision,
  bestF1,
  dice,
  iou,
  pimoAccumulator,
  pimoAccumulatorFromJSON,
  pimoCurve,
  precisionRecallCurve,
  proAccumulator,
  proAccumulatorFromJSON,
  proCurve,
  rocAuc,
  rocCurve,
  scoreAccumulator,
  scoreAccumulatorFromJSON,
  segment,
  thresholdAtF1,
  thresholdAtMinimumArea,
  thresholdAtQuantile,
} from '../../src/index.js';
import { floodFilled } from './support/definitions.js';

/** Scores that float32 rounds together, up or down, to 0 or to infinity, and ones that it holds. */
const pools = {
  tenths: [0.1, 0.2, 0.3, 0.7, -0.1, -0.7, 0.5],
  neighbours: [0.7, 0.7 + 1e-12, 0.7 - 1e-12, Math.fround(0.7), 1 + Number.EPSILON, 1, -1 - 1e-15],
  tiny: [1e-300, -1e-300, 5e-324, -5e-324, 0, -0, 1e-45, -1e-45, 1e-50],
  huge: [1e300, -1e300, Number.MAX_VALUE, -Number.MAX_VALUE, 3.4028235e38, -3.5e38, 3.5e38],
  'large whole numbers': [2 ** 24 + 1, 2 ** 24, 2 ** 31 - 1, -(2 ** 31), 3, -(2 ** 24) - 1],
  float32: [0.125, 0.25, -0.5, 1, 2, 3, -0],
  bytes: [0, 1, 2, 3, 4, 254, 255],
} as const;
const containers = {
  Float32Array: (values: readonly number[]) =>
    Float32Array.from(values, (value) => Math.max(-3e38, Math.min(3e38, value))),
  Float64Array: (values: readonly number[]) => Float64Array.from(values),
  list: (values: readonly number[]) => [...values],
};

type Values = Float32Array | Float64Array | number[];
const height = 3;
const width = 4;
const pixels = height * width;

/** Two normal images and two with defects, with scores of one pool in one container, or of either. */
const cases = fc
  .record({
    pool: fc.constantFrom(...Object.values(pools)),
    containers: fc.constantFrom(...Object.values(containers).map((one) => [one, one] as const), [
      containers.Float32Array,
      containers.list,
    ] as const),
    picks: fc.array(fc.nat(999), { minLength: 4 * pixels, maxLength: 4 * pixels }),
    defects: fc.array(fc.boolean(), { minLength: 2 * pixels, maxLength: 2 * pixels }),
  })
  .map(({ pool, containers: [first, second], picks, defects }) => {
    const of = (image: number): number[] =>
      picks.slice(image * pixels, (image + 1) * pixels).map((pick) => pool[pick % pool.length]!);
    const maps: Values[] = [0, 1, 2, 3].map((image) => (image < 3 ? first : second)(of(image)));
    const masks = [0, 1, 2, 3].map((image) =>
      Uint8Array.from({ length: pixels }, (_, i) =>
        image < 2 ? 0 : i === 0 || (i > 1 && defects[(image - 2) * pixels + i]) ? 1 : 0,
      ),
    );
    return { maps, masks };
  });

const flat = (maps: readonly Values[]): number[] => maps.flatMap((map) => [...map]);
const atLeast = (scores: ArrayLike<number>, t: number): Uint8Array =>
  Uint8Array.from(scores, (score) => (score >= t ? 1 : 0));
const exactly = (figure: number): { value: number; errorBound: number } => ({ value: figure, errorBound: 0 });
const near = ({ value, errorBound }: { value: number; errorBound: number }, exact: number): void => {
  expect(Math.abs(value - exact)).toBeLessThanOrEqual(errorBound + 1e-12);
};
const share = (scores: readonly number[], t: number): number =>
  scores.filter((score) => score >= t).length / scores.length;

describe('a threshold that is returned, applied to the same scores', () => {
  test('bestF1, thresholdAtF1: it is a score, and reaches the figures that were promised', () => {
    fc.assert(
      fc.property(cases, ({ maps, masks }) => {
        const labels = Uint8Array.from(masks.flatMap((mask) => [...mask]));
        const each: [Values, Uint8Array][] = [
          [flat(maps), labels],
          [maps[2]!, masks[2]!],
        ];
        for (const [scores, truth] of each) {
          const best = bestF1(scores, truth);
          const found = atLeast(scores, best.threshold);
          expect(scores.includes(best.threshold)).toBe(true);
          expect(dice(truth, found)).toBe(best.f1);
          expect(thresholdAtF1(scores, truth)).toBe(best.threshold);
          const size = { height: scores.length / width, width };
          expect(segment(scores, { ...size, threshold: best.threshold })).toEqual(found);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('thresholdAtQuantile: between two neighbouring scores, or the score itself', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(0, 0.001, 0.25, 0.5, 0.95, 1), ({ maps }, quantile) => {
        for (const scores of [maps[0]!, flat(maps)]) {
          const t = thresholdAtQuantile(scores, quantile);
          const sorted = Float64Array.from(scores).sort();
          const place = quantile * (sorted.length - 1);
          const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
          expect(t).toBeGreaterThanOrEqual(low);
          expect(t).toBeLessThanOrEqual(high);
          const size = { height: scores.length / width, width };
          expect(segment(scores, { ...size, threshold: t })).toEqual(atLeast(scores, t));
        }
      }),
      { numRuns: 40 },
    );
  });

  test('thresholdAtQuantile: of scores too far apart for their difference', () => {
    const far = [-Number.MAX_VALUE, Number.MAX_VALUE];
    const at = [0, 0.5, 1].map((quantile) => thresholdAtQuantile(far, quantile));
    expect(at).toEqual([-Number.MAX_VALUE, 0, Number.MAX_VALUE]);
    expect(thresholdAtQuantile(far, 0.25) / Number.MAX_VALUE).toBeCloseTo(-0.5, 14);
  });

  test('thresholdAtMinimumArea: no region is left, and at the next lower number there is one', () => {
    fc.assert(
      fc.property(
        cases,
        fc.constantFrom(1, 2, 5),
        fc.constantFrom(4 as const, 8 as const),
        ({ maps }, minimumArea, connectivity) => {
          // No finite number lies above the largest one.
          const good = maps.map((map) =>
            map instanceof Float32Array
              ? map
              : Float64Array.from(map, (v) => (v === Number.MAX_VALUE ? 1e301 : v)),
          );
          const options = { height, width, minimumArea, connectivity };
          const t = thresholdAtMinimumArea(good, options);
          const scores = good.flatMap((map) => [...map]);
          if (t === Math.min(...scores)) return;
          const below = Math.max(...scores.filter((score) => score < t));
          expect(segment(good, { ...options, threshold: t }).includes(1)).toBe(false);
          expect(segment(good, { ...options, threshold: below }).includes(1)).toBe(true);
          const next = good.every((map) => map instanceof Float32Array)
            ? nextFloat32(below)
            : nextFloat64(below);
          expect(t).toBe(next);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('curves: every threshold finds the shares beside it', () => {
    fc.assert(
      fc.property(cases, ({ maps, masks }) => {
        const [scores, labels] = [flat(maps), Uint8Array.from(masks.flatMap((mask) => [...mask]))];
        const of = (label: number): number[] => scores.filter((_, i) => labels[i] === label);
        const [positives, negatives] = [of(1), of(0)];
        const distinct = [...new Set(scores.map((score) => score + 0))].sort((a, b) => b - a);
        const roc = rocCurve(scores, labels);
        expect([...roc.thresholds]).toEqual([Infinity, ...distinct]);
        roc.thresholds.forEach((t, k) => {
          expect([roc.truePositiveRate[k], roc.falsePositiveRate[k]]).toEqual([
            share(positives, t),
            share(negatives, t),
          ]);
        });
        const { recall, thresholds } = precisionRecallCurve(scores, labels);
        thresholds.forEach((t, k) => expect(recall[k]).toBe(share(positives, t)));
        const pro = proCurve(maps, masks, { height, width });
        const regions = masks.flatMap((mask, image) =>
          floodFilled(mask, height, width, 8).map((region) => region.map((i) => maps[image]![i]!)),
        );
        expect([...pro.thresholds]).toEqual([Infinity, ...distinct]);
        pro.thresholds.forEach((t, k) => {
          expect(pro.falsePositiveRate[k]).toBe(share(negatives, t));
          const mean = regions.reduce((sum, region) => sum + share(region, t), 0) / regions.length;
          expect(pro.overlap[k]).toBeCloseTo(mean, 12);
        });
        const pimo = pimoCurve(maps, masks, { height, width, falsePositiveRates: [0.05, 1] });
        const normal = flat(maps.slice(0, 2));
        pimo.thresholds.forEach((t, k) => {
          expect(pimo.falsePositiveRate[k]).toBe(share(normal, t));
          pimo.images.forEach((image, defect) => {
            const inside = [...maps[image]!].filter((_, i) => masks[image]![i] === 1);
            expect(pimo.overlaps[defect]![k]).toBe(share(inside, t));
          });
        });
      }),
      { numRuns: 40 },
    );
  });
});

describe('what comes in parts gives what comes at once', () => {
  const again = <Kept>(from: (state: unknown) => Kept, kept: Kept): Kept =>
    from(JSON.parse(JSON.stringify(kept)));

  test('scoreAccumulator', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(1024, 2 ** 14), ({ maps, masks }, bins) => {
        const [scores, labels] = [flat(maps), Uint8Array.from(masks.flatMap((mask) => [...mask]))];
        const [one, merged] = [scoreAccumulator(), scoreAccumulator()];
        const counted = scoreAccumulator({ exactUpTo: 20, bins });
        maps.forEach((map, k) => {
          const part = scoreAccumulator();
          for (const to of [one, part, counted]) to.add(map, masks[k]!);
          merged.merge(again(scoreAccumulatorFromJSON, part));
        });
        expect(JSON.stringify(merged)).toBe(JSON.stringify(one));
        const limit = { maxFalsePositiveRate: 0.3 };
        for (const kept of [one, merged, again(scoreAccumulatorFromJSON, one)]) {
          expect(kept.rocAuc()).toEqual(exactly(rocAuc(scores, labels)));
          expect(kept.rocAuc(limit)).toEqual(exactly(rocAuc(scores, labels, limit)));
          expect(kept.averagePrecision()).toEqual(exactly(averagePrecision(scores, labels)));
          expect(kept.bestF1()).toEqual({ ...bestF1(scores, labels), errorBound: 0 });
          expect(kept.rocCurve()).toEqual(rocCurve(scores, labels));
          expect(kept.precisionRecallCurve()).toEqual(precisionRecallCurve(scores, labels));
        }
        expect(JSON.stringify(again(scoreAccumulatorFromJSON, counted))).toBe(JSON.stringify(counted));
        near(counted.rocAuc(), rocAuc(scores, labels));
        near(counted.rocAuc(limit), rocAuc(scores, labels, limit));
        near(counted.averagePrecision(), averagePrecision(scores, labels));
        const best = counted.bestF1();
        expect(dice(labels, atLeast(scores, best.threshold))).toBe(best.f1);
        expect(best.f1 + best.errorBound).toBeGreaterThanOrEqual(bestF1(scores, labels).f1);
        const of = (label: number): number[] => scores.filter((_, i) => labels[i] === label);
        const curve = counted.rocCurve();
        curve.thresholds.forEach((t, k) => {
          const shares = [share(of(1), t), share(of(0), t)];
          expect([curve.truePositiveRate[k], curve.falsePositiveRate[k]]).toEqual(shares);
          if (k === 0) return;
          // Nothing is undecided at the lower edge of a bin.
          expect(counted.iou(t)).toEqual(exactly(iou(labels, atLeast(scores, t))));
        });
        for (const t of new Set(scores)) {
          const found = atLeast(scores, t);
          expect([one.iou(t), one.dice(t)]).toEqual([
            exactly(iou(labels, found)),
            exactly(dice(labels, found)),
          ]);
          near(counted.iou(t), iou(labels, found));
          near(counted.dice(t), dice(labels, found));
        }
      }),
      { numRuns: 25 },
    );
  });

  test('proAccumulator', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(0.3, 1), ({ maps, masks }, limit) => {
        const size = { height, width };
        const [one, merged] = [proAccumulator(), proAccumulator()];
        const counted = proAccumulator({ exactUpTo: 20, bins: 1024 });
        maps.forEach((map, k) => {
          const part = proAccumulator();
          for (const to of [one, part, counted]) to.add(map, masks[k]!, size);
          merged.merge(again(proAccumulatorFromJSON, part));
        });
        expect(JSON.stringify(merged)).toBe(JSON.stringify(one));
        const exact = auPro(maps, masks, { ...size, maxFalsePositiveRate: limit });
        for (const kept of [one, merged, again(proAccumulatorFromJSON, one)]) {
          expect(kept.auPro({ maxFalsePositiveRate: limit })).toEqual(exactly(exact));
          expect(kept.proCurve({ maxFalsePositiveRate: limit })).toEqual(
            proCurve(maps, masks, { ...size, maxFalsePositiveRate: limit }),
          );
        }
        expect(JSON.stringify(again(proAccumulatorFromJSON, counted))).toBe(JSON.stringify(counted));
        near(counted.auPro({ maxFalsePositiveRate: limit }), exact);
        const good = flat(maps).filter((_, i) => masks[Math.floor(i / pixels)]![i % pixels] === 0);
        const curve = counted.proCurve();
        curve.thresholds.forEach((t, k) => expect(curve.falsePositiveRate[k]).toBe(share(good, t)));
      }),
      { numRuns: 25 },
    );
  });

  test('pimoAccumulator', () => {
    fc.assert(
      fc.property(cases, ({ maps, masks }) => {
        const [size, bounds] = [{ height, width }, [0.05, 0.9] as const];
        const [one, merged] = [pimoAccumulator(), pimoAccumulator()];
        const counted = pimoAccumulator({ exactUpTo: 20, bins: 1024 });
        maps.forEach((map, k) => {
          const part = pimoAccumulator();
          for (const to of [one, part, counted]) to.add(map, masks[k]!, [`image ${k}`], size);
          merged.merge(again(pimoAccumulatorFromJSON, part));
        });
        expect(JSON.stringify(merged)).toBe(JSON.stringify(one));
        const { scores } = auPimo(maps, masks, { ...size, falsePositiveRates: bounds });
        for (const kept of [one, merged, again(pimoAccumulatorFromJSON, one)]) {
          const figures = kept.auPimo({ falsePositiveRates: bounds });
          expect(figures.scores).toEqual(scores);
          expect(figures.errorBounds.every((bound) => bound === 0)).toBe(true);
        }
        expect(JSON.stringify(again(pimoAccumulatorFromJSON, counted))).toBe(JSON.stringify(counted));
        const figures = counted.auPimo({ falsePositiveRates: bounds });
        scores.forEach((score, k) =>
          near({ value: figures.scores[k]!, errorBound: figures.errorBounds[k]! }, score),
        );
      }),
      { numRuns: 25 },
    );
  });
});

describe('an accumulator to which nothing was added', () => {
  const [scores, overlaps, images] = [scoreAccumulator(), proAccumulator(), pimoAccumulator()];
  const figures: Record<string, () => unknown> = {
    'scoreAccumulator.rocAuc': () => scores.rocAuc(),
    'scoreAccumulator.rocCurve': () => scores.rocCurve(),
    'scoreAccumulator.precisionRecallCurve': () => scores.precisionRecallCurve(),
    'scoreAccumulator.averagePrecision': () => scores.averagePrecision(),
    'scoreAccumulator.bestF1': () => scores.bestF1(),
    'scoreAccumulator.iou': () => scores.iou(0.5),
    'scoreAccumulator.dice': () => scores.dice(0.5),
    'proAccumulator.auPro': () => overlaps.auPro(),
    'proAccumulator.proCurve': () => overlaps.proCurve(),
    'pimoAccumulator.auPimo': () => images.auPimo(),
  };

  test.each(Object.entries(figures))('%s says so', (name, figure) => {
    expect(figure).toThrow(RangeError);
    expect(figure).toThrow(`${name}: nothing has been added yet, so there is no figure; call add`);
  });

  test('has JSON, and can be merged', () => {
    const empty = scoreAccumulatorFromJSON(JSON.parse(JSON.stringify(scores)));
    empty.add([1, 2], [0, 1]);
    empty.merge(scores);
    expect([empty.count, empty.rocAuc().value]).toEqual([2, 1]);
    const images = pimoAccumulatorFromJSON(JSON.parse(JSON.stringify(pimoAccumulator())));
    images.merge(pimoAccumulator());
    const size = { height: 1, width: 2 };
    const normal = pimoAccumulator();
    normal.add([1, 2], [0, 0], ['good'], size);
    images.merge(normal);
    images.merge(pimoAccumulator());
    // From there on it has a size.
    expect(() => images.add([1, 2], [0, 1], ['hole'], { height: 2, width: 1 })).toThrow('the same height');
    images.add([1, 2], [0, 1], ['hole'], size);
    expect(images.count).toBe(3);
    expect(JSON.parse(JSON.stringify(images))).toMatchObject(size);
  });
});

test('where the largest number is too low a threshold, there is none', () => {
  const good = [Number.MAX_VALUE, 1];
  expect(() => thresholdAtMinimumArea(good, { height: 1, width: 2, minimumArea: 1 })).toThrow(RangeError);
  const t = thresholdAtMinimumArea(Float32Array.of(3.4028234663852886e38, 1), {
    height: 1,
    width: 2,
    minimumArea: 1,
  });
  expect(t).toBe(nextFloat64(3.4028234663852886e38));
});

function nextFloat64(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const bits = new BigInt64Array(Float64Array.of(value).buffer);
  bits[0] = bits[0]! + (value > 0 ? 1n : -1n);
  return new Float64Array(bits.buffer)[0]! + 0;
}

function nextFloat32(value: number): number {
  if (value === 0) return 2 ** -149;
  const bits = new Int32Array(Float32Array.of(value).buffer);
  bits[0] = bits[0]! + (value > 0 ? 1 : -1);
  return new Float32Array(bits.buffer)[0]! + 0;
}
