// The kernels of pixel distances on cpu and wasm against the composition, which defines them, and against float64.
import { engine, getBackend, grads, memory, tensor, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import {
  charbonnierLoss,
  featureMatchingLoss,
  featureResidualMap,
  huberLoss,
  l1Loss,
  l1ResidualMap,
  l2Loss,
  l2ResidualMap,
  psnr,
  vaeLoss,
} from '../../../src/index.js';
import { useFusedKernels } from '../../../src/kernels.js';
import { PixelsBackward, PixelsForward } from '../../../src/pixels/kernels/contract.js';
import { randomNumbers } from '../../support/images.js';

afterEach(() => {
  useFusedKernels(true);
});

type Comparison = (x: Tensor, y: Tensor, weights?: Tensor) => Tensor;
const options = (weights: Tensor | undefined): { weights?: Tensor } => (weights ? { weights } : {});

/** Measures that take volumes and weights. */
const losses: Readonly<Record<string, Comparison>> = {
  l1Loss: (x, y, weights) => l1Loss(x, y, options(weights)),
  l2Loss: (x, y, weights) => l2Loss(x, y, options(weights)),
  charbonnierLoss: (x, y, weights) => charbonnierLoss(x, y, { epsilon: 0.1, ...options(weights) }),
  huberLoss: (x, y, weights) => huberLoss(x, y, { delta: 0.2, ...options(weights) }),
  psnr: (x, y, weights) => psnr(x, y, { dataRange: 3, ...options(weights) }),
};
const maps: Readonly<Record<string, Comparison>> = {
  l1ResidualMap: (x, y) => l1ResidualMap(x, y),
  l2ResidualMap: (x, y) => l2ResidualMap(x, y),
};
/** Of images only. */
const further: Readonly<Record<string, Comparison>> = {
  vaeLoss: (x, y, weights) => vaeLoss(x, y, latent(x), options(weights)),
  'vaeLoss, σ 0.3': (x, y, weights) => vaeLoss(x, y, latent(x), { sigma: 0.3, ...options(weights) }),
  'vaeLoss, Laplace': (x, y, weights) =>
    vaeLoss(x, y, latent(x), { likelihood: 'laplace', sigma: 0.3, ...options(weights) }),
  'vaeLoss, optimal σ': (x, y) => vaeLoss(x, y, latent(x), { sigma: 'optimal' }),
  featureMatchingLoss: (x, y, weights) =>
    featureMatchingLoss(x, y, { features: (image) => [image, image], ...options(weights) }),
};

/** A posterior without divergence. */
function latent(x: Tensor): { mean: Tensor; logVariance: Tensor } {
  const zeros = tensor(new Float32Array(x.shape[0]), [x.shape[0], 1]);
  return { mean: zeros, logVariance: zeros };
}

interface Case {
  readonly shape: number[];
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly weights: { readonly shape: number[]; readonly data: Float32Array } | undefined;
}

/** Values and both gradients of Σ (1, 2, …) · value. */
function measured(f: Comparison, { shape, x, y, weights }: Case, fused: boolean): Float32Array[] {
  useFusedKernels(fused);
  return tidy(() => {
    const given = weights && tensor(weights.data, weights.shape);
    const pair = [tensor(x, shape), tensor(y, shape)] as [Tensor, Tensor];
    const value = f(...pair, given);
    const dy = tensor(
      Float32Array.from({ length: value.size }, (_, k) => (k % 5) - 1.5),
      value.shape,
    );
    const gradients = grads((a: Tensor, b: Tensor) => f(a, b, given))(pair, dy);
    return [value, ...gradients].map((result) => result.dataSync<'float32'>().slice());
  });
}

function expectAlike(f: Comparison, given: Case): void {
  const [fused, composed] = [true, false].map((use) => measured(f, given, use)) as [
    Float32Array[],
    Float32Array[],
  ];
  fused.forEach((values, which) => {
    const other = composed[which]!;
    const largest = other.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    values.forEach((value, k) => {
      // The composition sums in float32.
      if (Math.abs(value - other[k]!) > 5e-6 * largest)
        expect([which, k, value]).toEqual([which, k, other[k]]);
    });
  });
}

function numbers(length: number, seed: number): Float32Array {
  const next = randomNumbers(seed);
  return Float32Array.from({ length }, () => next());
}

const cases = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    sides: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 3 }),
    channels: fc.integer({ min: 1, max: 5 }),
    seed: fc.integer({ min: 1, max: 1000 }),
    weighted: fc.constantFrom('none', 'each', 'all'),
  })
  .map(({ batch, sides, channels, seed, weighted }): Case => {
    const shape = [batch, ...sides, channels];
    const size = shape.reduce((product, side) => product * side, 1);
    const ofWeights = [weighted === 'each' ? batch : 1, ...sides, 1];
    const data = numbers(
      ofWeights.reduce((product, side) => product * side, 1),
      seed + 2,
    );
    return {
      shape,
      x: numbers(size, seed),
      y: numbers(size, seed + 1),
      weights:
        weighted === 'none'
          ? undefined
          : { shape: ofWeights, data: data.map((value) => (value < 0.3 ? 0 : value)) },
    };
  });

test.each([...Object.entries(losses), ...Object.entries(maps)])('%s', (_, f) => {
  fc.assert(
    fc.property(cases, (given) => {
      expectAlike(f, given);
    }),
  );
});

