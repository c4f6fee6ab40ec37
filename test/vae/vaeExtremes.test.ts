// Log-variances, log sigmas and seeds over the whole range of numbers, and inputs that are not finite.
import { grads, randomNormal, tensor, tensor4d, tidy, zeros } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  klDivergence,
  reparameterize,
  ssimLoss,
  vaeLoss,
  vaeResidualMap,
  withOptions,
} from '../../src/index.js';
import type { VaeLossOptions } from '../../src/index.js';
import { values } from '../support/gradients.js';
import { asTensor, randomImages } from '../support/images.js';

const largest = 3.4028234663852886e38;

/** Numbers of float32 from its largest to its smallest, in order, with some at random. */
const numbers: fc.Arbitrary<Float32Array> = fc
  .array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 40, maxLength: 40 })
  .map((random) => {
    const positive = [
      1e-45,
      1e-30,
      1e-6,
      0.1,
      0.25,
      0.26,
      1,
      3,
      10,
      59,
      60,
      61,
      88,
      89,
      100,
      1e3,
      1e10,
      1e25,
      1e38,
      largest,
    ];
    return Float32Array.from([...random, ...positive, ...positive.map((v) => -v), 0]).sort();
  });

/** A number for each row of a batch. */
const column = (numbers: ArrayLike<number>, fill?: number): Tensor =>
  tensor(
    Float32Array.from(numbers, (v) => fill ?? v),
    [numbers.length, 1],
  );

function valueAndGradients(f: (...given: Tensor[]) => Tensor, given: Tensor[]): Float32Array[] {
  return tidy(() => [f(...given), ...grads(f)(given)].map((t) => t.dataSync<'float32'>().slice()));
}

/** Never falls along the numbers for which `rises`, never rises along the others. */
function expectMonotone(at: Float32Array, value: ArrayLike<number>, rises: (v: number) => boolean): void {
  for (let k = 1; k < at.length; k++) {
    const [before, after] = [value[k - 1]!, value[k]!];
    if (before === after) continue;
    // What float32 rounds may go either way.
    const slack = 1e-6 * Math.abs(after);
    const right = rises(at[k - 1]!) ? after >= before - slack : rises(at[k]!) || after <= before + slack;
    expect(right, `${before} at ${at[k - 1]!}, ${after} at ${at[k]!}`).toBe(true);
  }
}

const many = { numRuns: 10 };

describe('the divergence over all log-variances', () => {
  test('from the unit Gaussian: rises on both sides of 0, finite, with the gradient’s sign; the formula up to 60', () => {
    fc.assert(
      fc.property(numbers, (v) => {
        const [value, byMean, byV] = valueAndGradients(
          (m, l) => klDivergence({ mean: m, logVariance: l }),
          [column(v, 0), column(v)],
        ) as [Float32Array, Float32Array, Float32Array];
        expectMonotone(v, value, (at) => at >= 0);
        v.forEach((at, k) => {
          expect(value[k]! >= 0 && Number.isFinite(value[k]!), `${value[k]!} at ${at}`).toBe(true);
          expect(byMean[k]!).toBe(0);
          expect(Number.isFinite(byV[k]!) && byV[k]! * Math.sign(at) >= 0, `slope ${byV[k]!} at ${at}`).toBe(
            true,
          );
          if (Math.abs(at) > 1e-3 && Math.abs(at) <= 60) {
            expect(Math.abs(value[k]! / (0.5 * (Math.expm1(at) - at)) - 1)).toBeLessThan(1e-5);
          }
        });
      }),
      many,
    );
  });

  test.each([-largest, -100, -60, 0, 2, 60, 100, largest])('from a Gaussian of log-variance %d', (prior) => {
    fc.assert(
      fc.property(numbers, (v) => {
        for (const distance of [0, 2]) {
          const f = (m: Tensor, l: Tensor, p: Tensor): Tensor =>
            klDivergence({ mean: m, logVariance: l }, { mean: zeros([v.length, 1]), logVariance: p });
          const [value, , byV] = valueAndGradients(f, [column(v, distance), column(v), column(v, prior)]);
          expectMonotone(v, value!, (at) => at >= prior);
          // Finite where the exponent is: its difference can leave float32.
          v.forEach((at, k) => {
            const ratio = Math.fround(at - prior);
            expect(value![k]! >= 0 && byV![k]! * Math.sign(at - prior) >= 0).toBe(true);
            if (Number.isFinite(ratio)) expect(Number.isFinite(value![k]!), `at ${at}`).toBe(true);
          });
          // As a function of the prior it rises towards −∞ whatever the distance.
          const [turned, , , byPrior] = valueAndGradients(f, [
            column(v, distance),
            column(v, prior),
            column(v),
          ]);
          expectMonotone(
            v.filter((at) => at <= prior),
            turned!,
            () => false,
          );
          v.forEach((at, k) => {
            if (at < prior) expect(byPrior![k]!).toBeLessThanOrEqual(0);
          });
        }
      }),
      many,
    );
  });

  test.each([{}, { capacity: 1 }, { freeBits: 0.5 }, { beta: 3 }])('in vaeLoss, %o', (options) => {
    fc.assert(
      fc.property(numbers, (v) => {
        // Free bits are shared by the batch: one image each.
        const value = Array.from(
          v,
          (at) =>
            values(() =>
              vaeLoss(
                zeros([1, 1, 1, 1]),
                zeros([1, 1, 1, 1]),
                { mean: zeros([1, 1]), logVariance: column([at]) },
                options,
              ),
            )[0]!,
        );
        expectMonotone(
          v.filter((at) => at >= 4),
          value.slice(v.findIndex((at) => at >= 4)),
          () => true,
        );
        expect(value.every((each) => Number.isFinite(each) || (options.beta ?? 1) > 1)).toBe(true);
      }),
      { numRuns: 2 },
    );
  });
});

