import { concat, getBackend, slice, tidy } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { presets, ssim, ssimMap, ssimTerms } from '../../src/index.js';
import type { SsimOptions } from '../../src/index.js';
import { fusedKernelsAreInUse } from '../../src/backends/useFusedKernels.js';
import {
  anyOptions,
  anyShape,
  asTensor,
  imagesFrom,
  naturalImages,
  noisy,
  randomImages,
  randomNumbers,
} from '../support/images.js';
import { largestError, referenceSsim, referenceTerms } from '../support/reference.js';
import type { Images, ReferenceTerms, Shape4D } from '../support/reference.js';
import { hardCases } from '../support/hardCases.js';
import { tensorGrowth, values } from '../support/gradients.js';

const mapOf = (x: Images, y: Images, options: SsimOptions = {}): Float32Array =>
  values(() => ssimMap(asTensor(x), asTensor(y), options));

const indexOf = (x: Images, y: Images, options: SsimOptions = {}): Float32Array =>
  values(() => ssim(asTensor(x), asTensor(y), options));

type Term = 'luminance' | 'contrast' | 'structure';

const termsOf = (x: Images, y: Images, options: SsimOptions = {}): Record<Term, Float32Array> => {
  const terms = ssimTerms(asTensor(x), asTensor(y), options);
  const read = (term: Term): Float32Array => terms[term].dataSync<'float32'>().slice();
  return { luminance: read('luminance'), contrast: read('contrast'), structure: read('structure') };
};

/** A shape, two images of it and options that fit it. */
const anyCase = (withExponents = false): fc.Arbitrary<readonly [Images, Images, SsimOptions]> =>
  anyShape().chain((shape) =>
    fc.tuple(fc.integer(), fc.boolean(), anyOptions(shape, withExponents)).map(([seed, natural, options]) => {
      const make = natural ? naturalImages : randomImages;
      const range = options.dataRange ?? 1;
      return [make(shape, seed, range), make(shape, seed + 1, range), options] as const;
    }),
  );

test('the suite runs on the backend that it names', () => {
  expect(['cpu', 'wasm']).toContain(getBackend());
});

