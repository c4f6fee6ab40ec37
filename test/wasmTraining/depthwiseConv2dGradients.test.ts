import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import {
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  engine,
  getBackend,
  memory,
  ones,
  randomUniform,
  setBackend,
  tidy,
  train,
} from '@tensorflow/tfjs-core';
import type { NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import * as fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { registerWasmTraining } from '../../src/kernels.js';
import { numbers } from '../support/convolutions.js';
import type { Four } from '../support/convolutions.js';

interface Convolution {
  readonly input: Four;
  readonly filter: Four;
  readonly stride: number;
  readonly pad: 'same' | 'valid';
}

const outputOf = ({ input, filter, stride, pad }: Convolution): Four => {
  const length = (axis: 1 | 2): number =>
    pad === 'same'
      ? Math.ceil(input[axis] / stride)
      : Math.floor((input[axis] - filter[axis - 1]!) / stride) + 1;
  return [input[0], length(1), length(2), input[3] * filter[3]];
};

/** Both gradients of a convolution on the active backend. */
function gradients(convolution: Convolution): Float32Array[] {
  const { input, filter, stride, pad } = convolution;
  const attrs = { strides: [stride, stride], pad, dilations: [1, 1], dimRoundingMode: undefined };
  return tidy(() => {
    const [x, w, dy] = [numbers(input, 0), numbers(filter, 1), numbers(outputOf(convolution), 2)];
    const run = (name: string, inputs: object, more: object): Tensor =>
      engine().runKernel(name, inputs as NamedTensorMap, { ...attrs, ...more } as unknown as NamedAttrMap);
    return [
      run(DepthwiseConv2dNativeBackpropInput, { dy, filter: w }, { inputShape: input }),
      run(DepthwiseConv2dNativeBackpropFilter, { x, dy }, { filterShape: filter }),
    ].map((gradient) => gradient.dataSync<'float32'>().slice());
  });
}

// The file switches between both backends itself, so one of the two projects suffices.
describe.runIf(getBackend() === 'wasm')('gradients of depthwise convolutions on wasm', () => {
  beforeAll(() => {
    registerWasmTraining();
  });
  afterEach(async () => {
    await setBackend('wasm');
  });

  it('agree with the cpu backend over random shapes, strides and paddings', async () => {
    const cases: fc.Arbitrary<Convolution> = fc
      .record({
        input: fc.tuple(
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 1, max: 9 }),
          fc.integer({ min: 1, max: 9 }),
          fc.integer({ min: 1, max: 4 }),
        ),
        kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
        multiplier: fc.integer({ min: 1, max: 3 }),
        stride: fc.integer({ min: 1, max: 3 }),
        pad: fc.constantFrom('same' as const, 'valid' as const),
      })
      .map(({ input, kernel: [height, width], multiplier, stride, pad }) => ({
        input,
        filter: [height, width, input[3], multiplier] as Four,
        stride,
        pad,
      }))
      .filter((convolution) => outputOf(convolution).every((length) => length > 0));
    await fc.assert(
      fc.asyncProperty(cases, async (convolution) => {
        await setBackend('wasm');
        const ours = gradients(convolution);
        await setBackend('cpu');
        const theirs = gradients(convolution);
        ours.forEach((gradient, which) => {
          expect(gradient).toHaveLength(theirs[which]!.length);
          gradient.forEach((value, k) => expect(value).toBeCloseTo(theirs[which]![k]!, 4));
        });
      }),
      { numRuns: 150 },
    );
  });

  it('agree with a case by hand', () => {
    // y(0) = x(0) w(0) + x(1) w(1), y(1) = x(1) w(0) + x(2) w(1); x = sin 1.7k, w = sin(1.7k + 1), dy = sin(1.7k + 2).
    const [s, w, d] = [0, 1, 2].map((phase) => (k: number) => Math.sin(1.7 * k + phase)) as [
      (k: number) => number,
      (k: number) => number,
      (k: number) => number,
    ];
    const [dx, dw] = gradients({ input: [1, 1, 3, 1], filter: [1, 2, 1, 1], stride: 1, pad: 'valid' });
    [d(0) * w(0), d(0) * w(1) + d(1) * w(0), d(1) * w(1)].forEach((value, k) => {
      expect(dx![k]).toBeCloseTo(value, 6);
    });
    [d(0) * s(0) + d(1) * s(1), d(0) * s(1) + d(1) * s(2)].forEach((value, k) => {
      expect(dw![k]).toBeCloseTo(value, 6);
    });
  });

  it('a separable convolution trains: the loss falls, and no tensor stays', async () => {
    const model = sequential({
      layers: [
        layers.separableConv2d({
          inputShape: [8, 8, 2],
          filters: 2,
          kernelSize: 3,
          padding: 'same',
          depthwiseInitializer: initializers.glorotNormal({ seed: 1 }),
          pointwiseInitializer: initializers.glorotNormal({ seed: 2 }),
        }),
      ],
    });
    model.compile({ optimizer: train.adam(0.05), loss: 'meanSquaredError' });
    const x = randomUniform([4, 8, 8, 2], 0, 1, 'float32', 3);
    const first = (await model.trainOnBatch(x, x)) as number;
    const { numTensors } = memory();
    let last = first;
    for (let step = 0; step < 120; step++) last = (await model.trainOnBatch(x, x)) as number;
    expect(last).toBeLessThan(0.2 * first);
    expect(memory().numTensors).toBe(numTensors);
  });

  it('reject a dy that is not of the shape of the output', () => {
    const before = memory().numTensors;
    expect(() =>
      tidy(() =>
        engine().runKernel(
          DepthwiseConv2dNativeBackpropInput,
          { dy: ones([1, 5, 5, 2]), filter: ones([3, 3, 2, 1]) },
          {
            inputShape: [1, 4, 4, 2],
            strides: [1, 1],
            pad: 'same',
            dilations: [1, 1],
          },
        ),
      ),
    ).toThrow(/dy must have the shape of the convolution's output, \[1, 4, 4, 2\], but got \[1, 5, 5, 2\]/);
    expect(memory().numTensors).toBe(before);
  });
});
