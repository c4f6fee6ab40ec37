import { grads, ones, randomNormal, tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { klDivergence, reparameterize, vaeLoss } from '../../src/index.js';
import { relativeError, values } from '../support/gradients.js';
import { asTensor, normalNumbers, randomImages, randomNumbers } from '../support/images.js';
import { largest, largestError, referenceDistance, referenceKl } from '../support/reference.js';

const relative = (actual: ArrayLike<number>, expected: ArrayLike<number>): number =>
  relativeError(actual, expected);

describe('klDivergence', () => {
  const latents = fc
    .tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer(),
      fc.constantFrom(0, 0.01, 1, 3),
    )
    .map(([batch, size, seed, scale]) => {
      const normal = normalNumbers(randomNumbers(seed));
      const draw = (): Float32Array => Float32Array.from({ length: batch * size }, () => scale * normal());
      return { batch, size, mean: draw(), logVariance: draw() };
    });

  test('is the closed form, ≥ 0, a sum over latents', () => {
    fc.assert(
      fc.property(latents, ({ batch, size, mean, logVariance }) => {
        const result = values(() =>
          klDivergence({
            mean: tensor2d(mean, [batch, size]),
            logVariance: tensor2d(logVariance, [batch, size]),
          }),
        );
        for (const value of result) expect(value).toBeGreaterThanOrEqual(0);
        expect(relative(result, referenceKl(mean, logVariance, batch))).toBeLessThan(1e-5);
      }),
    );
  });

  test('is 0 at the prior, with gradient 0', () => {
    tidy(() => {
      const zero = tensor2d([[0, 0, 0]]);
      expect([...klDivergence({ mean: zero, logVariance: zero }).dataSync()]).toEqual([0]);
      const [gm, gv] = grads((mean: Tensor, logVariance: Tensor) => klDivergence({ mean, logVariance }))([
        zero,
        zero,
      ]);
      expect([largest(gm!.dataSync()), largest(gv!.dataSync())]).toEqual([0, 0]);
    });
  });

  test('has the gradients μ and ½(σ² − 1), also for latents with axes', () => {
    tidy(() => {
      const mean = tensor([0.5, -1, 0, 2], [1, 2, 1, 2]);
      const logVariance = tensor([0, 0.5, -1, 0.25], [1, 2, 1, 2]);
      const [gm, gv] = grads((m: Tensor, v: Tensor) => klDivergence({ mean: m, logVariance: v }))([
        mean,
        logVariance,
      ]);
      expect(largestError(gm!.dataSync(), mean.dataSync())).toBeLessThan(1e-6);
      expect(
        largestError(
          gv!.dataSync(),
          [0, 0.5, -1, 0.25].map((v) => (Math.exp(v) - 1) / 2),
        ),
      ).toBeLessThan(1e-6);
    });
  });

  test.each([-100, -50, 50, 100])('is finite at a log-variance of %d, value and gradient', (v) => {
    tidy(() => {
      const [mean, logVariance] = [tensor2d([[0, 0]]), tensor2d([[v, v]])];
      expect(Number.isFinite(klDivergence({ mean, logVariance }).dataSync()[0])).toBe(true);
      const [, gv] = grads((m: Tensor, lv: Tensor) => klDivergence({ mean: m, logVariance: lv }))([
        mean,
        logVariance,
      ]);
      expect(Number.isFinite(gv!.dataSync()[0])).toBe(true);
    });
  });
});

describe('reparameterize', () => {
  const posterior = (): { mean: Tensor; logVariance: Tensor } => ({
    mean: tensor2d([[1, 2, 3]]),
    logVariance: tensor2d([[-1, 0, 1]]),
  });

  test('is reproducible by its seed, and differs without one', () => {
    tidy(() => {
      const first = reparameterize(posterior(), { seed: 3 }).dataSync();
      expect([...reparameterize(posterior(), { seed: 3 }).dataSync()]).toEqual([...first]);
      expect([...reparameterize(posterior(), { seed: 4 }).dataSync()]).not.toEqual([...first]);
      expect([...reparameterize(posterior()).dataSync()]).not.toEqual([
        ...reparameterize(posterior()).dataSync(),
      ]);
    });
  });

  test('has mean μ and deviation σ over many latents', () => {
    tidy(() => {
      const size = 20_000;
      const mean = tensor2d(new Float32Array(size).fill(2), [1, size]);
      const logVariance = tensor2d(new Float32Array(size).fill(Math.log(0.25)), [1, size]);
      const z = reparameterize({ mean, logVariance }, { seed: 1 }).dataSync<'float32'>();
      const average = z.reduce((sum, value) => sum + value, 0) / size;
      const variance = z.reduce((sum, value) => sum + (value - average) ** 2, 0) / size;
      expect(Math.abs(average - 2)).toBeLessThan(0.02);
      expect(Math.abs(Math.sqrt(variance) - 0.5)).toBeLessThan(0.02);
    });
  });

  test('passes the gradient to μ as it is, and to log σ² times ½(z − μ)', () => {
    tidy(() => {
      const { mean, logVariance } = posterior();
      const z = reparameterize({ mean, logVariance }, { seed: 5 }).dataSync();
      const dy = tensor2d([[1, -2, 0.5]]);
      const [gm, gv] = grads((m: Tensor, v: Tensor) =>
        reparameterize({ mean: m, logVariance: v }, { seed: 5 }),
      )([mean, logVariance], dy);
      expect([...gm!.dataSync()]).toEqual([1, -2, 0.5]);
      const expected = [1, -2, 0.5].map((d, k) => (d * (z[k]! - (k + 1))) / 2);
      expect(largestError(gv!.dataSync(), expected)).toBeLessThan(1e-6);
    });
  });
});

test('randomNormal of tfjs is what its seed says, on which reparameterize relies', () => {
  tidy(() => {
    const draw = (): Float32Array => randomNormal([5], 0, 1, 'float32', 7).dataSync<'float32'>();
    expect([...draw()]).toEqual([...draw()]);
  });
});

describe('vaeLoss', () => {
  test('is L2 + β KL, with the gradients of both', () => {
    const [x, y] = [randomImages([2, 4, 5, 1], 7), randomImages([2, 4, 5, 1], 8)];
    const mean = tensor2d([
      [0.5, -1],
      [1, 0],
    ]);
    const logVariance = tensor2d([
      [0.1, -0.3],
      [0, 1],
    ]);
    for (const beta of [0, 1, 4]) {
      const l2 = referenceDistance(x, y, 2);
      const kl = referenceKl(mean.dataSync(), logVariance.dataSync(), 2);
      const result = values(() => vaeLoss(asTensor(x), asTensor(y), { mean, logVariance }, { beta }));
      expect(
        relative(
          result,
          l2.map((value, n) => value + beta * kl[n]!),
        ),
      ).toBeLessThan(1e-6);
      tidy(() => {
        const [gy, gm] = grads((b: Tensor, m: Tensor) =>
          vaeLoss(asTensor(x), b, { mean: m, logVariance }, { beta }),
        )([asTensor(y), mean], ones([2]));
        expect(
          largestError(
            gy!.dataSync(),
            Float64Array.from(y.data, (value, k) => 2 * (value - x.data[k]!)),
          ),
        ).toBeLessThan(1e-6);
        expect(
          largestError(
            gm!.dataSync(),
            Float64Array.from(mean.dataSync(), (mu) => beta * mu),
          ),
        ).toBeLessThan(1e-6);
      });
    }
  });
});