test('a learned log σ: below that of the difference the loss rises again, with the gradient’s sign', () => {
  fc.assert(
    fc.property(numbers, fc.constantFrom(1e-3, 0.1, 1, 30), (s, difference) => {
      const n = s.length;
      const images = [
        zeros([n, 1, 1, 1]),
        tensor4d(new Float32Array(n).fill(difference), [n, 1, 1, 1]),
      ] as const;
      const one = { mean: zeros([n, 1]), logVariance: zeros([n, 1]) };
      const [value, slope] = valueAndGradients(
        (l) => vaeLoss(...images, one, { logSigma: l }),
        [tensor4d(s, [n, 1, 1, 1])],
      );
      // ½ d² e^(−2s) + s is least at s = log d.
      expectMonotone(s, value!, (at) => at >= Math.log(difference));
      s.forEach((at, k) => {
        expect(Number.isFinite(slope![k]!)).toBe(true);
        if (Math.abs(at - Math.log(difference)) > 0.01)
          expect(Math.sign(slope![k]!)).toBe(Math.sign(at - Math.log(difference)));
      });
    }),
    many,
  );
});

test('reparameterize over all log-variances: σ never falls, stays finite, and so does its gradient', () => {
  fc.assert(
    fc.property(numbers, (v) => {
      const sample = (l: Tensor): Tensor =>
        reparameterize({ mean: zeros([v.length, 1]), logVariance: l }, { seed: 3 });
      const noise = values(() => sample(column(v, 0)));
      const [value, slope] = valueAndGradients(sample, [column(v)]);
      const sigma = value!.map((each, k) => each / noise[k]!);
      expectMonotone(v, sigma, () => true);
      v.forEach((at, k) => {
        expect(Number.isFinite(value![k]!) && Number.isFinite(slope![k]!)).toBe(true);
        expect(slope![k]! * noise[k]!).toBeGreaterThanOrEqual(0);
        if (Math.abs(at) <= 60) expect(Math.abs(sigma[k]! / Math.exp(at / 2) - 1)).toBeLessThan(1e-5);
      });
    }),
    many,
  );
});

