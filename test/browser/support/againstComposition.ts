// A fused measure of a GPU backend, and the composition that defines it, on cpu: there it is quick, and its ops are precise.
import '@tensorflow/tfjs-backend-cpu';
import { engine, grads, ready, setBackend, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect, vi } from 'vitest';
import { useFusedKernels } from '../../../src/kernels.js';
import { asTensor } from '../../support/images.js';
import { largest, largestError } from '../../support/reference.js';
import type { Images } from '../../support/reference.js';
import { weightsOf } from '../../support/ssimFamily.js';

export type Comparison = (x: Tensor, y: Tensor) => Tensor;

export interface Measured {
  readonly value: Float32Array;
  readonly gx: Float32Array;
  readonly gy: Float32Array;
}

async function read(t: Tensor): Promise<Float32Array> {
  const values = (await t.data<'float32'>()).slice();
  t.dispose();
  return values;
}

/** The value and both gradients of Σ dy · value on the active backend. */
export async function measured(
  f: Comparison,
  x: Images,
  y: Images,
  dy: (shape: number[]) => Tensor = weightsOf,
): Promise<Measured> {
  const [value, gx, gy] = tidy(() => {
    const images = [asTensor(x), asTensor(y)];
    const result = f(images[0]!, images[1]!);
    return [result, ...grads((a: Tensor, b: Tensor) => f(a, b))(images, dy(result.shape))];
  });
  return { value: await read(value), gx: await read(gx!), gy: await read(gy!) };
}

/** The same on cpu, composed or by its kernels. */
export async function onCpu(
  backend: string,
  fused: boolean,
  ...given: Parameters<typeof measured>
): Promise<Measured> {
  useFusedKernels(fused);
  await setBackend('cpu');
  try {
    return await measured(...given);
  } finally {
    useFusedKernels(true);
    await setBackend(backend);
    await ready();
  }
}

export const relative = (actual: ArrayLike<number>, expected: ArrayLike<number>): number =>
  largestError(actual, expected) / Math.max(largest(expected), 1e-12);

/**
 * Value and gradients are those of the composition, as near as that comes in float32, and those of the kernels of cpu,
 * which add up in float64.
 */
export async function expectComposition(backend: string, f: Comparison, x: Images, y: Images): Promise<void> {
  const fused = await measured(f, x, y);
  for (const [byKernels, ofValue, ofGradient] of [
    [false, 3e-6, 1e-4],
    [true, 1e-6, 1.5e-5],
  ] as const) {
    const expected = await onCpu(backend, byKernels, f, x, y);
    expect(largestError(fused.value, expected.value)).toBeLessThan(ofValue);
    expect(relative(fused.gx, expected.gx)).toBeLessThan(ofGradient);
    expect(relative(fused.gy, expected.gy)).toBeLessThan(ofGradient);
  }
}

/** The fused kernels that run while `f` does. */
export function kernelsIn(f: () => void): string[] {
  const spy = vi.spyOn(engine(), 'runKernel');
  try {
    tidy(f);
    return spy.mock.calls.map(([name]) => name).filter((name) => /^SsimAe/.test(name));
  } finally {
    spy.mockRestore();
  }
}
