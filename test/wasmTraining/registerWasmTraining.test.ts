import {
  Conv2DBackpropFilter,
  conv2d,
  conv2dTranspose,
  engine,
  getBackend,
  getKernel,
  grads,
  leakyRelu,
  mean,
  memory,
  ones,
  randomUniform,
  registerKernel,
  relu,
  setBackend,
  sigmoid,
  square,
  sub,
  sum,
  tensor4d,
  tidy,
  train,
  unregisterKernel,
  variable,
} from '@tensorflow/tfjs-core';
import type { KernelConfig, Rank, Scalar, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as kernels from '../../src/kernels.js';
import { registerWasmTraining } from '../../src/kernels.js';

const registered = (backend: string): KernelConfig | undefined => getKernel(Conv2DBackpropFilter, backend);

afterEach(() => {
  if (registered('wasm') !== undefined) unregisterKernel(Conv2DBackpropFilter, 'wasm');
});

describe('registerWasmTraining', () => {
  it('is what the entry exports, with useFusedKernels', () => {
    expect(Object.keys(kernels)).toEqual(['registerWasmTraining', 'useFusedKernels']);
  });

  it('registers nothing before it is called', () => {
    expect(registered('wasm')).toBeUndefined();
  });

  it('changes nothing on another backend', () => {
    const before = registered('cpu');
    registerWasmTraining();
    expect(registered('cpu')).toBe(before);
  });

  it('does nothing and does not warn when called again', () => {
    const warn = vi.spyOn(console, 'warn');
    registerWasmTraining();
    const first = registered('wasm');
    registerWasmTraining();
    expect(first).toBeDefined();
    expect(registered('wasm')).toBe(first);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it('leaves a kernel that is already there in its place', () => {
    const own: KernelConfig = {
      kernelName: Conv2DBackpropFilter,
      backendName: 'wasm',
      kernelFunc: () => {
        throw new Error('a kernel of a later tfjs');
      },
    };
    registerKernel(own);
    registerWasmTraining();
    expect(registered('wasm')).toBe(own);
  });
});

describe.runIf(getBackend() === 'cpu')('registerWasmTraining, called before the backend is loaded', () => {
  it('trains once the backend is there', async () => {
    registerWasmTraining();
    expect(engine().registryFactory['wasm']).toBeUndefined();
    await import('@tensorflow/tfjs-backend-wasm');
    expect(await setBackend('wasm')).toBe(true);
    const [, filter] = convGradients();
    expect(Array.from(filter!)).toEqual([9, 9, 9, 9]);
    await setBackend('cpu');
  });
});

describe.runIf(getBackend() === 'wasm')('training on wasm', () => {
  it('fails without the call: the reason for it', () => {
    expect(convGradients).toThrow("Kernel 'Conv2DBackpropFilter' not registered for backend 'wasm'");
  });

  it('reduces the loss of a model of tfjs-layers', async () => {
    registerWasmTraining();
    const model = sequential();
    const relu = {
      activation: 'relu',
      padding: 'same',
      kernelInitializer: initializers.glorotUniform({ seed: 1 }),
    } as const;
    model.add(layers.conv2d({ filters: 8, kernelSize: 4, strides: 2, inputShape: [16, 16, 1], ...relu }));
    model.add(layers.conv2d({ filters: 8, kernelSize: 3, strides: 1, ...relu }));
    model.add(layers.conv2dTranspose({ filters: 8, kernelSize: 3, strides: 1, ...relu }));
    model.add(
      layers.conv2dTranspose({ ...relu, filters: 1, kernelSize: 4, strides: 2, activation: 'sigmoid' }),
    );
    model.compile({ optimizer: train.adam(0.01), loss: 'meanSquaredError' });
    const images = stripes(8);
    const first = (await model.trainOnBatch(images, images)) as number;
    let last = first;
    for (let step = 0; step < 80; step++) last = (await model.trainOnBatch(images, images)) as number;
    expect(last).toBeLessThan(first / 10);
    model.dispose();
    images.dispose();
  });

  it('takes the same steps as the cpu backend', async () => {
    registerWasmTraining();
    await import('@tensorflow/tfjs-backend-cpu');
    const losses: number[][] = [];
    for (const backend of ['cpu', 'wasm']) {
      await setBackend(backend);
      const { step, release } = autoencoder();
      losses.push(Array.from({ length: 10 }, step));
      release();
    }
    losses[1]!.forEach((loss, index) => {
      expect(loss).toBeCloseTo(losses[0]![index]!, 5);
    });
  });

  it('leaks nothing over 1,000 steps of an autoencoder', () => {
    registerWasmTraining();
    const { step, release } = autoencoder();
    const held = (): object => {
      const { numTensors, numDataBuffers, numBytes } = memory();
      // Untracked intermediates show in the backend's count, packed weights of its library in its heap.
      const backend = engine().backend as unknown as { numDataIds(): number; wasm: { HEAPU8: Uint8Array } };
      return {
        numTensors,
        numDataBuffers,
        numBytes,
        dataIds: backend.numDataIds(),
        heap: backend.wasm.HEAPU8.length,
      };
    };
    const first = step();
    for (let warmUp = 0; warmUp < 10; warmUp++) step();
    const before = held();
    let last = first;
    for (let count = 0; count < 1000; count++) last = step();
    expect(held()).toEqual(before);
    expect(last).toBeLessThan(first / 2);
    release();
  });
});

/** The gradients of the sum of a small convolution: 2 × 2 taps over 4 × 4 ones. */
function convGradients(): Float32Array[] {
  return tidy(() => {
    const f = grads((x, filter) => sum(conv2d(x as Tensor4D, filter as Tensor4D, 1, 'valid')));
    return f([ones([1, 4, 4, 1]), ones([2, 2, 1, 1])]).map((gradient) => gradient.dataSync() as Float32Array);
  });
}

/** Stripes of all phases, which four channels can hold. */
function stripes(count: number): Tensor4D {
  const values = Array.from({ length: count * 256 }, (_, index) => {
    const [image, column] = [index >> 8, index & 15];
    return 0.5 + 0.4 * Math.sin(0.8 * column + image);
  });
  return tensor4d(values, [count, 16, 16, 1]);
}

/** One Adam step of encoder and decoder at a time, from the same weights every time. */
function autoencoder(): { readonly step: () => number; readonly release: () => void } {
  const weight = (shape: [number, number, number, number], seed: number): Variable<Rank.R4> =>
    variable(randomUniform<Rank.R4>(shape, -0.3, 0.3, 'float32', seed));
  const w1 = weight([4, 4, 1, 6], 1);
  const w2 = weight([3, 3, 6, 4], 2);
  const w3 = weight([3, 3, 6, 4], 3);
  const w4 = weight([4, 4, 1, 6], 4);
  const weights = [w1, w2, w3, w4];
  const images = stripes(4);
  const optimizer = train.adam(0.005);
  const loss = (): Scalar => {
    const encoded = relu(conv2d(leakyRelu(conv2d(images, w1, 2, 'same'), 0.2), w2, [2, 1], 'same'));
    const decoded = leakyRelu(conv2dTranspose(encoded, w3, [4, 8, 8, 6], [2, 1], 'same'), 0.2);
    const output = sigmoid(conv2dTranspose(decoded, w4, [4, 16, 16, 1], 2, 'same'));
    return mean(square(sub(output, images)));
  };
  return {
    step: () => tidy(() => optimizer.minimize(loss, true, weights as Variable[])!.dataSync()[0]!),
    release: () => {
      for (const each of weights) each.dispose();
      images.dispose();
      optimizer.dispose();
    },
  };
}
