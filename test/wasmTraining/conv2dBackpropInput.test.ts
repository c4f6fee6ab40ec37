import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import {
  Conv2DBackpropInput,
  cast,
  conv2dTranspose,
  engine,
  getBackend,
  getKernel,
  memory,
  setBackend,
  tensor4d,
  tidy,
} from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { registerWasmTraining } from '../../src/kernels.js';
import type * as backendMemory from '../../src/wasmTraining/backendMemory.js';
import { convolutions, numbers, outputOf } from '../support/convolutions.js';
import type { Convolution } from '../support/convolutions.js';

function gradient(convolution: Convolution): Float32Array {
  const { input, filter, strides, pad } = convolution;
  return tidy(() => {
    const inputs = { dy: numbers(outputOf(convolution), 2), filter: numbers(filter, 1) };
    const attrs = { strides, pad, dataFormat: 'NHWC', inputShape: input };
    const dx: Tensor = engine().runKernel(Conv2DBackpropInput, inputs, attrs);
    expect(dx.shape).toEqual(input);
    return dx.dataSync<'float32'>().slice();
  });
}

async function expectSame(convolution: Convolution): Promise<void> {
  await setBackend('wasm');
  const ours = gradient(convolution);
  await setBackend('cpu');
  const theirs = gradient(convolution);
  const largest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  ours.forEach((value, k) => expect(Math.abs(value - theirs[k]!) / largest).toBeLessThan(1e-5));
}

/** Both ways: on the backend's memory, and where that does not show, by the backend's own kernels. */
const memoryOfBackend = vi.hoisted(() => ({ isHidden: false }));
vi.mock('../../src/wasmTraining/backendMemory.js', async (original) => {
  const actual = await original<typeof backendMemory>();
  const memoryOf: typeof actual.memoryOf = (backend) =>
    memoryOfBackend.isHidden ? undefined : actual.memoryOf(backend);
  return { ...actual, memoryOf };
});
const ways = [
  { way: 'on its memory', isHidden: false },
  { way: 'by its own convolution', isHidden: true },
];

const before = getKernel(Conv2DBackpropInput, 'wasm');

