import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  connectedRegions,
  openMask,
  removeSmallRegions,
  segment,
  thresholdAtMinimumArea,
  thresholdAtQuantile,
} from '../../src/index.js';
import fixtures from '../fixtures/metrics.json' with { type: 'json' };
import { descending, floodFilled, openedByDefinition } from '../metrics/support/definitions.js';
import { generator } from '../metrics/support/shards.js';

const masks = fc
  .record({
    height: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 9 }),
    share: fc.constantFrom(0.2, 0.5, 0.8, 1),
    seed: fc.integer({ min: 1, max: 1e6 }),
  })
  .map(({ height, width, share, seed }) => {
    const random = generator(seed);
    return {
      height,
      width,
      mask: Array.from({ length: height * width }, (): number => (random() < share ? 1 : 0)),
      scores: Array.from({ length: height * width }, () => Math.floor(8 * random()) / 8 - 0.5),
    };
  });
const connectivities = [4, 8] as const;

describe('properties', () => {
  test('connectedRegions are those of a flood fill, in the order of their first pixels', () => {
    fc.assert(
      fc.property(
        masks,
        fc.constantFrom(...connectivities),
        ({ mask, scores, height, width }, connectivity) => {
          const found = connectedRegions(mask, { height, width, connectivity, scores });
          const expected = floodFilled(mask, height, width, connectivity);
          expect(found.count).toBe(expected.length);
          const labels = new Int32Array(mask.length);
          expected.forEach((region, k) => region.forEach((pixel) => (labels[pixel] = k + 1)));
          expect(found.labels).toEqual(labels);
          expected.forEach((region, k) => {
            const ys = region.map((pixel) => Math.floor(pixel / width));
            const xs = region.map((pixel) => pixel % width);
            const mean = (values: readonly number[]): number =>
              values.reduce((sum, value) => sum + value, 0) / values.length;
            const { area, box, centroid, score, meanScore } = found.regions[k]!;
            expect(area).toBe(region.length);
            expect(box).toEqual({
              top: Math.min(...ys),
              left: Math.min(...xs),
              bottom: Math.max(...ys) + 1,
              right: Math.max(...xs) + 1,
            });
            expect(centroid.y).toBeCloseTo(mean(ys), 12);
            expect(centroid.x).toBeCloseTo(mean(xs), 12);
            const inRegion = region.map((pixel) => scores[pixel]!);
            expect(score).toBe(Math.max(...inRegion));
            expect(meanScore).toBeCloseTo(mean(inRegion), 12);
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  test('regions have no scores unless these are given', () => {
    const { regions } = connectedRegions([true, false], { height: 1, width: 2 });
    expect([regions[0]!.score, regions[0]!.meanScore]).toEqual([undefined, undefined]);
  });

  test('a comb and a spiral of many runs are one region', () => {
    const side = 301;
    const comb = Uint8Array.from({ length: side * side }, (_, i) =>
      i >= side * (side - 1) || (i % side) % 2 === 0 ? 1 : 0,
    );
    expect(connectedRegions(comb, { height: side, width: side, connectivity: 4 }).count).toBe(1);
    const checkers = Uint8Array.from({ length: side * side }, (_, i) => (i % 2 === 0 ? 1 : 0));
    expect(connectedRegions(checkers, { height: side, width: side, connectivity: 8 }).count).toBe(1);
    expect(connectedRegions(checkers, { height: side, width: side, connectivity: 4 }).count).toBe(
      (side * side + 1) / 2,
    );
  });

  test('openMask is the opening by its definition, for any radius', () => {
    fc.assert(
      fc.property(masks, fc.integer({ min: 0, max: 6 }), ({ mask, height, width }, radius) => {
        const opened = openMask(mask, { height, width, radius });
        expect([...opened]).toEqual(openedByDefinition(mask, height, width, radius));
        expect(openMask(opened, { height, width, radius })).toEqual(opened);
      }),
      { numRuns: 300 },
    );
  });

  test('an opening of radius 300 leaves a full mask, and nothing of one with a hole', () => {
    const mask = new Uint8Array(40 * 30).fill(1);
    expect(openMask(mask, { height: 40, width: 30, radius: 300 })).toEqual(mask);
    mask[615] = 0;
    expect(openMask(mask, { height: 40, width: 30, radius: 300 })).toEqual(new Uint8Array(1200));
  });

  test('removeSmallRegions keeps what is large enough', () => {
    fc.assert(
      fc.property(
        masks,
        fc.constantFrom(...connectivities),
        fc.integer({ min: 1, max: 9 }),
        ({ mask, height, width }, connectivity, minimumArea) => {
          const before = [...mask];
          const kept = removeSmallRegions(mask, { height, width, connectivity, minimumArea });
          const expected = new Uint8Array(mask.length);
          for (const region of floodFilled(mask, height, width, connectivity)) {
            if (region.length >= minimumArea) region.forEach((pixel) => (expected[pixel] = 1));
          }
          expect(kept).toEqual(expected);
          expect(mask).toEqual(before);
        },
      ),
    );
  });

  test('thresholdAtMinimumArea is the lowest of all thresholds without a defect', () => {
    fc.assert(
      fc.property(
        fc.array(masks, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...connectivities),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(1, 0.1),
        (list, connectivity, minimumArea, unit) => {
          const [{ height, width }] = list as [(typeof list)[0]];
          const random = generator(list.length + minimumArea);
          const maps = list.map(() =>
            Array.from({ length: height * width }, () => (Math.floor(8 * random()) - 4) * unit),
          );
          const options = { height, width, connectivity, minimumArea };
          const hasDefect = (t: number): boolean =>
            maps.some((map) =>
              floodFilled(
                map.map((score) => (score >= t ? 1 : 0)),
                height,
                width,
                connectivity,
              ).some((region) => region.length >= minimumArea),
            );
          const scores = descending(maps.flat());
          const first = scores.find(hasDefect);
          const t = thresholdAtMinimumArea(maps, options);
          expect(hasDefect(t)).toBe(false);
          if (first === undefined) expect(t).toBe(scores.at(-1));
          else {
            expect(t).toBeGreaterThan(first);
            expect(t - first).toBeLessThan(1e-6);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test('segment is threshold, border, opening and area one after the other', () => {
    fc.assert(
      fc.property(
        fc.array(masks, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...connectivities),
        fc.record({
          threshold: fc.constantFrom(-0.5, 0, 0.25, 9),
          border: fc.integer({ min: 0, max: 2 }),
          openingRadius: fc.integer({ min: 0, max: 2 }),
          minimumArea: fc.integer({ min: 1, max: 6 }),
        }),
        (list, connectivity, { threshold, border, openingRadius, minimumArea }) => {
          const [{ height, width }] = list as [(typeof list)[0]];
          fc.pre(2 * border < Math.min(height, width));
          const random = generator(7);
          const maps = list.map(() => Array.from({ length: height * width }, () => random() - 0.5));
          const expected = maps.flatMap((map) => {
            const inside = map.map((score, i) => {
              const [y, x] = [Math.floor(i / width), i % width];
              const edge = Math.min(y, x, height - 1 - y, width - 1 - x);
              return score >= threshold && edge >= border ? 1 : 0;
            });
            const opened = openedByDefinition(inside, height, width, openingRadius);
            const kept = opened.map(() => 0);
            for (const region of floodFilled(opened, height, width, connectivity)) {
              if (region.length >= minimumArea) region.forEach((pixel) => (kept[pixel] = 1));
            }
            return kept;
          });
          const options = { height, width, threshold, border, openingRadius, minimumArea, connectivity };
          expect([...segment(maps, options)]).toEqual(expected);
          expect([...segment(Float64Array.from(maps.flat()), options)]).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('segment finds nothing on the maps that gave the threshold, with the same border', () => {
    const [height, width, border] = [20, 17, 3];
    const random = generator(11);
    const maps = Float32Array.from({ length: 4 * height * width }, (_, i) => {
      const [y, x] = [Math.floor(i / width) % height, i % width];
      return random() + (Math.min(y, x, height - 1 - y, width - 1 - x) < border ? 5 : 0);
    });
    const rule = { height, width, border, minimumArea: 4 };
    const threshold = thresholdAtMinimumArea(maps, rule);
    expect(threshold).toBeLessThan(1);
    const found = (t: number): number =>
      segment(maps, { ...rule, threshold: t }).reduce((sum, value) => sum + value, 0);
    expect(found(threshold)).toBe(0);
    expect(found(threshold - 1e-6)).toBeGreaterThanOrEqual(4);
    expect(thresholdAtMinimumArea(maps, { ...rule, border: 0 })).toBeGreaterThan(5);
  });

  test('thresholdAtQuantile lies where the sorted scores say', () => {
    const random = generator(3);
    const scores = Float32Array.from({ length: 20_001 }, () => (random() - 0.5) * 10 ** (6 * random() - 3));
    const sorted = scores.slice().sort();
    for (const q of [0, 0.0001, 0.25, 0.5, 0.75, 0.9999, 1]) {
      const place = q * 20_000;
      const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
      expect(thresholdAtQuantile(scores, q)).toBeCloseTo(low + (place % 1) * (high - low), 12);
    }
    expect(thresholdAtQuantile([7], 0.3)).toBe(7);
  });
});

describe('references', () => {
  const bits = (text: string): number[] => [...text].map(Number);

  test.each(fixtures.segmentation.map((expected, k) => ({ k, expected })))(
    'SciPy and scikit-image, case $k',
    ({ expected }) => {
      const { height, width } = expected;
      const mask = bits(expected.mask);
      for (const connectivity of connectivities) {
        const { count, areas, boxes, centroids, withoutSmall } = expected[`${connectivity}`];
        const found = connectedRegions(mask, { height, width, connectivity });
        expect(found.count).toBe(count);
        expect(found.regions.map(({ area }) => area)).toEqual(areas);
        expect(found.regions.map(({ box }) => [box.top, box.left, box.bottom, box.right])).toEqual(boxes);
        found.regions.forEach(({ centroid }, k) => {
          expect(Math.abs(centroid.y - centroids[k]![0]!)).toBeLessThan(1e-9);
          expect(Math.abs(centroid.x - centroids[k]![1]!)).toBeLessThan(1e-9);
        });
        const kept = removeSmallRegions(mask, { height, width, connectivity, minimumArea: 6 });
        expect(kept.reduce((sum, value) => sum + value, 0)).toBe(withoutSmall);
      }
      for (const [radius, opened] of Object.entries(expected.opened)) {
        expect([...openMask(mask, { height, width, radius: Number(radius) })]).toEqual(bits(opened));
      }
    },
  );

  test.each(fixtures.ranking.map((expected, k) => ({ k, expected })))(
    'numpy.quantile, case $k',
    ({ expected }) => {
      for (const [q, value] of Object.entries(expected.quantiles)) {
        expect(Math.abs(thresholdAtQuantile(expected.scores, Number(q)) - value)).toBeLessThan(1e-9);
      }
    },
  );
});

describe('rejects', () => {
  const size = { height: 2, width: 2 };
  const rejects = (call: () => unknown, error: typeof RangeError | typeof TypeError, text: string): void => {
    expect(call).toThrow(error);
    expect(call).toThrow(text);
  };
  const functions = {
    connectedRegions: (mask: unknown, options: object = size) =>
      connectedRegions(mask as number[], options as never),
    openMask: (mask: unknown, options: object = size) =>
      openMask(mask as number[], { radius: 1, ...options } as never),
    removeSmallRegions: (mask: unknown, options: object = size) =>
      removeSmallRegions(mask as number[], { minimumArea: 1, ...options } as never),
  };

  test.each(Object.entries(functions))('%s, masks and sizes', (name, call) => {
    rejects(
      () => call([0, 1, 1]),
      RangeError,
      `${name}: mask must hold one image of 2×2, 4 values, but got 3.`,
    );
    rejects(() => call([0, 1, 1, 7]), RangeError, `${name}: mask[3] must be 0 or 1, but got 7; make`);
    rejects(() => call(3), TypeError, `${name}: mask must be a typed array, or a list of booleans`);
    rejects(
      () => call([0, 1, 1, 1], { height: 0, width: 4 }),
      RangeError,
      `${name}: height must be a whole number ≥ 1, but got 0.`,
    );
    rejects(
      () => call([0, 1, 1, 1], { ...size, Width: 2 }),
      TypeError,
      `${name}: unknown option "Width"; did you mean`,
    );
  });

  test('options', () => {
    const mask = [0, 1, 1, 1];
    for (const [connectivity, text] of [
      [6, '6'],
      ['8', '"8"'],
      [true, 'true'],
      [[4], 'an array of 1'],
    ] as const) {
      rejects(
        () => connectedRegions(mask, { ...size, connectivity: connectivity as never }),
        TypeError,
        `connectedRegions: connectivity must be one of 4, 8, but got ${text}.`,
      );
    }
    rejects(
      () => connectedRegions(mask, { ...size, scores: [1, 2] }),
      RangeError,
      'connectedRegions: there must be one score for each of the 4 pixels, but got 2.',
    );
    rejects(
      () => openMask(mask, { ...size, radius: 1.5 }),
      RangeError,
      'openMask: radius must be a whole number ≥ 0, but got 1.5.',
    );
    rejects(
      () => openMask(mask, { ...size, radius: -1 }),
      RangeError,
      'openMask: radius must be a whole number ≥ 0, but got -1.',
    );
    rejects(
      () => removeSmallRegions(mask, { ...size, minimumArea: 0 }),
      RangeError,
      'removeSmallRegions: minimumArea must be a whole number ≥ 1, but got 0.',
    );
    rejects(
      () => thresholdAtMinimumArea([1, 2, NaN, 4], { ...size, minimumArea: 1 }),
      RangeError,
      'thresholdAtMinimumArea: maps[2] is NaN; every score must be a finite number.',
    );
    rejects(
      () => thresholdAtMinimumArea([1, 2, 3, 4], { ...size, minimumArea: 1, border: 1 }),
      RangeError,
      'thresholdAtMinimumArea: a border of 1 leaves nothing of images of 2×2; it may be at most 0.',
    );
    const segmented = (options: object, maps: number[] = [1, 2, 3, 4]) =>
      segment(maps, { ...size, threshold: 1, ...options });
    rejects(() => segmented({}, [1, 2]), RangeError, 'segment: maps must hold whole images of 2×2');
    rejects(() => segmented({}, [1, 2, NaN, 4]), RangeError, 'segment: maps[2] is NaN');
    rejects(() => segmented({ threshold: NaN }), RangeError, 'segment: threshold must be a finite number');
    rejects(
      () => segmented({ threshold: undefined }),
      TypeError,
      'segment: threshold must be a finite number, but got undefined',
    );
    rejects(() => segmented({ border: 1 }), RangeError, 'segment: a border of 1 leaves nothing');
    rejects(() => segmented({ openingRadius: -1 }), RangeError, 'segment: openingRadius must be');
    rejects(() => segmented({ minimumArea: 0 }), RangeError, 'segment: minimumArea must be');
    rejects(
      () => segmented({ connectivity: 6 }),
      TypeError,
      'segment: connectivity must be one of 4, 8, but',
    );
    rejects(() => segmented({ minArea: 3 }), TypeError, 'segment: unknown option "minArea"');
    rejects(
      () => thresholdAtQuantile([1, 2], 1.1),
      RangeError,
      'thresholdAtQuantile: quantile must be a finite number from 0 to 1, but got 1.1.',
    );
    rejects(() => thresholdAtQuantile([1, NaN], 0.5), RangeError, 'thresholdAtQuantile: scores[1] is NaN');
  });
});
