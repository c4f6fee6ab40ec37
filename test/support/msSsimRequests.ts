import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { mixLoss, msSsim, msSsimLoss } from '../../src/index.js';
import type { MsSsimOptions } from '../../src/index.js';
import { asTensor, imagesFrom, noisy, randomImages, randomNumbers } from './images.js';
import { paddings } from './paddings.js';
import type { Images, Shape4D } from './reference.js';

/** Images of any shape with the options of `msSsim`, for up to three levels; `seed` is for what else a test draws. */
export const msSsimRequests = fc
  .tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 9, max: 22 }),
    fc.integer({ min: 9, max: 22 }),
    fc.integer({ min: 1, max: 4 }),
  )
  .chain((shape: Shape4D) =>
    fc
      .record({
        dataRange: fc.constantFrom(1, 3, 255),
        windowType: fc.constantFrom('gaussian' as const, 'uniform' as const),
        windowSize: fc.constantFrom(3, [3, 1] as const, [1, 3] as const, 1),
        windowSigma: fc.constantFrom(0.8, 1.5),
        k2: fc.constantFrom(0.03, 0.1),
        covariance: fc.constantFrom('population' as const, 'sample' as const),
        padding: fc.constantFrom(...paddings),
        levelWeights: fc.constantFrom([0.2, 0.3, 0.5], [1], [0, 0.4, 0.5], [0.7, 0.1, 0], [0.3, 0, 0.2]),
      })
      .filter(({ windowSize, covariance }) => windowSize !== 1 || covariance === 'population')
      .chain((options) => fc.record({ seed: fc.nat(1000), options: fc.constant(options) }))
      .map(({ seed, options }) => {
        const x = randomImages(shape, seed, options.dataRange);
        return { shape, seed, x, y: noisy(x, 0.2 * options.dataRange, seed + 1), options };
      }),
  );

/** Weights of which some are 0, for each image or for all. */
export function someWeights([batch, height, width]: Shape4D, seed: number): Images {
  const random = randomNumbers(seed);
  return imagesFrom([seed % 2 ? batch : 1, height, width, 1], () => Math.max(0, random() - 0.3));
}

/** The same, with weights or without. */
export const weightedRequests = fc.tuple(msSsimRequests, fc.boolean()).map(([request, weighted]) => ({
  ...request,
  weights: weighted ? someWeights(request.shape, request.seed) : undefined,
}));

const given = (weights: Images | undefined): { weights?: Tensor } =>
  weights ? { weights: asTensor(weights) } : {};

/** What takes such requests, with weights [N or 1, H, W, 1] or without. */
export const msSsimFamily: Readonly<
  Record<string, (options: MsSsimOptions, weights?: Images) => (x: Tensor, y: Tensor) => Tensor>
> = {
  msSsim: (options, weights) => (x, y) => msSsim(x, y, { ...options, ...given(weights) }),
  msSsimLoss: (options, weights) => (x, y) => msSsimLoss(x, y, { ...options, ...given(weights) }),
  mixLoss: (options, weights) => (x, y) => mixLoss(x, y, { ...options, ...given(weights) }),
  'mixLoss, l1Sigma': (options, weights) => (x, y) =>
    mixLoss(x, y, { ...options, alpha: 0.3, l1Sigma: 1.1, ...given(weights) }),
};
