// The fused kernels of gradient magnitudes of the GPU backends against the composition, which defines them, and against float64.
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { grad, grads, ones } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gmsLoss, gmsMap, gmsd, msGmsLoss, msGmsResidualMap } from '../../src/index.js';
import type { GmsOptions } from '../../src/index.js';
import { useFusedKernels } from '../../src/kernels.js';
import { GmsBackward, GmsForward } from '../../src/gradientMagnitude/kernels/contract.js';
import { gmsRequests } from '../support/gmsRequests.js';
import { hardCases } from '../support/hardCases.js';
import { asTensor, naturalImages, noisy, randomImages } from '../support/images.js';
import {
  referenceGmsDistances,
  referenceLeastMagnitude,
  referenceMsGmsGradients,
  referenceMsGmsLoss,
} from '../support/multiscaleReference.js';
import { largest, largestError } from '../support/reference.js';
import {
  expectComposition,
  expectNothingLeftBehind,
  expectSeenInItsImageAlone,
  kernelsIn,
  measured,
  onCpu,
} from './support/againstComposition.js';
import type { Comparison, Measured } from './support/againstComposition.js';
import { here, onBackend } from './support/backend.js';

const family: Readonly<Record<string, (options: GmsOptions) => Comparison>> = {
  gmsMap: (options) => (x, y) => gmsMap(x, y, options),
  gmsLoss: (options) => (x, y) => gmsLoss(x, y, options),
  gmsd: (options) => (x, y) => gmsd(x, y, options),
  'gmsd, full size': (options) => (x, y) => gmsd(x, y, { ...options, downsample: false }),
  msGmsLoss: (options) => (x, y) => msGmsLoss(x, y, { ...options, levels: 3 }),
  msGmsResidualMap: (options) => (x, y) =>
    // A residual map covers the whole image.
    msGmsResidualMap(x, y, {
      ...options,
      levels: 2,
      ...(options.padding === 'valid' && { padding: 'edge' }),
    }),
};

describe.each(here([['webgl'], ['webgpu']] as const))('%s', (backend) => {
  onBackend(backend, 'fused');

  test.each(Object.entries(family))('%s: value and both gradients, every option', async (_, make) => {
    await fc.assert(
      fc.asyncProperty(gmsRequests, async ({ x, y, options }) => {
        // Where a place is almost flat, the direction of its slope in float32, and so its gradient, is off.
        const padding = options.padding === 'valid' ? 'edge' : options.padding;
        for (const images of [x, y]) {
          fc.pre(referenceLeastMagnitude(images, { ...options, padding, levels: 3 }) > 0.002);
        }
        await expectComposition(backend, make(options), x, y);
      }),
      { numRuns: 4 },
    );
  });

  test.each([
    ['one pixel', [2, 1, 1, 2], 'edge'],
    ['one row', [2, 1, 9, 1], 'symmetric'],
    ['one column', [1, 8, 1, 3], 'zero'],
    ['many channels', [1, 5, 6, 37], 'reflect'],
  ] as const)('%s', async (_, shape, padding) => {
    const x = naturalImages(shape, 1);
    await expectComposition(backend, (a, b) => gmsMap(a, b, { padding }), x, noisy(x, 0.1, 2));
    await expectComposition(backend, (a, b) => gmsLoss(a, b, { padding }), x, noisy(x, 0.1, 2));
  });

  describe('accuracy against float64', () => {
    // Where an image is almost flat at a halved size, rounding turns the direction of its slope, composed or fused.
    test.each(Object.entries(hardCases))(
      '%s: map within 1e-6, loss and gradients within 1.5e-5, or three times what the composition comes to',
      async (_, make) => {
        for (const dataRange of [1, 255]) {
          const [x, y] = make(dataRange);
          const options = { dataRange, padding: dataRange === 1 ? 'zero' : 'reflect' } as const;
          const similarities = Float64Array.from(referenceGmsDistances(x, y, options).data, (d) => 1 - d);
          const map = await measured((a, b) => gmsMap(a, b, options), x, y);
          expect(largestError(map.value, similarities)).toBeLessThan(1e-6);

          const levels = { ...options, levels: 2 };
          const [loss] = referenceMsGmsLoss(x, y, levels);
          const [gx, gy] = referenceMsGmsGradients(x, y, levels);
          const errorsOf = (actual: Measured): number[] => [
            Math.abs(actual.value[0]! - loss!) / (loss! + 1e-9),
            largestError(actual.gx, gx) / Math.max(largest(gx), 1e-12 / dataRange),
            largestError(actual.gy, gy) / Math.max(largest(gy), 1e-12 / dataRange),
          ];
          const given = [
            (a: Tensor, b: Tensor): Tensor => msGmsLoss(a, b, levels),
            x,
            y,
            () => ones([1]),
          ] as const;
          const composed = errorsOf(await onCpu(backend, false, ...given));
          errorsOf(await measured(...given)).forEach((error, k) => {
            expect(error).toBeLessThan(Math.max(1.5e-5, 3 * composed[k]!));
          });
        }
      },
    );

    test('equal images: exactly 0, in value and gradient', async () => {
      const x = naturalImages([1, 24, 23, 2], 1, 255);
      for (const f of [gmsLoss, gmsd, msGmsLoss]) {
        const { value, gx, gy } = await measured((a, b) => f(a, b, { dataRange: 255 }), x, x);
        expect([value[0], largest(gx), largest(gy)]).toEqual([0, 0, 0]);
      }
    });
  });

  test('a pixel that is not finite is seen in its image and in no other, nor in the next call', async () => {
    for (const f of [gmsLoss, gmsd, msGmsLoss, gmsMap]) await expectSeenInItsImageAlone((x, y) => f(x, y));
  });

  test('one call of each kernel does it all; weights, more levels and useFusedKernels(false) compose', () => {
    const x = randomImages([2, 24, 23, 1], 1);
    const y = noisy(x, 0.1, 2);
    const [tx, ty] = [() => asTensor(x), () => asTensor(y)];
    for (const [name, make] of Object.entries(family)) {
      const f = make({});
      const calls = name === 'msGmsResidualMap' ? 2 : 1;
      expect(kernelsIn(() => f(tx(), ty()))).toEqual(new Array(calls).fill(GmsForward));
      expect(kernelsIn(() => grad((b) => f(tx(), b))(ty())).sort()).toEqual([
        ...new Array<string>(calls).fill(GmsBackward),
        ...new Array<string>(calls).fill(GmsForward),
      ]);
    }
    const weights = ones([1, 24, 23, 1]);
    expect(kernelsIn(() => gmsLoss(tx(), ty(), { weights }))).toEqual([]);
    weights.dispose();
    expect(kernelsIn(() => msGmsLoss(tx(), ty(), { levels: 7 }))).toEqual([]);
    useFusedKernels(false);
    expect(kernelsIn(() => gmsLoss(tx(), ty()))).toEqual([]);
    useFusedKernels(true);
  });

  test('nothing is left behind, however often they run', () => {
    expectNothingLeftBehind([1, 12, 13, 2], 5, (x, y) => {
      for (const make of Object.values(family)) {
        make({})(x, y);
        grads((a: Tensor, b: Tensor) => make({})(a, b))([x, y]);
      }
    });
  });
});
