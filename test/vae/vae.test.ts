// The likelihoods and divergences of variational autoencoders, and the schedules of their weight.
import {
  grad,
  grads,
  memory,
  scalar,
  tensor,
  tensor1d,
  tensor4d,
  tidy,
  variable,
  zeros,
} from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cyclicalAnnealing,
  klDivergence,
  l1Loss,
  linearAnnealing,
  reparameterize,
  ssimLoss,
  vaeLoss,
  vaeResidualMap,
  withOptions,
} from '../../src/index.js';
import type { VaeLossOptions } from '../../src/index.js';
import fixtures from '../fixtures/vae.json';
import { relativeError, tensorGrowth, values } from '../support/gradients.js';
import { asTensor, randomImages } from '../support/images.js';
import { centralDifferences, largestError } from '../support/reference.js';

const arrays = fixtures.arrays as Record<string, { shape: number[]; data: number[] }>;
const cases = fixtures.cases as unknown as Record<
  string,
  { value: number[]; gradients: Record<string, number[]> }
>;
const array = (name: string): Tensor => tensor(arrays[name]!.data, arrays[name]!.shape);
const unit = (): { mean: Tensor; logVariance: Tensor } => ({
  mean: zeros([2, 3]),
  logVariance: zeros([2, 3]),
});

function agrees(
  name: string,
  inputs: string[],
  f: (...given: Tensor[]) => Tensor,
  dy = tensor1d([1, -2]),
): void {
  const { value, gradients } = cases[name]!;
  const actual = values(() => f(...inputs.map(array)));
  expect(relativeError(actual, value)).toBeLessThan(1e-6);
  const slopes = tidy(() => grads(f)(inputs.map(array), dy).map((g) => g.dataSync<'float32'>().slice()));
  slopes.forEach((slope, k) => {
    const expected = gradients[inputs[k]!];
    if (expected !== undefined) expect(relativeError(slope, expected)).toBeLessThan(1e-6);
  });
}

describe('PyTorch’s distributions', () => {
  const loss =
    (options: VaeLossOptions) =>
    (x: Tensor, y: Tensor): Tensor =>
      vaeLoss(x, y, unit(), options);

  test('gaussian', () => {
    agrees('gaussian 0.3', ['x', 'y'], loss({ sigma: 0.3 }));
  });
  test('laplace', () => {
    agrees('laplace 0.2', ['x', 'y'], loss({ likelihood: 'laplace', sigma: 0.2 }));
  });
  test('bernoulli', () => {
    agrees('bernoulli', ['x', 'logits'], loss({ likelihood: 'bernoulli' }));
  });
  test('optimal sigma', () => {
    agrees('optimal', ['x', 'y'], loss({ sigma: 'optimal' }));
  });
  test('learned sigma', () => {
    agrees('logSigma', ['x', 'y', 'logSigma'], (x, y, s) => vaeLoss(x, y, unit(), { logSigma: s }));
  });
  test('divergence from the unit Gaussian, and from another', () => {
    agrees('kl unit', ['mean', 'logVariance'], (mean, logVariance) =>
      klDivergence({ mean: mean, logVariance: logVariance }),
    );
    agrees(
      'kl',
      ['mean', 'logVariance', 'priorMean', 'priorLogVariance'],
      (mean, logVariance, priorMean, priorLogVariance) =>
        klDivergence(
          { mean: mean, logVariance: logVariance },
          { mean: priorMean, logVariance: priorLogVariance },
        ),
    );
  });
  test.each(['meanOfLogs', 'logOfMean'] as const)('reconstruction probability, %s', (aggregate) => {
    const shape = arrays['x']!.shape.slice(0, 3);
    const ramp = tensor4d(
      Float32Array.from({ length: 40 }, (_, k) => Math.cos(k)),
      [shape[0]!, shape[1]!, shape[2]!, 1],
    );
    const f = (y: Tensor): Tensor => {
      const x = array('x');
      return vaeResidualMap(
        x,
        [
          y,
          tensor(
            arrays['x']!.data.map((v) => v / 2),
            x.shape,
          ),
          array('logSigma'),
        ],
        {
          sigma: 0.3,
          aggregate,
        },
      );
    };
    agrees(aggregate, ['y'], f, ramp as unknown as ReturnType<typeof tensor1d>);
  });
});

