import { describe, expect, test } from 'vitest';
import {
  pimoAccumulator,
  pimoAccumulatorFromJSON,
  proAccumulator,
  proAccumulatorFromJSON,
  scoreAccumulator,
  scoreAccumulatorFromJSON,
} from '../../src/index.js';
import { imageOf, size } from './support/shards.js';

type Json = { [name: string]: Json } | Json[] | string | number | boolean | null | undefined;

const capacities = {
  kept: {},
  'in bins': { exactUpTo: 1000, bins: 4096 },
};
/** Maps that float32 holds, and maps that it does not. */
const toScores = {
  float32: (map: Float32Array) => map,
  float64: (map: Float32Array) => Float64Array.from(map, (value, i) => (i % 2 === 0 ? value : value / 3)),
};

interface Kept {
  readonly count: number;
}
const kinds = {
  scoreAccumulator: {
    filled: (capacity: object, of: (map: Float32Array) => Float32Array | Float64Array): Kept => {
      const kept = scoreAccumulator(capacity);
      for (const { map, mask } of [0, 1, 2].map(imageOf)) kept.add(of(map), mask);
      return kept;
    },
    from: scoreAccumulatorFromJSON as (state: unknown) => Kept,
    figures: (kept: Kept): unknown => {
      const scores = kept as ReturnType<typeof scoreAccumulator>;
      return [
        scores.count,
        scores.rocAuc(),
        scores.averagePrecision(),
        scores.bestF1(),
        scores.rocCurve(),
        scores.precisionRecallCurve(),
        scores.iou(0.5),
        scores.dice(0.5),
      ];
    },
  },
  proAccumulator: {
    filled: (capacity: object, of: (map: Float32Array) => Float32Array | Float64Array): Kept => {
      const kept = proAccumulator(capacity);
      for (const { map, mask } of [0, 1, 2].map(imageOf)) kept.add(of(map), mask, size);
      return kept;
    },
    from: proAccumulatorFromJSON as (state: unknown) => Kept,
    figures: (kept: Kept): unknown => {
      const overlaps = kept as ReturnType<typeof proAccumulator>;
      return [overlaps.count, overlaps.auPro(), overlaps.proCurve()];
    },
  },
  pimoAccumulator: {
    filled: (capacity: object, of: (map: Float32Array) => Float32Array | Float64Array): Kept => {
      const kept = pimoAccumulator(capacity);
      for (const k of [0, 1, 2, 3, 6]) kept.add(of(imageOf(k).map), imageOf(k).mask, [`image ${k}`], size);
      return kept;
    },
    from: pimoAccumulatorFromJSON as (state: unknown) => Kept,
    figures: (kept: Kept): unknown => {
      const images = kept as ReturnType<typeof pimoAccumulator>;
      return [
        images.count,
        images.auPimo({ falsePositiveRates: [0.01, 0.5] }),
        images.auPimo({ falsePositiveRates: [0.3, 1] }),
      ];
    },
  },
};

/** The way to every value of a state, its own included. */
function pathsOf(value: Json, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Array.isArray(value)
    ? value.flatMap((entry, k) => pathsOf(entry, [...path, k]))
    : Object.entries(value).flatMap(([name, entry]) => pathsOf(entry, [...path, name]));
  return [path, ...inner];
}

