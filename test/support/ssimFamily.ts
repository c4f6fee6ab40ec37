// The functions that the fused kernels serve, and what they are called with in property tests.
import { tensor } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { ssim, ssimLoss, ssimMap, ssimResidualMap } from '../../src/index.js';
import type { SsimOptions } from '../../src/index.js';
import { anyOptions, noisy, randomImages } from './images.js';
import type { Images, Shape4D } from './reference.js';

export type Comparison = (x: Tensor, y: Tensor) => Tensor;

export const ssimFamily: Readonly<
  Record<'ssim' | 'ssimLoss' | 'ssimMap' | 'ssimResidualMap', (options: SsimOptions) => Comparison>
> = {
  ssim: (options) => (x, y) => ssim(x, y, options),
  ssimLoss: (options) => (x, y) => ssimLoss(x, y, options),
  ssimMap: (options) => (x, y) => ssimMap(x, y, options),
  // A residual map covers the whole image.
  ssimResidualMap: (options) => (x, y) =>
    ssimResidualMap(x, y, options.padding === 'valid' ? { ...options, padding: 'edge' } : options),
};

export interface SsimRequest {
  readonly x: Images;
  readonly y: Images;
  readonly options: SsimOptions;
}

/** Batches of 1 to 9 images of 1 to 5 channels and up to 17 × 17 pixels, and every option that fits. */
export const anySsimRequest: fc.Arbitrary<SsimRequest> = fc
  .tuple(
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 17 }),
    fc.integer({ min: 1, max: 17 }),
    fc.integer({ min: 1, max: 5 }),
  )
  .chain((shape: Shape4D) =>
    fc
      .record({ some: anyOptions(shape), alpha: fc.constantFrom(1, 1, 0), seed: fc.nat(1000) })
      .map(({ some, alpha, seed }) => {
        const options = { ...some, alpha };
        const range = options.dataRange ?? 1;
        const x = randomImages(shape, seed, range);
        return { x, y: noisy(x, 0.2 * range, seed + 1), options };
      }),
  );

/** Weights of both signs, for Σ weights · value. */
export function weightsOf(shape: number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tensor(
    Float32Array.from({ length: size }, (_, k) => Math.cos(3 * k) + 0.2),
    shape,
  );
}
