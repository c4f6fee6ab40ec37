// The fused kernels of the cpu and wasm backends against the composition, which defines them, and against float64.
import {
  engine,
  getBackend,
  getKernel,
  grad,
  grads,
  memory,
  ones,
  registerKernel,
  tensor,
  tidy,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import type { KernelBackend, Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { presets, ssim, ssimLoss, ssimMap } from '../../../src/index.js';
import type { SsimOptions } from '../../../src/index.js';
import { AssemblyEngine } from '../../../src/ssim/kernels/assemblyEngine.js';
import { hasRoomFor } from '../../../src/ssim/kernels/windowPasses.js';
import { useFusedKernels } from '../../../src/kernels.js';
import { SsimBackward, SsimForward } from '../../../src/ssim/kernels/contract.js';
import type { SsimBackwardAttrs } from '../../../src/ssim/kernels/contract.js';
import { gaussianTaps } from '../../../src/filters/window.js';
import fixtures from '../../fixtures/ssim.json';
import { withModuleMemory } from '../../support/moduleMemory.js';
import { relativeError, tensorGrowth, values } from '../../support/gradients.js';
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
  centralDifferences,
  largest,
  largestError,
  referenceSsim,
  referenceSsimGradients,
  referenceTerms,
} from '../../support/reference.js';
import type { Images, Shape4D } from '../../support/reference.js';
import { anySsimRequest, ssimFamily, weightsOf } from '../../support/ssimFamily.js';
import { paddings } from '../../support/paddings.js';

afterEach(() => {
  useFusedKernels(true);
});

/** The fused kernels that run while `f` does, with what they are told to do. */
function kernelsIn(f: () => void): { name: string; attrs: Partial<SsimBackwardAttrs> }[] {
  const ran: { name: string; attrs: Partial<SsimBackwardAttrs> }[] = [];
  const spy = vi.spyOn(engine(), 'runKernel');
  try {
    tidy(f);
    for (const [name, , attrs] of spy.mock.calls) {
      if (name === SsimForward || name === SsimBackward) ran.push({ name, attrs: attrs as object });
    }
  } finally {
    spy.mockRestore();
  }
  return ran;
}

/** A function of the SSIM family and both gradients of Σ dy · value, with the fused kernels or composed. */
function measured(
  f: (x: Tensor, y: Tensor) => Tensor,
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

describe('fused = composed', () => {
  test.each(Object.entries(ssimFamily))('%s: value and both gradients, every option', (_, make) => {
    fc.assert(
      fc.property(anySsimRequest, ({ x, y, options }) => {
        const f = make(options);
        const fused = measured(f, x, y, weightsOf, true);
        const composed = measured(f, x, y, weightsOf, false);
        expect(largestError(fused.value, composed.value)).toBeLessThan(2e-6);
        // Of these two the composition, in float32, is the less precise: see the accuracy against float64 below.
        expect(relativeError(fused.gx, composed.gx)).toBeLessThan(1e-4);
        expect(relativeError(fused.gy, composed.gy)).toBeLessThan(1e-4);
      }),
      { numRuns: 60 },
    );
  });

  test('weights: value and both gradients, every option', () => {
    fc.assert(
      fc.property(anySsimRequest, fc.nat(1000), ({ x, y, options }, seed) => {
        const random = randomNumbers(seed);
        const shape = [seed % 2 ? x.shape[0] : 1, x.shape[1], x.shape[2], 1] as const;
        const weights = imagesFrom(shape, () => Math.max(0, random() - 0.3));
        const f = (a: Tensor, b: Tensor): Tensor => ssim(a, b, { ...options, weights: asTensor(weights) });
        const fused = measured(f, x, y, weightsOf, true);
        const composed = measured(f, x, y, weightsOf, false);
        expect(largestError(fused.value, composed.value)).toBeLessThan(2e-6);
        expect(relativeError(fused.gx, composed.gx)).toBeLessThan(1e-4);
        expect(relativeError(fused.gy, composed.gy)).toBeLessThan(1e-4);
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ['window = image', [2, 11, 11, 2], {}],
    ['one pixel', [3, 1, 1, 1], { windowSize: 1 }],
    ['one row', [1, 1, 30, 3], { windowSize: [1, 11], padding: 'edge' }],
    ['one column', [1, 30, 1, 2], { windowSize: [11, 1], padding: 'symmetric' }],
    ['a large window', [1, 40, 37, 1], { windowSize: 33, windowSigma: 5 }],
    ['the largest window down', [1, 258, 4, 1], { windowSize: [257, 3], windowSigma: [60, 1] }],
    ['the largest window across', [1, 4, 258, 1], { windowSize: [3, 257], windowSigma: [1, 60] }],
    ['skimage', [2, 16, 15, 3], presets.skimage],
    ['without luminance', [2, 16, 15, 3], { alpha: 0 }],
    ['the paper’s constants', [2, 16, 15, 1], presets.bergmann2018],
    ['wider than a tile', [1, 14, 1700, 1], { padding: 'reflect' }],
    ['wider than a tile, channels, valid', [2, 13, 700, 5], { windowSize: [5, 9] }],
    ['more channels than fit in a tile', [1, 12, 13, 900], {}],
  ] as const satisfies readonly (readonly [string, Shape4D, SsimOptions])[])('%s', (_, shape, options) => {
    const x = naturalImages(shape, 1);
    const y = noisy(x, 0.1, 2);
    for (const f of [ssimFamily.ssim(options), ssimFamily.ssimMap(options)]) {
      const fused = measured(f, x, y, weightsOf, true);
      const composed = measured(f, x, y, weightsOf, false);
      expect(largestError(fused.value, composed.value)).toBeLessThan(2e-6);
      expect(relativeError(fused.gx, composed.gx)).toBeLessThan(2e-5);
      expect(relativeError(fused.gy, composed.gy)).toBeLessThan(2e-5);
    }
  });
});

describe('accuracy against float64', () => {
  test('the float64 gradient is that of the float64 value', () => {
    const shape = [2, 9, 8, 2] as const;
    const x = randomImages(shape, 1);
    const y = noisy(x, 0.2, 2);
    for (const options of [
      { windowSize: 5 },
      { windowSize: [3, 5], covariance: 'sample', padding: 'reflect', windowType: 'uniform' },
      { windowSize: 7, padding: 'zero', dataRange: 2 },
      { windowSize: 5, padding: 'edge' },
      { windowSize: 5, padding: 'symmetric' },
    ] as const) {
      const map = referenceTerms(x, y, options).ssim;
      const weights = map.map((_, k) => Math.sin(k));
      const total = (a: Images, b: Images): number =>
        referenceTerms(a, b, options).ssim.reduce((sum, value, k) => sum + value * weights[k]!, 0);
      const [gx, gy] = referenceSsimGradients(x, y, options, weights);
      const numericX = centralDifferences((data) => total({ shape, data }, y), x.data);
      const numericY = centralDifferences((data) => total(x, { shape, data }), y.data);
      expect(relativeError(gx, numericX)).toBeLessThan(1e-6);
      expect(relativeError(gy, numericY)).toBeLessThan(1e-6);
    }
  });

  test.each(Object.entries(hardCases))(
    '%s: map within 1e-7, gradient within 1e-6 of its maximum',
    (_, make) => {
      for (const { padding, windowType, dataRange } of [
        { padding: 'valid', windowType: 'gaussian', dataRange: 1 },
        { padding: 'valid', windowType: 'gaussian', dataRange: 255 },
        { padding: 'reflect', windowType: 'gaussian', dataRange: 1 },
        { padding: 'reflect', windowType: 'gaussian', dataRange: 255 },
        { padding: 'valid', windowType: 'uniform', dataRange: 1 },
        { padding: 'reflect', windowType: 'uniform', dataRange: 255 },
      ] as const) {
        const [x, y] = make(dataRange);
        const options = { dataRange, padding, windowType };
        const expected = referenceTerms(x, y, options).ssim;
        const map = values(() => ssimMap(asTensor(x), asTensor(y), options));
        expect(largestError(map, expected)).toBeLessThan(1e-7);

        const loss = expected.reduce((total, value) => total + 1 - value, 0) / expected.length;
        const actual = values(() => ssimLoss(asTensor(x), asTensor(y), options))[0]!;
        // What the float64 reference itself keeps of 1 − S.
        expect(Math.abs(actual - loss)).toBeLessThan(1e-7 * loss + 1e-15);

        const weights = new Float64Array(expected.length).fill(-1 / expected.length);
        const [ex, ey] = referenceSsimGradients(x, y, options, weights);
        const { gx, gy } = measured(
          (a, b) => ssimLoss(a, b, options),
          x,
          y,
          () => ones([1]),
          true,
        );
        for (const [actualGradient, expectedGradient] of [
          [gx, ex],
          [gy, ey],
        ] as const) {
          // Beyond that the reference's own rounding shows: where images are equal, its gradient is 1e-20.
          const scale = Math.max(largest(expectedGradient), 1e-12 / dataRange);
          expect(largestError(actualGradient, expectedGradient) / scale).toBeLessThan(1e-6);
        }
      }
    },
  );

  test('gradients that PyTorch computed in float64, within 1e-6 of their maximum', () => {
    const images = fixtures.images as Readonly<Record<string, { shape: number[]; data: number[] }>>;
    const imagesOf = (name: string): Images => images[name] as unknown as Images;
    let count = 0;
    for (const { x, y, options, gradientX, gradientY } of fixtures.cases as unknown as {
      x: string;
      y: string;
      options: SsimOptions;
      gradientX?: number[];
      gradientY?: number[];
    }[]) {
      const { alpha = 1, beta = 1, gamma = 1 } = options;
      if (gradientX === undefined || gradientY === undefined || alpha * beta * gamma !== 1) continue;
      const { gx, gy } = measured(
        (a, b) => ssim(a, b, options),
        imagesOf(x),
        imagesOf(y),
        (shape) => ones(shape),
        true,
      );
      expect(relativeError(gx, gradientX)).toBeLessThan(1e-6);
      expect(relativeError(gy, gradientY)).toBeLessThan(1e-6);
      count++;
    }
    expect(count).toBeGreaterThan(8);
  });

  test('equal images: exactly 0, in value and gradient', () => {
    Object.values(hardCases).forEach((make, k) => {
      const [x] = make(255);
      const windowType = k % 2 ? 'uniform' : 'gaussian';
      const { value, gx, gy } = measured(
        (a, b) => ssimLoss(a, b, { dataRange: 255, padding: 'symmetric', windowType }),
        x,
        x,
        () => ones([1]),
        true,
      );
      expect([value[0], largest(gx), largest(gy)]).toEqual([0, 0, 0]);
    });
  });

  test('the mean over a megapixel is that of float64', () => {
    const shape = [1, 1024, 1024, 1] as const;
    const x = randomImages(shape, 1);
    const y = noisy(x, 0.3, 2);
    const options = { windowSize: 1, padding: 'valid' } as const;
    const expected = referenceSsim(x, y, options)[0]!;
    const actual = values(() => ssimLoss(asTensor(x), asTensor(y), options))[0]!;
    expect(Math.abs(actual / (1 - expected) - 1)).toBeLessThan(1e-7);
  });
});

describe('dispatch', () => {
  const x = randomImages([2, 16, 15, 1], 1);
  const y = noisy(x, 0.1, 2);
  const [tx, ty] = [() => asTensor(x), () => asTensor(y)];

  test('the first use registers both kernels, and every function of the family runs them', () => {
    for (const make of Object.values(ssimFamily)) {
      const ran = kernelsIn(() => make({})(tx(), ty()));
      expect(ran.map(({ name }) => name)).toEqual([SsimForward]);
    }
    for (const name of [SsimForward, SsimBackward]) expect(getKernel(name, getBackend())).toBeDefined();
  });

  test('useFusedKernels(false) composes, and true is back', () => {
    for (const options of [{}, { weights: ones([1, 16, 15, 1]) }]) {
      useFusedKernels(false);
      expect(kernelsIn(() => ssimLoss(tx(), ty(), options))).toEqual([]);
      useFusedKernels(true);
      expect(kernelsIn(() => ssimLoss(tx(), ty(), options))).toHaveLength(1);
    }
  });

  test('weights belong to the mean that the kernel gives, with its gradient in one pass', () => {
    const f = (b: Tensor): Tensor => ssimLoss(tx(), b, { weights: ones([2, 16, 15, 1]) });
    const ran = kernelsIn(() => grad(f)(ty()));
    expect(ran.map(({ name, attrs: { form } }) => [name, form])).toEqual([
      [SsimForward, 'mean'],
      [SsimBackward, 'mean'],
    ]);
  });

  test.each([1, 0, 'true', undefined, null])('useFusedKernels(%j) throws', (use) => {
    expect(() => useFusedKernels(use as unknown as boolean)).toThrow(
      /^useFusedKernels: use must be true or false, but got/,
    );
  });

  test('contrast and structure without luminance are fused, and do not see a change of brightness', () => {
    const options = { alpha: 0, windowSize: 5 };
    expect(kernelsIn(() => ssimLoss(tx(), ty(), options))).toHaveLength(1);
    const shifted = imagesFrom(x.shape, (k) => x.data[k]! + 0.25);
    const { value, gx, gy } = measured(
      (a, b) => ssimLoss(a, b, options),
      x,
      shifted,
      (shape) => ones(shape),
      true,
    );
    for (const numbers of [value, gx, gy]) expect(largest(numbers)).toBeLessThan(1e-7);
  });

  test.each([
    ['alpha', { alpha: 2 }],
    ['beta and gamma', { beta: 0.5, gamma: 0.5 }],
    ['beta ≠ gamma', { gamma: 0 }],
    ['a constant too small for it', { k2: 1e-5 }],
  ] as const)('%s: composed', (_, options) => {
    expect(kernelsIn(() => ssimLoss(tx(), ty(), options))).toEqual([]);
    const expected = referenceSsim(x, y, options);
    const actual = values(() => ssim(tx(), ty(), options));
    expect(largestError(actual, expected)).toBeLessThan(1e-5);
  });

  test('a gradient computes only what is asked for: one pass and a scaling for ŷ, one more pass for y', () => {
    const wrts = (ran: ReturnType<typeof kernelsIn>): unknown[] => ran.map(({ attrs }) => attrs.wrt);
    expect(wrts(kernelsIn(() => grad((b) => ssimLoss(tx(), b))(ty())))).toEqual([undefined, 'yPred']);
    expect(wrts(kernelsIn(() => grad((a) => ssimLoss(a, ty()))(tx())))).toEqual([undefined, 'yTrue']);
    const [first] = kernelsIn(() => ssimLoss(tx(), ty()));
    expect(first!.attrs).toMatchObject({ gradient: false });
    const [taped] = kernelsIn(() => grad((b) => ssimLoss(tx(), b))(ty()));
    expect(taped!.attrs).toMatchObject({ gradient: true });
  });

  test('the gradient that came with a mean is scaled where it lies; asked for again, it is computed', () => {
    const attrs = { form: 'mean', taps: [gaussianTaps(5, 1.5), gaussianTaps(5, 1.5)], ...settings };
    const given = { ...attrs, padding: 'valid', gradient: true, wrt: 'yPred' } as never;
    const grown = tensorGrowth(() => {
      const images = { yTrue: tx(), yPred: ty() };
      const [value, saved] = engine().runKernel<[Tensor, Tensor]>(SsimForward, images, given);
      const dy = tensor([2, -3]);
      const [first, again] = [0, 1].map(() =>
        engine().runKernel<Tensor>(SsimBackward, { ...images, dy, saved }, given),
      ) as [Tensor, Tensor];
      expect(first.dataId).toBe(saved.dataId);
      expect(again.dataId).not.toBe(saved.dataId);
      const [one, other] = [first, again].map((gradient) => gradient.dataSync<'float32'>().slice());
      expect(largest(one!)).toBeGreaterThan(0);
      expect(relativeError(other!, one!)).toBeLessThan(3e-7);
      for (const each of [images.yTrue, images.yPred, value, saved, dy, first, again]) each.dispose();
    });
    expect(grown).toBe(0);
  });

  test('a mean whose gradient in ŷ is likely to be wanted comes with it, in one pass', () => {
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
      expect(passes(() => ssimLoss(tx(), ty()))).toEqual(['mean']);
      expect(passes(() => grad((b) => ssimLoss(tx(), b))(ty()))).toEqual(['mean and gradient in yPred']);
      const both = passes(() => grads((a: Tensor, b: Tensor) => ssimLoss(a, b))([tx(), ty()]));
      expect(both).toEqual(['mean and gradient in yPred', 'mean, yTrue']);
      expect(passes(() => grad((b) => ssimMap(tx(), b))(ty()))).toEqual(['distance', 'distance, yPred']);
      expect(passes(() => grad((a) => ssimMap(a, ty()))(tx()))).toEqual(['distance', 'distance, yTrue']);
    } finally {
      for (const spy of [ofValue, ofGradient]) spy.mockRestore();
    }
  });

  test('somebody else’s backend composes, also under the name of one of tfjs’s', () => {
    const name = getBackend();
    const own = engine().backend as KernelBackend & object;
    const foreign = new Proxy(own, {
      has: (target, key) => key !== 'makeTensorInfo' && key !== 'typedArrayFromHeap' && key in target,
    });
    const spied = vi.spyOn(engine(), 'backend', 'get').mockReturnValue(foreign);
    try {
      expect(kernelsIn(() => ssimLoss(tx(), ty()))).toEqual([]);
    } finally {
      spied.mockRestore();
    }
    expect(getBackend()).toBe(name);
  });
});

/** Of images in [0, 1], with the default constants. */
const settings = { unit: 1, luminance: true, c1: 1e-4, c2: 9e-4, varianceScale: 1 } as const;

describe('memory', () => {
  test('leaves exactly what is returned', () => {
    const [x, y] = [asTensor(randomImages([2, 16, 16, 3], 1)), asTensor(randomImages([2, 16, 16, 3], 2))];
    for (const make of Object.values(ssimFamily)) {
      const f = make({ padding: 'reflect' });
      const data = memory().numDataBuffers;
      expect(tensorGrowth(() => f(x, y))).toBe(1);
      expect(memory().numDataBuffers - data).toBe(1);
      expect(
        tensorGrowth(() => {
          tidy(() => {
            grads((a: Tensor, b: Tensor) => f(a, b))([x, y]);
          });
        }),
      ).toBe(0);
      expect(memory().numDataBuffers - data).toBe(1);
    }
    expect(x.isDisposed || y.isDisposed).toBe(false);
  });

  test('the kernel’s own does not grow over 10,000 calls of changing sizes', () => {
    const { made: engineOf, bytes: heap } = withModuleMemory(() => new AssemblyEngine());
    const taps = [gaussianTaps(11, 1.5), gaussianTaps(11, 1.5)] as const;
    const attrs = { taps, ...settings, padding: 'valid' } as const;
    const data = new Float32Array(64 * 64 * 3).fill(0.5);
    const call = (size: number, channels: number): void => {
      const shape = [1, size, size + 1, channels] as const;
      const images = { x: data, y: data, shape };
      engineOf.value(images, { ...attrs, form: 'mean' }, new Float32Array(1));
      const ofMean = { ...attrs, form: 'mean', wrt: 'yPred' } as const;
      engineOf.gradient(images, ofMean, undefined, new Float32Array(data.length));
    };
    call(63, 3);
    const before = heap();
    expect(before).toBeGreaterThan(65536);
    for (let k = 0; k < 5000; k++) call(11 + (k % 20), 1 + (k % 3));
    call(63, 3);
    expect(heap()).toBe(before);
  });
});

describe('the kernel on arrays', () => {
  test('the means that come with a gradient are those that come alone', () => {
    const [x, y] = [1, 2].map((seed) => randomImages([3, 13, 12, 2], seed));
    const [a, b] = [Float32Array.from(x!.data), Float32Array.from(y!.data)];
    const images = { x: a, y: b, shape: x!.shape };
    const taps = [gaussianTaps(5, 1.5), gaussianTaps(7, 1.5)] as const;
    const attrs = { taps, ...settings, padding: 'edge' } as const;
    const alone = new Float32Array(3);
    const kernel = new AssemblyEngine();
    kernel.value(images, { ...attrs, form: 'mean' }, alone);
    const ofMean = { ...attrs, form: 'mean', wrt: 'yPred' } as const;
    const along = Float32Array.from(kernel.gradient(images, ofMean, undefined, new Float32Array(a.length)));
    expect(Math.min(...alone)).toBeGreaterThan(0.1);
    expect(largestError(along, alone)).toBeLessThan(1e-7);
  });

  test('images wider than a tile, and taller than a strip', () => {
    const options = { windowSize: [5, 9], windowSigma: 1.5 } as const;
    for (const padding of paddings) {
      for (const shape of [
        [1, 14, 430, 2],
        [1, 11, 1611, 1],
        [1, 280, 61, 1],
      ] as const) {
        const x = naturalImages(shape, 3);
        const y = noisy(x, 0.1, 4);
        const given = { ...options, padding };
        const expected = referenceTerms(x, y, given).ssim;
        const weights = Float32Array.from(expected, (_, k) => Math.cos(k));
        const [ex, ey] = referenceSsimGradients(x, y, given, Float64Array.from(weights));
        const { value, gx, gy } = measured(
          (a, b) => ssimMap(a, b, given),
          x,
          y,
          (map) => tensor(weights, map),
          true,
        );
        expect(largestError(value, expected)).toBeLessThan(1e-7);
        expect(relativeError(gx, ex)).toBeLessThan(3e-7);
        expect(relativeError(gy, ey)).toBeLessThan(3e-7);
        const mean = values(() => ssim(asTensor(x), asTensor(y), given));
        expect(largestError(mean, referenceSsim(x, y, given))).toBeLessThan(1e-7);
      }
    }
  });

  test.each([
    ['a window', [1, 3, 320, 1], { windowSize: [1, 301], windowSigma: 40 }],
    ['rows', [1, 12, 12, 1000], {}],
    ['a row that goes round', [1, 2, 34000, 1], { windowSize: [1, 3], padding: 'wrap' }],
  ] as const satisfies readonly (readonly [string, Shape4D, SsimOptions])[])(
    '%s that it has no room for: composed',
    (_, shape, options) => {
      const x = imagesFrom(shape, (k) => 0.5 + 0.4 * Math.sin(k / 7));
      const y = noisy(x, 0.1, 1);
      expect(kernelsIn(() => ssimMap(asTensor(x), asTensor(y), options))).toEqual([]);
      const actual = values(() => ssimMap(asTensor(x), asTensor(y), options));
      expect(largestError(actual, referenceTerms(x, y, options).ssim)).toBeLessThan(1e-6);
    },
  );

  test('up to where its room ends', () => {
    const taps = [gaussianTaps(11, 1.5), gaussianTaps(11, 1.5)] as const;
    expect(hasRoomFor([1, 32, 32, 400], { taps, padding: 'valid' })).toBe(true);
    expect(hasRoomFor([1, 32, 32, 500], { taps, padding: 'valid' })).toBe(false);
  });
});

describe('windows of equal taps', () => {
  /** A map and both gradients of Σ w · map, against float64. */
  function expectPrecise(x: Images, y: Images, options: SsimOptions): void {
    const expected = referenceTerms(x, y, options).ssim;
    const weights = Float64Array.from(expected, (_, k) => Math.fround(Math.cos(3 * k) + 0.2));
    const [ex, ey] = referenceSsimGradients(x, y, options, weights);
    const { value, gx, gy } = measured((a, b) => ssimMap(a, b, options), x, y, weightsOf, true);
    expect(largestError(value, expected)).toBeLessThan(1e-7);
    expect(relativeError(gx, ex)).toBeLessThan(1e-6);
    expect(relativeError(gy, ey)).toBeLessThan(1e-6);
    const mean = values(() => ssim(asTensor(x), asTensor(y), options));
    expect(largestError(mean, referenceSsim(x, y, options))).toBeLessThan(1e-7);
  }

  /** Around the ends of the blocks in which numbers are added. */
  const sizesFor = (k: number): number[] => [k, k + 1, 2 * k - 1, 2 * k, 2 * k + 1, 3 * k - 1];

  test.each(paddings)('%s: sizes around the multiples of the window', (padding) => {
    const windows = [
      [3, 5],
      [11, 7],
      [1, 9],
      [9, 1],
      [5, 3],
      [7, 11],
    ] as const;
    windows.forEach((windowSize, turn) => {
      for (let k = 0; k < 6; k++) {
        const [height, width] = [sizesFor(windowSize[0])[k]!, sizesFor(windowSize[1])[(k + turn) % 6]!];
        const shape = [1 + (k % 2), height, width, 1 + ((k + turn) % 4)] as const;
        const x = randomImages(shape, 7 * k + turn);
        const covariance = k % 3 === 0 ? 'sample' : 'population';
        expectPrecise(x, noisy(x, 0.2, k), { windowType: 'uniform', windowSize, padding, covariance });
      }
    });
  });

  test.each([
    ['one window', [1, 33, 33, 4], { windowSize: 33 }],
    ['one window and a line', [2, 34, 34, 1], { windowSize: 33 }],
    ['a block less a line', [1, 65, 35, 1], { windowSize: 33 }],
    ['33, padded', [1, 34, 37, 1], { windowSize: 33, padding: 'reflect' }],
    ['33 × 3, wider than a tile', [1, 34, 800, 1], { windowSize: [33, 3] }],
    ['3 × 33, wider than a tile, channels', [1, 4, 430, 2], { windowSize: [3, 33], padding: 'symmetric' }],
    ['without luminance', [1, 30, 31, 2], { alpha: 0, windowSize: 9, padding: 'edge' }],
  ] as const satisfies readonly (readonly [string, Shape4D, SsimOptions])[])('%s', (_, shape, options) => {
    const x = naturalImages(shape, 1);
    expectPrecise(x, noisy(x, 0.1, 2), { ...options, windowType: 'uniform' });
  });

  test.each([21, 33])('%i, weights: value and gradients as composed', (windowSize) => {
    const shape = [2, 36, 45, 1] as const;
    const x = naturalImages(shape, 1);
    const random = randomNumbers(2);
    const weights = imagesFrom(shape, () => Math.max(0, random() - 0.3));
    for (const padding of ['valid', 'wrap'] as const) {
      const f = (a: Tensor, b: Tensor): Tensor =>
        ssim(a, b, { windowType: 'uniform', windowSize, padding, weights: asTensor(weights) });
      const [fused, composed] = [true, false].map((is) => measured(f, x, noisy(x, 0.1, 3), weightsOf, is));
      expect(largestError(fused!.value, composed!.value)).toBeLessThan(2e-6);
      expect(relativeError(fused!.gx, composed!.gx)).toBeLessThan(1e-4);
      expect(relativeError(fused!.gy, composed!.gy)).toBeLessThan(1e-4);
    }
  });

  test.each([1e8, Infinity, NaN])('a pixel of %d leaves no trace where no window sees it', (outlier) => {
    const shape = [1, 40, 37, 2] as const;
    const [, , width, channels] = shape;
    const x = randomImages(shape, 1);
    const y = noisy(x, 0.1, 2);
    const [row, column, channel] = [13, 12, 1];
    for (const windowSize of [3, 11]) {
      const options = { windowType: 'uniform', windowSize } as const;
      const spoilt = imagesFrom(shape, (k) =>
        k === (row * width + column) * channels + channel ? outlier : x.data[k]!,
      );
      const [clean, hit] = [x, spoilt].map((a) =>
        measured((p, q) => ssimMap(p, q, options), a, y, weightsOf, true),
      );
      const mapWidth = width - windowSize + 1;
      let seen = 0;
      clean!.value.forEach((value, k) => {
        const place = Math.floor(k / channels);
        const [i, j] = [Math.floor(place / mapWidth), place % mapWidth];
        const sees =
          k % channels === channel &&
          i <= row &&
          row < i + windowSize &&
          j <= column &&
          column < j + windowSize;
        if (sees) seen++;
        else expect(hit!.value[k]).toBe(value);
      });
      expect(seen).toBe(windowSize ** 2);
      for (const g of ['gx', 'gy'] as const) {
        clean![g].forEach((value, k) => {
          const place = Math.floor(k / channels);
          const far =
            k % channels !== channel ||
            Math.abs(Math.floor(place / width) - row) >= windowSize ||
            Math.abs((place % width) - column) >= windowSize;
          if (far) expect(hit![g][k]).toBe(value);
        });
      }
    }
  });
});

test('where WebAssembly is forbidden, SSIM is composed; it is tried once', async () => {
  const x = randomImages([2, 16, 15, 1], 1);
  const y = noisy(x, 0.1, 2);
  expect(kernelsIn(() => ssimLoss(asTensor(x), asTensor(y)))).toHaveLength(1);
  const own = [SsimForward, SsimBackward].map((name) => getKernel(name, getBackend()));
  for (const { kernelName, backendName } of own) unregisterKernel(kernelName, backendName);
  vi.resetModules();
  const forbidden = vi.spyOn(WebAssembly, 'Module').mockImplementation(function () {
    throw new WebAssembly.CompileError('the content security policy forbids it');
  });
  try {
    const library = await import('../../../src/index.js');
    for (let call = 0; call < 3; call++) {
      expect(kernelsIn(() => library.ssimLoss(asTensor(x), asTensor(y)))).toEqual([]);
    }
    expect(forbidden).toHaveBeenCalledTimes(1);
    const actual = values(() => library.ssim(asTensor(x), asTensor(y)));
    expect(largestError(actual, referenceSsim(x, y, {}))).toBeLessThan(1e-6);
  } finally {
    forbidden.mockRestore();
    vi.resetModules();
    own.forEach(registerKernel);
  }
});
