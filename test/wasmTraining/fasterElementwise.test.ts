import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import {
  getBackend,
  getKernel,
  greater,
  leakyRelu,
  memory,
  setBackend,
  sum,
  tensor,
  tidy,
  where,
} from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { registerWasmTraining } from '../../src/kernels.js';

const special = [NaN, Infinity, -Infinity, 0, -0, 1e-45, -1e-45];
const numbers = (shape: readonly number[], phase: number, more: readonly number[] = []): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((size, length) => size * length, 1) }, (_, k) =>
      k < more.length ? more[k]! : Math.sin(k * 1.7 + phase),
    ),
    [...shape],
  );
const shapes = [[0], [1], [3], [16], [37], [2, 3, 5, 7], [4, 33]];

// The file switches between both backends itself, so one of the two projects suffices.
describe.runIf(getBackend() === 'wasm')('elementwise kernels on wasm', () => {
  const own = ['LeakyRelu', 'Greater', 'Select', 'Sum'].map((name) => getKernel(name, 'wasm'));
  beforeAll(() => {
    registerWasmTraining();
  });
  afterEach(async () => {
    await setBackend('wasm');
  });

  async function onBoth(run: () => Tensor): Promise<[ArrayLike<number>, ArrayLike<number>]> {
    const results: ArrayLike<number>[] = [];
    for (const backend of ['wasm', 'cpu']) {
      await setBackend(backend);
      const before = memory().numTensors;
      results.push(tidy(run).dataSync());
      expect(memory().numTensors).toBe(before + 1);
    }
    return results as [ArrayLike<number>, ArrayLike<number>];
  }

  it.each(shapes.map((shape) => [shape]))(
    'equal the cpu backend to the last bit, with a slope that float32 holds: %j',
    async (shape) => {
      for (const run of [
        () => leakyRelu(numbers(shape, 1, special), 0.25),
        () => greater(numbers(shape, 1, special), 0),
        () => greater(numbers(shape, 1, special), numbers([1], 2)),
        () =>
          where(
            greater(numbers(shape, 1, special), 0),
            numbers(shape, 2, special),
            numbers(shape, 3, special),
          ),
      ]) {
        const [ours, theirs] = await onBoth(run);
        expect(Array.from(ours)).toEqual(Array.from(theirs));
      }
    },
  );

  it.each([[[5, 3]], [[700, 8]], [[2, 3, 5, 7]], [[2, 20, 30, 6]], [[1, 1, 1, 4]]])(
    'sum over all axes but the last: %j',
    async (shape) => {
      const axes = shape.slice(1).map((_, axis) => axis);
      const [ours, theirs] = await onBoth(() => sum(numbers(shape, 1), axes));
      expect(ours.length).toBe(theirs.length);
      Array.from(ours).forEach((value, k) => expect(Math.abs(value - theirs[k]!)).toBeLessThan(2e-5));
    },
  );

  it('leave to tfjs’s own what they do not suit', async () => {
    const spies = own.map((kernel) => vi.spyOn(kernel, 'kernelFunc'));
    const runs = [
      () => leakyRelu(tensor([1, -2], [2], 'int32'), 0.5),
      () => greater(numbers([4, 3], 1), numbers([3], 2)),
      () => where(tensor([1, 0], [2], 'bool'), tensor([1, 2], [2], 'int32'), tensor([3, 4], [2], 'int32')),
      () => sum(numbers([4, 3], 1), 1),
    ];
    for (const [k, run] of runs.entries()) {
      const [ours, theirs] = await onBoth(run);
      expect(spies[k]!).toHaveBeenCalledTimes(1);
      Array.from(ours).forEach((value, i) => expect(value).toBeCloseTo(theirs[i]!, 5));
    }
    for (const spy of spies) spy.mockRestore();
  });
});