describe('what is not finite', () => {
  const bad = [NaN, Infinity, -Infinity];

  /** The row of the number is not finite, and the other is as it was. */
  function expectRow(f: (column: Tensor) => Tensor, fine: number, value: number): void {
    const [broken, clean] = [value, fine].map((each) => values(() => f(column([0.5, each]))));
    expect(Number.isFinite(broken![1]!), `${broken![1]!} of ${value}`).toBe(false);
    expect(broken![1]).not.toBe(-Infinity);
    expect(broken![0]).toBe(clean![0]);
  }

  test.each(bad)('%d in a posterior or prior', (value) => {
    const [zero, one] = [zeros([2, 1]), column([0.5, 0.2])];
    const prior = { mean: one, logVariance: zero };
    for (const f of [
      (m: Tensor) => klDivergence({ mean: m, logVariance: one }),
      (l: Tensor) => klDivergence({ mean: one, logVariance: l }),
      (m: Tensor) => klDivergence({ mean: m, logVariance: one }, prior),
      (l: Tensor) => klDivergence({ mean: one, logVariance: l }, prior),
      (m: Tensor) => klDivergence(prior, { mean: m, logVariance: zero }),
      (l: Tensor) => klDivergence(prior, { mean: one, logVariance: l }),
    ]) {
      expectRow(f, 0.3, value);
    }
    for (const options of [{}, { capacity: 2 }, { beta: 0.5 }]) {
      for (const field of ['mean', 'logVariance'] as const) {
        expectRow(
          (t) => vaeLoss(zeros([2, 1, 1, 1]), zeros([2, 1, 1, 1]), { ...prior, [field]: t }, options),
          0.3,
          value,
        );
      }
    }
    // Free bits are those of the batch.
    const shared = values(() =>
      vaeLoss(
        zeros([2, 1, 1, 1]),
        zeros([2, 1, 1, 1]),
        { mean: zero, logVariance: column([0, value]) },
        { freeBits: 1 },
      ),
    );
    expect(shared.some(Number.isFinite)).toBe(false);
  });

  test.each(bad)('%d in reparameterize; a log-variance of −∞ is a deviation of 0', (value) => {
    expectSample((t) => reparameterize({ mean: t, logVariance: zeros([2, 1]) }, { seed: 1 }), false);
    expectSample(
      (t) => reparameterize({ mean: zeros([2, 1]), logVariance: t }, { seed: 1 }),
      value === -Infinity,
    );

    function expectSample(f: (column: Tensor) => Tensor, finite: boolean): void {
      const [broken, clean] = [value, 0].map((each) => values(() => f(column([0.5, each]))));
      expect(Number.isFinite(broken![1]!)).toBe(finite);
      expect(broken![0]).toBe(clean![0]);
    }
  });

  const likelihoods: readonly VaeLossOptions[] = [
    { sigma: 0.3 },
    { sigma: 'optimal' },
    { likelihood: 'laplace' },
    { likelihood: 'bernoulli' },
    { reconstruction: withOptions(ssimLoss, { windowSize: 3 }) },
    { reconstruction: withOptions(ssimLoss, { windowSize: 3, gamma: 0.5 }) },
  ];
  const replaced = (seed: number, value: number): Tensor => {
    const { shape, data } = randomImages([2, 4, 5, 1], seed);
    return asTensor({ shape, data: Float32Array.from(data, (pixel, k) => (k === 30 ? value : pixel)) });
  };

  test.each(likelihoods)('a pixel under %o, and its gradient', (options) => {
    const posterior = { mean: zeros([2, 1]), logVariance: zeros([2, 1]) };
    const loss = (x: Tensor, y: Tensor): Tensor => vaeLoss(x, y, posterior, options);
    const clean = valueAndGradients(loss, [replaced(1, 0.5), replaced(2, 0.5)]);
    for (const value of bad) {
      for (const given of [
        [replaced(1, value), replaced(2, 0.5)],
        [replaced(1, 0.5), replaced(2, value)],
        [replaced(1, value), replaced(2, value)],
      ]) {
        const [of, ...gradients] = valueAndGradients(loss, given);
        expect(Number.isFinite(of![1]!), `${of![1]!} of ${value}`).toBe(false);
        expect(of![0]).toBe(clean[0]![0]);
        // That in x of a Bernoulli pixel does not depend on x.
        expect(Number.isNaN(value) && gradients.every((gradient) => gradient.every(Number.isFinite))).toBe(
          false,
        );
        gradients.forEach((gradient, k) => {
          expect(gradient.subarray(0, 20)).toEqual(clean[k + 1]!.subarray(0, 20));
          expect(gradient.subarray(20).every((g) => g === 0)).toBe(false);
        });
      }
    }
  });

  test.each(bad)('%d in the map of samples: that pixel alone', (value) => {
    for (const likelihood of ['gaussian', 'laplace', 'bernoulli'] as const) {
      for (const aggregate of ['meanOfLogs', 'logOfMean'] as const) {
        const map = (x: Tensor, y: Tensor): Float32Array =>
          values(() => vaeResidualMap(x, [replaced(3, 0.5), y, replaced(4, 0.5)], { likelihood, aggregate }));
        const clean = map(replaced(1, 0.5), replaced(2, 0.5));
        for (const broken of [
          map(replaced(1, value), replaced(2, 0.5)),
          map(replaced(1, 0.5), replaced(2, value)),
        ]) {
          expect(Number.isFinite(broken[30]!)).toBe(false);
          expect([...broken].filter((each, k) => k !== 30 && each !== clean[k])).toEqual([]);
        }
      }
    }
  });
});

describe('seeds', () => {
  const posterior = { mean: zeros([2, 3]), logVariance: zeros([2, 3]) };
  const draw = (seed: number): number[] => [...values(() => reparameterize(posterior, { seed }))];
  const seeds = [
    0,
    1,
    -1,
    0.5,
    1.5,
    -1.5,
    2,
    7,
    1e-300,
    123456789,
    2 ** 31,
    2 ** 53 - 1,
    1e20,
    -1e20,
    Number.MAX_VALUE,
  ];

  test.each(seeds)('%d gives the same again', (seed) => {
    expect(draw(seed)).toEqual(draw(seed));
    if (seed !== 0)
      expect(draw(seed)).toEqual([...values(() => randomNormal([2, 3], 0, 1, 'float32', seed))]);
  });

  test('0 and −0 are one seed, all others differ, on every backend the same', () => {
    expect(draw(-0)).toEqual(draw(0));
    expect(new Set(seeds.map((seed) => String(draw(seed)))).size).toBe(seeds.length);
    expect(draw(0)).toEqual([
      -0.8141677975654602, -1.2124143838882446, 0.10749761015176773, 1.0429043769836426, 1.6265686750411987,
      0.5272926688194275,
    ]);
  });
});