describe('properties', () => {
  const x = randomImages([2, 5, 6, 1], 1);
  const y = randomImages([2, 5, 6, 1], 2);
  const run = (options: VaeLossOptions, posterior = unit()): Float32Array =>
    values(() => vaeLoss(asTensor(x), asTensor(y), posterior, options));

  test('a fixed sigma scales and shifts the plain loss', () => {
    const plain = run({});
    const sigma = 0.2;
    const expected = plain.map(
      (s) => s / (2 * sigma ** 2) + 30 * (Math.log(sigma) + 0.5 * Math.log(2 * Math.PI)),
    );
    expect(relativeError(run({ sigma }), expected)).toBeLessThan(1e-6);
  });

  test('the optimal sigma is the one that a search finds', () => {
    const best = [0, 1].map((n) =>
      Math.min(...Array.from({ length: 800 }, (_, k) => run({ sigma: 0.2 + k * 1e-3 })[n]!)),
    );
    expect(largestError(run({ sigma: 'optimal' }), best)).toBeLessThan(1e-3);
  });

  test('one learned log sigma for all pixels is a fixed sigma, and its gradient a sum', () => {
    for (const shape of [[], [1], [1, 1, 1, 1]]) {
      const logSigma = shape.length === 0 ? scalar(Math.log(0.4)) : tensor([Math.log(0.4)], shape);
      expect(relativeError(run({ logSigma }), run({ sigma: 0.4 }))).toBeLessThan(1e-6);
      const slope = values(() =>
        grad((given: Tensor) => vaeLoss(asTensor(x), asTensor(y), unit(), { logSigma: given }))(logSigma),
      );
      const at = (v: number): number => run({ sigma: Math.exp(v) }).reduce((sum, value) => sum + value, 0);
      const numeric = (at(Math.log(0.4) + 1e-2) - at(Math.log(0.4) - 1e-2)) / 2e-2;
      expect(slope).toHaveLength(1);
      expect(Math.abs(slope[0]! / numeric - 1)).toBeLessThan(1e-3);
    }
  });

  test('a variable is learned', () => {
    const logSigma = variable(scalar(0));
    const slope = values(() =>
      grad((s: Tensor) => vaeLoss(asTensor(x), asTensor(y), unit(), { logSigma: s }))(logSigma),
    );
    expect(slope[0]).not.toBe(0);
    logSigma.dispose();
  });

  test('capacity: the distance of the divergence from C', () => {
    const posterior = (): { mean: Tensor; logVariance: Tensor } => ({
      mean: tensor([1, 0, 2, 0, 0, 0], [2, 3]),
      logVariance: zeros([2, 3]),
    });
    const plain = run({ beta: 0 });
    const actual = run({ beta: 3, capacity: 1 }, posterior());
    // KL is 2.5 and 0.
    expect(largestError(actual, [plain[0]! + 3 * 1.5, plain[1]! + 3])).toBeLessThan(1e-5);
  });

  test('free bits: each latent counts at least λ, by its mean over the batch', () => {
    const posterior = (): { mean: Tensor; logVariance: Tensor } => ({
      mean: tensor([1, 0, 2, 1, 0.5, 0], [2, 3]),
      logVariance: zeros([2, 3]),
    });
    // Means over the batch of ½ μ²: 0.5, 0.0625, 1.
    const plain = run({ beta: 0 });
    const actual = run({ beta: 2, freeBits: 0.25 }, posterior());
    expect(
      largestError(
        actual,
        plain.map((value) => value + 2 * 1.75),
      ),
    ).toBeLessThan(1e-5);
    const slope = values(() =>
      grad((mean: Tensor) =>
        vaeLoss(asTensor(x), asTensor(y), { mean, logVariance: zeros([2, 3]) }, { freeBits: 0.25 }),
      )(posterior().mean),
    );
    // dy is 1 for both images, so each latent that counts has 2 · μ / 2.
    expect(largestError(slope, [1, 0, 2, 1, 0, 0])).toBeLessThan(1e-6);
  });

  test('any loss as the reconstruction term', () => {
    const images = [randomImages([2, 12, 12, 1], 3), randomImages([2, 12, 12, 1], 4)].map(asTensor) as [
      Tensor4D,
      Tensor4D,
    ];
    for (const reconstruction of [ssimLoss, l1Loss, withOptions(ssimLoss, { windowSize: 7 })] as const) {
      const expected = values(() => reconstruction(...images));
      expect(
        largestError(
          values(() => vaeLoss(...images, unit(), { reconstruction })),
          expected,
        ),
      ).toBeLessThan(1e-6);
      const [a, b] = tidy(() => [
        grad((p: Tensor) => vaeLoss(images[0], p, unit(), { reconstruction }))(images[1])
          .dataSync<'float32'>()
          .slice(),
        grad((p: Tensor) => reconstruction(images[0], p))(images[1])
          .dataSync<'float32'>()
          .slice(),
      ]);
      expect(relativeError(a, b)).toBeLessThan(1e-6);
    }
  });

  test('weights leave pixels out', () => {
    const weights = tensor4d(
      Float32Array.from({ length: 60 }, (_, k) => (k % 2 === 0 ? 1 : 0)),
      [2, 5, 6, 1],
    );
    for (const options of [
      {},
      { sigma: 0.3 },
      { likelihood: 'laplace' },
      { likelihood: 'bernoulli' },
    ] as const) {
      const odd = tensor4d(
        Array.from(x.data).filter((_, k) => k % 2 === 0),
        [2, 5, 3, 1],
      );
      const even = tensor4d(
        Array.from(y.data).filter((_, k) => k % 2 === 0),
        [2, 5, 3, 1],
      );
      const expected = values(() => vaeLoss(odd, even, unit(), options));
      expect(relativeError(run({ ...options, weights }), expected)).toBeLessThan(1e-6);
    }
  });
});

