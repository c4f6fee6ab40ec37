import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import {
  Conv2D,
  FusedConv2D,
  cast,
  engine,
  getBackend,
  getKernel,
  memory,
  setBackend,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { registerWasmTraining } from '../../src/kernels.js';
import { convolutions, numbers, outputOf, product } from '../support/convolutions.js';
import type { Convolution } from '../support/convolutions.js';

function convolved(convolution: Convolution, kernel: string, of?: (x: Tensor) => Tensor): Float32Array {
  const { input, filter, strides, pad, activation = 'linear', dilations = [1, 1] } = convolution;
  return tidy(() => {
    const x = numbers(input, 2);
    const bias = tensor(Array.from({ length: filter[3] }, (_, k) => k + 0.25));
    const inputs = {
      x: of === undefined ? x : of(x),
      filter: numbers(filter, 1),
      ...(kernel === FusedConv2D && { bias }),
    };
    const attrs = { strides, pad, dilations, dataFormat: 'NHWC', activation };
    const y: Tensor = engine().runKernel(kernel, inputs, attrs);
    expect(y.shape).toEqual(outputOf(convolution));
    return y.dataSync<'float32'>().slice();
  });
}

// The file switches between both backends itself, so one of the two projects suffices.
describe.runIf(getBackend() === 'wasm').each([Conv2D, FusedConv2D])('%s on wasm', (kernel) => {
  const before = getKernel(kernel, 'wasm');
  beforeAll(() => {
    registerWasmTraining();
  });
  afterEach(async () => {
    await setBackend('wasm');
  });

  async function expectSame(convolution: Convolution): Promise<void> {
    await setBackend('wasm');
    const ours = convolved(convolution, kernel);
    await setBackend('cpu');
    const theirs = convolved(convolution, kernel);
    const largest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    ours.forEach((value, k) => expect(Math.abs(value - theirs[k]!) / largest).toBeLessThan(1e-5));
  }

  it('agrees with the cpu backend over random shapes, strides and paddings', async () => {
    const cases = convolutions(6, 18).filter(({ filter }) => product(filter.slice(0, 3)) >= 4);
    await fc.assert(fc.asyncProperty(cases, expectSame), { numRuns: 100 });
  });

  it.each([
    { input: [16, 32, 32, 16], filter: [3, 3, 16, 16], strides: [1, 1], pad: 'same' }, // images in tiles of rows
    { input: [5, 16, 16, 8], filter: [4, 4, 8, 12], strides: [2, 2], pad: 'same' }, // several images in a tile
    { input: [3, 4, 4, 8], filter: [4, 4, 8, 10], strides: [1, 1], pad: 'valid' }, // a single place
    { input: [1, 40, 2, 300], filter: [3, 1, 300, 3], strides: [1, 1], pad: 'same' }, // a row fills a tile
    { input: [1, 2, 1500, 1], filter: [2, 2, 1, 5], strides: [1, 1], pad: 'same' }, // more pixels than in a tile
    { input: [2, 9, 9, 4], filter: [1, 1, 4, 8], strides: [2, 2], pad: 'same' }, // rows that are left unread
  ] satisfies Convolution[])('agrees on tiles of every kind: %j', expectSame);

  /** Whether tfjs's own kernel did it. */
  function leftToTfjs(run: () => unknown): boolean {
    const own = vi.spyOn(before, 'kernelFunc');
    try {
      run();
      return own.mock.calls.length > 0;
    } finally {
      own.mockRestore();
    }
  }

  const usual: Convolution = { input: [1, 6, 6, 2], filter: [3, 3, 2, 4], strides: [1, 1], pad: 'same' };

  it('leaves to tfjs’s own kernel what is no such convolution of float32', () => {
    const left = (convolution: Convolution, of?: (x: Tensor) => Tensor): boolean =>
      leftToTfjs(() => convolved(convolution, kernel, of));
    expect(left(usual)).toBe(false);
    expect(left({ ...usual, dilations: [2, 2] })).toBe(true);
    expect(left({ ...usual, filter: [1, 1, 2, 4] })).toBe(true); // too little of it
    expect(left(usual, (x) => cast(x, 'int32'))).toBe(true);
    if (kernel === FusedConv2D) expect(left({ ...usual, activation: 'relu' })).toBe(true);
  });

  it('keeps no tensor and no memory of the backend', () => {
    convolved(usual, kernel);
    const { numTensors, numDataBuffers, numBytes } = memory();
    const dataIds = (): number => (engine().backend as unknown as { numDataIds(): number }).numDataIds();
    const ids = dataIds();
    convolved(usual, kernel);
    expect(memory()).toMatchObject({ numTensors, numDataBuffers, numBytes });
    expect(dataIds()).toBe(ids);
  });

  it('registered twice, it is wrapped once', () => {
    const once = getKernel(kernel, 'wasm');
    expect(once).not.toBe(before);
    registerWasmTraining();
    expect(getKernel(kernel, 'wasm')).toBe(once);
  });
});