/** A likelihood near 0 is a difference of terms about as large as its pixels are many: what is left of it is their rounding. */
function cancels(likelihood: Comparison, given: Case): boolean {
  const largest = Math.max(...measured(likelihood, given, false)[0]!.map(Math.abs));
  return largest !== 0 && largest < (0.2 * given.x.length) / given.shape[0]!;
}

test.each(Object.entries(further))('%s', (name, f) => {
  const isLikelihood = name.startsWith('vaeLoss, ');
  fc.assert(
    fc.property(
      cases.filter(({ shape }) => shape.length === 4),
      (given) => {
        fc.pre(!isLikelihood || !cancels(f, given));
        expectAlike(f, given);
      },
    ),
  );
});

// Strips of the module, and one number beyond them.
test.each([
  [1, 1, 8192, 1],
  [1, 1, 8193, 1],
  [2, 91, 91, 1],
  [1, 53, 53, 3],
])('images of %i × %i × %i × %i', (...shape) => {
  const size = shape.reduce((product, side) => product * side, 1);
  const given = { shape, x: numbers(size, 1), y: numbers(size, 2) };
  const counts = [1, shape[1], shape[2], 1];
  const weights = { shape: counts, data: numbers(shape[1] * shape[2], 3) };
  for (const f of [...Object.values(losses), ...Object.values(maps)]) {
    expectAlike(f, { ...given, weights: undefined });
    expectAlike(f, { ...given, weights });
  }
});

test.each(Object.entries(losses))('%s of what is not finite', (_, f) => {
  const special = [NaN, Infinity, -Infinity, 0.5, 1];
  for (const one of special) {
    for (const weight of [undefined, 0, 2]) {
      const x = Float32Array.from([0.25, one, 0.75, 0.5, one]);
      const weights =
        weight === undefined ? undefined : { shape: [1, 5, 1, 1], data: new Float32Array(5).fill(1) };
      if (weights !== undefined) weights.data[1] = weights.data[4] = weight!;
      const given = {
        shape: [1, 5, 1, 1],
        x,
        y: Float32Array.from([0.5, 0.5, 0.75, NaN, Infinity]),
        weights,
      };
      if (weight === 0) given.y[3] = 0.25;
      const [fused, composed] = [true, false].map((use) => measured(f, given, use).map((v) => [...v])) as [
        number[][],
        number[][],
      ];
      // A value that is not finite is NaN or infinite in both; where pixels are left out, all is finite.
      expect(fused[0]!.map(Number.isFinite)).toEqual(composed[0]!.map(Number.isFinite));
      if (weight === 0) expect(fused.flat().every(Number.isFinite)).toBe(true);
    }
  }
});

test('sums are those of float64', () => {
  const size = 3 * 40_000;
  const [x, y] = [numbers(size, 5), numbers(size, 6)];
  const sum = (distance: (d: number) => number): number =>
    x.reduce((total, value, k) => total + distance(value - y[k]!), 0);
  const [a, b] = [tensor(x, [1, 200, 200, 3]), tensor(y, [1, 200, 200, 3])];
  for (const [f, distance] of [
    [l1Loss, Math.abs],
    [l2Loss, (d: number) => d * d],
    [
      (p: Tensor, q: Tensor) => charbonnierLoss(p, q, { epsilon: 0.1 }),
      (d: number) => Math.hypot(d, 0.1) - 0.1,
    ],
    [
      (p: Tensor, q: Tensor) => huberLoss(p, q, { delta: 0.2 }),
      (d: number) => (Math.abs(d) < 0.2 ? (d * d) / 2 : 0.2 * (Math.abs(d) - 0.1)),
    ],
  ] as const) {
    const expected = sum(distance);
    expect(Math.abs(f(a, b).dataSync()[0]! / expected - 1)).toBeLessThan(1e-7);
  }
});

test('differences of equal images have no slope, and tiny ones all of it', () => {
  const x = tensor([0, 0, 1, 1], [1, 2, 2, 1]);
  const y = tensor([0, 1e-38, 1, 1 - 2 ** -24], [1, 2, 2, 1]);
  const [, slope] = grads((a: Tensor, b: Tensor) => l1Loss(a, b))([x, y]);
  expect([...slope!.dataSync()].map((value) => value + 0)).toEqual([0, 1, 0, -1]);
});

test('the kernels run, and leave no tensor', () => {
  const [x, y] = [1, 2].map((seed) => tensor(numbers(48, seed), [1, 4, 4, 3])) as [Tensor, Tensor];
  const spy = vi.spyOn(engine(), 'runKernel');
  const before = memory().numTensors;
  for (const f of Object.values(losses)) {
    tidy(() => {
      f(x, y);
      grads((a: Tensor, b: Tensor) => f(a, b))([x, y], tensor([1]));
    });
  }
  const names = spy.mock.calls.map(([name]) => name);
  spy.mockRestore();
  expect(names.filter((name) => name === PixelsForward).length).toBeGreaterThanOrEqual(10);
  expect(names.filter((name) => name === PixelsBackward).length).toBe(10);
  expect(memory().numTensors).toBe(before);
  // Maps on wasm are a few fast ops.
  const map = vi.spyOn(engine(), 'runKernel');
  tidy(() => featureResidualMap(x, y, { features: (image) => image }));
  tidy(() => l1ResidualMap(x, y));
  const ofMaps = map.mock.calls.map(([name]) => name).filter((name) => name === PixelsForward);
  map.mockRestore();
  expect(ofMaps).toHaveLength(getBackend() === 'wasm' ? 0 : 2);
});
