import { tensor4d } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import type { SsimOptions } from '../../src/index.js';
import type { Images, Shape4D } from './reference.js';
import { paddings } from './paddings.js';

/** A small seeded generator (mulberry32): uniform numbers in [0, 1). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Standard normal numbers from uniform ones. */
export function normalNumbers(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Images whose pixels come from a function, rounded to float32 as the library sees them. */
export function imagesFrom(
  shape: Shape4D,
  pixel: (index: number, row: number, column: number, channel: number) => number,
): Images {
  const [, height, width, channels] = shape;
  const size = shape.reduce((product, length) => product * length, 1);
  return {
    shape,
    data: Float32Array.from({ length: size }, (_, k) =>
      pixel(k, Math.floor(k / (width * channels)) % height, Math.floor(k / channels) % width, k % channels),
    ),
  };
}

export function randomImages(shape: Shape4D, seed: number, dataRange = 1): Images {
  const random = randomNumbers(seed);
  return imagesFrom(shape, () => random() * dataRange);
}

/** Smooth images with a little noise, nearer to photographs than noise alone. */
export function naturalImages(shape: Shape4D, seed: number, dataRange = 1): Images {
  const random = randomNumbers(seed);
  const normal = normalNumbers(random);
  const [a, b, phase] = [3 + 4 * random(), 3 + 4 * random(), 6 * random()];
  return imagesFrom(
    shape,
    (_, row, column, channel) =>
      dataRange * (0.5 + 0.3 * Math.sin(row / a + phase + channel) * Math.cos(column / b) + 0.03 * normal()),
  );
}

/** y = x + noise, rounded to float32. */
export function noisy(x: Images, deviation: number, seed: number): Images {
  const normal = normalNumbers(randomNumbers(seed));
  return { shape: x.shape, data: Float32Array.from(x.data, (value) => value + deviation * normal()) };
}

export function asTensor({ shape, data }: Images): Tensor4D {
  return tensor4d(Float32Array.from(data), [...shape]);
}

/** A shape of small images, odd sizes included. */
export function anyShape(least = 1, most = 13): fc.Arbitrary<Shape4D> {
  return fc.tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: least, max: most }),
    fc.integer({ min: least, max: most }),
    fc.integer({ min: 1, max: 3 }),
  );
}

/** Options that fit images of `shape`, exponents left at 1 unless asked for. */
export function anyOptions(shape: Shape4D, withExponents = false): fc.Arbitrary<SsimOptions> {
  const oddUpTo = (most: number): fc.Arbitrary<number> =>
    fc.integer({ min: 0, max: Math.floor((most - 1) / 2) }).map((half) => 2 * half + 1);
  const size = fc.tuple(oddUpTo(Math.min(shape[1], 11)), oddUpTo(Math.min(shape[2], 11)));
  const exponent = fc.constantFrom(0, 0.5, 0.7, 1, 2, 2.5);
  return fc
    .record({
      dataRange: fc.constantFrom(1, 255),
      windowType: fc.constantFrom('gaussian' as const, 'uniform' as const),
      windowSize: size,
      windowSigma: fc.constantFrom(0.8, 1.5, [0.7, 2.1] as [number, number]),
      k1: fc.constantFrom(0.01, 0.05),
      k2: fc.constantFrom(0.03, 0.1),
      covariance: fc.constantFrom('population' as const, 'sample' as const),
      padding: fc.constantFrom(...paddings),
      ...(withExponents ? { alpha: exponent, beta: exponent, gamma: exponent } : {}),
    })
    .filter(
      (options) =>
        (options.covariance === 'population' || options.windowSize[0] * options.windowSize[1] > 1) &&
        (!withExponents || (options.alpha ?? 1) + (options.beta ?? 1) + (options.gamma ?? 1) > 0),
    );
}
