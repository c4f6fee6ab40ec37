import { grad, grads, memory, tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { charbonnierLoss, huberLoss, l1Loss, l2Loss, psnr } from '../../src/index.js';
import cases from '../fixtures/pixels.json';
import { gradientsOf, relativeError, values } from '../support/gradients.js';
import { asTensor, randomImages } from '../support/images.js';
import { centralDifferences } from '../support/reference.js';
import type { Images } from '../support/reference.js';

const at = (difference: number): Tensor[] => [zeros([1, 1, 1, 1]), tensor([difference], [1, 1, 1, 1])];

/** Σ over the pixels of each image, in float64. */
const sums = (x: Images, y: Images, term: (d: number) => number): number[] => {
  const size = x.data.length / x.shape[0];
  return Array.from({ length: x.shape[0] }, (_, n) => {
    let total = 0;
    for (let k = n * size; k < (n + 1) * size; k++) total += term(x.data[k]! - y.data[k]!);
    return total;
  });
};
const charbonnier = (x: Images, y: Images): number[] => sums(x, y, (d) => Math.hypot(d, 0.1) - 0.1);
const huber = (x: Images, y: Images): number[] =>
  sums(x, y, (d) => (Math.abs(d) <= 0.25 ? (d * d) / 2 : 0.25 * (Math.abs(d) - 0.125)));
const decibels = (x: Images, y: Images): number[] =>
  sums(x, y, (d) => d * d).map((total) => 10 * Math.log10((255 ** 2 * x.data.length) / x.shape[0] / total));

describe('references', () => {
  test.each(cases)('scipy and NumPy, $shape', (given) => {
    const [x, y] = [given.x, given.y].map((data) => tensor(data, given.shape));
    const { dataRange, epsilon, delta } = given;
    expect(
      relativeError(
        values(() => charbonnierLoss(x!, y!, { epsilon })),
        given.charbonnier,
      ),
    ).toBeLessThan(2e-6);
    expect(
      relativeError(
        values(() => huberLoss(x!, y!, { delta })),
        given.huber,
      ),
    ).toBeLessThan(1e-6);
    expect(
      relativeError(
        values(() => psnr(x!, y!, { dataRange })),
        given.psnr,
      ),
    ).toBeLessThan(1e-6);
  });

  test.each([
    ['charbonnierLoss', (x: Tensor, y: Tensor) => charbonnierLoss(x, y, { epsilon: 0.1 }), charbonnier, 1],
    ['huberLoss', (x: Tensor, y: Tensor) => huberLoss(x, y, { delta: 0.25 }), huber, 1],
    ['psnr', (x: Tensor, y: Tensor) => psnr(x, y, { dataRange: 255 }), decibels, 255],
  ] as const)('%s: gradients of both images against central differences', (_, f, reference, range) => {
    const [x, y] = [1, 2].map((seed) => randomImages([2, 4, 5, 2], seed, range));
    const [gx, gy] = gradientsOf(f, x!, y!, [1, -2]);
    const total = (a: Images, b: Images): number =>
      reference(a, b).reduce((sum, value, n) => sum + (n === 0 ? 1 : -2) * value, 0);
    const ex = centralDifferences((data) => total({ ...x!, data }, y!), x!.data);
    const ey = centralDifferences((data) => total(x!, { ...y!, data }), y!.data);
    expect(relativeError(gx, ex)).toBeLessThan(1e-5);
    expect(relativeError(gy, ey)).toBeLessThan(1e-5);
  });
});

describe('limits', () => {
  test('Huber is half of ℓ2 below δ, and a straight line above', () => {
    const [x, y] = [1, 2].map((seed) => asTensor(randomImages([2, 6, 5, 1], seed)));
    expect(
      relativeError(
        values(() => huberLoss(x!, y!)),
        values(() => l2Loss(x!, y!)).map((v) => v / 2),
      ),
    ).toBeLessThan(1e-6);
    const slope = (d: number): number =>
      tidy(
        () =>
          grad((b: Tensor) => huberLoss(zeros([1, 1, 1, 1]), b, { delta: 0.5 }))(at(d)[1]!).dataSync()[0]!,
      );
    expect([-3, -0.5, -0.25, 0, 0.25, 0.5, 3].map(slope)).toEqual([-0.5, -0.5, -0.25, -0, 0.25, 0.5, 0.5]);
  });

  test('Charbonnier of a small ε is ℓ1, and keeps differences far below ε', () => {
    const [x, y] = [1, 2].map((seed) => asTensor(randomImages([2, 6, 5, 1], seed)));
    expect(
      relativeError(
        values(() => charbonnierLoss(x!, y!, { epsilon: 1e-7 })),
        values(() => l1Loss(x!, y!)),
      ),
    ).toBeLessThan(1e-5);
    const [a, b] = at(1e-6);
    expect(charbonnierLoss(a!, b!, { epsilon: 0.1 }).dataSync()[0]! / 5e-12).toBeCloseTo(1, 5);
  });

  test('PSNR: 20 dB for a tenth of the range, in images of any range; infinite for equal ones, with gradient 0', () => {
    for (const dataRange of [1e-20, 1, 255, 1e20]) {
      const [x, y] = [zeros([1, 8, 8, 1]), tensor(new Float32Array(64).fill(0.1 * dataRange), [1, 8, 8, 1])];
      expect(psnr(x, y, { dataRange }).dataSync()[0]).toBeCloseTo(20, 4);
    }
    const x = asTensor(randomImages([2, 4, 4, 3], 3));
    expect([...psnr(x, x).dataSync()]).toEqual([Infinity, Infinity]);
    const slopes = grads((a: Tensor, b: Tensor) => psnr(a, b))([x, x]);
    expect(slopes.every((slope) => slope.dataSync().every((number) => number === 0))).toBe(true);
  });

  test('weights: by hand, and no tensor stays behind', () => {
    const x = zeros([1, 1, 2, 1]);
    const y = tensor([0.5, 0.1], [1, 1, 2, 1]);
    const weights = tensor([1, 3], [1, 1, 2, 1]);
    const before = memory().numTensors;
    expect(values(() => huberLoss(x, y, { weights }))[0]).toBeCloseTo(0.14, 6);
    expect(values(() => charbonnierLoss(x, y, { weights, epsilon: 0.375 }))[0]).toBeCloseTo(
      0.25 + 3 * (Math.hypot(0.1, 0.375) - 0.375),
      6,
    );
    expect(values(() => psnr(x, y, { weights }))[0]).toBeCloseTo(-10 * Math.log10(0.28 / 4), 5);
    expect(memory().numTensors).toBe(before);
  });
});

test.each([
  [
    () => charbonnierLoss(zeros([1, 2, 2, 1]), zeros([1, 2, 2, 1]), { epsilon: 0 }),
    'charbonnierLoss: epsilon must be a finite number > 0, but got 0.',
  ],
  [
    () => huberLoss(zeros([1, 2, 2, 1]), zeros([1, 2, 2, 1]), { delta: -1 }),
    'huberLoss: delta must be a finite number > 0, but got -1.',
  ],
  [
    () => psnr(zeros([1, 2, 2, 1]), zeros([1, 2, 2, 1]), { dataRange: 0 }),
    'psnr: dataRange must be a finite number > 0, but got 0.',
  ],
])('%# says what is wrong', (call, message) => {
  expect(call).toThrow(new RangeError(message));
});