describe('properties', () => {
  test('1 for equal images', () => {
    fc.assert(
      fc.property(anyCase(true), ([x, , options]) => {
        expect([...indexOf(x, x, options)]).toEqual(new Array(x.shape[0]).fill(1));
      }),
      { numRuns: 30 },
    );
  });

  test('with padding wrap, images that go round a few pixels have a map that does', () => {
    const [x, y] = [1, 2].map((seed) => asTensor(randomImages([2, 9, 12, 2], seed)));
    const round = (image: Tensor4D): Tensor4D =>
      concat([slice(image, [0, 0, 7, 0], [2, 9, 5, 2]), slice(image, [0, 0, 0, 0], [2, 9, 7, 2])], 2);
    const options = { padding: 'wrap', windowSize: [5, 13] } as const;
    const map = round(ssimMap(x!, y!, options)).dataSync();
    expect(largestError(ssimMap(round(x!), round(y!), options).dataSync(), map)).toBeLessThan(1e-6);
  });

  test('symmetric', () => {
    fc.assert(
      fc.property(anyCase(true), ([x, y, options]) => {
        expect(largestError(mapOf(x, y, options), mapOf(y, x, options))).toBeLessThan(1e-6);
      }),
      { numRuns: 30 },
    );
  });

  test('in [−1, 1], for pixels of either sign and far outside the range as well', () => {
    fc.assert(
      fc.property(
        anyCase(true),
        fc.constantFrom(1e-6, 1, 30, 1e4),
        fc.constantFrom(-1, 0, 5),
        ([x, y, options], scale, offset) => {
          const moved = (images: Images, sign: number): Images => ({
            shape: images.shape,
            data: Float32Array.from(images.data, (value) => sign * scale * value + offset),
          });
          for (const value of mapOf(moved(x, 1), moved(y, -1), options)) {
            expect(value).toBeGreaterThanOrEqual(-1);
            expect(value).toBeLessThanOrEqual(1);
          }
          expect(Math.abs(indexOf(moved(x, 1), moved(y, -1), options)[0]!)).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('reaches −1 for inverted structure around one mean', () => {
    const x = imagesFrom([1, 24, 24, 1], (_, row, column) => ((row + column) % 2 ? 1e3 : -1e3));
    const y = { shape: x.shape, data: Float32Array.from(x.data, (value) => -value) };
    const [value] = indexOf(x, y, { windowType: 'uniform', windowSize: 7, alpha: 0 });
    expect(value).toBeLessThan(-0.999999);
  });

  test('unchanged when pixels and dataRange scale together', () => {
    fc.assert(
      fc.property(anyCase(), fc.constantFrom(0.25, 2, 100, 255), ([x, y, options], factor) => {
        const scaled = (images: Images): Images => ({
          shape: images.shape,
          data: Float32Array.from(images.data, (value) => value * factor),
        });
        const before = mapOf(x, y, options);
        const after = mapOf(scaled(x), scaled(y), {
          ...options,
          dataRange: (options.dataRange ?? 1) * factor,
        });
        expect(largestError(after, before)).toBeLessThan(5e-6);
      }),
      { numRuns: 30 },
    );
  });

  test('a batch is its images one by one', () => {
    fc.assert(
      fc.property(anyCase(true), ([x, y, options]) => {
        const [batch, height, width, channels] = x.shape;
        const one = (images: Images, n: number): Images => ({
          shape: [1, height, width, channels],
          data: Float32Array.from(images.data).slice(
            n * height * width * channels,
            (n + 1) * height * width * channels,
          ),
        });
        const whole = indexOf(x, y, options);
        for (let n = 0; n < batch; n++) {
          expect(Math.abs(indexOf(one(x, n), one(y, n), options)[0]! - whole[n]!)).toBeLessThan(2e-6);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('channels do not see each other: the map of three is the maps of each', () => {
    const [x, y] = [randomImages([2, 15, 14, 3], 1), randomImages([2, 15, 14, 3], 2)];
    const channel = (images: Images, c: number): Images => ({
      shape: [2, 15, 14, 1],
      data: Float32Array.from(images.data).filter((_, k) => k % 3 === c),
    });
    const whole = mapOf(x, y);
    for (let c = 0; c < 3; c++) {
      const alone = mapOf(channel(x, c), channel(y, c));
      expect(
        largestError(
          alone,
          whole.filter((_, k) => k % 3 === c),
        ),
      ).toBeLessThan(1e-6);
    }
  });

  test('ssimMap = luminance · contrast · structure', () => {
    fc.assert(
      fc.property(anyCase(), ([x, y, options]) => {
        const { luminance, contrast, structure } = termsOf(x, y, options);
        const product = luminance.map((l, k) => l * contrast[k]! * structure[k]!);
        expect(largestError(product, mapOf(x, y, options))).toBeLessThan(2e-6);
      }),
      { numRuns: 30 },
    );
  });

  test('ssim is the mean of ssimMap over pixels and channels', () => {
    const [x, y] = [randomImages([2, 13, 17, 3], 3), randomImages([2, 13, 17, 3], 4)];
    const map = mapOf(x, y);
    const half = map.length / 2;
    const mean = (part: Float32Array): number => part.reduce((sum, value) => sum + value, 0) / part.length;
    const index = indexOf(x, y);
    expect(Math.abs(index[0]! - mean(map.slice(0, half)))).toBeLessThan(1e-6);
    expect(Math.abs(index[1]! - mean(map.slice(half)))).toBeLessThan(1e-6);
  });

  test('a shift of both images by less than the window moves the map and leaves its values', () => {
    const x = randomImages([1, 30, 30, 1], 5);
    const y = randomImages([1, 30, 30, 1], 6);
    const cut = (images: Images, top: number, left: number): Images =>
      imagesFrom([1, 24, 24, 1], (_, row, column) => images.data[(row + top) * 30 + column + left]!);
    const whole = mapOf(x, y); // 20 × 20
    const part = mapOf(cut(x, 3, 2), cut(y, 3, 2)); // 14 × 14
    const expected = Float32Array.from(part, (_, k) => whole[(Math.floor(k / 14) + 3) * 20 + (k % 14) + 2]!);
    expect(largestError(part, expected)).toBeLessThan(1e-6);
  });

  test('the shape of the map: smaller by the window with valid, the size of the image otherwise', () => {
    fc.assert(
      fc.property(anyCase(), ([x, y, options]) => {
        const [kh, kw] = options.windowSize as [number, number];
        const [n, h, w, c] = x.shape;
        const shape = tidy(() => ssimMap(asTensor(x), asTensor(y), options).shape);
        expect(shape).toEqual(options.padding === 'valid' ? [n, h - kh + 1, w - kw + 1, c] : [n, h, w, c]);
      }),
      { numRuns: 20 },
    );
  });

  test('the wang2004 preset is the default', () => {
    const [x, y] = [randomImages([1, 16, 16, 1], 7), randomImages([1, 16, 16, 1], 8)];
    expect([...mapOf(x, y, presets.wang2004)]).toEqual([...mapOf(x, y)]);
  });

  test('c1 and c2 are what (k·L)² would be', () => {
    const [x, y] = [randomImages([1, 16, 16, 1], 9, 255), randomImages([1, 16, 16, 1], 10, 255)];
    const byK = mapOf(x, y, { dataRange: 255 });
    const byC = mapOf(x, y, { dataRange: 255, c1: 2.55 ** 2, c2: 7.65 ** 2 });
    expect(largestError(byC, byK)).toBeLessThan(1e-6);
  });

  test('an exponent of 0 takes its term away', () => {
    const [x, y] = [naturalImages([1, 18, 18, 1], 11), naturalImages([1, 18, 18, 1], 12)];
    const terms = referenceTerms(x, y);
    expect(largestError(mapOf(x, y, { beta: 0, gamma: 0 }), terms.luminance)).toBeLessThan(1e-6);
    expect(largestError(mapOf(x, y, { alpha: 0, gamma: 0 }), terms.contrast)).toBeLessThan(1e-6);
    expect(largestError(mapOf(x, y, { alpha: 0, beta: 0 }), terms.structure)).toBeLessThan(1e-6);
  });
});

describe('accuracy against float64', () => {
  const conventions: Readonly<Record<string, SsimOptions>> = {
    default: {},
    skimage: presets.skimage,
    reflect: { padding: 'reflect' },
    'β ≠ γ': { gamma: 2 },
  };
  for (const [name, make] of Object.entries(hardCases)) {
    for (const [convention, options] of Object.entries(conventions)) {
      test.each([1, 255])(
        `${name}, ${convention}, dataRange %i: map within 1e-6, terms within 1e-5`,
        (dataRange) => {
          const [x, y] = make(dataRange);
          const all = { ...options, dataRange };
          const expected = referenceTerms(x, y, all);
          expect(largestError(mapOf(x, y, all), expected.ssim)).toBeLessThan(1e-6);
          expect(Math.abs(indexOf(x, y, all)[0]! - referenceSsim(x, y, all)[0]!)).toBeLessThan(1e-6);
          const terms = termsOf(x, y, all);
          for (const term of ['luminance', 'contrast', 'structure'] as const) {
            expect(largestError(terms[term], expected[term])).toBeLessThan(1e-5);
          }
        },
      );
    }
  }

  test.each([1, 100, 255, 65535])('an almost flat window beside a lively one, dataRange %i', (dataRange) => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = randomNumbers(seed);
      const [base, deviation] = [dataRange * random(), dataRange * 10 ** (-1 - 4 * random())];
      const x = imagesFrom([1, 5, 5, 1], () => base + deviation * (random() - 0.5));
      const y = imagesFrom([1, 5, 5, 1], () => dataRange * random());
      const window = { dataRange, windowSize: 3, windowType: 'uniform' } as const;
      const expected = referenceTerms(x, y, window);
      const terms = termsOf(x, y, window);
      for (const term of ['luminance', 'contrast', 'structure'] as const) {
        expect(largestError(terms[term], expected[term])).toBeLessThan(1e-6);
      }
      const alone = mapOf(x, y, { ...window, alpha: 0, beta: 0 });
      expect(largestError(alone, expected.structure)).toBeLessThan(1e-6);
    }
  });

  test('random shapes and options, exponents included: as far as terms within 1e-5 and roots near 0 allow', () => {
    fc.assert(
      fc.property(anyCase(true), ([x, y, options]) => {
        const terms = referenceTerms(x, y, options);
        const slopes = slopesOf(terms, options);
        // Only where contrast and structure are taken apart do their errors come up to 1e-5.
        const { beta = 1, gamma = 1 } = options;
        const ofPowers = 1e-5 * (beta === gamma ? 1 : Math.max(1, beta, gamma));
        const actual = mapOf(x, y, options);
        expect(actual).toHaveLength(terms.ssim.length);
        const beyond = [...actual].filter(
          (value, k) => !(Math.abs(value - terms.ssim[k]!) < Math.max(ofPowers, 1e-6 * slopes[k]!)),
        );
        expect(beyond).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  /** How steep the powers of the terms are at each place: t^0.5 rises by 50 at t = 1e-4. Below 1e-6 it stays there. */
  function slopesOf(
    { luminance, contrast, structure }: ReferenceTerms,
    { alpha = 1, beta = 1, gamma = 1 }: SsimOptions,
  ): Float64Array {
    const slope = (t: number, exponent: number): number =>
      Number.isInteger(exponent) ? 0 : exponent * Math.max(t, 1e-6) ** (exponent - 1);
    return luminance.map((l, k) => {
      const [c, s] = [contrast[k]!, structure[k]!];
      return slope(l, alpha) + (beta === gamma ? slope(c * s, beta) : slope(c, beta) + slope(s, gamma));
    });
  }

  // The kernels' is compared with float64 by their own tests.
  test.skipIf(fusedKernelsAreInUse())('the mean over a megapixel keeps 1e-6', () => {
    const shape: Shape4D = [1, 1024, 1024, 1];
    const x = randomImages(shape, 12);
    const y = noisy(x, 0.1, 13);
    const [map, index] = [mapOf(x, y, { windowSize: 3 }), indexOf(x, y, { windowSize: 3 })];
    const mean = map.reduce((sum, value) => sum + value, 0) / map.length;
    expect(Math.abs(index[0]! - mean)).toBeLessThan(1e-6);
  });
});

describe('memory', () => {
  test('grows by exactly what is returned', () => {
    const x = asTensor(randomImages([2, 16, 16, 3], 1));
    const y = asTensor(randomImages([2, 16, 16, 3], 2));
    for (const options of [{}, { padding: 'reflect' as const, dataRange: 255 }, { gamma: 0.5 }]) {
      expect(tensorGrowth(() => ssim(x, y, options))).toBe(1);
      expect(tensorGrowth(() => ssimMap(x, y, options))).toBe(1);
      expect(tensorGrowth(() => ssimTerms(x, y, options))).toBe(3);
    }
    expect(x.isDisposed || y.isDisposed).toBe(false);
  });
});
