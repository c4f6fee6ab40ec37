// The fused kernels of the GPU backends against the composition, which defines them.
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { engine, getBackend, getKernel, grads, memory, ready, setBackend, tidy } from '@tensorflow/tfjs-core';
import type { KernelConfig, Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { ssimLoss } from '../../src/index.js';
import { useFusedKernels } from '../../src/kernels.js';
import { SsimBackward, SsimForward } from '../../src/ssim/kernels/contract.js';
import { asTensor, naturalImages, noisy } from '../support/images.js';
import { largest, largestError } from '../support/reference.js';
import type { Images } from '../support/reference.js';
import { anySsimRequest, ssimFamily, weightsOf } from '../support/ssimFamily.js';
import type { Comparison } from '../support/ssimFamily.js';
import { here } from './support/backend.js';

afterEach(() => {
  useFusedKernels(true);
});

async function read(t: Tensor): Promise<Float32Array> {
  const values = (await t.data<'float32'>()).slice();
  t.dispose();
  return values;
}

async function measured(
  f: Comparison,
  x: Images,
  y: Images,
  fused: boolean,
): Promise<Record<'value' | 'gx' | 'gy', Float32Array>> {
  useFusedKernels(fused);
  const [value, gx, gy] = tidy(() => {
    const images = [asTensor(x), asTensor(y)];
    const result = f(images[0]!, images[1]!);
    return [result, ...grads((a: Tensor, b: Tensor) => f(a, b))(images, weightsOf(result.shape))];
  });
  return { value: await read(value), gx: await read(gx!), gy: await read(gy!) };
}

const relative = (actual: ArrayLike<number>, expected: ArrayLike<number>): number =>
  largestError(actual, expected) / Math.max(largest(expected), 1e-12);

describe.each(here([['webgl'], ['webgpu']] as const))('%s', (backend) => {
  beforeAll(async () => {
    expect(await setBackend(backend)).toBe(true);
    await ready();
    expect(getBackend()).toBe(backend);
  });

  test.each(Object.entries(ssimFamily))('%s: value and both gradients, every option', async (_, make) => {
    await fc.assert(
      fc.asyncProperty(anySsimRequest, async ({ x, y, options }) => {
        const f = make(options);
        const fused = await measured(f, x, y, true);
        const composed = await measured(f, x, y, false);
        expect(largestError(fused.value, composed.value)).toBeLessThan(2e-5);
        expect(relative(fused.gx, composed.gx)).toBeLessThan(1e-4);
        expect(relative(fused.gy, composed.gy)).toBeLessThan(1e-4);
      }),
      { numRuns: 8 },
    );
  });

  test('the first use registers the kernels, and they run', () => {
    const spy = vi.spyOn(engine(), 'runKernel');
    const x = naturalImages([1, 16, 15, 1], 1);
    const before = memory().numTensors;
    tidy(() => {
      grads((a: Tensor, b: Tensor) => ssimLoss(a, b))([asTensor(x), asTensor(noisy(x, 0.1, 2))]);
    });
    const ran = spy.mock.calls.map(([name]) => name);
    spy.mockRestore();
    expect(ran.filter((name) => name === SsimForward)).toHaveLength(1);
    expect(ran.filter((name) => name === SsimBackward)).toHaveLength(2);
    expect((getKernel(SsimForward, backend) as KernelConfig | undefined)?.backendName).toBe(backend);
    expect(memory().numTensors).toBe(before);
  });
});
