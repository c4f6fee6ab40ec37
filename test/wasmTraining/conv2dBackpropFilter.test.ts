import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import {
  abs,
  Conv2D,
  Conv2DBackpropFilter,
  cast,
  conv2d,
  conv2dTranspose,
  engine,
  env,
  fill,
  fused,
  getBackend,
  getKernel,
  grads,
  memory,
  ones,
  registerKernel,
  setBackend,
  square,
  tensor,
  tensor3d,
  tensor4d,
  tidy,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import type {
  Conv2DBackpropFilterAttrs,
  NamedAttrMap,
  Tensor,
  Tensor3D,
  Tensor4D,
} from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { registerWasmTraining } from '../../src/kernels.js';
import type * as backendMemory from '../../src/wasmTraining/backendMemory.js';
import { explicit, product } from '../support/convolutions.js';
import type { Convolution, Four } from '../support/convolutions.js';

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

// The file switches between both backends itself, so one of the two projects suffices.
describe.runIf(getBackend() === 'wasm').each(ways)('Conv2DBackpropFilter on wasm, $way', ({ isHidden }) => {
  beforeAll(() => {
    memoryOfBackend.isHidden = isHidden;
    registerWasmTraining();
  });
  afterEach(async () => {
    await setBackend('wasm');
  });

  describe('properties', () => {
    it('agrees with the cpu backend over random shapes, strides and paddings', async () => {
      const sizes = fc.integer({ min: 1, max: 11 });
      const channels = fc.integer({ min: 1, max: 4 });
      const kernel = fc.integer({ min: 1, max: 5 });
      const stride = fc.integer({ min: 1, max: 3 });
      const side = fc.integer({ min: 0, max: 3 });
      const cases = fc
        .record({
          input: fc.tuple(fc.integer({ min: 1, max: 3 }), sizes, sizes, channels),
          filter: fc.tuple(kernel, kernel, channels),
          strides: fc.tuple(stride, stride),
          pad: fc.oneof(
            fc.constant('same' as const),
            fc.constant('valid' as const),
            side,
            fc.tuple(side, side, side, side).map((sides) => explicit(...sides)),
          ),
        })
        .map(({ input, filter: [height, width, out], strides, pad }): Convolution => {
          // With a number as padding, tfjs takes the width of the output for that of a square convolution.
          const square = typeof pad === 'number';
          return {
            input,
            filter: [height, square ? height : width, input[3], out],
            strides: [strides[0], square ? strides[0] : strides[1]],
            pad,
          };
        })
        .filter((convolution) => outputShape(convolution).every((extent) => extent > 0));
      await fc.assert(
        fc.asyncProperty(cases, async (convolution) => {
          // Sums of few taps may all cancel: rounding goes with what is summed up, not with what is left of it.
          const summedUp = tidy(() => {
            const { x, dy } = example(convolution);
            return Math.max(...plainFilterGradient(convolution, abs(x), abs(dy)));
          });
          await expectSameOnBothBackends(() => {
            const { x, dy } = example(convolution);
            return [filterGradient(x, dy, attributes(convolution))];
          }, 0.2 * summedUp);
        }),
        { numRuns: 100 },
      );
    });

    it('is linear in dy and 0 where dy is 0', () => {
      const convolution: Convolution = {
        input: [2, 7, 6, 3],
        filter: [3, 2, 3, 4],
        strides: [2, 1],
        pad: 'same',
      };
      const { x, dy } = example(convolution);
      const attrs = attributes(convolution);
      const once = filterGradient(x, dy, attrs).dataSync();
      const twice = filterGradient(
        x,
        tensor4d(
          dy.dataSync().map((value) => 2 * value),
          dy.shape,
        ),
        attrs,
      ).dataSync();
      expectClose(
        twice,
        once.map((value) => 2 * value),
        1e-6,
      );
      expect(
        filterGradient(x, fill(dy.shape, 0), attrs)
          .dataSync()
          .every((value) => value === 0),
      ).toBe(true);
    });
  });

  describe('references', () => {
    const table: readonly Convolution[] = [
      { input: [2, 8, 8, 3], filter: [3, 3, 3, 4], strides: [1, 1], pad: 'same' },
      { input: [2, 8, 8, 3], filter: [4, 4, 3, 4], strides: [2, 2], pad: 'same' },
      { input: [2, 7, 9, 3], filter: [4, 4, 3, 4], strides: [2, 2], pad: 'same' },
      { input: [2, 8, 7, 2], filter: [5, 2, 2, 3], strides: [2, 1], pad: 'same' },
      { input: [1, 8, 7, 2], filter: [2, 5, 2, 3], strides: [1, 2], pad: 'valid' },
      { input: [3, 9, 8, 2], filter: [3, 3, 2, 2], strides: [3, 3], pad: 'same' }, // ends in the padding
      { input: [2, 10, 11, 2], filter: [2, 2, 2, 3], strides: [3, 3], pad: 'valid' }, // leaves rows unread
      { input: [2, 9, 9, 2], filter: [1, 1, 2, 3], strides: [2, 2], pad: 'same' }, // a stride beyond the filter
      { input: [2, 6, 6, 1], filter: [6, 6, 1, 5], strides: [1, 1], pad: 'valid' }, // a 1×1 output
      { input: [1, 1, 1, 3], filter: [3, 3, 3, 2], strides: [1, 1], pad: 'same' },
      { input: [2, 8, 8, 2], filter: [3, 3, 2, 3], strides: [2, 2], pad: 1 }, // cut at the end
      { input: [2, 8, 8, 2], filter: [1, 1, 2, 3], strides: [1, 1], pad: 2 }, // padding beyond the filter
      { input: [2, 1, 1, 2], filter: [1, 1, 2, 3], strides: [3, 3], pad: 1 }, // reads padding only
      { input: [2, 1, 4, 2], filter: [1, 3, 2, 3], strides: [3, 1], pad: explicit(1, 1, 1, 1) }, // in rows only
      { input: [2, 6, 7, 2], filter: [3, 4, 2, 3], strides: [2, 3], pad: explicit(2, 0, 1, 3) },
    ];

    it.each(table)(
      'equals plain float64 loops: $input * $filter, strides $strides, pad $pad',
      (convolution) => {
        const { x, dy } = example(convolution);
        leaveNaNsInMemory(product(convolution.filter)); // a kernel that writes nothing gives these
        const gradient = filterGradient(x, dy, attributes(convolution));
        expect(gradient.shape).toEqual(convolution.filter);
        expectClose(gradient.dataSync(), plainFilterGradient(convolution, x, dy), 1e-6);
      },
    );

    it.each(table)(
      'equals the cpu backend: $input * $filter, strides $strides, pad $pad',
      async (convolution) => {
        await expectSameOnBothBackends(convGradients(convolution));
      },
    );

    it('takes one number for both strides and three-dimensional input', async () => {
      await expectSameOnBothBackends(() => {
        const x = tensor3d(noise(6 * 5 * 2, 1), [6, 5, 2]);
        const filter = tensor4d(noise(3 * 3 * 2 * 4, 2), [3, 3, 2, 4]);
        const f = (image: Tensor, weights: Tensor): Tensor =>
          square(conv2d<Tensor3D>(image as Tensor3D, weights as Tensor4D, 2, 'same'));
        return grads(f)([x, filter]);
      });
    });

    it('stays accurate over the long sums of a large image', () => {
      const convolution: Convolution = {
        input: [4, 96, 96, 1],
        filter: [3, 3, 1, 2],
        strides: [1, 1],
        pad: 'same',
      };
      const { x, dy } = example(convolution);
      const gradient = filterGradient(x, dy, attributes(convolution)).dataSync();
      expectClose(gradient, plainFilterGradient(convolution, x, dy), 1e-5);
    });
  });

  describe('gradients', () => {
    const steps: readonly [number, number][] = [
      [1, 1],
      [2, 2],
      [2, 1],
      [3, 2],
    ];
    const kernels: readonly [number, number][] = [
      [4, 4],
      [3, 3],
      [2, 5],
    ];
    const paddings = ['same', 'valid', 1] as const;
    const inputShape: Four = [2, 4, 5, 3];
    const transposed = paddings
      .flatMap((pad) => steps.flatMap((strides) => kernels.map((kernel) => ({ pad, strides, kernel }))))
      .map(({ pad, strides, kernel }): Convolution => {
        const [height, width] = ([0, 1] as const).map((axis) => {
          const size = inputShape[axis + 1]!;
          if (pad === 'same') return size * strides[axis];
          return (size - 1) * strides[axis] + kernel[axis] - (pad === 'valid' ? 0 : 2 * pad);
        });
        // conv2dTranspose is the reverse of the convolution from its output to its input.
        return { input: [2, height!, width!, 2], filter: [...kernel, 2, inputShape[3]], strides, pad };
      })
      .filter(isSoundInTfjs);

    it.each(transposed)(
      'conv2dTranspose trains: to $input with $filter, strides $strides, pad $pad',
      async ({ input: outShape, filter: filterShape, strides, pad }) => {
        await expectSameOnBothBackends(() => {
          const x = tensor4d(noise(product(inputShape), 1), inputShape);
          const filter = tensor4d(noise(product(filterShape), 2), filterShape);
          const dy = tensor4d(noise(product(outShape), 3), outShape);
          const f = (images: Tensor, weights: Tensor): Tensor =>
            conv2dTranspose(
              images as Tensor4D,
              weights as Tensor4D,
              outShape,
              strides,
              pad as 'same' | 'valid' | number,
            );
          return [f(x, filter), ...grads(f)([x, filter], dy)];
        });
      },
    );

    it.each(['linear', 'relu', 'elu', 'leakyrelu', 'sigmoid'] as const)(
      'the fused convolution of tfjs-layers trains, with bias and %s',
      async (activation) => {
        await expectSameOnBothBackends(() => {
          const x = tensor4d(noise(2 * 7 * 8 * 3, 1), [2, 7, 8, 3]);
          const filter = tensor4d(noise(3 * 3 * 3 * 4, 2), [3, 3, 3, 4]);
          const bias = tensor(noise(4, 3));
          return grads((images, weights, offset) =>
            fused.conv2d({
              x: images as Tensor4D,
              filter: weights as Tensor4D,
              strides: 2,
              pad: 'same',
              bias: offset,
              activation,
              leakyreluAlpha: 0.2,
            }),
          )([x, filter, bias] as Tensor[]);
        });
      },
    );
  });

  describe('memory', () => {
    const shapes: readonly Convolution[] = [
      { input: [2, 7, 6, 3], filter: [3, 2, 3, 4], strides: [2, 1], pad: 'same' },
      { input: [2, 10, 11, 2], filter: [2, 2, 2, 3], strides: [3, 3], pad: 'valid' }, // with a slice
      { input: [1, 6, 6, 1], filter: [3, 3, 1, 1], strides: [1, 1], pad: 'same' }, // transposes that copy nothing
      { input: [2, 1, 1, 2], filter: [1, 1, 2, 3], strides: [3, 3], pad: 1 }, // reads padding only
    ];

    it.each(shapes)('adds its output and nothing else: $input * $filter', (convolution) => {
      const { x, dy } = example(convolution);
      const before = { ...memory(), dataIds: dataIds() };
      env().set('IS_TEST', true); // tfjs then throws when a kernel leaves data behind
      const gradient = filterGradient(x, dy, attributes(convolution));
      env().set('IS_TEST', false);
      expect(memory().numTensors).toBe(before.numTensors + 1);
      expect(memory().numDataBuffers).toBe(before.numDataBuffers + 1);
      expect(memory().numBytes).toBe(before.numBytes + 4 * product(convolution.filter));
      expect(dataIds()).toBe(before.dataIds + 1);
      gradient.dispose();
      expect(dataIds()).toBe(before.dataIds);
    });

    it.each(shapes)('leaves its inputs whole: $input * $filter', (convolution) => {
      const { x, dy } = example(convolution);
      const before = [...x.dataSync(), ...dy.dataSync()];
      filterGradient(x, dy, attributes(convolution)).dispose();
      filterGradient(x, dy, attributes(convolution)).dispose();
      expect([...x.dataSync(), ...dy.dataSync()]).toEqual(before);
    });

    it.runIf(isHidden)('adds nothing when it throws', () => {
      const { x, dy } = example(shapes[0]!);
      const before = { tensors: memory().numTensors, dataIds: dataIds() };
      expect(() => filterGradient(x, dy, { ...attributes(shapes[0]!), dataFormat: 'NCHW' })).toThrow();
      const conv = getKernel(Conv2D, 'wasm');
      unregisterKernel(Conv2D, 'wasm'); // after the transposes of x and dy
      expect(() => filterGradient(x, dy, attributes(shapes[0]!))).toThrow();
      registerKernel(conv);
      expect({ tensors: memory().numTensors, dataIds: dataIds() }).toEqual(before);
    });
  });

  describe('rejects', () => {
    const convolution: Convolution = {
      input: [2, 6, 6, 3],
      filter: [3, 3, 3, 4],
      strides: [1, 1],
      pad: 'same',
    };
    const attrs = attributes(convolution);

    it('another data format than NHWC', () => {
      const { x, dy } = example(convolution);
      expectThrows(
        () => filterGradient(x, dy, { ...attrs, dataFormat: 'NCHW' }),
        TypeError,
        "Conv2DBackpropFilter (wasm): dataFormat must be 'NHWC', as for every convolution of the wasm backend, " +
          "but got 'NCHW'; bring the images to that form with tf.transpose(x, [0, 2, 3, 1]).",
      );
    });

    it('another dtype than float32', () => {
      const { x, dy } = example(convolution);
      expectThrows(
        () => filterGradient(cast(x, 'int32'), dy, attrs),
        TypeError,
        'Conv2DBackpropFilter (wasm): x must be of dtype float32, but got int32; ' +
          "convert it with tf.cast(x, 'float32').",
      );
      expectThrows(
        () => filterGradient(x, cast(dy, 'bool'), attrs),
        TypeError,
        'Conv2DBackpropFilter (wasm): dy must be of dtype float32, but got bool; ' +
          "convert it with tf.cast(dy, 'float32').",
      );
    });

    it('a dy that is not the shape of the output', () => {
      const { x } = example(convolution);
      for (const shape of [
        [2, 5, 6, 4],
        [2, 6, 7, 4],
        [1, 6, 6, 4],
        [2, 6, 6, 5],
      ] as Four[]) {
        expectThrows(
          () => filterGradient(x, ones(shape), attrs),
          RangeError,
          `Conv2DBackpropFilter (wasm): dy must have the shape of the convolution's output, [2, 6, 6, 4], but got ` +
            `[${shape.join(', ')}]; pass the strides and the padding of the forward convolution ` +
            `(tfjs's gradient of conv2d does not support dimRoundingMode).`,
        );
      }
    });

    it.runIf(isHidden)('a backend without the kernels that it is made of', () => {
      const { x, dy } = example(convolution);
      const conv = getKernel(Conv2D, 'wasm');
      unregisterKernel(Conv2D, 'wasm');
      try {
        expectThrows(
          () => filterGradient(x, dy, attrs),
          Error,
          'Conv2DBackpropFilter (wasm): needs the wasm kernel Conv2D, but it is not registered; import ' +
            "'@tensorflow/tfjs-backend-wasm' whole, or add that kernel to your custom build.",
        );
      } finally {
        registerKernel(conv);
      }
    });
  });
});

/** What the backend holds, with what the engine does not track. */
function dataIds(): number {
  return (engine().backend as { numDataIds(): number }).numDataIds();
}

/** Freed memory is handed out as it is: on a fresh heap, results that were never written look like zeros. */
function leaveNaNsInMemory(size: number): void {
  const tensors = Array.from({ length: 50 }, () => fill([size], NaN));
  for (const each of tensors) each.dispose();
}

function attributes({ filter, strides, pad }: Convolution): Conv2DBackpropFilterAttrs {
  return { filterShape: filter, strides, pad, dataFormat: 'NHWC' };
}

function filterGradient(x: Tensor, dy: Tensor, attrs: Conv2DBackpropFilterAttrs): Tensor4D {
  return engine().runKernel(Conv2DBackpropFilter, { x, dy }, attrs as unknown as NamedAttrMap);
}

/** The same numbers on every backend and in every run. */
function noise(length: number, seed: number): Float32Array {
  let state = seed * 2654435761;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

function example(convolution: Convolution): { readonly x: Tensor4D; readonly dy: Tensor4D } {
  const { input } = convolution;
  const outShape = outputShape(convolution);
  return {
    x: tensor4d(noise(product(input), 1), input),
    dy: tensor4d(noise(product(outShape), 3), outShape),
  };
}

function convGradients(convolution: Convolution): () => Tensor[] {
  return () => {
    const { input, filter, strides, pad } = convolution;
    const f = (images: Tensor, weights: Tensor): Tensor =>
      conv2d(images as Tensor4D, weights as Tensor4D, strides, pad);
    const x = tensor4d(noise(product(input), 1), input);
    const weights = tensor4d(noise(product(filter), 2), filter);
    // Not the forward result, which is tfjs's own: see isSoundInTfjs.
    const { dy } = example(convolution);
    return grads(f)([x, weights], dy);
  };
}

/** Runs the same on both backends: the cpu backend is tfjs's own reference. */
async function expectSameOnBothBackends(run: () => Tensor[], leastScale?: number): Promise<void> {
  const results: Tensor['shape'][][] = [];
  const values: ArrayLike<number>[][] = [];
  for (const backend of ['cpu', 'wasm']) {
    await setBackend(backend);
    tidy(() => {
      const tensors = run();
      results.push(tensors.map(({ shape }) => shape));
      values.push(tensors.map((result) => result.dataSync().slice()));
    });
  }
  expect(results[1]).toEqual(results[0]);
  values[1]!.forEach((value, index) => {
    expectClose(value, values[0]![index]!, 3e-6, leastScale);
  });
}

/** The largest error, relative to the largest value, or to `leastScale` if that is larger. */
function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  leastScale = 0,
): void {
  expect(actual.length).toBe(expected.length);
  let scale = Math.max(leastScale, 1e-6);
  let error = 0;
  for (let index = 0; index < expected.length; index++) {
    scale = Math.max(scale, Math.abs(expected[index]!));
    const difference = Math.abs(actual[index]! - expected[index]!);
    error = Number.isNaN(difference) ? Infinity : Math.max(error, difference);
  }
  expect(error / scale).toBeLessThanOrEqual(tolerance);
}

function expectThrows(run: () => unknown, kind: new (message: string) => Error, message: string): void {
  let thrown: unknown;
  try {
    run();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(kind);
  expect((thrown as Error).message).toBe(message);
}

/** [pixels out, padding before the first] of one axis, after TensorFlow's rules. */
function axisGeometry(
  convolution: Convolution,
  axis: 0 | 1,
): { readonly out: number; readonly before: number } {
  const [size, extent, step] = [
    convolution.input[axis + 1]!,
    convolution.filter[axis],
    convolution.strides[axis],
  ];
  const { pad } = convolution;
  if (pad === 'same') {
    const out = Math.ceil(size / step);
    return { out, before: Math.max(0, (out - 1) * step + extent - size) >> 1 };
  }
  const [before, after] = pad === 'valid' ? [0, 0] : typeof pad === 'number' ? [pad, pad] : pad[axis + 1]!;
  return { out: Math.floor((size + before + after - extent) / step) + 1, before };
}

function outputShape(convolution: Convolution): Four {
  const { out: height } = axisGeometry(convolution, 0);
  const { out: width } = axisGeometry(convolution, 1);
  return [convolution.input[0], height, width, convolution.filter[3]];
}

/**
 * Whether tfjs 4.22's own wasm convolution is right. With a number as padding, tfjs computes the width of the
 * output from the height of the filter and the stride of the rows: where the axes differ, the kernel writes past
 * the end of its output. With 'same' and a filter so much smaller than the stride that the last pixels stay
 * unread, its negative padding wraps around. Neither concerns the gradient with respect to the filter.
 */
function isSoundInTfjs(convolution: Convolution): boolean {
  const { input, filter, strides, pad } = convolution;
  if (typeof pad === 'number') return filter[0] === filter[1] && strides[0] === strides[1];
  if (pad !== 'same') return true;
  return ([0, 1] as const).every((axis) => {
    const { out } = axisGeometry(convolution, axis);
    return (out - 1) * strides[axis] + filter[axis] >= input[axis + 1]!;
  });
}

/** dW[r, q, c, k] = Σ x[n, i·s + r − top, j·s + q − left, c] · dy[n, i, j, k], as it is written. */
function plainFilterGradient(convolution: Convolution, x: Tensor4D, dy: Tensor4D): Float64Array {
  const { input, filter, strides } = convolution;
  const [, height, width, inChannels] = input;
  const [filterHeight, filterWidth, , outChannels] = filter;
  const [batch, outHeight, outWidth] = outputShape(convolution);
  const { before: top } = axisGeometry(convolution, 0);
  const { before: left } = axisGeometry(convolution, 1);
  const [images, errors] = [x.dataSync(), dy.dataSync()];
  const gradient = new Float64Array(product(filter));
  let index = 0;
  for (let r = 0; r < filterHeight; r++)
    for (let q = 0; q < filterWidth; q++)
      for (let c = 0; c < inChannels; c++)
        for (let k = 0; k < outChannels; k++, index++)
          for (let n = 0; n < batch; n++)
            for (let i = 0; i < outHeight; i++)
              for (let j = 0; j < outWidth; j++) {
                const [row, column] = [i * strides[0] + r - top, j * strides[1] + q - left];
                if (row < 0 || row >= height || column < 0 || column >= width) continue;
                gradient[index]! +=
                  images[((n * height + row) * width + column) * inChannels + c]! *
                  errors[((n * outHeight + i) * outWidth + j) * outChannels + k]!;
              }
  return gradient;
}
