// A fused measure of a GPU backend, and the composition that defines it, on cpu: there it is quick, and its ops are precise.
import '@tensorflow/tfjs-backend-cpu';
import { engine, grads, memory, ready, setBackend, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect, vi } from 'vitest';
import { useFusedKernels } from '../../../src/kernels.js';
import { asTensor, imagesFrom, randomImages } from '../../support/images.js';
import { largest, largestError } from '../../support/reference.js';
import type { Images, Shape4D } from '../../support/reference.js';
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

/**
 * A pixel that is not finite, in the second of three images, shows in the value and the gradients of that image and in no other's, nor in
 * the next call.
 */
export async function expectSeenInItsImageAlone(
  f: Comparison,
  dy?: (shape: number[]) => Tensor,
): Promise<void> {
  const shape = [3, 12, 11, 2] as const;
  const [x, y] = [randomImages(shape, 1), randomImages(shape, 2)];
  const size = x.data.length / 3;
  const run = async (b: Images): Promise<Float32Array[]> => {
    const { value, gx, gy } = await measured(f, x, b, dy);
    return [value, gx, gy];
  };
  const clean = await run(y);
  for (const pixel of [NaN, -Infinity]) {
    const broken = imagesFrom(shape, (k) => (k === size ? pixel : y.data[k]!));
    (await run(broken)).forEach((values, which) => {
      const third = values.length / 3;
      expect(values.subarray(third, 2 * third).every(Number.isFinite)).toBe(false);
      for (const n of [0, 2]) {
        expect(values.slice(n * third, (n + 1) * third)).toEqual(
          clean[which]!.slice(n * third, (n + 1) * third),
        );
      }
    });
  }
  expect(await run(y)).toEqual(clean);
}

/** After one `step`, so many more leave neither tensors nor buffers behind. */
export function expectNothingLeftBehind(
  shape: Shape4D,
  times: number,
  step: (x: Tensor, y: Tensor) => void,
): void {
  const [x, y] = [1, 2].map((seed) => asTensor(randomImages(shape, seed))) as [Tensor, Tensor];
  const counts = (): number[] => [
    memory().numTensors,
    memory().numDataBuffers,
    engine().backend.numDataIds(),
  ];
  const steps = (count: number): void => {
    for (let k = 0; k < count; k++) tidy(() => step(x, y));
  };
  steps(1);
  const before = counts();
  steps(times);
  expect(counts()).toEqual(before);
  x.dispose();
  y.dispose();
}
