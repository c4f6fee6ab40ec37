import { memory, tensor4d, tidy, zeros } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { interpolateCividis, interpolateInferno, interpolateViridis } from 'd3-scale-chromatic';
import { describe, expect, test } from 'vitest';
import { heatmap, normalizeMap, overlay } from '../../src/index.js';
import { asTensor, imagesFrom, randomImages } from '../support/images.js';
import { largestError } from '../support/reference.js';
import { values } from '../support/gradients.js';

const ramp = (): Tensor =>
  tensor4d(
    Float32Array.from({ length: 256 }, (_, k) => k / 255),
    [1, 16, 16, 1],
  );

describe('normalizeMap', () => {
  test('each map from its least to its largest value', () => {
    const map = tensor4d([3, 5, 7, 4, 100, 100, 0, 50], [2, 2, 2, 1]);
    expect([...values(() => normalizeMap(map))]).toEqual([0, 0.5, 1, 0.25, 1, 1, 0, 0.5]);
    expect([...values(() => normalizeMap(map, { range: [4, 8] }))]).toEqual([0, 0.25, 0.75, 0, 1, 1, 0, 1]);
  });

  test('0 for a map of one value, of whatever size', () => {
    for (const value of [0, -3, 1e30, 1e-30]) {
      expect([
        ...values(() => normalizeMap(tensor4d(new Float32Array(4).fill(value), [1, 2, 2, 1]))),
      ]).toEqual([0, 0, 0, 0]);
    }
  });

  test('maps of tiny and of huge values keep their form', () => {
    for (const scale of [1e-30, 1, 1e30]) {
      const map = tensor4d([0, scale, 2 * scale, 4 * scale], [1, 2, 2, 1]);
      expect(
        largestError(
          values(() => normalizeMap(map)),
          [0, 0.25, 0.5, 1],
        ),
      ).toBeLessThan(1e-6);
    }
  });
});

describe('heatmap', () => {
  const channels = (text: string): number[] => {
    const hex = /^#(..)(..)(..)$/.exec(text);
    return hex === null
      ? (text.match(/\d+/g) ?? []).map((number) => Number(number) / 255)
      : hex.slice(1).map((pair) => parseInt(pair, 16) / 255);
  };

  test.each([
    ['viridis', interpolateViridis],
    ['inferno', interpolateInferno],
    ['cividis', interpolateCividis],
  ] as const)('%s has the colours of d3-scale-chromatic', (colormap, colour) => {
    const expected = Array.from({ length: 256 }, (_, k) => channels(colour(k / 255))).flat();
    const actual = values(() => heatmap(ramp(), { colormap, range: [0, 1] }));
    expect(largestError(actual, expected)).toBeLessThan(2.5 / 255);
  });

  test('gray is the map itself', () => {
    const expected = Array.from({ length: 768 }, (_, k) => Math.floor(k / 3) / 255);
    expect(
      largestError(
        values(() => heatmap(ramp(), { colormap: 'gray' })),
        expected,
      ),
    ).toBeLessThan(1e-6);
  });

  test('one scale for all maps, or one for each', () => {
    const maps = asTensor(randomImages([2, 5, 6, 1], 1));
    tidy(() => {
      expect(heatmap(maps).shape).toEqual([2, 5, 6, 3]);
      const [own, shared] = [heatmap(maps), heatmap(maps, { range: [0, 2] })].map((t) => t.dataSync());
      expect(largestError(own!, shared!)).toBeGreaterThan(0.1);
    });
    maps.dispose();
  });
});

describe('overlay', () => {
  const image = (): Tensor => asTensor(randomImages([1, 16, 16, 1], 2));

  test('the image stays where the map is lowest, and takes the colour where it is highest', () => {
    const x = randomImages([1, 16, 16, 1], 2).data;
    const picture = values(() => overlay(image(), ramp(), { opacity: 1, range: [0, 1] }));
    for (let c = 0; c < 3; c++) expect(Math.abs(picture[c]! - x[0]!)).toBeLessThan(1e-6);
    const colours = values(() => heatmap(ramp(), { range: [0, 1] }));
    for (let c = 765; c < 768; c++) expect(Math.abs(picture[c]! - colours[c]!)).toBeLessThan(1e-6);
  });

  test('even: everywhere the same share', () => {
    const x = randomImages([1, 16, 16, 1], 2).data;
    const options = { opacity: 0.25, strength: 'even', range: [0, 1], colormap: 'cividis' } as const;
    const colours = values(() => heatmap(ramp(), { colormap: 'cividis', range: [0, 1] }));
    const expected = colours.map((colour, k) => 0.75 * x[Math.floor(k / 3)]! + 0.25 * colour);
    expect(
      largestError(
        values(() => overlay(image(), ramp(), options)),
        expected,
      ),
    ).toBeLessThan(1e-6);
  });

  test('RGB images, and 8-bit values', () => {
    const rgb = randomImages([1, 4, 4, 3], 3, 255);
    const black = zeros([1, 4, 4, 1]);
    const picture = values(() => overlay(asTensor(rgb), black, { dataRange: 255 }));
    expect(
      largestError(
        picture,
        Array.from(rgb.data, (value) => value / 255),
      ),
    ).toBeLessThan(1e-6);
  });
});