// The file switches between both backends itself, so one of the two projects suffices.
describe.runIf(getBackend() === 'wasm').each(ways)('Conv2DBackpropInput on wasm, $way', ({ isHidden }) => {
  beforeAll(() => {
    memoryOfBackend.isHidden = isHidden;
    registerWasmTraining();
  });
  afterEach(async () => {
    await setBackend('wasm');
  });

  it('is another one than before', () => {
    expect(getKernel(Conv2DBackpropInput, 'wasm')).not.toBe(before);
  });

  it('agrees with the cpu backend over random shapes, strides and paddings', async () => {
    await fc.assert(fc.asyncProperty(convolutions(5, 5), expectSame), { numRuns: 150 });
  });

  it.each([
    { input: [2, 16, 16, 8], filter: [4, 4, 8, 16], strides: [2, 2], pad: 'same' },
    { input: [2, 8, 8, 16], filter: [3, 3, 16, 8], strides: [1, 1], pad: 'same' },
    { input: [2, 4, 4, 8], filter: [4, 4, 8, 10], strides: [1, 1], pad: 'valid' },
    { input: [1, 9, 9, 3], filter: [3, 3, 3, 5], strides: [2, 2], pad: 'valid' },
    { input: [1, 10, 10, 3], filter: [3, 3, 3, 5], strides: [2, 2], pad: 'valid' }, // the last row is not read
    { input: [1, 9, 9, 3], filter: [1, 1, 3, 5], strides: [2, 2], pad: 'same' }, // nor is every other
  ] satisfies Convolution[])('agrees on the layers of an autoencoder, and at the edges: %j', expectSame);

  /** Whether tfjs's own kernel did it. */
  function leftToTfjs(run: () => void): boolean {
    const own = vi.spyOn(before, 'kernelFunc');
    try {
      tidy(run);
      return own.mock.calls.length > 0;
    } finally {
      own.mockRestore();
    }
  }

  it.each([
    { input: [2, 16, 16, 8], filter: [4, 4, 8, 16], strides: [2, 2], pad: 'same' },
    { input: [2, 8, 8, 16], filter: [3, 3, 16, 8], strides: [1, 1], pad: 'same' },
    { input: [1, 9, 9, 3], filter: [3, 3, 3, 5], strides: [2, 2], pad: 'valid' },
    { input: [1, 4, 5, 3], filter: [4, 4, 3, 5], strides: [1, 1], pad: 'valid' }, // 1×2 places
    { input: [1, 8, 8, 3], filter: [2, 2, 3, 5], strides: [2, 2], pad: 'valid' }, // as large as the stride
    { input: [1, 10, 10, 3], filter: [3, 3, 3, 5], strides: [2, 2], pad: 'valid' }, // the last row is not read
  ] satisfies Convolution[])('does itself what suits it: %j', (convolution) => {
    expect(leftToTfjs(() => gradient(convolution))).toBe(false);
  });

  it.each([
    { input: [1, 4, 4, 3], filter: [4, 4, 3, 5], strides: [1, 1], pad: 'valid' }, // a single place
    { input: [1, 9, 9, 3], filter: [1, 1, 3, 5], strides: [2, 2], pad: 'same' }, // pixels between filters
    { input: [1, 9, 8, 3], filter: [3, 1, 3, 5], strides: [2, 2], pad: 'same' }, // the same along the rows alone
    { input: [1, 11, 10, 3], filter: [4, 4, 3, 5], strides: [2, 2], pad: 'valid' }, // a row beyond all filters
    { input: [1, 10, 11, 3], filter: [4, 4, 3, 5], strides: [2, 2], pad: 'valid' }, // such a column
  ] satisfies Convolution[])(
    'leaves to tfjs’s own kernel what does not, but on memory does that too: %j',
    async (convolution) => {
      expect(leftToTfjs(() => gradient(convolution))).toBe(isHidden);
      await expectSame(convolution);
    },
  );

  it('leaves to tfjs’s own kernel what is no convolution of float32 of that shape', () => {
    const run = (dy: Tensor, filter: Tensor): void => {
      const attrs = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', inputShape: [1, 4, 4, 2] };
      engine().runKernel(Conv2DBackpropInput, { dy, filter }, attrs);
    };
    const [dy, filter] = [numbers([1, 4, 4, 3], 1), numbers([3, 3, 2, 3], 2)];
    expect(leftToTfjs(() => run(dy, filter))).toBe(false);
    expect(leftToTfjs(() => run(cast(dy, 'int32'), filter))).toBe(true);
    expect(leftToTfjs(() => run(dy, cast(filter, 'int32')))).toBe(true);
    expect(leftToTfjs(() => run(numbers([1, 4, 3, 3], 1), filter))).toBe(true);
  });

  it('a transposed convolution by hand: 1 2 through 1 10 100 at stride 2', () => {
    tidy(() => {
      const y = conv2dTranspose(
        tensor4d([1, 2], [1, 1, 2, 1]),
        tensor4d([1, 10, 100], [1, 3, 1, 1]),
        [1, 1, 5, 1],
        2,
        'valid',
      );
      expect([...y.dataSync()]).toEqual([1, 10, 102, 20, 200]);
    });
  });

  it('keeps no tensor and no memory of the backend', () => {
    const convolution: Convolution = {
      input: [2, 8, 8, 4],
      filter: [4, 4, 4, 4],
      strides: [2, 2],
      pad: 'same',
    };
    gradient(convolution);
    const { numTensors, numDataBuffers, numBytes } = memory();
    gradient(convolution);
    expect(memory()).toMatchObject({ numTensors, numDataBuffers, numBytes });
  });

  it('registered twice, it is wrapped once', () => {
    const once = getKernel(Conv2DBackpropInput, 'wasm');
    registerWasmTraining();
    expect(getKernel(Conv2DBackpropInput, 'wasm')).toBe(once);
  });
});
