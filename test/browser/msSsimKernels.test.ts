// The fused kernels of MS-SSIM of the GPU backends against the composition, which defines them, and against float64.
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { grad, grads, ones } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mixLoss, msSsimLoss } from '../../src/index.js';
import type { MsSsimOptions } from '../../src/index.js';
import { useFusedKernels } from '../../src/kernels.js';
import { MsSsimBackward, MsSsimForward } from '../../src/multiscale/kernels/contract.js';
import { hardCases } from '../support/hardCases.js';
import { asTensor, imagesFrom, naturalImages, noisy, randomImages } from '../support/images.js';
import { msSsimFamily as family, someWeights, weightedRequests } from '../support/msSsimRequests.js';
import {
  referenceMixLoss,
  referenceMsSsim,
  referenceMsSsimGradients,
} from '../support/multiscaleReference.js';
import { largest, largestError } from '../support/reference.js';
import type { Shape4D } from '../support/reference.js';
import {
  expectComposition,
  expectNothingLeftBehind,
  expectSeenInItsImageAlone,
  kernelsIn,
  measured,
} from './support/againstComposition.js';
import { here, onBackend } from './support/backend.js';

describe.each(here([['webgl'], ['webgpu']] as const))('%s', (backend) => {
  onBackend(backend, 'fused');

  test.each(Object.entries(family))('%s: value and both gradients, every option', async (_, make) => {
    await fc.assert(
      fc.asyncProperty(weightedRequests, async ({ x, y, options, weights }) => {
        await expectComposition(backend, make(options, weights), x, y);
      }),
      { numRuns: 8 },
    );
  });

  test.each([
    ['one pixel', [3, 1, 1, 2], { windowSize: 1, levels: 2 }],
    ['one row', [2, 1, 17, 2], { windowSize: [1, 3], levels: 2, padding: 'edge' }],
    ['five levels', [1, 49, 52, 2], { windowSize: 3 }],
    ['many channels', [1, 9, 10, 37], { levels: 2, windowSize: 3 }],
    ['more levels than there is anything to halve', [1, 5, 6, 1], { windowSize: 1, levels: 5 }],
  ] as const satisfies readonly (readonly [string, Shape4D, MsSsimOptions])[])(
    '%s',
    async (_, shape, options) => {
      const x = naturalImages(shape, 1);
      const y = noisy(x, 0.1, 2);
      for (const weights of [undefined, someWeights(shape, 3)]) {
        await expectComposition(backend, family['msSsimLoss']!(options, weights), x, y);
        await expectComposition(backend, family['mixLoss']!(options, weights), x, y);
      }
    },
  );

  test('where terms are too small, or negative: their tangent', async () => {
    const x = randomImages([2, 20, 21, 2], 1);
    const y = imagesFrom(x.shape, (k) => 0.5 - 0.05 * (x.data[k]! - 0.5));
    await expectComposition(backend, (a, b) => msSsimLoss(a, b, { levels: 2, windowSize: 3 }), x, y);
  });

  describe('accuracy against float64', () => {
    /** A mean term below 0.01, of which the reference knows no gradient. */
    const unlike = [
      'noise',
      'flat against textured',
      'black',
      'half dark, half bright, opposite textures of deviation √c2',
    ];
    test.each(Object.entries(hardCases))(
      '%s: loss within 1e-5 of itself, gradients within 1.5e-5 of their maximum',
      async (name, make) => {
        for (const dataRange of [1, 255]) {
          const [x, y] = make(dataRange);
          const padding = dataRange === 1 ? 'valid' : 'reflect';
          const options = { dataRange, levels: 2, windowSize: 7, padding } as const;
          const loss = 1 - referenceMsSsim(x, y, options)[0]!;
          const { value, gx, gy } = await measured(
            (a, b) => msSsimLoss(a, b, options),
            x,
            y,
            () => ones([1]),
          );
          expect(Math.abs(value[0]! - loss)).toBeLessThan(1e-5 * loss + 1e-12);
          if (unlike.includes(name)) continue;
          const [ex, ey] = referenceMsSsimGradients(x, y, options);
          for (const [actual, expected] of [
            [gx, ex],
            [gy, ey],
          ] as const) {
            const scale = Math.max(largest(expected), 1e-12 / dataRange);
            expect(largestError(actual, expected) / scale).toBeLessThan(1.5e-5);
          }
        }
      },
    );

    test('mixLoss: within 1e-5 of itself, nearly converged as well', async () => {
      for (const deviation of [0.1, 1e-4]) {
        const x = randomImages([2, 40, 37, 2], 1, 255);
        const y = noisy(x, deviation * 255, 2);
        const options = { dataRange: 255, levels: 2, windowSize: 7 };
        const { value } = await measured((a, b) => mixLoss(a, b, options), x, y);
        referenceMixLoss(x, y, options).forEach((loss, n) => {
          expect(Math.abs(value[n]! / loss - 1)).toBeLessThan(1e-5);
        });
      }
    });

    test('pixels far outside of the range count in ℓ1 by all of their distance', async () => {
      const x = randomImages([1, 12, 12, 1], 1);
      const far = imagesFrom(x.shape, (k) => x.data[k]! + 500);
      const { value } = await measured((a, b) => mixLoss(a, b, { levels: 1, alpha: 0 }), x, far);
      expect(value[0]! / 500).toBeCloseTo(1, 4);
    });

    test('equal images: exactly 0, in value and gradient', async () => {
      const x = naturalImages([1, 24, 23, 2], 1, 255);
      for (const f of [msSsimLoss, mixLoss]) {
        const options = { dataRange: 255, levels: 3, windowSize: 5, padding: 'symmetric' } as const;
        const { value, gx, gy } = await measured((a, b) => f(a, b, options), x, x);
        expect([value[0], largest(gx), largest(gy)]).toEqual([0, 0, 0]);
      }
    });
  });

  test('a pixel that is not finite is seen in its image and in no other, nor in the next call', async () => {
    const options = { levels: 2, windowSize: 3, padding: 'reflect' } as const;
    for (const f of [msSsimLoss, mixLoss]) {
      await expectSeenInItsImageAlone(
        (x, y) => f(x, y, options),
        (s) => ones(s),
      );
    }
  });

  test('one call of each kernel does it all, with weights as well; more levels and useFusedKernels(false) compose', () => {
    const x = randomImages([2, 24, 23, 1], 1);
    const y = noisy(x, 0.1, 2);
    const [tx, ty] = [() => asTensor(x), () => asTensor(y)];
    for (const make of Object.values(family)) {
      for (const weights of [undefined, someWeights(x.shape, 1)]) {
        const f = make({ levels: 2 }, weights);
        expect(kernelsIn(() => f(tx(), ty()))).toEqual([MsSsimForward]);
        expect(kernelsIn(() => grad((b) => f(tx(), b))(ty()))).toEqual([MsSsimForward, MsSsimBackward]);
      }
    }
    const composed = (options: MsSsimOptions): string[] => kernelsIn(() => msSsimLoss(tx(), ty(), options));
    const seven = new Array<number>(7).fill(0.1);
    expect(composed({ windowSize: 1, levelWeights: seven })).not.toContain(MsSsimForward);
    useFusedKernels(false);
    expect(composed({ levels: 2 })).toEqual([]);
    useFusedKernels(true);
  });

  test('nothing is left behind, however often they run', () => {
    expectNothingLeftBehind([1, 9, 8, 2], 20, (x, y) => {
      for (const weights of [undefined, someWeights([1, 9, 8, 2], 1)]) {
        const f = family['mixLoss']!({ levels: 2, windowSize: 3 }, weights);
        f(x, y);
        grads((a: Tensor, b: Tensor) => f(a, b))([x, y]);
      }
    });
  });
});
