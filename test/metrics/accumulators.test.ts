import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import {
  auPimo,
  auPro,
  averagePrecision,
  bestF1,
  dice,
  iou,
  pimoAccumulator,
  pimoAccumulatorFromJSON,
  precisionRecallCurve,
  proAccumulator,
  proAccumulatorFromJSON,
  proCurve,
  rocAuc,
  rocCurve,
  scoreAccumulator,
  scoreAccumulatorFromJSON,
} from '../../src/index.js';
import type { AccumulatorOptions } from '../../src/index.js';
import { capacities, generator, imageOf, size } from './support/shards.js';

const few: AccumulatorOptions = { exactUpTo: 50, bins: 1024 };

const parts = fc
  .record({
    seed: fc.integer({ min: 1, max: 1e6 }),
    sizes: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 }),
  })
  .map(({ seed, sizes }) => {
    const random = generator(seed);
    return sizes.map((length, k) => {
      const labels = Uint8Array.from({ length }, (_, i) => (k === 0 && i === 0 ? 1 : random() < 0.3 ? 1 : 0));
      labels[length - 1] = k === 0 && length === 1 ? 1 : 0;
      const scores = Float32Array.from(
        labels,
        (label) => Math.round(500 * (random() + 0.3 * label)) / 100 - 2,
      );
      return { scores, labels };
    });
  })
  .filter(
    (list) => list.some(({ labels }) => labels.includes(1)) && list.some(({ labels }) => labels.includes(0)),
  );

const joined = (list: readonly Float32Array[]): Float32Array =>
  Float32Array.from(list.flatMap((part) => [...part]));