describe('extremes stay finite, in value and gradient', () => {
  const finite = (f: (...given: Tensor[]) => Tensor, inputs: Tensor[]): void => {
    expect(values(() => f(...inputs)).every(Number.isFinite)).toBe(true);
    for (const g of tidy(() => grads(f)(inputs).map((t) => t.dataSync<'float32'>().slice()))) {
      expect(g.every(Number.isFinite)).toBe(true);
    }
  };
  const vector = (...data: number[]): Tensor => tensor(data, [1, data.length]);

  test('log-variances of ±100, of the posterior and of the prior', () => {
    for (const v of [-100, 100]) {
      finite((m, l) => klDivergence({ mean: m, logVariance: l }), [vector(1, -2), vector(v, v)]);
      for (const p of [-100, 0, 100]) {
        finite(
          (m, l, pm, pl) => klDivergence({ mean: m, logVariance: l }, { mean: pm, logVariance: pl }),
          [vector(1, -2), vector(v, v), vector(0.5, 3), vector(p, p)],
        );
      }
      finite(
        (m, l) => reparameterize({ mean: m, logVariance: l }, { seed: 1 }),
        [vector(1, 2), vector(v, v)],
      );
      for (const options of [{}, { capacity: 3 }, { freeBits: 1 }] as const) {
        finite(
          (m, l) => vaeLoss(zeros([1, 2, 2, 1]), zeros([1, 2, 2, 1]), { mean: m, logVariance: l }, options),
          [vector(1, -2), vector(v, v)],
        );
      }
    }
  });

  test('logits of ±100, log sigmas of ±100, equal images', () => {
    const image = tensor4d([0, 1, 0.5, 1], [1, 2, 2, 1]);
    const one = { mean: zeros([1, 2]), logVariance: zeros([1, 2]) };
    const logits = tensor4d([100, -100, 100, 100], [1, 2, 2, 1]);
    finite((x, l) => vaeLoss(x, l, one, { likelihood: 'bernoulli' }), [image, logits]);
    const exact = values(() => vaeLoss(image, logits, one, { likelihood: 'bernoulli' }));
    expect(Math.abs(exact[0]! - 250)).toBeLessThan(1e-3);
    for (const s of [-100, 100])
      finite((x, l) => vaeLoss(x, image, one, { logSigma: l }), [zeros([1, 2, 2, 1]), scalar(s)]);
    finite((x, y) => vaeLoss(x, y, one, { sigma: 'optimal' }), [image, image]);
    const slope = values(() => grad((y: Tensor) => vaeLoss(image, y, one, { sigma: 'optimal' }))(image));
    expect([...slope]).toEqual([0, 0, 0, 0]);
  });

  test('samples that do not explain a pixel at all', () => {
    const [x, far] = [zeros([1, 1, 2, 1]), tensor4d([1000, 2000], [1, 1, 2, 1])];
    finite(
      (y) =>
        vaeResidualMap(x, [y, tensor4d([900, 100], [1, 1, 2, 1])], { sigma: 0.1, aggregate: 'logOfMean' }),
      [far],
    );
  });
});

