// Second order needs the gradients that tfjs registers for its own ops, as tfjs-layers does.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { grad, mul, square, sum, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { klDivergence, l2Loss, ssimLoss, ssimResidualMap } from '../src/index.js';
import type { SsimOptions } from '../src/index.js';
import { relativeError } from './support/gradients.js';
import { asTensor, noisy, randomImages, randomNumbers } from './support/images.js';
import { centralDifferences } from './support/reference.js';

const shape = [1, 7, 8, 1] as const;
const x = randomImages(shape, 1);
const y = noisy(x, 0.2, 2);
const random = randomNumbers(3);
const direction = { shape, data: Float32Array.from({ length: 56 }, () => random() - 0.5) };

/** ∇(v · ∇f): the Hessian times v, by tfjs, and by central differences of its first gradient. */
function hessianTimesVector(f: (y: Tensor) => Tensor): { actual: Float32Array; expected: Float64Array } {
  const slope = (at: Tensor): Tensor => sum(mul(grad((b: Tensor) => sum(f(b)))(at), asTensor(direction)));
  const actual = tidy(() => grad(slope)(asTensor(y)).dataSync<'float32'>().slice());
  const expected = centralDifferences(
    (data) => tidy(() => slope(asTensor({ shape, data: Float32Array.from(data) })).dataSync()[0]!),
    y.data,
    0.02,
  );
  return { actual, expected };
}

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