describe('properties', () => {
  test('figures and JSON are the same, whatever the order of add and merge', () => {
    fc.assert(
      fc.property(
        parts,
        fc.constantFrom(few, { exactUpTo: 1e6 }, { exactUpTo: 0, bins: 2 ** 16 }),
        (list, options) => {
          const all = scoreAccumulator(options);
          for (const { scores, labels } of list) all.add(scores, labels);
          const others = list.map(({ scores, labels }) => {
            const one = scoreAccumulator(options);
            one.add(scores, labels);
            return one;
          });
          const tree = scoreAccumulator(options);
          for (const one of [...others].reverse()) tree.merge(one);
          const chain = others.reduceRight((later, earlier) => {
            earlier.merge(later);
            return earlier;
          });
          for (const other of [tree, chain, scoreAccumulatorFromJSON(JSON.parse(JSON.stringify(all)))]) {
            expect(JSON.stringify(other)).toBe(JSON.stringify(all));
            expect([other.rocAuc(), other.averagePrecision(), other.bestF1(), other.count]).toEqual([
              all.rocAuc(),
              all.averagePrecision(),
              all.bestF1(),
              all.count,
            ]);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('the figure is exact while every score is kept, and within its bound when they are counted', () => {
    fc.assert(
      fc.property(parts, fc.constantFrom(1024, 2048, 2 ** 16), (list, bins) => {
        const scores = joined(list.map((part) => part.scores));
        const labels = Uint8Array.from(list.flatMap((part) => [...part.labels]));
        const [kept, counted] = [scoreAccumulator(), scoreAccumulator({ exactUpTo: 0, bins })];
        kept.add(scores, labels);
        counted.add(scores, labels);
        const f1 = bestF1(scores, labels);
        expect(kept.rocAuc()).toEqual({ value: rocAuc(scores, labels), errorBound: 0 });
        expect(kept.averagePrecision()).toEqual({ value: averagePrecision(scores, labels), errorBound: 0 });
        expect(kept.bestF1()).toEqual({ ...f1, errorBound: 0 });
        const within = (figure: { value: number; errorBound: number }, exact: number): void =>
          expect(Math.abs(figure.value - exact)).toBeLessThanOrEqual(figure.errorBound + 1e-12);
        within(counted.rocAuc(), rocAuc(scores, labels));
        within(counted.averagePrecision(), averagePrecision(scores, labels));
        const best = counted.bestF1();
        expect(f1.f1).toBeGreaterThanOrEqual(best.f1 - 1e-12);
        expect(f1.f1).toBeLessThanOrEqual(best.f1 + best.errorBound + 1e-12);
        // Its threshold, applied to the scores, reaches the F1 that it says.
        const found = [...scores].map((score) => (score >= best.threshold ? 1 : 0));
        const both = found.filter((value, i) => value === 1 && labels[i] === 1).length;
        const sum = [...found, ...labels].filter((value) => value === 1).length;
        expect((2 * both) / sum).toBeCloseTo(best.f1, 12);
      }),
      { numRuns: 200 },
    );
  });

  test('partial areas and curves: exact while kept, within the bound and on the curve when counted', () => {
    fc.assert(
      fc.property(
        parts,
        fc.constantFrom(1024, 2048),
        fc.constantFrom(0.05, 0.3, 0.9, 1),
        fc.constantFrom('limit' as const, 'mcclish' as const),
        (list, bins, maxFalsePositiveRate, standardize) => {
          const scores = joined(list.map((part) => part.scores));
          const labels = Uint8Array.from(list.flatMap((part) => [...part.labels]));
          const [kept, counted] = [scoreAccumulator(), scoreAccumulator({ exactUpTo: 0, bins })];
          kept.add(scores, labels);
          counted.add(scores, labels);
          const options = { maxFalsePositiveRate, standardize };
          const exact = rocAuc(scores, labels, options);
          expect(kept.rocAuc(options)).toEqual({ value: exact, errorBound: 0 });
          const { value, errorBound } = counted.rocAuc(options);
          expect(Math.abs(value - exact)).toBeLessThanOrEqual(errorBound + 1e-12);
          expect(kept.rocCurve()).toEqual(rocCurve(scores, labels));
          expect(kept.precisionRecallCurve()).toEqual(precisionRecallCurve(scores, labels));
          const share = (t: number, label: number): number => {
            const of = scores.filter((_, i) => labels[i] === label);
            return of.filter((score) => score >= t).length / of.length;
          };
          const curve = counted.rocCurve();
          curve.thresholds.forEach((t, k) => {
            expect(curve.falsePositiveRate[k]).toBeCloseTo(share(t, 0), 12);
            expect(curve.truePositiveRate[k]).toBeCloseTo(share(t, 1), 12);
          });
          const { recall, thresholds } = counted.precisionRecallCurve();
          thresholds.forEach((t, k) => expect(recall[k]).toBeCloseTo(share(t, 1), 12));
        },
      ),
      { numRuns: 100 },
    );
  });

  const imageLists = fc
    .uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 5 })
    .map((list) => [1, ...list]);

  test('iou and dice at a threshold: exact while kept, within the bound when counted', () => {
    fc.assert(
      fc.property(
        parts,
        fc.constantFrom(1024, 2048),
        fc.oneof(fc.constantFrom(-9, -1, 0, 0.5, 1, 9), fc.float({ min: -2, max: 4, noNaN: true })),
        (list, bins, threshold) => {
          const scores = joined(list.map((part) => part.scores));
          const labels = Uint8Array.from(list.flatMap((part) => [...part.labels]));
          const found = Uint8Array.from(scores, (score) => (score >= threshold ? 1 : 0));
          const [kept, counted] = [scoreAccumulator(), scoreAccumulator({ exactUpTo: 0, bins })];
          kept.add(scores, labels);
          counted.add(scores, labels);
          for (const [name, exact] of [
            ['iou', iou(labels, found)],
            ['dice', dice(labels, found)],
          ] as const) {
            expect(kept[name](threshold)).toEqual({ value: exact, errorBound: 0 });
            const { value, errorBound } = counted[name](threshold);
            expect(Math.abs(value - exact)).toBeLessThanOrEqual(errorBound + 1e-12);
            // At the lower edge of a bin nothing is undecided.
            if (Number.isInteger(threshold) && threshold >= 0)
              expect([value, errorBound]).toEqual([exact, 0]);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test('pimoAccumulator: the same in any order, exact or within its bound', () => {
    fc.assert(
      fc.property(
        imageLists,
        fc.constantFrom({}, { exactUpTo: 0, bins: 1024 }, { exactUpTo: 1500, bins: 4096 }),
        fc.constantFrom([0.001, 0.1] as const, [0.02, 0.5] as const, [0.3, 1] as const),
        (list, capacity, bounds) => {
          const images = [0, ...list.filter((image) => image > 0)].map(imageOf);
          const names = images.map((_, k) => `image ${99 - k}`);
          const maps = images.map(({ map }) => map);
          const masks = images.map(({ mask }) => mask);
          const all = pimoAccumulator(capacity);
          all.add(maps, masks, names, size);
          const back = images
            .map(({ map, mask }, k) => {
              const one = pimoAccumulator(capacity);
              one.add(map, mask, [names[k]!], size);
              return one;
            })
            .reduceRight((later, earlier) => {
              later.merge(earlier);
              return later;
            });
          const again = pimoAccumulatorFromJSON(JSON.parse(JSON.stringify(all)));
          expect(all.count).toBe(
            images.reduce(
              (sum, { mask }) =>
                sum + (mask.includes(1) ? mask.filter((value) => value === 1).length : mask.length),
              0,
            ),
          );
          for (const other of [back, again]) {
            expect(other.auPimo({ falsePositiveRates: bounds })).toEqual(
              all.auPimo({ falsePositiveRates: bounds }),
            );
            expect(JSON.stringify(other)).toBe(JSON.stringify(all));
            expect(other.count).toBe(all.count);
          }
          const exact = auPimo(maps, masks, { ...size, falsePositiveRates: bounds });
          const figures = all.auPimo({ falsePositiveRates: bounds });
          expect(figures.names).toEqual([...exact.images].map((image) => names[image]!).reverse());
          [...exact.scores].reverse().forEach((score, k) => {
            if (capacity.exactUpTo === undefined) {
              expect([figures.scores[k], figures.errorBounds[k]]).toEqual([score, 0]);
            }
            expect(Math.abs(figures.scores[k]! - score)).toBeLessThanOrEqual(figures.errorBounds[k]! + 1e-12);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the bound is reached by scores that a bin holds in the wrong order', () => {
    const accumulator = scoreAccumulator({ exactUpTo: 0, bins: 1024 });
    accumulator.add([1, 1.1], [1, 0]);
    expect(accumulator.rocAuc()).toEqual({ value: 0.5, errorBound: 0.5 });
    expect(rocAuc([1, 1.1], [1, 0])).toBe(0);
  });

  test('with the default bins, the bound on a normal and a shifted class is small', () => {
    const random = generator(9);
    const labels = Uint8Array.from({ length: 200_000 }, () => (random() < 0.1 ? 1 : 0));
    const scores = Float32Array.from(labels, (label) => random() + random() + 0.5 * label);
    const accumulator = scoreAccumulator({ exactUpTo: 0 });
    accumulator.add(scores, labels);
    const { value, errorBound } = accumulator.rocAuc();
    expect(errorBound).toBeLessThan(5e-4);
    expect(Math.abs(value - rocAuc(scores, labels))).toBeLessThan(errorBound);
  });

  test('proAccumulator: the same in any order, exact or within its bound', () => {
    fc.assert(
      fc.property(
        imageLists,
        fc.constantFrom({}, { exactUpTo: 0, bins: 1024 }, { exactUpTo: 1500, bins: 4096 }),
        fc.constantFrom(0.05, 0.3, 1),
        (list, options, limit) => {
          const images = list.map(imageOf);
          const maps = images.map(({ map }) => map);
          const masks = images.map(({ mask }) => mask);
          const all = proAccumulator(options);
          all.add(maps, masks, size);
          const back = images
            .map(({ map, mask }) => {
              const one = proAccumulator(options);
              one.add(map, mask, size);
              return one;
            })
            .reduceRight((later, earlier) => {
              later.merge(earlier);
              return later;
            });
          const again = proAccumulatorFromJSON(JSON.parse(JSON.stringify(all)));
          for (const other of [back, again]) {
            expect(other.auPro({ maxFalsePositiveRate: limit })).toEqual(
              all.auPro({ maxFalsePositiveRate: limit }),
            );
            expect(JSON.stringify(other)).toBe(JSON.stringify(all));
            expect(other.count).toBe(images.length * size.height * size.width);
          }
          const exact = auPro(maps, masks, { ...size, maxFalsePositiveRate: limit });
          const { value, errorBound } = all.auPro({ maxFalsePositiveRate: limit });
          if (options.exactUpTo === undefined) {
            expect([value, errorBound]).toEqual([exact, 0]);
            expect(all.proCurve({ maxFalsePositiveRate: limit })).toEqual(
              proCurve(maps, masks, { ...size, maxFalsePositiveRate: limit }),
            );
          }
          const last = all.proCurve({ maxFalsePositiveRate: limit });
          expect(last.falsePositiveRate.at(-1)).toBeCloseTo(limit, 12);
          expect(last.overlap.every((overlap, k) => k === 0 || overlap >= last.overlap[k - 1]!)).toBe(true);
          expect(Math.abs(value - exact)).toBeLessThanOrEqual(errorBound + 1e-12);
        },
      ),
      // Here the limit is met exactly: 0.3 of the pixels outside lie at or above one of the scores.
      { numRuns: 40, examples: [[[1, 8], {}, 0.3]] },
    );
  });

  test('the lowest bin and the highest count like all others', () => {
    // Below all float32 numbers lies one bin, and no finite score is above the last of float32.
    const [low, high] = [-Number.MAX_VALUE, Number.MAX_VALUE];
    for (const bins of [1024, 4096]) {
      for (const [first, second] of [
        [low, high],
        [high, low],
      ] as const) {
        const [map, mask] = [
          [first, first, second, second],
          [1, 1, 0, 0],
        ];
        const area = first > second ? 1 : 0;
        const scores = scoreAccumulator({ exactUpTo: 0, bins });
        scores.add(map, mask);
        expect(scores.rocAuc()).toEqual({ value: area, errorBound: 0 });
        expect(scores.rocCurve().thresholds).toHaveLength(3);
        expect(scores.bestF1().f1).toBe(area === 1 ? 1 : 2 / 3);
        expect(scores.iou(low)).toEqual({ value: 0.5, errorBound: 0 });
        const overlaps = proAccumulator({ exactUpTo: 0, bins });
        overlaps.add(map, mask, { height: 1, width: 4 });
        expect(overlaps.auPro({ maxFalsePositiveRate: 1 })).toEqual({ value: area, errorBound: 0 });
        expect(overlaps.proCurve().overlap.at(-1)).toBe(1);
        const [maps, masks, size] = [
          [...map, first, second, low, high],
          [1, 1, 0, 0, 0, 0, 0, 0],
          { height: 1, width: 4 },
        ];
        const images = pimoAccumulator({ exactUpTo: 0, bins });
        images.add(maps, masks, ['defect', 'good'], size);
        const falsePositiveRates = [0.25, 1] as const;
        expect(images.auPimo({ falsePositiveRates }).scores).toEqual(
          auPimo(maps, masks, { ...size, falsePositiveRates }).scores,
        );
      }
    }
  });

  test('merging an accumulator into itself counts it twice', () => {
    for (const options of [{}, { exactUpTo: 0 }]) {
      const scores = scoreAccumulator(options);
      scores.add([1, 2, 3], [0, 1, 0]);
      scores.merge(scores);
      const twice = scoreAccumulator(options);
      twice.add([1, 2, 3, 1, 2, 3], [0, 1, 0, 0, 1, 0]);
      expect(JSON.stringify(scores)).toBe(JSON.stringify(twice));
    }
  });
});

test('accumulators of another copy of the library are merged by what their JSON says', async () => {
  vi.resetModules();
  const other = await import('../../src/index.js');
  expect(other.scoreAccumulator).not.toBe(scoreAccumulator);
  const [scores, foreign] = [scoreAccumulator(), other.scoreAccumulator()];
  scores.add([0.1, 0.7], [0, 1]);
  foreign.add([0.2, 0.3], [0, 1]);
  scores.merge(foreign);
  expect(scores.rocAuc()).toEqual({ value: 1, errorBound: 0 });
  const [overlaps, foreignOverlaps] = [proAccumulator(), other.proAccumulator()];
  foreignOverlaps.add([0.1, 0.7], [0, 1], { height: 1, width: 2 });
  overlaps.merge(foreignOverlaps);
  expect(JSON.stringify(overlaps)).toBe(JSON.stringify(foreignOverlaps));
  const [images, foreignImages] = [pimoAccumulator, other.pimoAccumulator].map((create) => create());
  foreignImages!.add([0.1, 0.7], [0, 1], ['hole'], { height: 1, width: 2 });
  images!.merge(foreignImages!);
  expect(JSON.stringify(images)).toBe(JSON.stringify(foreignImages));
  expect(() => scores.merge(other.scoreAccumulator({ bins: 1024 }))).toThrow(
    'scoreAccumulator.merge: both accumulators must have the same bins, but got 1048576 and 1024.',
  );
});

test('an accumulator of normal images that is merged into itself, and counted in bins from there on', () => {
  const images = pimoAccumulator({ exactUpTo: 3 });
  images.add([0.1, 0.7], [0, 0], ['good'], { height: 1, width: 2 });
  images.merge(images);
  expect(images.count).toBe(4);
});

describe('references', () => {
  test('shards gathered by separate processes give the figure of one', () => {
    const run = (images: readonly number[]) =>
      JSON.parse(
        execFileSync(
          process.execPath,
          [
            '--import',
            'tsx',
            fileURLToPath(new URL('./support/shard.ts', import.meta.url)),
            ...images.map(String),
          ],
          { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
        ),
      ) as { scores: unknown; overlaps: unknown }[];
    const shards = [run([0, 3, 5]), run([1]), run([2, 4])];
    const images = [0, 1, 2, 3, 4, 5].map(imageOf);
    capacities.forEach((capacity, k) => {
      const [scores, overlaps] = [scoreAccumulator(capacity), proAccumulator(capacity)];
      for (const shard of shards) {
        scores.merge(scoreAccumulatorFromJSON(shard[k]!.scores));
        overlaps.merge(proAccumulatorFromJSON(shard[k]!.overlaps));
      }
      const [oneScores, oneOverlaps] = [scoreAccumulator(capacity), proAccumulator(capacity)];
      for (const { map, mask } of images) {
        oneScores.add(map, mask);
        oneOverlaps.add(map, mask, size);
      }
      expect(JSON.stringify(scores)).toBe(JSON.stringify(oneScores));
      expect(scores.rocAuc()).toEqual(oneScores.rocAuc());
      expect(overlaps.auPro()).toEqual(oneOverlaps.auPro());
      if (k > 0) return;
      expect(scores.rocAuc().value).toBe(
        rocAuc(
          joined(images.map(({ map }) => map)),
          Uint8Array.from(images.flatMap(({ mask }) => [...mask])),
        ),
      );
    });
  });
});

describe('rejects', () => {
  const rejects = (call: () => unknown, error: typeof RangeError | typeof TypeError, text: string): void => {
    expect(call).toThrow(error);
    expect(call).toThrow(text);
  };

  test.each(Object.entries({ scoreAccumulator, proAccumulator, pimoAccumulator }))(
    '%s, options',
    (name, create) => {
      rejects(() => create({ bin: 3 } as object), TypeError, `${name}: unknown option "bin"`);
      rejects(
        () => create({ bins: 1000 }),
        RangeError,
        `${name}: bins must be a whole number from 1024 to 16777216, but got 1000.`,
      );
      rejects(
        () => create({ bins: 3000 }),
        RangeError,
        `${name}: bins must be a power of two, but got 3000.`,
      );
      rejects(
        () => create({ exactUpTo: -1 }),
        RangeError,
        `${name}: exactUpTo must be a whole number ≥ 0, but got -1.`,
      );
    },
  );

  test('what is merged', () => {
    const [scores, overlaps] = [scoreAccumulator(), proAccumulator()];
    rejects(
      () => scores.merge(JSON.parse(JSON.stringify(scores)) as never),
      TypeError,
      'scoreAccumulator.merge: other must be another scoreAccumulator; bring what toJSON gave back with scoreAccumulatorFromJSON, but got an object.',
    );
    rejects(() => overlaps.merge(scores as never), TypeError, 'proAccumulator.merge: other must be another');
    rejects(
      () => scores.merge(scoreAccumulator({ bins: 1024 })),
      RangeError,
      'scoreAccumulator.merge: both accumulators must have the same bins, but got 1048576 and 1024.',
    );
  });

  test('merging accumulators of other settings', () => {
    for (const [setting, own, other] of [
      ['exactUpTo', 1048576, 7],
      ['bins', 1048576, 1024],
    ] as const) {
      const text = `both accumulators must have the same ${setting}, but got ${own} and ${other}.`;
      const changed = { [setting]: other };
      const [scores, overlaps, images] = [scoreAccumulator(), proAccumulator(), pimoAccumulator()];
      rejects(() => images.merge(pimoAccumulator(changed)), RangeError, `pimoAccumulator.merge: ${text}`);
      rejects(() => scores.merge(scoreAccumulator(changed)), RangeError, `scoreAccumulator.merge: ${text}`);
      rejects(() => overlaps.merge(proAccumulator(changed)), RangeError, `proAccumulator.merge: ${text}`);
    }
  });

  test('what is added, and what has no figure', () => {
    const scores = scoreAccumulator();
    rejects(() => scores.add([1, NaN], [0, 1]), RangeError, 'scoreAccumulator.add: scores[1] is NaN');
    expect(scores.count).toBe(0);
    rejects(() => scores.rocAuc(), RangeError, 'scoreAccumulator.rocAuc: nothing has been added yet');
    scores.add([1, 2], [0, 0]);
    rejects(() => scores.rocAuc(), RangeError, 'scoreAccumulator.rocAuc: all 2 labels are 0');
    const overlaps = proAccumulator();
    rejects(
      () => overlaps.add([1, 2], [0, 1], { height: 3, width: 1 }),
      RangeError,
      'proAccumulator.add: maps must hold whole images of 3×1',
    );
    overlaps.add([1, 2], [0, 0], { height: 1, width: 2 });
    rejects(() => overlaps.auPro(), RangeError, 'proAccumulator.auPro: all masks are empty');
    rejects(
      () => overlaps.auPro({ maxFalsePositiveRate: 0 }),
      RangeError,
      'proAccumulator.auPro: maxFalsePositiveRate must be a finite number > 0',
    );
  });

  test('pimoAccumulator: names, sizes, merges and states', () => {
    const size = { height: 1, width: 2 };
    const images = pimoAccumulator();
    const add = 'pimoAccumulator.add:';
    rejects(
      () => images.add([1, 2], [0, 1], ['a'], { height: 0, width: 2 }),
      RangeError,
      `${add} height must be a whole number ≥ 1, but got 0.`,
    );
    rejects(
      () => images.add([1, 2], [0, 1], 'hole' as never, size),
      TypeError,
      `${add} names must be a list of strings`,
    );
    rejects(
      () => images.add([1, 2], [0, 1], [], size),
      RangeError,
      `${add} there must be one name for each of the 1 images, but got 0.`,
    );
    rejects(() => images.add([1, NaN], [0, 1], ['a'], size), RangeError, `${add} maps[1] is NaN`);
    rejects(
      () => images.add([1, 2, 3, 4], [0, 1, 0, 1], ['a', 'a'], size),
      RangeError,
      `${add} there is an image with a defect named "a" already`,
    );
    expect(images.count).toBe(0);
    // What was refused leaves no size behind.
    const other = pimoAccumulator();
    other.add([1, 2], [0, 0], ['good'], { height: 2, width: 1 });
    other.merge(images);
    images.add([1, 2], [0, 1], ['a'], size);
    rejects(() => images.add([1, 2], [0, 1], ['a'], size), RangeError, 'named "a" already');
    for (const [side, own, changed] of [
      ['height', 1, 2],
      ['width', 2, 1],
    ] as const) {
      rejects(
        () => images.add([1, 2], [0, 0], ['good'], { ...size, [side]: changed }),
        RangeError,
        `${add} all images must have the same ${side}, but got ${own} and ${changed}.`,
      );
    }
    const merge = 'pimoAccumulator.merge:';
    rejects(() => images.merge(scoreAccumulator() as never), TypeError, `${merge} other must be another`);
    rejects(() => images.merge(images), RangeError, `${merge} there is an image with a defect named "a"`);
    rejects(
      () => images.merge(other),
      RangeError,
      `${merge} the images of both accumulators must have the same height, but got 1 and 2.`,
    );
    rejects(() => images.auPimo(), RangeError, 'pimoAccumulator.auPimo: no mask is empty');
    images.add([1, 2], [0, 0], ['a'], size);
    rejects(() => images.auPimo(), RangeError, 'have 2 pixels, too few for a false positive rate of 0.0001');
    rejects(
      () => images.auPimo({ falsePositiveRates: [1, 0] }),
      RangeError,
      'falsePositiveRates must be 0 < lower < upper ≤ 1',
    );
    const name = 'pimoAccumulatorFromJSON:';
    const state = JSON.parse(JSON.stringify(images)) as { kept: { defects: object[] } };
    const { defects } = state.kept;
    const withDefects = (list: unknown) => () =>
      pimoAccumulatorFromJSON({ ...state, kept: { ...state.kept, defects: list } });
    rejects(() => pimoAccumulatorFromJSON({}), TypeError, `${name} kind must be 'ssim-ae images'`);
    rejects(withDefects(3), TypeError, `${name} kept.defects must be a list, but got 3`);
    rejects(
      withDefects([...defects, ...defects]),
      RangeError,
      `${name} kept.defects[1].name must be a name that no other has, but got "a"`,
    );
    rejects(
      withDefects([{ ...defects[0], scores: { float32: '', float64: '' } }]),
      RangeError,
      `${name} kept.defects[0].scores adds up to 0 pixels, but must add up to 1 to 2, the pixels of an image.`,
    );
  });

  test('states that are none, or damaged', () => {
    const accumulator = scoreAccumulator({ exactUpTo: 0 });
    accumulator.add([1, 2], [0, 1]);
    const state = JSON.parse(JSON.stringify(accumulator)) as Record<string, Record<string, unknown>>;
    const name = 'scoreAccumulatorFromJSON';
    rejects(() => scoreAccumulatorFromJSON('{}'), TypeError, `${name}: state must be what toJSON`);
    rejects(() => scoreAccumulatorFromJSON({}), TypeError, `${name}: kind must be 'ssim-ae scores'`);
    rejects(
      () => proAccumulatorFromJSON(state),
      TypeError,
      'proAccumulatorFromJSON: kind must be \'ssim-ae overlaps\', that of what toJSON of such an accumulator gave, but got "ssim-ae scores".',
    );
    const damaged = (part: string, value: unknown) => () =>
      scoreAccumulatorFromJSON({ ...state, binned: { ...state['binned'], [part]: value } });
    rejects(
      damaged('positives', 'AAA*'),
      RangeError,
      `${name}: binned.positives must be numbers of 8 bytes in base64`,
    );
    rejects(damaged('positives', ''), RangeError, `${name}: binned.positives must be 2 whole numbers ≥ 0`);
    rejects(damaged('bins', 7), TypeError, `${name}: binned.bins must be numbers of 4 bytes in base64`);
    rejects(damaged('bins', 'AAAA'), RangeError, 'but it has 3 bytes');
    rejects(
      () => scoreAccumulatorFromJSON({ ...state, binned: undefined }),
      TypeError,
      `${name}: binned must be an object with a count of 2 and exactUpTo 0, but got undefined.`,
    );
    rejects(
      () => scoreAccumulatorFromJSON({ ...state, count: undefined }),
      TypeError,
      `${name}: count must be a whole number ≥ 0, but got undefined.`,
    );
  });
});