test('gradients of the divergence: central differences in float64', () => {
  fc.assert(
    fc.property(fc.nat(1000), (seed) => {
      const numbers = Array.from(randomImages([1, 4, 3, 1], seed).data, (v) => 3 * v - 1.5);
      const parts = (all: ArrayLike<number>): number[][] =>
        [0, 3, 6, 9].map((at) => Array.from(all).slice(at, at + 3));
      const reference = (all: ArrayLike<number>): number => {
        const [m, v, pm, pv] = parts(all) as [number[], number[], number[], number[]];
        return m.reduce(
          (sum, mu, j) =>
            sum +
            0.5 * ((mu - pm[j]!) ** 2 / Math.exp(pv[j]!) + Math.exp(v[j]! - pv[j]!) - 1 - v[j]! + pv[j]!),
          0,
        );
      };
      const actual = tidy(() =>
        grads((m: Tensor, v: Tensor, pm: Tensor, pv: Tensor) =>
          klDivergence({ mean: m, logVariance: v }, { mean: pm, logVariance: pv }),
        )(parts(numbers).map((part) => tensor(part, [1, 3]))).flatMap((g) => Array.from(g.dataSync())),
      );
      expect(relativeError(actual, centralDifferences(reference, numbers))).toBeLessThan(1e-5);
    }),
    { numRuns: 20 },
  );
});

describe('schedules', () => {
  test('linear: from, up the line, to', () => {
    const beta = linearAnnealing({ start: 10, steps: 30, from: 0.5, to: 2.5 });
    expect([0, 10, 20, 30, 99].map(beta)).toEqual([0.5, 0.5, 1.5, 2.5, 2.5]);
  });

  test('cyclical: as many rises as cycles, each up to `to`, which it keeps', () => {
    const beta = cyclicalAnnealing({ steps: 400, cycles: 4, ratio: 0.5 });
    expect([0, 25, 50, 75, 99.9, 100, 350, 400, 1000].map(beta)).toEqual([0, 0.5, 1, 1, 1, 0, 1, 1, 1]);
    expect(cyclicalAnnealing({ steps: 10, cycles: 1, ratio: 1 })(5)).toBe(0.5);
  });

  test.each([
    [() => linearAnnealing({ steps: 0 }), 'linearAnnealing: steps must be a finite number > 0, but got 0.'],
    [
      () => linearAnnealing({ steps: 5, start: 5 }),
      'linearAnnealing: steps must be a finite number > 5, but got 5.',
    ],
    [
      () => linearAnnealing({ steps: 5, to: NaN }),
      'linearAnnealing: to must be a finite number, but got NaN.',
    ],
    [() => linearAnnealing({ step: 5 } as never), 'linearAnnealing: unknown option "step"'],
    [
      () => cyclicalAnnealing({ steps: 10, cycles: 1.5 }),
      'cyclicalAnnealing: cycles must be a whole number ≥ 1, but got 1.5.',
    ],
    [
      () => cyclicalAnnealing({ steps: 10, ratio: 2 }),
      'cyclicalAnnealing: ratio must be a finite number > 0 and ≤ 1, but got 2.',
    ],
    [
      () => cyclicalAnnealing({ steps: -1 }),
      'cyclicalAnnealing: steps must be a finite number > 0, but got -1.',
    ],
  ] as const)('rejects %#', (call, text) => {
    expect(call).toThrow(text);
  });
});

