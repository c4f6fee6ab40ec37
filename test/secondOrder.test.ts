// Second order needs the gradients that tfjs registers for its own ops, as tfjs-layers does.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { add, grad, mul, ones, square, sum, tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { klDivergence, l2Loss, ssimLoss, ssimResidualMap } from '../src/index.js';
import type { SsimOptions } from '../src/index.js';
import { fusedKernelsAreInUse } from '../src/backends/useFusedKernels.js';
import { relativeError } from './support/gradients.js';
import { asTensor, imagesFrom, noisy, randomImages, randomNumbers } from './support/images.js';
import { measures } from './support/measures.js';

const shape = [1, 7, 8, 1] as const;
const x = randomImages(shape, 1);
const y = noisy(x, 0.2, 2);
const random = randomNumbers(3);
const direction = { shape, data: Float32Array.from({ length: 56 }, () => random() - 0.5) };

/** That of the sum of `f` at y. */
const hessianTimesVector = (f: (y: Tensor) => Tensor): { actual: Float32Array; expected: number[] } =>
  hessianAlong((b) => sum(f(b)), asTensor(y), asTensor(direction));

describe('second order', () => {
  const options: Readonly<Record<string, SsimOptions>> = {
    default: { windowSize: 5 },
    'padded, uniform, sample': {
      windowSize: 5,
      windowType: 'uniform',
      covariance: 'sample',
      padding: 'symmetric',
    },
    'whole exponents': { windowSize: 5, alpha: 2, beta: 3, gamma: 3 },
    'broken exponents': { windowSize: 5, alpha: 0.5, beta: 0.5, gamma: 0.5 },
    'β ≠ γ': { windowSize: 5, gamma: 2, padding: 'edge' },
  };
  test.each(Object.entries(options))('ssimLoss, %s', (_, ssimOptions) => {
    const { actual, expected } = hessianTimesVector((b) => ssimLoss(asTensor(x), b, ssimOptions));
    expect(relativeError(actual, expected)).toBeLessThan(0.03); // what float32 differences resolve
  });

  test('l2Loss: twice the direction', () => {
    const { actual } = hessianTimesVector((b) => l2Loss(asTensor(x), b));
    expect(
      relativeError(
        actual,
        direction.data.map((value) => 2 * value),
      ),
    ).toBeLessThan(1e-6);
  });

  test('ssimResidualMap', () => {
    const { actual, expected } = hessianTimesVector((b) =>
      ssimResidualMap(asTensor(x), b, { windowSize: 5 }),
    );
    expect(relativeError(actual, expected)).toBeLessThan(0.03);
  });

  test('klDivergence: the direction itself, in the mean', () => {
    tidy(() => {
      const logVariance = asTensor(randomImages(shape, 4));
      const slope = (mean: Tensor): Tensor =>
        sum(mul(grad((m: Tensor) => sum(klDivergence({ mean: m, logVariance })))(mean), asTensor(direction)));
      const actual = grad(slope)(asTensor(y)).dataSync();
      expect(relativeError(actual, direction.data)).toBeLessThan(1e-6);
    });
  });

  test('a gradient penalty trains: the norm of the gradient has one', () => {
    const penalty = (b: Tensor): Tensor =>
      sum(square(grad((c: Tensor) => sum(ssimLoss(asTensor(x), c, { windowSize: 5 })))(b)));
    const actual = tidy(() => grad(penalty)(asTensor(y)).dataSync<'float32'>().slice());
    expect(actual.every(Number.isFinite)).toBe(true);
    expect(Math.max(...actual.map(Math.abs))).toBeGreaterThan(0);
  });
});

/** H v by tfjs, and from the first gradients a little along v on both sides. */
function hessianAlong(
  f: (at: Tensor) => Tensor,
  at: Tensor,
  v: Tensor,
  step = 0.004,
): { actual: Float32Array; expected: number[] } {
  const gradient = (b: Tensor): Tensor => grad((c: Tensor) => f(c))(b);
  const numbers = (compute: () => Tensor): Float32Array =>
    tidy(() => compute().dataSync<'float32'>().slice());
  const actual = numbers(() => grad((b: Tensor) => sum(mul(gradient(b), v)))(at));
  const [after, before] = [1, -1].map((sign) => numbers(() => gradient(add(at, mul(v, sign * step)))));
  return { actual, expected: Array.from(after!, (value, k) => (value - before![k]!) / (2 * step)) };
}

// It composes, with fused kernels as without.
describe.runIf(fusedKernelsAreInUse())('second order of every measure', () => {
  const size = [1, 12, 12, 2] as const;
  const noise = randomNumbers(5);
  const first = randomImages(size, 6);
  // Nowhere equal, or |x − x̂| would have its kink there.
  const second = imagesFrom(size, (k) => first.data[k]! + (noise() < 0.5 ? -1 : 1) * (0.05 + 0.1 * noise()));
  const along = imagesFrom(size, () => noise() - 0.5);
  /** Σ of all that it gives, each number by a weight of its own. */
  const total = (values: readonly Tensor[]): Tensor =>
    values
      .map((value) =>
        sum(
          mul(
            value,
            tensor(
              Float32Array.from({ length: value.size }, (_, k) => 1 + 0.5 * Math.cos(k)),
              value.shape,
            ),
          ),
        ),
      )
      .reduce((all, each) => add(all, each));

  describe.each(measures)('$name', ({ call, variants }) => {
    test.each(variants)('$name', ({ options }) => {
      const f = (b: Tensor): Tensor => total(call(asTensor(first), b, options));
      const { actual, expected } = hessianAlong(f, asTensor(second), asTensor(along));
      expect(relativeError(actual, expected)).toBeLessThan(0.02); // what float32 differences resolve
      // Where images are flat or equal it has a value too.
      for (const [a, b] of [
        [zeros([...size]), ones([...size])],
        [ones([...size]), asTensor(second)],
        [asTensor(first), ones([...size])],
        [asTensor(first), asTensor(first)],
        [zeros([...size]), zeros([...size])],
      ] as const) {
        const slope = (at: Tensor): Tensor =>
          sum(square(grad((c: Tensor) => total(call(a, c, options)))(at)));
        expect(tidy(() => grad(slope)(b).dataSync<'float32'>().every(Number.isFinite))).toBe(true);
      }
    });
  });
});
