// At the full size: the list of measures has it at half of it, where fewer coefficients change their sign along the way.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { add, grad, mul, sum, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { haarPsiLoss, haarPsiResidualMap } from '../../src/index.js';
import { relativeError } from '../support/gradients.js';
import { asTensor, noisy, randomImages } from '../support/images.js';

test.each([
  ['haarPsiLoss', haarPsiLoss],
  ['haarPsiResidualMap', haarPsiResidualMap],
] as const)('%s: ∇(v · ∇f) is the change of ∇f along v', (_, measure) => {
  const x = randomImages([1, 8, 9, 1], 1);
  const [y, v] = [asTensor(noisy(x, 0.2, 2)), asTensor(randomImages([1, 8, 9, 1], 3))];
  const gradient = (at: Tensor): Tensor =>
    grad((b: Tensor) => sum(measure(asTensor(x), b, { subsample: false })))(at);
  const actual = tidy(() =>
    grad((b: Tensor) => sum(mul(gradient(b), v)))(y)
      .dataSync<'float32'>()
      .slice(),
  );
  const step = 2e-4;
  const [after, before] = [1, -1].map((sign) =>
    tidy(() =>
      gradient(add(y, mul(v, sign * step)))
        .dataSync<'float32'>()
        .slice(),
    ),
  );
  const expected = after!.map((slope, k) => (slope - before![k]!) / (2 * step));
  expect(relativeError(actual, expected)).toBeLessThan(0.02); // what float32 differences resolve
});