describe('rejects', () => {
  const image = zeros([2, 4, 4, 1]);
  const call = (options: unknown) => () => vaeLoss(image, image, unit(), options as VaeLossOptions);
  test.each([
    [
      { likelihood: 'poisson' },
      TypeError,
      "likelihood must be one of 'gaussian', 'laplace', 'bernoulli', but got \"poisson\".",
    ],
    [{ sigma: 0 }, RangeError, 'sigma must be a finite number > 0, but got 0.'],
    [{ likelihood: 'bernoulli', sigma: 1 }, RangeError, "likelihood 'bernoulli' has no sigma"],
    [
      { likelihood: 'laplace', sigma: 'optimal' },
      RangeError,
      "sigma: 'optimal' is for the likelihood 'gaussian', not for 'laplace'.",
    ],
    [
      { likelihood: 'laplace', logSigma: scalar(0) },
      RangeError,
      "logSigma is for the likelihood 'gaussian', not for 'laplace'.",
    ],
    [{ sigma: 1, logSigma: scalar(0) }, RangeError, 'sigma and logSigma exclude each other'],
    [{ logSigma: 0 }, TypeError, 'logSigma must be a tensor, but got 0.'],
    [
      { logSigma: zeros([2, 4, 4, 3]) },
      RangeError,
      "logSigma must be one number or have the images' shape [2, 4, 4, 1]",
    ],
    [{ capacity: 1, freeBits: 1 }, RangeError, 'capacity and freeBits exclude each other'],
    [{ capacity: -1 }, RangeError, 'capacity must be a finite number ≥ 0, but got -1.'],
    [{ freeBits: NaN }, RangeError, 'freeBits must be a finite number ≥ 0, but got NaN.'],
    [
      { reconstruction: 'ssim' },
      TypeError,
      'reconstruction must be a function of (yTrue, yPred), such as ssimLoss, but got "ssim".',
    ],
    [{ reconstruction: ssimLoss, sigma: 1 }, RangeError, 'reconstruction and sigma exclude each other'],
    [
      { reconstruction: (x: Tensor) => x },
      RangeError,
      'reconstruction must return one number for each of the 2 images',
    ],
    [{ sigma: 'optimal', weights: zeros([2, 4, 4, 1]) }, RangeError, "sigma: 'optimal' takes no weights"],
    [{ weights: zeros([2, 4, 4, 3]) }, RangeError, 'weights must have one number for each pixel'],
  ] as const)('vaeLoss, %#', (options, error, text) => {
    const given = memory().numTensors;
    const posteriorTensors = 2;
    expect(call(options)).toThrow(error);
    expect(call(options)).toThrow(`vaeLoss: ${text}`);
    expect(memory().numTensors - given).toBe(2 * posteriorTensors); // those of `unit`
  });

  test('klDivergence, the prior', () => {
    const p = unit();
    expect(() => klDivergence(p, 3 as never)).toThrow(
      'klDivergence: prior: the posterior must be { mean, logVariance }',
    );
    expect(() => klDivergence(p, { mean: zeros([2, 4]), logVariance: zeros([2, 4]) })).toThrow(
      'mean and the mean of the prior must have the same shape',
    );
  });

  test('vaeResidualMap', () => {
    const samples = [image];
    expect(() => vaeResidualMap(image, samples, { aggregate: 'mean' as never })).toThrow(
      'aggregate must be one of',
    );
    expect(() => vaeResidualMap(image, samples, { likelihood: 'bernoulli', sigma: 1 })).toThrow(
      'has no sigma',
    );
  });
});

test('memory: nothing but the result', () => {
  const [x, y] = [asTensor(randomImages([2, 4, 4, 1], 1)), asTensor(randomImages([2, 4, 4, 1], 2))];
  const posterior = unit();
  const logSigma = scalar(0);
  for (const options of [
    { sigma: 0.1 },
    { sigma: 'optimal' },
    { likelihood: 'laplace' },
    { likelihood: 'bernoulli' },
    { logSigma },
    { capacity: 1 },
    { freeBits: 1 },
    { reconstruction: l1Loss },
  ] as const) {
    expect(tensorGrowth(() => vaeLoss(x, y, posterior, options))).toBe(1);
    expect(
      tensorGrowth(() => {
        tidy(() => {
          grads((a: Tensor, m: Tensor) => vaeLoss(a, y, { ...posterior, mean: m }, options))([
            x,
            posterior.mean,
          ]);
        });
      }),
    ).toBe(0);
  }
  expect(tensorGrowth(() => klDivergence(posterior, posterior))).toBe(1);
  expect(tensorGrowth(() => vaeResidualMap(x, [y, x], { aggregate: 'logOfMean' }))).toBe(1);
});
