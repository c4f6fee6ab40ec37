// The fused kernels of gradient magnitudes on cpu and wasm against the composition, which defines them, and against float64.
import {
  engine,
  getBackend,
  getKernel,
  grad,
  grads,
  memory,
  ones,
  tensor,
  tidy,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import type { KernelBackend, Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { gmsLoss, gmsMap, gmsd, msGmsLoss, msGmsResidualMap } from '../../../src/index.js';
import type { GmsOptions } from '../../../src/index.js';
import { useFusedKernels } from '../../../src/kernels.js';
import { AssemblyEngine } from '../../../src/gradientMagnitude/kernels/assemblyEngine.js';
import { GmsBackward, GmsForward } from '../../../src/gradientMagnitude/kernels/contract.js';
import type { GmsAttrs, GmsForm } from '../../../src/gradientMagnitude/kernels/contract.js';
import { withModuleMemory } from '../../support/moduleMemory.js';
import { relativeError, tensorGrowth } from '../../support/gradients.js';
import { gmsRequests } from '../../support/gmsRequests.js';
import { hardCases } from '../../support/hardCases.js';
import {
  asTensor,
  imagesFrom,
  naturalImages,
  noisy,
  randomImages,
  randomNumbers,
} from '../../support/images.js';
import {
  referenceGmsDistances,
  referenceGmsGradients,
  referenceLeastMagnitude,
  referenceMsGmsGradients,
  referenceMsGmsLoss,
} from '../../support/multiscaleReference.js';
import { bordered, paddings } from '../../support/paddings.js';
import { centralDifferences, largest, largestError } from '../../support/reference.js';
import type { Images, Shape4D } from '../../support/reference.js';
import { weightsOf } from '../../support/ssimFamily.js';

afterEach(() => {
  useFusedKernels(true);
});

type Comparison = (x: Tensor, y: Tensor) => Tensor;
/** Weights [N or 1, H, W, 1]. */
type Weights = Images | undefined;
const given = (weights: Weights): { weights?: Tensor } => (weights ? { weights: asTensor(weights) } : {});

/** Every function of the family, and every way through the kernels. */
const family: Readonly<Record<string, (options: GmsOptions, weights?: Weights) => Comparison>> = {
  gmsMap: (options) => (x, y) => gmsMap(x, y, options),
  gmsLoss: (options, weights) => (x, y) => gmsLoss(x, y, { ...options, ...given(weights) }),
  gmsd: (options, weights) => (x, y) => gmsd(x, y, { ...options, ...given(weights) }),
  'gmsd, full size': (options, weights) => (x, y) =>
    gmsd(x, y, { ...options, downsample: false, ...given(weights) }),
  msGmsLoss: (options, weights) => (x, y) => msGmsLoss(x, y, { ...options, levels: 3, ...given(weights) }),
  msGmsResidualMap: (options) => (x, y) =>
    // A residual map covers the whole image.
    msGmsResidualMap(x, y, {
      ...options,
      levels: 2,
      ...(options.padding === 'valid' && { padding: 'edge' }),
    }),
};

/** The fused kernels that run while `f` does, with what they are told to do. */
function kernelsIn(f: () => void): { name: string; attrs: Record<string, unknown> }[] {
  const spy = vi.spyOn(engine(), 'runKernel');
  try {
    tidy(f);
    return spy.mock.calls
      .filter(([name]) => name === GmsForward || name === GmsBackward)
      .map(([name, , attrs]) => ({ name, attrs: attrs as Record<string, unknown> }));
  } finally {
    spy.mockRestore();
  }
}

/** The value and both gradients of Σ dy · value, with the fused kernels or composed. */
function measured(
  f: Comparison,
  x: Images,
  y: Images,
  dy: (shape: number[]) => Tensor,
  fused: boolean,
): { value: Float32Array; gx: Float32Array; gy: Float32Array } {
  useFusedKernels(fused);
  return tidy(() => {
    const value = f(asTensor(x), asTensor(y));
    const [gx, gy] = grads((a: Tensor, b: Tensor) => f(a, b))([asTensor(x), asTensor(y)], dy(value.shape));
    return {
      value: value.dataSync<'float32'>().slice(),
      gx: gx!.dataSync<'float32'>().slice(),
      gy: gy!.dataSync<'float32'>().slice(),
    };
  });
}

function expectEqual(f: Comparison, x: Images, y: Images, value = 2e-6, gradient = 1e-4): void {
  const fused = measured(f, x, y, weightsOf, true);
  const composed = measured(f, x, y, weightsOf, false);
  expect(largestError(fused.value, composed.value)).toBeLessThan(value);
  // Of these two the composition, in float32, is the less precise: see the accuracy against float64 below.
  expect(relativeError(fused.gx, composed.gx)).toBeLessThan(gradient);
  expect(relativeError(fused.gy, composed.gy)).toBeLessThan(gradient);
}

/** Weights of which some are 0, for each image or for all. */
function someWeights([batch, height, width]: Shape4D, seed: number): Images {
  const random = randomNumbers(seed);
  return imagesFrom([seed % 2 ? batch : 1, height, width, 1], () => Math.max(0, random() - 0.3));
}

const anyRequest = fc.tuple(gmsRequests, fc.boolean()).map(([request, weighted]) => ({
  ...request,
  weights: weighted ? someWeights(request.shape, request.seed) : undefined,
}));

describe('fused = composed', () => {
  test.each(Object.entries(family))('%s: value and both gradients, every option', (_, make) => {
    fc.assert(
      fc.property(anyRequest, ({ x, y, options, weights }) => {
        // Where a place is almost flat, the direction of its slope in float32, and so the composition's gradient, is off.
        const padding = options.padding === 'valid' ? 'edge' : options.padding;
        for (const images of [x, y]) {
          fc.pre(referenceLeastMagnitude(images, { ...options, padding, levels: 3 }) > 0.002);
        }
        expectEqual(make(options, weights), x, y);
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ['one pixel', [3, 1, 1, 2], ['zero', 'symmetric', 'edge', 'wrap']],
    ['one row', [2, 1, 17, 2], ['zero', 'symmetric', 'edge', 'wrap']],
    ['one column', [2, 13, 1, 1], ['zero', 'symmetric', 'edge', 'wrap']],
    ['window = image', [2, 3, 3, 2], ['valid']],
    ['two rows', [1, 2, 5, 1], bordered],
    ['taller than a strip', [1, 190, 91, 1], ['valid', 'wrap']],
    ['wider than a strip', [1, 3, 8195, 2], ['reflect']],
    ['many channels', [1, 9, 10, 37], ['symmetric']],
  ] as const satisfies readonly (readonly [string, Shape4D, readonly GmsOptions['padding'][]])[])(
    '%s',
    (_, shape, all) => {
      const x = randomImages(shape, 1);
      const y = noisy(x, 0.1, 2);
      for (const padding of all) {
        expectEqual((a, b) => gmsMap(a, b, { padding }), x, y);
        expectEqual((a, b) => gmsLoss(a, b, { padding, ...given(someWeights(shape, 3)) }), x, y);
      }
    },
  );

  test('strips that end within a row of a level', () => {
    const x = naturalImages([1, 190, 91, 1], 1);
    expectEqual((a, b) => msGmsLoss(a, b, { padding: 'reflect' }), x, noisy(x, 0.1, 2));
  });

  test('more levels than there is anything to halve, every size from 1 to 9', () => {
    for (let size = 1; size <= 9; size++) {
      const shape = [2, size, 10 - size, 2] as const;
      const x = randomImages(shape, size);
      const y = noisy(x, 0.2, 20 + size);
      for (const levels of [2, 5]) {
        expectEqual((a, b) => msGmsLoss(a, b, { levels, padding: 'edge' }), x, y);
        expectEqual((a, b) => msGmsLoss(a, b, { levels, ...given(someWeights(shape, size)) }), x, y);
      }
    }
  });
});

describe('accuracy against float64', () => {
  test('the float64 gradient is that of the float64 value', () => {
    const shape = [1, 7, 6, 2] as const;
    const [x, y] = [randomImages(shape, 1), randomImages(shape, 2)];
    for (const padding of paddings) {
      const options = { padding, levels: padding === 'valid' ? 1 : 2, dataRange: 1.5 };
      const [gx, gy] = referenceMsGmsGradients(x, y, options);
      const loss = (a: Images, b: Images): number => referenceMsGmsLoss(a, b, options)[0]!;
      const ofX = centralDifferences((data) => loss({ shape, data }, y), x.data, 1e-5);
      const ofY = centralDifferences((data) => loss(x, { shape, data }), y.data, 1e-5);
      expect(relativeError(gx, ofX)).toBeLessThan(1e-6);
      expect(relativeError(gy, ofY)).toBeLessThan(1e-6);
    }
  });

  test.each(Object.entries(hardCases))(
    '%s: map within 1e-7, gradients within 1e-6 of their maximum, losses within 1e-7 of themselves',
    (_, make) => {
      for (const dataRange of [1, 255]) {
        for (const padding of ['zero', 'reflect', 'valid'] as const) {
          const [x, y] = make(dataRange);
          const options = { dataRange, padding };
          const distances = referenceGmsDistances(x, y, options).data;
          // Beyond that the reference's own rounding shows: where images are equal, its gradient is 1e-20.
          const near = (actual: Float32Array, expected: Float64Array): void => {
            const scale = Math.max(largest(expected), 1e-12 / dataRange);
            expect(largestError(actual, expected) / scale).toBeLessThan(1e-6);
          };

          const weights = Float64Array.from(distances, (_d, k) => Math.cos(3 * k) + 0.2);
          const [mx, my] = referenceGmsGradients(
            x,
            y,
            options,
            weights.map((weight) => -weight),
          );
          const map = measured((a, b) => gmsMap(a, b, options), x, y, weightsOf, true);
          const expected = Float64Array.from(distances, (distance) => 1 - distance);
          expect(largestError(map.value, expected)).toBeLessThan(1e-7);
          near(map.gx, mx);
          near(map.gy, my);

          for (const levels of [1, 4]) {
            const loss = measured(
              (a, b) => (levels === 1 ? gmsLoss(a, b, options) : msGmsLoss(a, b, { ...options, levels })),
              x,
              y,
              () => ones([1]),
              true,
            );
            const [value] = referenceMsGmsLoss(x, y, { ...options, levels });
            expect(Math.abs(loss.value[0]! - value!)).toBeLessThan(1e-7 * value! + 1e-15);
            const [gx, gy] = referenceMsGmsGradients(x, y, { ...options, levels });
            near(loss.gx, gx);
            near(loss.gy, gy);
          }
        }
      }
    },
  );

  test.each([1e-3, 1e-5, 1e-7])('images that differ by %f: the loss keeps 1e-6 of itself', (deviation) => {
    // Pixels so small that float32 holds the difference.
    const x = randomImages([1, 33, 31, 1], 1, 2 ** -10);
    const y = noisy(x, deviation * 2 ** -10, 2);
    for (const options of [{ dataRange: 2 ** -10 }, { dataRange: 2 ** -10, padding: 'reflect' }] as const) {
      const [value] = tidy(() => msGmsLoss(asTensor(x), asTensor(y), options).dataSync<'float32'>().slice());
      const [expected] = referenceMsGmsLoss(x, y, options);
      expect(expected).toBeGreaterThan(0);
      expect(Math.abs(value! / expected! - 1)).toBeLessThan(1e-6);
    }
  });

  test('equal images: exactly 0, in value and gradient', () => {
    for (const [x] of Object.values(hardCases).map((make) => make(255))) {
      for (const [name, make] of Object.entries(family)) {
        const f = make({ dataRange: 255, padding: 'symmetric' });
        const { value, gx, gy } = measured(f, x, x, (shape) => ones(shape), true);
        const best = name === 'gmsMap' ? 1 : 0;
        expect([new Set(value), largest(gx), largest(gy)]).toEqual([new Set([best]), 0, 0]);
      }
    }
  });
});

describe('weights', () => {
  const shape = [3, 12, 11, 2] as const;
  const x = randomImages(shape, 1);
  const y = noisy(x, 0.2, 2);

  test('of the first image alone, pixels that are not finite where it has none, and an image without any', () => {
    const weights = imagesFrom([3, 12, 11, 1], (k, row, column) =>
      k < 264 && row > 2 && column > 2 ? 1 : 0,
    );
    const broken = (images: Images, values: readonly number[]): Images => {
      const data = Float32Array.from(images.data);
      // In the first image at weight 0: in one channel here, in both images there.
      data[0] = values[0]!;
      data[15] = values[1]!;
      data[data.length - 1] = values[2]!; // in the last image
      return { shape, data };
    };
    const [a, b] = [broken(x, [NaN, Infinity, NaN]), broken(y, [0.5, -Infinity, 0.2])];
    for (const name of ['gmsLoss', 'gmsd', 'msGmsLoss']) {
      expectEqual(family[name]!({}, weights), a, b);
      const { value, gx, gy } = measured(family[name]!({}, weights), a, b, (s) => ones(s), true);
      expect(value[0]).toBeGreaterThan(0);
      expect(value[2]).toBe(0);
      for (const gradient of [gx, gy]) {
        expect(gradient.every(Number.isFinite)).toBe(true);
        // Both channels of a pixel that was replaced, and the last image.
        expect([0, 1, 14, 15].map((k) => gradient[k])).toEqual([0, 0, 0, 0]);
        expect(largest(gradient.subarray(528))).toBe(0);
        expect(largest(gradient.subarray(0, 264))).toBeGreaterThan(0);
      }
    }
  });

  test('that no window has in its middle: the mean of nothing is 0', () => {
    const weights = imagesFrom([1, 12, 11, 1], (_, row) => (row === 0 ? 1 : 0));
    const options = { padding: 'valid' } as const;
    for (const name of ['gmsLoss', 'gmsd, full size']) {
      const { value, gx, gy } = measured(family[name]!(options, weights), x, y, (s) => ones(s), true);
      expect([largest(value), largest(gx), largest(gy)]).toEqual([0, 0, 0]);
    }
  });
});

describe('dispatch', () => {
  const x = randomImages([2, 16, 15, 1], 1);
  const y = noisy(x, 0.1, 2);
  const [tx, ty] = [() => asTensor(x), () => asTensor(y)];

  test('the first use registers both kernels, and every function of the family runs them, with weights too', () => {
    for (const [name, make] of Object.entries(family)) {
      for (const weights of [undefined, someWeights(x.shape, 1)]) {
        const ran = kernelsIn(() => make({}, weights)(tx(), ty()));
        expect(
          ran.map((each) => each.name),
          name,
        ).toEqual([GmsForward]);
      }
    }
    for (const name of [GmsForward, GmsBackward]) expect(getKernel(name, getBackend())).toBeDefined();
  });

  test('useFusedKernels(false) composes, and true is back', () => {
    for (const make of Object.values(family)) {
      useFusedKernels(false);
      expect(kernelsIn(() => make({})(tx(), ty()))).toEqual([]);
      useFusedKernels(true);
      expect(kernelsIn(() => make({})(tx(), ty())).length).toBeGreaterThan(0);
    }
  });

  test('a gradient computes only what is asked for, and a score comes with its gradient in one pass', () => {
    const ofValue = vi.spyOn(AssemblyEngine.prototype, 'value');
    const ofGradient = vi.spyOn(AssemblyEngine.prototype, 'gradient');
    const passes = (f: () => void): unknown[] => {
      for (const spy of [ofValue, ofGradient]) spy.mockClear();
      tidy(f);
      return [
        ...ofValue.mock.calls.map(([, { form }]) => form),
        ...ofGradient.mock.calls.map(([, { form, wrt }, dy]) =>
          dy === undefined ? `${form} and gradient in ${wrt}` : `${form}, ${wrt}`,
        ),
      ];
    };
    try {
      for (const [f, form] of [
        [gmsLoss, 'mean'],
        [gmsd, 'deviation'],
      ] as const) {
        expect(passes(() => f(tx(), ty()))).toEqual([form]);
        expect(passes(() => grad((b) => f(tx(), b))(ty()))).toEqual([`${form} and gradient in yPred`]);
        const both = passes(() => grads((a: Tensor, b: Tensor) => f(a, b))([tx(), ty()]));
        expect(both).toEqual([`${form} and gradient in yPred`, `${form}, yTrue`]);
      }
      expect(passes(() => grad((b) => gmsMap(tx(), b))(ty()))).toEqual(['distance', 'distance, yPred']);
      expect(passes(() => grad((a) => gmsMap(a, ty()))(tx()))).toEqual(['distance', 'distance, yTrue']);
    } finally {
      for (const spy of [ofValue, ofGradient]) spy.mockRestore();
    }
  });

  test('rows and levels that the kernel has no room for: composed', () => {
    const wide = randomImages([1, 3, 65537, 1], 1);
    expect(kernelsIn(() => gmsLoss(asTensor(wide), asTensor(wide)))).toEqual([]);
    expect(kernelsIn(() => msGmsLoss(tx(), ty(), { levels: 26 }))).toEqual([]);
    expect(kernelsIn(() => msGmsLoss(tx(), ty(), { levels: 25 }))).toHaveLength(1);
    expectEqual((a, b) => msGmsLoss(a, b, { levels: 25 }), x, y);
  });

  test('somebody else’s backend composes, also under the name of one of tfjs’s', () => {
    const own = engine().backend as KernelBackend & object;
    const foreign = new Proxy(own, {
      has: (target, key) => key !== 'makeTensorInfo' && key !== 'typedArrayFromHeap' && key in target,
    });
    const spied = vi.spyOn(engine(), 'backend', 'get').mockReturnValue(foreign);
    try {
      expect(kernelsIn(() => gmsLoss(tx(), ty()))).toEqual([]);
    } finally {
      spied.mockRestore();
    }
  });

  test('without WebAssembly, or where a policy forbids it, it composes', async () => {
    const expected = tidy(() => gmsLoss(tx(), ty()).dataSync<'float32'>().slice());
    for (const name of [GmsForward, GmsBackward]) unregisterKernel(name, getBackend());
    vi.resetModules();
    vi.spyOn(WebAssembly, 'Module').mockImplementation(function () {
      throw new WebAssembly.CompileError('forbidden');
    });
    try {
      const again = await import('../../../src/index.js');
      let values = new Float32Array(0);
      const ran = kernelsIn(() => {
        values = again.gmsLoss(tx(), ty()).dataSync<'float32'>().slice();
      });
      expect(ran).toEqual([]);
      expect(largestError(values, expected)).toBeLessThan(1e-6);
    } finally {
      vi.restoreAllMocks();
    }
    expect(kernelsIn(() => gmsLoss(tx(), ty()))).toHaveLength(1);
  });
});

describe('memory', () => {
  test('leaves exactly what is returned', () => {
    const [x, y] = [asTensor(randomImages([2, 16, 16, 3], 1)), asTensor(randomImages([2, 16, 16, 3], 2))];
    const weights = asTensor(randomImages([2, 16, 16, 1], 3));
    for (const f of [
      (a: Tensor, b: Tensor) => gmsMap(a, b),
      (a: Tensor, b: Tensor) => gmsLoss(a, b, { weights }),
      (a: Tensor, b: Tensor) => gmsd(a, b, { weights }),
      (a: Tensor, b: Tensor) => msGmsLoss(a, b),
      (a: Tensor, b: Tensor) => msGmsResidualMap(a, b),
    ]) {
      const data = memory().numDataBuffers;
      expect(tensorGrowth(() => f(x, y))).toBe(1);
      expect(memory().numDataBuffers - data).toBe(1);
      const steps = tensorGrowth(() => {
        tidy(() => {
          grads((a: Tensor, b: Tensor) => f(a, b))([x, y]);
        });
      });
      expect(steps).toBe(0);
      expect(memory().numDataBuffers - data).toBe(1);
    }
    expect(x.isDisposed || y.isDisposed || weights.isDisposed).toBe(false);
  });

  const attrs = { first: 0, unit: 1, c: 0.0026, padding: 'reflect' } as const;

  function call(kernel: AssemblyEngine, shape: Shape4D, levels: number): void {
    const data = new Float32Array(shape.reduce((product, length) => product * length, 1)).fill(0.5);
    const images = { x: data, y: data, shape };
    const own = { ...attrs, form: 'mean', levels } as const;
    kernel.value(images, own, new Float32Array(shape[0]));
    kernel.gradient(images, { ...own, wrt: 'yPred' }, undefined, new Float32Array(data.length));
  }

  test('the kernel’s own does not grow over 10,000 calls of changing sizes', () => {
    const { made: kernel, bytes } = withModuleMemory(() => new AssemblyEngine());
    call(kernel, [1, 33, 63, 3], 3);
    const before = bytes();
    expect(before).toBeGreaterThan(65536);
    for (let k = 0; k < 5000; k++) call(kernel, [1, 9 + (k % 7), 9 + (k % 11), 1 + (k % 3)], 1 + (k % 3));
    call(kernel, [1, 33, 63, 3], 3);
    expect(bytes()).toBe(before);
  });

  test('the kernel’s own does not depend on the height of the images, nor on the levels', () => {
    const { made: kernel, bytes } = withModuleMemory(() => new AssemblyEngine());
    call(kernel, [1, 300, 64, 1], 2);
    const before = bytes();
    call(kernel, [1, 5000, 64, 1], 6);
    expect(bytes()).toBe(before);
  });
});

describe('a pixel that is not finite', () => {
  test('is seen by no image beside it, nor in the next call', () => {
    const kernel = new AssemblyEngine();
    const shape = [3, 9, 11, 2] as const;
    const [x, y] = [randomImages(shape, 1), randomImages(shape, 2)];
    const size = x.data.length / 3;
    const results = (other: Images, attrs: GmsAttrs): Float32Array[] => {
      const images = { x: x.data as Float32Array, y: other.data as Float32Array, shape };
      const map = { distance: x.data.length, residual: x.data.length / 2, mean: 3, deviation: 3 };
      const value = new Float32Array(map[attrs.form]);
      kernel.value(images, attrs, value);
      const dy = Float32Array.from(value, (_, k) => 1 + Math.cos(k));
      const gradients = (['yTrue', 'yPred'] as const).map((wrt) => {
        // Left from before: a kernel must write every pixel.
        const gradient = new Float32Array(x.data.length).fill(NaN);
        kernel.gradient(images, { ...attrs, wrt }, dy, gradient);
        return gradient;
      });
      return [value, ...gradients];
    };
    for (const padding of bordered) {
      for (const form of [
        'mean',
        'deviation',
        'distance',
        'residual',
      ] as const satisfies readonly GmsForm[]) {
        const attrs = {
          form,
          first: 0,
          levels: form === 'mean' || form === 'residual' ? 3 : 1,
          unit: 1,
          c: 0.0026,
          padding,
        };
        const clean = results(y, attrs);
        expect(clean.every((values) => values.every(Number.isFinite))).toBe(true);
        for (const pixel of [NaN, Infinity, -Infinity]) {
          for (const place of [0, Math.floor(size / 2), size - 1]) {
            const broken = imagesFrom(shape, (k) => (k === size + place ? pixel : y.data[k]!));
            results(broken, attrs).forEach((values, which) => {
              const third = values.length / 3;
              const part = (n: number): Float32Array => values.subarray(n * third, (n + 1) * third);
              expect(part(1).every(Number.isFinite), `${form} ${which}, ${pixel} at ${place}`).toBe(false);
              for (const n of [0, 2]) {
                expect(part(n).every((v, k) => v === clean[which]![n * third + k])).toBe(true);
              }
            });
          }
        }
        results(y, attrs).forEach((values, which) => {
          expect(values.every((v, k) => v === clean[which]![k])).toBe(true);
        });
      }
    }
  });

  test('is seen by the window that it is the middle of, which no slope sees', () => {
    for (const pixel of [NaN, Infinity]) {
      const [x, y] = [tensor([0.5], [1, 1, 1, 1]), tensor([pixel], [1, 1, 1, 1])];
      const [loss] = tidy(() => gmsLoss(x, y).dataSync<'float32'>().slice());
      expect(loss).toBeNaN();
    }
  });
});