/** A copy with another value there, or without one. */
function altered(state: Json, path: readonly (string | number)[], change: (value: Json) => Json): Json {
  const [first, ...rest] = path;
  if (first === undefined) return change(state);
  const copy = (Array.isArray(state) ? [...state] : { ...(state as object) }) as Record<
    string | number,
    Json
  >;
  copy[first] = altered(copy[first], rest, change);
  if (copy[first] === undefined) {
    if (Array.isArray(copy)) copy.splice(first as number, 1);
    else delete copy[first];
  }
  return copy;
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const textOf = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const withBytes =
  (change: (view: DataView) => void) =>
  (value: Json): Json => {
    const bytes = bytesOf(value as string);
    if (bytes.length >= 8) change(new DataView(bytes.buffer));
    return textOf(bytes);
  };

const alterations: Readonly<Record<string, (value: Json) => Json>> = {
  missing: () => undefined,
  null: () => null,
  NaN: () => NaN,
  infinite: () => Infinity,
  negative: () => -1,
  'a fraction': () => 1.5,
  'a word': () => '???',
  'a number as text': () => '7',
  'an empty text': () => '',
  'a list': () => [],
  'an object': () => ({}),
  true: () => true,
};
const ofNumbers: Readonly<Record<string, (value: Json) => Json>> = {
  'one more': (value) => (value as number) + 1,
  'one less': (value) => (value as number) - 1,
  double: (value) => (value as number) * 2,
  negated: (value) => -(value as number) - 1,
};
const ofTexts: Readonly<Record<string, (value: Json) => Json>> = {
  'without its end': (value) => textOf(bytesOf(value as string).slice(0, -8)),
  'with more at its end': (value) =>
    textOf(Uint8Array.of(...bytesOf(value as string), 0, 0, 0, 0, 0, 0, 248, 63)),
  'cut within a number': (value) => textOf(bytesOf(value as string).slice(0, -3)),
  'a NaN first, float32 or float64': withBytes((view) => {
    view.setUint32(0, 0x7fc00000, true);
    view.setUint32(4, 0x7ff80000, true);
  }),
  'a NaN last': withBytes((view) => {
    view.setUint32(view.byteLength - 8, 0x7fc00000, true);
    view.setUint32(view.byteLength - 4, 0x7ff80000, true);
  }),
  'an infinity last': withBytes((view) => {
    view.setUint32(view.byteLength - 8, 0, true);
    view.setUint32(view.byteLength - 4, 0x7f800000, true);
  }),
  'a negative number first': withBytes((view) => view.setFloat64(0, -3, true)),
  'another bit': withBytes((view) => view.setUint8(0, view.getUint8(0) ^ 1)),
  'another middle': withBytes((view) => {
    const middle = 8 * Math.floor(view.byteLength / 16);
    view.setUint8(middle, view.getUint8(middle) ^ 4);
  }),
  'in reverse': (value) => textOf(bytesOf(value as string).reverse()),
  'its first number at its end': (value) => {
    const bytes = bytesOf(value as string);
    return textOf(Uint8Array.of(...bytes.slice(8), ...bytes.slice(0, 8)));
  },
};

const cases = Object.entries(kinds).flatMap(([name, kind]) =>
  Object.entries(capacities).flatMap(([how, capacity]) =>
    Object.entries(toScores).map(([type, of]) => ({ name, how, type, ...kind, capacity, of })),
  ),
);

describe.each(cases)('$name, $how, $type scores', ({ name, filled, from, figures, capacity, of }) => {
  const kept = filled(capacity, of);
  const text = JSON.stringify(kept);
  const state = JSON.parse(text) as Json;

  test('goes there and back', () => {
    const again = from(JSON.parse(text));
    expect(JSON.stringify(again)).toBe(text);
    expect(figures(again)).toEqual(figures(kept));
    // The order of an object's names is no part of what it says: some databases change it.
    const turned = JSON.parse(text, (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    ) as unknown;
    expect(JSON.stringify(from(turned))).toBe(text);
    expect((state as { version: number }).version).toBe(1);
  });

  test('altered anywhere, it is refused by name, or gives the same figures', () => {
    const expected = JSON.stringify(figures(kept));
    const wrong: string[] = [];
    let tried = 0;
    for (const path of pathsOf(state)) {
      const value = path.reduce<Json>((at, step) => (at as Record<string | number, Json>)[step], state);
      const isBase64 =
        typeof value === 'string' && !['kind', 'name', 'checksum'].includes(String(path.at(-1)));
      const all = {
        ...alterations,
        ...(typeof value === 'number' ? ofNumbers : {}),
        ...(isBase64 ? ofTexts : {}),
      };
      for (const [how, change] of Object.entries(all)) {
        const changed = altered(state, path, change);
        if (JSON.stringify(changed) === text && how !== 'NaN' && how !== 'infinite') continue;
        tried++;
        const where = `${path.join('.')} ${how}`;
        try {
          const got = JSON.stringify(figures(from(changed)));
          if (got !== expected) wrong.push(`${where}: taken`);
        } catch (error) {
          const { name: type, message } = error as Error;
          const named = path.filter((step) => typeof step === 'string').slice(-2);
          if (!/^(Range|Type)Error$/.test(type)) wrong.push(`${where}: ${type}`);
          else if (!message.startsWith(`${name}FromJSON: `)) wrong.push(`${where}: ${message}`);
          // What could be right in itself is known to be altered by the sums and the checksum.
          else if (
            path.length > 0 &&
            !named.some((part) => message.includes(part)) &&
            !/adds? up|checksum/.test(message)
          ) {
            wrong.push(`${where}: ${message}`);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(tried).toBeGreaterThan(100);
  });

  test('of another version, another kind, another release', () => {
    const changed =
      (part: object): (() => unknown) =>
      () =>
        from({ ...(state as object), ...part });
    const only = 'must be 1, the version that this release of ssim-ae reads and writes, but got';
    expect(changed({ version: 2 })).toThrow(`${name}FromJSON: version ${only} 2.`);
    expect(changed({ version: undefined })).toThrow(`${name}FromJSON: version ${only} undefined.`);
    for (const [other, { filled: fill }] of Object.entries(kinds)) {
      if (other === name) continue;
      const parsed: unknown = JSON.parse(JSON.stringify(fill(capacity, of)));
      expect(() => from(parsed)).toThrow(TypeError);
      expect(() => from(parsed)).toThrow(`${name}FromJSON: kind must be '`);
      expect(() => (kept as { merge?: (kept: unknown) => void }).merge!(fill(capacity, of))).toThrow(
        `${name}.merge: other must be another ${name}`,
      );
    }
    expect(() => from(text)).toThrow(
      `${name}FromJSON: state must be what toJSON gave, parsed, but got text; parse it with JSON.parse.`,
    );
    expect(() => from(Promise.resolve(state))).toThrow(`${name}FromJSON: state must be what toJSON gave`);
    expect(() => from(Promise.resolve(state))).toThrow('but got a Promise; await it first.');
  });
});

/** What toJSON gave before any later change of the code behind it: byte for byte, as long as the version is 1. */
const pinned: Readonly<Record<keyof typeof kinds, Readonly<Record<'kept' | 'in bins', string>>>> = {
  scoreAccumulator: {
    kept: '{"kind":"ssim-ae scores","version":1,"exactUpTo":1048576,"bins":1048576,"count":8,"kept":{"positives":{"float32":"Pen+/wAAAD8=","float64":"mpmZmZmZuT8="},"negatives":{"float32":"////vwAAAAAAAAA/AABAQA==","float64":"nHUAiDzkN/4="}},"checksum":"d4b3606a"}',
    'in bins':
      '{"kind":"ssim-ae scores","version":1,"exactUpTo":0,"bins":1024,"count":8,"binned":{"bins":"AQAAAP8AAAD/AQAAAAIAAPcCAAD8AgAAAQMAAA==","positives":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAPA/AAAAAAAAAAAAAAAAAADwPwAAAAAAAPA/AAAAAAAAAAA=","negatives":"AAAAAAAA8D8AAAAAAADwPwAAAAAAAAAAAAAAAAAA8D8AAAAAAAAAAAAAAAAAAPA/AAAAAAAA8D8="},"checksum":"608950b3"}',
  },
  proAccumulator: {
    kept: '{"kind":"ssim-ae overlaps","version":1,"exactUpTo":1048576,"bins":1048576,"count":8,"regions":2,"kept":{"negatives":{"float32":"AAAAAAAAAD8=","float64":"mpmZmZmZuT+amZmZmZnpPw=="},"positives":{"float32":"//+/vwAAAD8=","float64":"mpmZmZmZ6T/NzMzMzMzsPw=="},"areas":"AwAAAAEAAAADAAAAAwAAAA=="},"checksum":"5c0df271"}',
    'in bins':
      '{"kind":"ssim-ae overlaps","version":1,"exactUpTo":0,"bins":1024,"count":8,"regions":2,"binned":{"bins":"/gAAAAACAAD3AgAA/AIAAP0CAAA=","negatives":"AAAAAAAAAAAAAAAAAADwPwAAAAAAAPA/AAAAAAAA8D8AAAAAAADwPw==","high":"AAAAVVVVtUEAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0EEAAABVVVXFQQ==","low":"QFVVVVVV1UIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAVVVVVVXlQg=="},"checksum":"6118f94a"}',
  },
  pimoAccumulator: {
    kept: '{"kind":"ssim-ae images","version":1,"exactUpTo":1048576,"bins":1048576,"height":1,"width":3,"count":8,"kept":{"normals":{"float32":"AACAPgAAAD8AAIA/","float64":""},"defects":[{"name":"hole","scores":{"float32":"//9/wAAAAD8AAOBA","float64":""}},{"name":"stain","scores":{"float32":"AAAAQAAAAEA=","float64":""}}]},"checksum":"66c4e168"}',
    'in bins':
      '{"kind":"ssim-ae images","version":1,"exactUpTo":0,"bins":1024,"height":1,"width":3,"count":8,"binned":{"bins":"+gIAAPwCAAD+AgAA","normals":"AAAAAAAA8D8AAAAAAADwPwAAAAAAAPA/","defects":[{"name":"hole","bins":"AQEAAPwCAAADAwAA","counts":"AAAAAAAA8D8AAAAAAADwPwAAAAAAAPA/"},{"name":"stain","bins":"AAMAAA==","counts":"AAAAAAAAAEA="}]},"checksum":"ff515cb2"}',
  },
};

test.each(Object.entries({ kept: {}, 'in bins': { exactUpTo: 0, bins: 1024 } }))(
  'states of version 1, %s, are these, and can be read',
  (how, capacity) => {
    const scores = scoreAccumulator(capacity);
    scores.add([0.5, -0, 0.1, 3], [1, 0, 1, 0]);
    scores.add(Float32Array.of(-2, 0.5, -1e-40), [0, 0, 1]);
    scores.add([-1e300], [0]);
    const overlaps = proAccumulator(capacity);
    overlaps.add([0.9, 0.8, 0.1, 0.5, 0.8, -3], [1, 1, 0, 0, 0, 1], { height: 2, width: 3 });
    overlaps.add(Float32Array.of(0, 0.5), [0, 1], { height: 1, width: 2 });
    const images = pimoAccumulator(capacity);
    images.add([0.5, 0.25, 1, 2, 0.1, 2], [0, 0, 0, 1, 0, 1], ['good', 'stain'], { height: 1, width: 3 });
    images.add(Float32Array.of(0.5, -1, 7), [1, 1, 1], ['hole'], { height: 1, width: 3 });
    const given = { scoreAccumulator: scores, proAccumulator: overlaps, pimoAccumulator: images };
    for (const [name, kept] of Object.entries(given)) {
      const text = pinned[name as keyof typeof kinds][how as 'kept' | 'in bins'];
      expect(JSON.stringify(kept)).toBe(text);
      expect(JSON.stringify(kinds[name as keyof typeof kinds].from(JSON.parse(text)))).toBe(text);
    }
  },
);

test('the state of a pimoAccumulator that has seen no image, with its size, can be read', () => {
  const text =
    '{"kind":"ssim-ae images","version":1,"exactUpTo":1048576,"bins":1048576,"height":1,"width":3,"count":0,"kept":{"normals":{"float32":"","float64":""},"defects":[]},"checksum":"3a9b25d7"}';
  const images = pimoAccumulatorFromJSON(JSON.parse(text));
  expect(JSON.stringify(images)).toBe(text);
  expect(images.count).toBe(0);
});

describe('what is wrong is named, checksum or not', () => {
  const [scores, overlaps] = [scoreAccumulator(), proAccumulator()];
  scores.add([0.5, 0.25, 0.1, 0.7], [1, 0, 0, 1]);
  overlaps.add([0.9, 0.8, 0.25, 0.5], [1, 1, 0, 0], { height: 2, width: 2 });
  const images = pimoAccumulator();
  images.add([0.5, 0.25, 1, 2], [0, 0, 0, 1], ['good', 'hole'], { height: 1, width: 2 });
  const binnedScores = scoreAccumulator({ exactUpTo: 0, bins: 1024 });
  binnedScores.add([0.5, 0.25, 2], [1, 0, 0]);
  const binnedOverlaps = proAccumulator({ exactUpTo: 0, bins: 1024 });
  binnedOverlaps.add([0.9, 0.8, 0.25, 0.5], [1, 1, 0, 0], { height: 2, width: 2 });
  const binnedImages = pimoAccumulator({ exactUpTo: 0, bins: 1024 });
  binnedImages.add([0.5, 0.25, 1, 2], [0, 0, 0, 1], ['good', 'hole'], { height: 1, width: 2 });

  const int32 = (...values: number[]): string => textOf(new Uint8Array(Int32Array.from(values).buffer));
  const float64 = (...values: number[]): string => textOf(new Uint8Array(Float64Array.from(values).buffer));
  const float32 = (...values: number[]): string => textOf(new Uint8Array(Float32Array.from(values).buffer));
  const rows: [Kept, string, Json, string][] = [
    [
      scores,
      'kept.positives.float32',
      int32(0x7fc00000),
      'float32[0] is not the key of a finite float32 score.',
    ],
    [
      scores,
      'kept.positives.float32',
      float32(Infinity),
      'float32[0] is not the key of a finite float32 score.',
    ],
    [scores, 'kept.positives.float32', int32(-1), 'float32[0] is not the key of a finite float32 score.'],
    [
      scores,
      'kept.positives.float32',
      float32(2, 1),
      'float32 must ascend, but its number 1 is below the one before.',
    ],
    [
      scores,
      'kept.positives.float64',
      float64(NaN),
      'float64[0] must be a score that is finite, but got NaN.',
    ],
    [
      scores,
      'kept.positives.float64',
      float64(0.5),
      'float64[0] must be a score that float32 does not hold, but got 0.5.',
    ],
    [scores, 'kept.negatives', undefined, 'kept.negatives must be an object, but got undefined.'],
    [scores, 'kept.positives.float32', '', 'count is 4, but what the state holds adds up to 3.'],
    [
      scores,
      'exactUpTo',
      3,
      'binned must be an object with a count of 4 and exactUpTo 3, but got undefined.',
    ],
    [scores, 'kept.positives.float32', float32(0.75), 'it was altered or damaged after toJSON gave it.'],
    [overlaps, 'kept.areas', int32(1, 1), 'the areas of kept add up to 2 regions, but regions is 1.'],
    [
      overlaps,
      'kept.areas',
      int32(2, 3),
      'kept.areas has 1 pixels in regions of 2, which do not add up to whole ones.',
    ],
    [overlaps, 'kept.areas', int32(2), 'one for each score of kept.positives, but got 1 of them for 2'],
    [
      overlaps,
      'kept.areas',
      int32(0, 2),
      'one for each score of kept.positives, but got 2 of them for 2, from 0 up.',
    ],
    [overlaps, 'regions', 2, 'the areas of kept add up to 1 regions, but regions is 2.'],
    [
      images,
      'kept.normals.float32',
      float32(1),
      'kept.normals adds up to 1 pixels, but must add up to whole images of 2.',
    ],
    [images, 'kept.defects.0.scores.float32', float32(1, 2, 3), 'defects[0].scores adds up to 3 pixels'],
    [images, 'kept.defects.0', null, 'kept.defects[0] must be an object, but got null.'],
    [images, 'width', 3, 'kept.normals adds up to 2 pixels, but must add up to whole images of 3.'],
    [binnedScores, 'kept', {}, 'there must be binned and no kept with a count of 3 and exactUpTo 0.'],
    [binnedScores, 'binned.bins', int32(0, 1, 2), 'the bins of finite scores.'],
    [binnedScores, 'binned.positives', float64(0, 0.5, 0), 'binned.positives must be 3 whole numbers ≥ 0'],
    [
      binnedScores,
      'binned.positives',
      float64(0, 2, 0),
      'count is 3, but what the state holds adds up to 4.',
    ],
    [
      binnedOverlaps,
      'binned.low',
      float64(0, 0, 2 ** 48),
      'binned.low must be below 281474976710656 in every bin, but got 281474976710656.',
    ],
    [binnedOverlaps, 'binned.low', float64(0, 0, 2 ** 48 - 1), 'over 2 pixels, but regions is 1.'],
    [
      binnedOverlaps,
      'binned.high',
      float64(0, 0, 2 ** 29),
      'add up to 0.5 regions over 2 pixels, but regions is 1.',
    ],
    [binnedOverlaps, 'regions', 2, 'add up to 1 regions over 2 pixels, but regions is 2.'],
    [binnedOverlaps, 'count', 2, 'add up to 1 regions over 0 pixels, but regions is 1.'],
    [binnedImages, 'binned.defects.0.counts', float64(3), 'binned.defects[0].counts adds up to 3 pixels'],
    [binnedImages, 'binned.normals', float64(1, 2), 'binned.normals adds up to 3 pixels'],
  ];

  test.each(rows)('%#', (kept, path, value, text) => {
    const state = JSON.parse(JSON.stringify(kept)) as Json;
    const from =
      Object.values(kinds)[
        [scores, overlaps, images].findIndex((one) => one.constructor === kept.constructor)
      ]!;
    const steps = path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    expect(() => from.from(altered(state, steps, () => value))).toThrow(text);
  });
});
