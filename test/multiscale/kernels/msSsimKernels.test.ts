// The fused kernels of MS-SSIM on cpu and wasm against the composition, which defines them, and against float64.
import {
  engine,
  getBackend,
  getKernel,
  grad,
  grads,
  memory,
  ones,
  registerKernel,
  tidy,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { mixLoss, msSsim, msSsimLoss } from '../../../src/index.js';
import type { MixLossOptions, MsSsimOptions } from '../../../src/index.js';
import { useFusedKernels } from '../../../src/kernels.js';
import { gaussianTaps } from '../../../src/filters/window.js';
import { MsSsimBackward, MsSsimForward } from '../../../src/multiscale/kernels/contract.js';
import { PyramidEngine } from '../../../src/multiscale/kernels/pyramidEngine.js';
import { withModuleMemory } from '../../support/moduleMemory.js';
import { relativeError, tensorGrowth } from '../../support/gradients.js';
import { hardCases } from '../../support/hardCases.js';
import { asTensor, imagesFrom, naturalImages, noisy, randomImages } from '../../support/images.js';
import { msSsimFamily as family, someWeights, weightedRequests } from '../../support/msSsimRequests.js';
import {
  referenceMixLoss,
  referenceMsSsim,
  referenceMsSsimGradients,
} from '../../support/multiscaleReference.js';
import { paddings } from '../../support/paddings.js';
import { centralDifferences, largest, largestError } from '../../support/reference.js';
import type { Images, Shape4D } from '../../support/reference.js';
import { weightsOf } from '../../support/ssimFamily.js';

afterEach(() => {
  useFusedKernels(true);
});

type Comparison = (x: Tensor, y: Tensor) => Tensor;
/** The fused kernels that run while `f` does. */
function kernelsIn(f: () => void): string[] {
  const spy = vi.spyOn(engine(), 'runKernel');
  try {
    tidy(f);
    return spy.mock.calls.map(([name]) => name).filter((name) => /^SsimAe/.test(name));
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

function expectEqual(f: Comparison, x: Images, y: Images): void {
  const fused = measured(f, x, y, weightsOf, true);
  const composed = measured(f, x, y, weightsOf, false);
  expect(largestError(fused.value, composed.value)).toBeLessThan(3e-6);
  // Of these two the composition, in float32, is the less precise: see the accuracy against float64 below.
  expect(relativeError(fused.gx, composed.gx)).toBeLessThan(1e-4);
  expect(relativeError(fused.gy, composed.gy)).toBeLessThan(1e-4);
}

describe('fused = composed', () => {
  test.each(Object.entries(family))('%s: value and both gradients, every option', (_, make) => {
    fc.assert(
      fc.property(weightedRequests, ({ x, y, options, weights }) => {
        expectEqual(make(options, weights), x, y);
      }),
      { numRuns: 25 },
    );
  });

  test.each([
    ['one pixel', [3, 1, 1, 2], { windowSize: 1, levels: 2 }],
    ['one row', [2, 1, 17, 2], { windowSize: [1, 3], levels: 2, padding: 'edge' }],
    ['one column', [2, 13, 1, 1], { windowSize: [3, 1], levels: 2, padding: 'symmetric' }],
    ['window = smallest level', [2, 21, 22, 2], { levels: 2 }],
    ['strips that end within a row of a level', [1, 131, 130, 1], { levels: 4, padding: 'reflect' }],
    ['wider than a tile of a level', [1, 7, 1700, 1], { levels: 2, windowSize: 3 }],
    ['wider than a tile, channels, odd', [1, 7, 701, 3], { levels: 2, windowSize: 3, padding: 'edge' }],
    [
      'uniform windows',
      [1, 29, 31, 2],
      { levels: 2, windowType: 'uniform', windowSize: [7, 5], padding: 'reflect' },
    ],
    ['many channels', [1, 9, 10, 37], { levels: 2, windowSize: 3 }],
    ['more levels than there is anything to halve', [1, 5, 6, 1], { windowSize: 1, levels: 5 }],
  ] as const satisfies readonly (readonly [string, Shape4D, MsSsimOptions])[])('%s', (_, shape, options) => {
    const x = naturalImages(shape, 1);
    const y = noisy(x, 0.1, 2);
    expectEqual((a, b) => msSsimLoss(a, b, options), x, y);
    expectEqual(family['mixLoss']!(options, someWeights(shape, 3)), x, y);
    expectEqual((a, b) => mixLoss(a, b, options), x, y);
  });

  test('where terms are too small, or negative: their tangent', () => {
    const x = randomImages([2, 20, 21, 2], 1);
    const y = imagesFrom(x.shape, (k) => 0.5 - 0.05 * (x.data[k]! - 0.5));
    expectEqual((a, b) => msSsimLoss(a, b, { levels: 2, windowSize: 3 }), x, y);
  });
});

describe('accuracy against float64', () => {
  test('the float64 gradient is that of the float64 value', () => {
    const shape = [1, 9, 8, 2] as const;
    const x = randomImages(shape, 1);
    const y = noisy(x, 0.2, 2);
    for (const padding of ['valid', 'reflect'] as const) {
      const options = { padding, windowSize: 3, levels: 2, dataRange: 1.5 };
      const [gx, gy] = referenceMsSsimGradients(x, y, options);
      const loss = (a: Images, b: Images): number => 1 - referenceMsSsim(a, b, options)[0]!;
      const ofX = centralDifferences((data) => loss({ shape, data }, y), x.data, 1e-5);
      const ofY = centralDifferences((data) => loss(x, { shape, data }), y.data, 1e-5);
      expect(relativeError(gx, ofX)).toBeLessThan(1e-6);
      expect(relativeError(gy, ofY)).toBeLessThan(1e-6);
    }
  });

  /** A mean term below 0.01, of which the reference knows no gradient. */
  const unlike = [
    'noise',
    'flat against textured',
    'black',
    'half dark, half bright, opposite textures of deviation √c2',
  ];
  test.each(Object.entries(hardCases))(
    '%s: loss within 1e-7 of itself, gradients within 1e-6 of their maximum',
    (name, make) => {
      for (const dataRange of [1, 255]) {
        const [x, y] = make(dataRange);
        const options = {
          dataRange,
          levels: 2,
          windowSize: 7,
          padding: dataRange === 1 ? 'valid' : 'reflect',
        } as const;
        const [index] = referenceMsSsim(x, y, options);
        const { value, gx, gy } = measured(
          (a, b) => msSsimLoss(a, b, options),
          x,
          y,
          () => ones([1]),
          true,
        );
        // What the reference itself keeps of 1 − S.
        expect(Math.abs(value[0]! - (1 - index!))).toBeLessThan(1e-7 * (1 - index!) + 2e-14);
        if (unlike.includes(name)) continue;
        const [ex, ey] = referenceMsSsimGradients(x, y, options);
        for (const [actual, expected] of [
          [gx, ex],
          [gy, ey],
        ] as const) {
          // Beyond that the reference's own rounding shows: where images are equal, its gradient is 1e-20.
          const scale = Math.max(largest(expected), 1e-12 / dataRange);
          expect(largestError(actual, expected) / scale).toBeLessThan(1e-6);
        }
      }
    },
  );

  test('mixLoss: within 1e-7 of itself, nearly converged as well', () => {
    for (const deviation of [0.1, 1e-4]) {
      const x = randomImages([2, 40, 37, 2], 1, 255);
      const y = noisy(x, deviation * 255, 2);
      for (const more of [{}, { l1Sigma: 2, alpha: 0.5 }] as const satisfies readonly MixLossOptions[]) {
        const options = { dataRange: 255, levels: 2, windowSize: 7, ...more };
        const expected = referenceMixLoss(x, y, options);
        const { value } = measured(
          (a, b) => mixLoss(a, b, options),
          x,
          y,
          () => ones([2]),
          true,
        );
        expected.forEach((loss, n) => {
          expect(Math.abs(value[n]! / loss - 1)).toBeLessThan(1e-7);
        });
      }
    }
  });

  test('equal images: exactly 0, in value and gradient', () => {
    for (const [x] of Object.values(hardCases).map((make) => make(255))) {
      for (const f of [msSsimLoss, mixLoss]) {
        const options = { dataRange: 255, levels: 3, windowSize: 5, padding: 'symmetric' } as const;
        const { value, gx, gy } = measured(
          (a, b) => f(a, b, options),
          x,
          x,
          () => ones([1]),
          true,
        );
        expect([value[0], largest(gx), largest(gy)]).toEqual([0, 0, 0]);
      }
    }
  });
});

describe('dispatch', () => {
  const x = randomImages([2, 24, 23, 1], 1);
  const y = noisy(x, 0.1, 2);
  const [tx, ty] = [() => asTensor(x), () => asTensor(y)];
  const levels = { levels: 2 } as const;

  test('the first use registers both kernels; one call does it all, with weights as well', () => {
    for (const [name, make] of Object.entries(family)) {
      for (const weights of [undefined, someWeights(x.shape, 1)]) {
        expect(
          kernelsIn(() => make(levels, weights)(tx(), ty())),
          name,
        ).toEqual([MsSsimForward]);
        expect(
          kernelsIn(() => grad((b) => make(levels, weights)(tx(), b))(ty())),
          name,
        ).toEqual([MsSsimForward, MsSsimBackward]);
      }
    }
    for (const name of [MsSsimForward, MsSsimBackward]) expect(getKernel(name, getBackend())).toBeDefined();
  });

  test('useFusedKernels(false) composes, and true is back', () => {
    for (const make of Object.values(family)) {
      useFusedKernels(false);
      expect(kernelsIn(() => make(levels)(tx(), ty()))).toEqual([]);
      useFusedKernels(true);
      expect(kernelsIn(() => make(levels)(tx(), ty()))).toEqual([MsSsimForward]);
    }
  });

  test('a gradient computes only what is asked for, and a loss comes with its gradient in one pass', () => {
    const ofValue = vi.spyOn(PyramidEngine.prototype, 'value');
    const ofGradient = vi.spyOn(PyramidEngine.prototype, 'gradient');
    /** How many values, values with a gradient, and gradients alone. */
    const passes = (f: () => void): number[] => {
      for (const spy of [ofValue, ofGradient]) spy.mockClear();
      tidy(f);
      const along = ofGradient.mock.calls.filter(([, , dy]) => dy === undefined).length;
      return [ofValue.mock.calls.length, along, ofGradient.mock.calls.length - along];
    };
    try {
      for (const f of [msSsimLoss, mixLoss]) {
        expect(passes(() => f(tx(), ty(), levels))).toEqual([1, 0, 0]);
        expect(passes(() => grad((b) => f(tx(), b, levels))(ty()))).toEqual([0, 1, 0]);
        const both = grads((a: Tensor, b: Tensor) => f(a, b, levels));
        expect(passes(() => both([tx(), ty()]))).toEqual([0, 1, 1]);
      }
    } finally {
      for (const spy of [ofValue, ofGradient]) spy.mockRestore();
    }
  });

  test.each([
    ['a window', [1, 3, 320, 1], { windowSize: [1, 301], windowSigma: 40, levels: 1 }],
    ['rows', [1, 12, 12, 1000], { levels: 1 }],
    ['a constant too small for it', [1, 12, 12, 1], { k2: 1e-5, levels: 1 }],
    ['levels', [1, 3, 4, 1], { windowSize: 1, levelWeights: new Array<number>(26).fill(0.1) }],
  ] as const satisfies readonly (readonly [string, Shape4D, MsSsimOptions])[])(
    '%s that it has no room for: composed',
    (_, shape, options) => {
      const a = imagesFrom(shape, (k) => 0.5 + 0.4 * Math.sin(k / 7));
      const b = noisy(a, 0.1, 1);
      const f = (): Tensor => msSsim(asTensor(a), asTensor(b), options);
      expect(kernelsIn(f)).not.toContain(MsSsimForward);
      const actual = tidy(() => f().dataSync<'float32'>().slice());
      expect(largestError(actual, referenceMsSsim(a, b, options))).toBeLessThan(1e-5);
    },
  );

  test('where WebAssembly is forbidden, it is composed; it is tried once', async () => {
    const own = [MsSsimForward, MsSsimBackward].map((name) => getKernel(name, getBackend()));
    for (const { kernelName, backendName } of own) unregisterKernel(kernelName, backendName);
    vi.resetModules();
    const forbidden = vi.spyOn(WebAssembly, 'Module').mockImplementation(function () {
      throw new WebAssembly.CompileError('the content security policy forbids it');
    });
    try {
      const library = await import('../../../src/index.js');
      const ran = kernelsIn(() => library.msSsimLoss(tx(), ty(), levels));
      expect(ran).not.toContain(MsSsimForward);
      const tried = forbidden.mock.calls.length;
      kernelsIn(() => library.msSsimLoss(tx(), ty(), levels));
      expect(forbidden).toHaveBeenCalledTimes(tried);
    } finally {
      forbidden.mockRestore();
      vi.resetModules();
      own.forEach(registerKernel);
    }
  });
});

describe('memory', () => {
  test('leaves exactly what is returned', () => {
    const [x, y] = [1, 2].map((seed) => asTensor(randomImages([2, 16, 17, 3], seed))) as [Tensor, Tensor];
    const weights = randomImages([2, 16, 17, 1], 3);
    for (const make of Object.values(family)) {
      for (const f of [make({ levels: 2, windowSize: 3 }), make({ levels: 2, windowSize: 3 }, weights)]) {
        const g: Comparison = (a, b) => tidy(() => f(a, b));
        g(x, y).dispose();
        const data = memory().numDataBuffers;
        expect(tensorGrowth(() => g(x, y))).toBe(1);
        expect(memory().numDataBuffers - data).toBe(1);
        const steps = tensorGrowth(() => {
          tidy(() => {
            grads((a: Tensor, b: Tensor) => g(a, b))([x, y]);
          });
        });
        expect(steps).toBe(0);
        expect(memory().numDataBuffers - data).toBe(1);
      }
    }
  });

  test('the kernel’s own does not grow over 10,000 calls, nor with the height of the images', () => {
    const { made: kernel, bytes } = withModuleMemory(() => new PyramidEngine());
    const taps = [gaussianTaps(5, 1.5), gaussianTaps(5, 1.5)] as const;
    const constants = { unit: 1, c1: 1e-4, c2: 9e-4, varianceScale: 1, padding: 'reflect' } as const;
    const call = (shape: Shape4D, levels: number): void => {
      const data = new Float32Array(shape.reduce((product, length) => product * length, 1)).fill(0.5);
      const attrs = { taps, ...constants, levelWeights: new Array<number>(levels).fill(0.3) };
      kernel.value({ x: data, y: data, shape }, attrs, new Float32Array(shape[0]));
      kernel.gradient({ x: data, y: data, shape }, { ...attrs, wrt: 'yPred' }, undefined, data.slice());
    };
    call([1, 300, 63, 3], 3);
    const before = bytes();
    expect(before).toBeGreaterThan(65536);
    for (let k = 0; k < 5000; k++) call([1, 9 + (k % 7), 9 + (k % 11), 1 + (k % 3)], 1 + (k % 2));
    call([1, 3000, 63, 3], 3);
    expect(bytes()).toBe(before);
  });
});

test('a pixel that is not finite is seen by no image beside it, nor in the next call', () => {
  const shape = [3, 12, 11, 2] as const;
  const [x, y] = [randomImages(shape, 1), randomImages(shape, 2)];
  const size = x.data.length / 3;
  for (const padding of paddings) {
    for (const f of [msSsimLoss, mixLoss]) {
      const run = (b: Images): Float32Array[] => {
        const options = { levels: 2, windowSize: 3, padding };
        const { value, gx, gy } = measured(
          (p, q) => f(p, q, options),
          x,
          b,
          (s) => ones(s),
          true,
        );
        return [value, gx, gy];
      };
      const clean = run(y);
      for (const pixel of [NaN, -Infinity]) {
        for (const place of [0, size - 1]) {
          const broken = imagesFrom(shape, (k) => (k === size + place ? pixel : y.data[k]!));
          run(broken).forEach((values, which) => {
            const third = values.length / 3;
            const finite = (n: number): boolean =>
              values.subarray(n * third, (n + 1) * third).every(Number.isFinite);
            expect(finite(1), `${which}: ${pixel} at ${place}`).toBe(false);
            for (const n of [0, 2]) {
              for (let k = n * third; k < (n + 1) * third; k++) expect(values[k]).toBe(clean[which]![k]);
            }
          });
        }
      }
      expect(run(y)).toEqual(clean);
    }
  }
});
