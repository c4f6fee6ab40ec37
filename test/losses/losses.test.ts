import { grads, ones, randomNormal, square, tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dssimLoss,
  featureMatchingLoss,
  klDivergence,
  l1Loss,
  l1ResidualMap,
  l2Loss,
  l2ResidualMap,
  reparameterize,
  ssim,
  ssimLoss,
  vaeLoss,
  withOptions,
} from '../../src/index.js';
import { gradientsOf, relativeError, tensorGrowth, values } from '../support/gradients.js';
import { anyShape, asTensor, noisy, normalNumbers, randomImages, randomNumbers } from '../support/images.js';
import {
  centralDifferences,
  largest,
  largestError,
  perImage,
  referenceDistance,
  referenceKl,
  referenceSsimLoss,
} from '../support/reference.js';
import type { Images } from '../support/reference.js';

const relative = (actual: ArrayLike<number>, expected: ArrayLike<number>): number =>
  relativeError(actual, expected);

const pair = anyShape().chain((shape) =>
  fc.integer().map((seed) => [randomImages(shape, seed), randomImages(shape, seed + 1)] as const),
);

describe('l2Loss and l1Loss', () => {
  test('are the sums of squared and absolute differences', () => {
    fc.assert(
      fc.property(pair, ([x, y]) => {
        expect(
          relative(
            values(() => l2Loss(asTensor(x), asTensor(y))),
            referenceDistance(x, y, 2),
          ),
        ).toBeLessThan(1e-6);
        expect(
          relative(
            values(() => l1Loss(asTensor(x), asTensor(y))),
            referenceDistance(x, y, 1),
          ),
        ).toBeLessThan(1e-6);
      }),
      { numRuns: 30 },
    );
  });

  test('are the sums of their residual maps', () => {
    fc.assert(
      fc.property(pair, ([x, y]) => {
        for (const [loss, map] of [
          [l2Loss, l2ResidualMap],
          [l1Loss, l1ResidualMap],
        ] as const) {
          const total = perImage(
            values(() => map(asTensor(x), asTensor(y))),
            x.shape[0],
          );
          expect(
            relative(
              values(() => loss(asTensor(x), asTensor(y))),
              total,
            ),
          ).toBeLessThan(1e-6);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('have the gradients 2(x̂ − x) and sign(x̂ − x), times dy', () => {
    const [x, y] = [randomImages([2, 5, 7, 3], 1), randomImages([2, 5, 7, 3], 2)];
    const weights = [0.5, -2];
    const difference = Float64Array.from(y.data, (value, k) => value - x.data[k]!);
    const weight = (k: number): number => weights[Math.floor(k / 105)]!;
    const [gx2, gy2] = gradientsOf(l2Loss, x, y, weights);
    expect(
      largestError(
        gy2,
        difference.map((d, k) => 2 * d * weight(k)),
      ),
    ).toBeLessThan(1e-6);
    expect(
      largestError(
        gx2,
        difference.map((d, k) => -2 * d * weight(k)),
      ),
    ).toBeLessThan(1e-6);
    const [gx1, gy1] = gradientsOf(l1Loss, x, y, weights);
    expect(
      largestError(
        gy1,
        difference.map((d, k) => Math.sign(d) * weight(k)),
      ),
    ).toBe(0);
    expect(
      largestError(
        gx1,
        difference.map((d, k) => -Math.sign(d) * weight(k)),
      ),
    ).toBe(0);
  });

  test('keep six digits over a megapixel', () => {
    const shape = [1, 1024, 1024, 1] as const;
    const [x, y] = [randomImages(shape, 3), randomImages(shape, 4)];
    expect(
      relative(
        values(() => l2Loss(asTensor(x), asTensor(y))),
        referenceDistance(x, y, 2),
      ),
    ).toBeLessThan(2e-6);
    expect(
      relative(
        values(() => l1Loss(asTensor(x), asTensor(y))),
        referenceDistance(x, y, 1),
      ),
    ).toBeLessThan(2e-6);
  });
});

describe('ssimLoss and dssimLoss', () => {
  test('are 1 − ssim and half of it', () => {
    fc.assert(
      fc.property(pair, ([x, y]) => {
        const options = { windowSize: 3, padding: 'edge' } as const;
        const loss = values(() => ssimLoss(asTensor(x), asTensor(y), options));
        const index = values(() => ssim(asTensor(x), asTensor(y), options));
        expect(
          largestError(
            loss,
            index.map((value) => 1 - value),
          ),
        ).toBeLessThan(1e-6);
        expect(largestError(loss, referenceSsimLoss(x, y, options))).toBeLessThan(1e-5);
        expect(
          largestError(
            values(() => dssimLoss(asTensor(x), asTensor(y), options)),
            loss.map((value) => value / 2),
          ),
        ).toBe(0);
      }),
      { numRuns: 20 },
    );
  });
});

/** Losses of an image pair, each with what else it takes bound. */
const features = (image: Tensor4D): Tensor[] => [square(image)];
const pairLosses: Readonly<Record<string, (x: Tensor, y: Tensor) => Tensor>> = {
  l2Loss,
  l1Loss,
  ssimLoss: withOptions(ssimLoss, { windowSize: 5 }),
  dssimLoss: withOptions(dssimLoss, { windowSize: 5 }),
  featureMatchingLoss: (x, y) => featureMatchingLoss(x, y, { features: (image) => image, lambda: 2 }),
  vaeLoss: (x, y) => vaeLoss(x, y, { mean: tensor2d([[0], [0]]), logVariance: tensor2d([[0], [0]]) }),
};

describe.each(Object.entries(pairLosses))('%s', (_, loss) => {
  const x = randomImages([2, 6, 7, 2], 5);
  const y = noisy(x, 0.3, 6);

  test('is 0 with a gradient of exactly 0 at equality', () => {
    expect([...values(() => loss(asTensor(x), asTensor(x)))]).toEqual([0, 0]);
    const [gx, gy] = gradientsOf(loss, x, x, [1, 1]);
    expect([largest(gx), largest(gy)]).toEqual([0, 0]);
  });

  test('is above 0 elsewhere, one number for each image', () => {
    const result = values(() => loss(asTensor(x), asTensor(y)));
    expect(result.length).toBe(2);
    expect(Math.min(...result)).toBeGreaterThan(0);
  });

  test('grows memory by its one result, and training it for 100 steps by nothing', () => {
    const [a, b] = [asTensor(x), asTensor(y)];
    const fresh = tensorGrowth(() => tidy(() => loss(a, b)));
    expect(fresh).toBe(1);
    const step = (): void =>
      tidy(() => {
        grads((s: Tensor, t: Tensor) => loss(s, t))([a, b], ones([2]));
      });
    step();
    expect(
      tensorGrowth(() => {
        for (let k = 0; k < 100; k++) step();
      }),
    ).toBe(0);
  });
});

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

describe('featureMatchingLoss', () => {
  const [x, y] = [randomImages([2, 6, 5, 2], 9), randomImages([2, 6, 5, 2], 10)];
  /** x², which has its gradient here without tfjs's. */
  const twoLayers = (image: Tensor4D): Tensor[] => [image, image];

  test('is L2 + λ Σ w ‖F(x) − F(x̂)‖²', () => {
    const l2 = referenceDistance(x, y, 2);
    const result = values(() =>
      featureMatchingLoss(asTensor(x), asTensor(y), {
        features: twoLayers,
        lambda: 0.5,
        layerWeights: [1, 3],
      }),
    );
    expect(
      relative(
        result,
        l2.map((value) => value * (1 + 0.5 * 4)),
      ),
    ).toBeLessThan(1e-6);
  });

  test('with squares as features, whose value is theirs', () => {
    const squares = (images: Images): Images => ({
      shape: images.shape,
      data: Float64Array.from(images.data, (v) => v * v),
    });
    const expected = referenceDistance(x, y, 2).map(
      (value, n) => value + referenceDistance(squares(x), squares(y), 2)[n]!,
    );
    expect(
      relative(
        values(() => featureMatchingLoss(asTensor(x), asTensor(y), { features })),
        expected,
      ),
    ).toBeLessThan(1e-6);
  });

  test('lets no gradient flow into F(x): that of x is the pixels’ alone', () => {
    const [gx, gy] = gradientsOf(
      (a, b) => featureMatchingLoss(a, b, { features: (image) => image, lambda: 3 }),
      x,
      y,
      [1, 1],
    );
    const difference = Float64Array.from(y.data, (value, k) => value - x.data[k]!);
    expect(
      largestError(
        gx,
        difference.map((d) => -2 * d),
      ),
    ).toBeLessThan(1e-5);
    expect(
      largestError(
        gy,
        difference.map((d) => 2 * d + 6 * d),
      ),
    ).toBeLessThan(1e-5);
  });

  test('normalised to unit length: blind to the scale of a feature vector, with the right gradient', () => {
    const unit = { features: (image: Tensor4D) => image, normalize: 'unit' } as const;
    const doubled = { shape: x.shape, data: Float32Array.from(x.data, (value) => 2 * value) };
    const l2 = referenceDistance(x, doubled, 2);
    expect(
      relative(
        values(() => featureMatchingLoss(asTensor(x), asTensor(doubled), unit)),
        l2,
      ),
    ).toBeLessThan(1e-5);

    const small: Images = { shape: [1, 2, 2, 2], data: Array.from(x.data).slice(0, 8) };
    const other: Images = { shape: [1, 2, 2, 2], data: Array.from(y.data).slice(0, 8) };
    const normalised = (data: ArrayLike<number>): number[] =>
      Array.from(data, (value, k) => {
        const [p, q] = [data[k - (k % 2)]!, data[k - (k % 2) + 1]!];
        return value / Math.sqrt(p * p + q * q + 1e-10);
      });
    const target = normalised(small.data);
    const expected = centralDifferences((data) => {
      const unitVectors = normalised(data);
      return Array.from(
        data,
        (value, k) => (value - small.data[k]!) ** 2 + (unitVectors[k]! - target[k]!) ** 2,
      ).reduce((sum, value) => sum + value, 0);
    }, other.data);
    const [, gy] = gradientsOf((a, b) => featureMatchingLoss(a, b, unit), small, other, [1]);
    expect(relativeError(gy, expected)).toBeLessThan(1e-4);
  });

  test('calls the extractor once for each image, and keeps nothing when it throws', () => {
    const [a, b] = [asTensor(x), asTensor(y)];
    let calls = 0;
    const counted = (image: Tensor4D): Tensor => {
      calls++;
      if (calls === 4) throw new Error('the extractor failed');
      return image;
    };
    tidy(() => featureMatchingLoss(a, b, { features: counted }));
    expect(calls).toBe(2);
    expect(
      tensorGrowth(() => {
        expect(() => featureMatchingLoss(a, b, { features: counted })).toThrow('the extractor failed');
      }),
    ).toBe(0);
    expect(a.isDisposed || b.isDisposed).toBe(false);
  });

  test('leaves alone a tensor of his own that the extractor returns', () => {
    const own = tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const [a, b] = [asTensor(x), asTensor(y)];
    expect(tensorGrowth(() => featureMatchingLoss(a, b, { features: () => own }))).toBe(1);
    expect([...own.dataSync()]).toEqual([1, 2, 3, 4]);
  });
});

describe('withOptions', () => {
  test('binds options and has a name of its own', () => {
    const loss = withOptions(ssimLoss, { dataRange: 255 });
    expect(loss.name).toBe('ssimLoss');
    expect(loss.length).toBe(2);
    expect(withOptions(ssimLoss, { windowSize: 7 }, 'ssim7').name).toBe('ssim7');
    const [x, y] = [randomImages([1, 12, 12, 1], 11, 255), randomImages([1, 12, 12, 1], 12, 255)];
    expect([...values(() => loss(asTensor(x), asTensor(y)))]).toEqual([
      ...values(() => ssimLoss(asTensor(x), asTensor(y), { dataRange: 255 })),
    ]);
  });
});

test('randomNormal of tfjs is what its seed says, on which reparameterize relies', () => {
  tidy(() => {
    const draw = (): Float32Array => randomNormal([5], 0, 1, 'float32', 7).dataSync<'float32'>();
    expect([...draw()]).toEqual([...draw()]);
  });
});