describe('what is not finite', () => {
  const [row, magenta] = [
    [0, NaN, 1, 0.5],
    [1, 0, 1],
  ];
  const other = [0, 0.25, 1, 0.5];
  const map = (...maps: number[][]): Tensor => tensor4d(maps.flat(), [maps.length, 2, 2, 1]);

  test.each([{}, { range: [0, 1] as const }])(
    'NaN stays NaN, and the others keep their scale, %o',
    (options) => {
      expect([...values(() => normalizeMap(map(row, other), options))]).toEqual([...row, ...other]);
    },
  );

  test('infinite values are at the ends of the scale that the others have', () => {
    expect([...values(() => normalizeMap(map([2, Infinity, 4, -Infinity])))]).toEqual([0, 1, 1, 0]);
    expect([...values(() => normalizeMap(map([2, Infinity, 4, 3], [NaN, 2, 6, -Infinity])))]).toEqual(
      [
        [0, 1, 1, 0.5],
        [NaN, 0, 1, 0],
      ].flat(),
    );
  });

  test('a map without a finite value', () => {
    expect([...values(() => normalizeMap(map([NaN, Infinity, -Infinity, NaN])))]).toEqual([NaN, 1, 0, NaN]);
  });

  test.each(['viridis', 'inferno', 'cividis', 'gray'] as const)(
    '%s: magenta, and the others keep their colours',
    (colormap) => {
      for (const options of [{ colormap }, { colormap, range: [0, 1] as const }]) {
        const picture = [...values(() => heatmap(map(row, other), options))];
        const expected = [...values(() => heatmap(map([0, 0.25, 1, 0.5], other), options))];
        expected.splice(3, 3, ...magenta);
        expect(picture).toEqual(expected);
      }
    },
  );

  test.each(['rising', 'even'] as const)(
    'overlay, %s: magenta for NaN of the map and of the image',
    (strength) => {
      const image = randomImages([2, 2, 2, 3], 5);
      const expected = [
        ...values(() => overlay(asTensor(image), map([0, 0.25, 1, 0.5], other), { strength })),
      ];
      expected.splice(3, 3, ...magenta);
      expect([...values(() => overlay(asTensor(image), map(row, other), { strength }))]).toEqual(expected);
      const broken = imagesFrom(image.shape, (k) => (k === 13 ? NaN : image.data[k]!));
      expected.splice(12, 3, ...magenta);
      expect([...values(() => overlay(asTensor(broken), map(row, other), { strength }))]).toEqual(expected);
    },
  );
});

test('memory: nothing but the result', () => {
  const [image, map] = [asTensor(randomImages([1, 8, 8, 1], 1)), asTensor(randomImages([1, 8, 8, 1], 2))];
  const before = memory().numTensors;
  for (const f of [() => normalizeMap(map), () => heatmap(map), () => overlay(image, map)]) {
    const result = f();
    expect(memory().numTensors).toBe(before + 1);
    result.dispose();
  }
});

describe('rejects', () => {
  const map = zeros([1, 4, 4, 1]);
  test.each([
    [() => normalizeMap(zeros([4, 4])), RangeError, 'normalizeMap: map must have shape'],
    [
      () => normalizeMap(map, { range: [1, 1] }),
      RangeError,
      'its largest value, 1, is not above its least, 1.',
    ],
    [
      () => normalizeMap(map, { range: [0, NaN] }),
      RangeError,
      'range[1] must be a finite number, but got NaN.',
    ],
    [() => normalizeMap(map, { range: 1 as never }), TypeError, 'range must be [least, largest], but got 1.'],
    [() => heatmap(zeros([1, 4, 4, 3])), RangeError, 'heatmap: map must have one channel'],
    [() => heatmap(map, { colormap: 'jet' as never }), TypeError, 'heatmap: colormap must be one of'],
    [() => heatmap(map, { colourmap: 'gray' } as never), TypeError, 'unknown option "colourmap"'],
    [() => overlay(zeros([1, 4, 5, 1]), map), RangeError, 'image and map must be of one size'],
    [
      () => overlay(zeros([1, 4, 4, 2]), map),
      RangeError,
      'image must have 1 or 3 channels, but got 2; take those to show with tf.slice.',
    ],
    [
      () => overlay(map, map, { opacity: 1.5 }),
      RangeError,
      'opacity must be a finite number from 0 to 1, but got 1.5.',
    ],
    [() => overlay(map, map, { opacity: -1 }), RangeError, 'opacity must be a finite number from 0 to 1'],
  ] as const)('%#', (call, error, text) => {
    const before = memory().numTensors;
    expect(call).toThrow(error);
    expect(call).toThrow(text);
    expect(memory().numTensors - before).toBeLessThanOrEqual(2); // the images that the calls make
  });
});
