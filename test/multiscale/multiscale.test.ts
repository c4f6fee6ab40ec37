import { grads, ones, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  gmsLoss,
  gmsMap,
  gmsd,
  mixLoss,
  msGmsLoss,
  msSsim,
  msSsimLoss,
  withOptions,
} from '../../src/index.js';
import type { GmsOptions, MixLossOptions, MsGmsOptions } from '../../src/index.js';
import { gradientsOf, pairsOf, relativeError, tensorGrowth, values } from '../support/gradients.js';
import { asTensor, imagesFrom, naturalImages, noisy, randomImages } from '../support/images.js';
import {
  referenceGmsd,
  referenceMixLoss,
  referenceMsGmsLoss,
  referenceMsSsim,
} from '../support/multiscaleReference.js';
import { centralDifferences, largest, largestError } from '../support/reference.js';
import type { Images } from '../support/reference.js';

/** Every loss of the family, and its reference. */
const window3 = { windowSize: 3, levels: 2 } as const;
const losses: Readonly<
  Record<string, readonly [(x: Tensor, y: Tensor) => Tensor, (x: Images, y: Images) => number[]]>
> = {
  msSsimLoss: [
    withOptions(msSsimLoss, window3),
    (x, y) => referenceMsSsim(x, y, window3).map((index) => 1 - index),
  ],
  mixLoss: [withOptions(mixLoss, window3), (x, y) => referenceMixLoss(x, y, window3)],
  'mixLoss with a Gaussian of its own': [
    withOptions(mixLoss, { ...window3, l1Sigma: 0.9, alpha: 0.3 }),
    (x, y) => referenceMixLoss(x, y, { ...window3, l1Sigma: 0.9, alpha: 0.3 }),
  ],
  gmsLoss: [gmsLoss, (x, y) => referenceMsGmsLoss(x, y, { levels: 1 })],
  gmsd: [gmsd, (x, y) => referenceGmsd(x, y)],
  msGmsLoss: [msGmsLoss, (x, y) => referenceMsGmsLoss(x, y)],
  'msGmsLoss, reflect': [
    withOptions(msGmsLoss, { levels: 2, padding: 'reflect' }),
    (x, y) => referenceMsGmsLoss(x, y, { levels: 2, padding: 'reflect' }),
  ],
};

describe.each(Object.entries(losses))('%s', (_, [loss, reference]) => {
  const x = naturalImages([2, 7, 8, 2], 1);
  const y = noisy(x, 0.15, 2);

  test('is 0 with a gradient of exactly 0 at equality', () => {
    for (const images of [x, imagesFrom(x.shape, () => 0.4)]) {
      expect([...values(() => loss(asTensor(images), asTensor(images)))]).toEqual([0, 0]);
      const [gx, gy] = gradientsOf(loss, images, images, [1, 1]);
      expect([largest(gx), largest(gy)]).toEqual([0, 0]);
    }
  });

  test('is what plain loops give in float64, to 1e-6 of itself', () => {
    expect(
      relativeError(
        values(() => loss(asTensor(x), asTensor(y))),
        reference(x, y),
      ),
    ).toBeLessThan(1e-6);
  });

  test('keeps 1e-5 of itself near convergence', () => {
    const close = noisy(x, 1e-4, 3);
    const expected = reference(x, close);
    values(() => loss(asTensor(x), asTensor(close))).forEach((value, n) => {
      expect(expected[n]!).toBeLessThan(1e-4);
      expect(Math.abs(value / expected[n]! - 1)).toBeLessThan(1e-5);
    });
  });

  test('has the gradients of central differences, with respect to both images', () => {
    const weights = [1, -0.5];
    const [gx, gy] = gradientsOf(loss, x, y, weights);
    const total = (a: Images, b: Images): number =>
      reference(a, b).reduce((sum, value, n) => sum + weights[n]! * value, 0);
    const { shape } = x;
    const ofX = centralDifferences((data) => total({ shape, data }, y), x.data, 1e-5);
    const ofY = centralDifferences((data) => total(x, { shape, data }), y.data, 1e-5);
    expect(relativeError(gx, ofX)).toBeLessThan(1e-4);
    expect(relativeError(gy, ofY)).toBeLessThan(1e-4);
  });

  test('grows memory by its one result, and training it by nothing', () => {
    const [a, b] = [asTensor(x), asTensor(y)];
    expect(tensorGrowth(() => loss(a, b))).toBe(1);
    const step = (): void =>
      tidy(() => {
        grads((s: Tensor, t: Tensor) => loss(s, t))([a, b], ones([2]));
      });
    step();
    expect(
      tensorGrowth(() => {
        for (let k = 0; k < 20; k++) step();
      }),
    ).toBe(0);
  });
});

describe('properties', () => {
  const x = naturalImages([2, 22, 25, 3], 4);
  const y = noisy(x, 0.1, 5);

  test('msSsimLoss is 1 − msSsim, gmsLoss 1 − the mean of gmsMap, msGmsLoss with one level gmsLoss', () => {
    const options = { levels: 2 };
    const index = values(() => msSsim(asTensor(x), asTensor(y), options));
    expect(
      largestError(
        values(() => msSsimLoss(asTensor(x), asTensor(y), options)),
        index.map((value) => 1 - value),
      ),
    ).toBeLessThan(1e-6);

    const map = values(() => gmsMap(asTensor(x), asTensor(y)));
    const means = [0, 1].map((n) => {
      const own = map.slice((n * map.length) / 2, ((n + 1) * map.length) / 2);
      return own.reduce((sum, value) => sum + value, 0) / own.length;
    });
    const loss = values(() => gmsLoss(asTensor(x), asTensor(y)));
    expect(
      largestError(
        loss,
        means.map((mean) => 1 - mean),
      ),
    ).toBeLessThan(1e-6);
    expect([...values(() => msGmsLoss(asTensor(x), asTensor(y), { levels: 1 }))]).toEqual([...loss]);
  });

  test('mixLoss goes from a mean difference to msSsimLoss as alpha goes from 0 to 1', () => {
    const mixed = (alpha: number): Float32Array =>
      values(() => mixLoss(asTensor(x), asTensor(y), { levels: 2, alpha }));
    const [l1, half, structure] = [mixed(0), mixed(0.5), mixed(1)];
    expect(
      largestError(
        structure,
        values(() => msSsimLoss(asTensor(x), asTensor(y), { levels: 2 })),
      ),
    ).toBe(0);
    expect(
      largestError(
        half,
        l1.map((value, n) => (value + structure[n]!) / 2),
      ),
    ).toBeLessThan(1e-6);
  });

  test('mixLoss is in units of dataRange, and a constant difference is its own mean', () => {
    const byte = imagesFrom([1, 24, 22, 1], (k) => (k * 37) % 200);
    const brighter = imagesFrom([1, 24, 22, 1], (k) => byte.data[k]! + 51);
    for (const l1Sigma of [undefined, 2]) {
      const options = { levels: 2, alpha: 0, dataRange: 255, ...(l1Sigma && { l1Sigma }) };
      expect(values(() => mixLoss(asTensor(byte), asTensor(brighter), options))[0]).toBeCloseTo(0.2, 6);
    }
  });

  test('the Gaussian of σ 8 is the paper’s 33 pixels: with `valid` a change outside of it has no weight', () => {
    const black = imagesFrom([1, 35, 35, 1], () => 0);
    const dot = (row: number): Images => imagesFrom([1, 35, 35, 1], (k) => (k === row * 35 + 17 ? 1 : 0));
    const weightOf = (row: number): number =>
      values(() =>
        mixLoss(asTensor(black), asTensor(dot(row)), { levels: 1, alpha: 0, l1Sigma: 8, windowSize: 3 }),
      )[0]!;
    expect(weightOf(17)).toBeGreaterThan(5 * weightOf(0));
    expect(weightOf(0)).toBeGreaterThan(0);
  });

  test('no gradient is lost where the structure is unrelated, or inverted at every level', () => {
    const inverted = { shape: x.shape, data: Float32Array.from(x.data, (value) => 0.6 - 0.2 * value) };
    for (const other of [randomImages(x.shape, 8), inverted]) {
      for (const loss of [msSsimLoss, mixLoss]) {
        const [, gy] = gradientsOf(withOptions(loss, { levels: 2, windowSize: 5 }), x, other, [1, 1]);
        expect(largest(gy)).toBeGreaterThan(0);
      }
    }
  });

  test('a batch is its images one by one', () => {
    const one = (images: Images, n: number): Images => ({
      shape: [1, 22, 25, 3],
      data: Float32Array.from(images.data).slice(n * 22 * 25 * 3, (n + 1) * 22 * 25 * 3),
    });
    for (const [loss] of Object.values(losses)) {
      const whole = values(() => loss(asTensor(x), asTensor(y)));
      const alone = [0, 1].map((n) => values(() => loss(asTensor(one(x, n)), asTensor(one(y, n))))[0]!);
      expect(largestError(whole, alone)).toBeLessThan(1e-6);
    }
  });
});

describe('gradients', () => {
  test('are finite on flat, extreme and inverted images', () => {
    const extremes: readonly ((k: number) => number)[] = [
      () => 0,
      () => 1,
      () => 1e-20,
      (k) => (k % 2 ? 1e6 : -1e6),
      (k) => (k % 2 ? -1e6 : 1e6),
      (k) => (k === 30 ? 1e-10 : 0),
      (k) => (k % 7) / 7,
      (k) => 1 - (k % 7) / 7,
    ];
    const { x, y, ones } = pairsOf(extremes, 7, 8);
    for (const [loss] of Object.values(losses)) {
      const [gx, gy] = gradientsOf(loss, x, y, ones);
      const all = [...gx, ...gy, ...values(() => loss(asTensor(x), asTensor(y)))];
      expect(all.filter((value) => !Number.isFinite(value))).toEqual([]);
    }
  });

  test('a step along them lowers the loss', () => {
    const x = naturalImages([1, 24, 24, 1], 6);
    const y = randomImages([1, 24, 24, 1], 7);
    for (const [name, [loss]] of Object.entries(losses)) {
      const [, gy] = gradientsOf(loss, x, y, [1]);
      const scale = 0.01 / largest(gy);
      const moved = { shape: y.shape, data: Float32Array.from(y.data, (v, k) => v - scale * gy[k]!) };
      const at = (images: Images): number => values(() => loss(asTensor(x), asTensor(images)))[0]!;
      expect(at(moved), name).toBeLessThan(at(y));
    }
  });
});

describe('rejects', () => {
  const image = (size: number): Tensor => asTensor(imagesFrom([1, size, size, 1], () => 0));
  const rejects = (f: () => unknown, error: typeof RangeError | typeof TypeError, message: string): void => {
    expect(tensorGrowth(() => expect(f).toThrow(new error(message)))).toBe(0);
    expect(f).toThrow(error);
  };
  const mix = (options: unknown, size = 32) => {
    const x = image(size);
    return () => mixLoss(x, x, options as MixLossOptions);
  };

  test('mixLoss, alpha', () => {
    rejects(
      mix({ levels: 1, alpha: 1.5 }),
      RangeError,
      'mixLoss: alpha must be a finite number from 0 to 1, but got 1.5.',
    );
    for (const bad of [-1, NaN, Infinity]) {
      rejects(
        mix({ levels: 1, alpha: bad }),
        RangeError,
        `mixLoss: alpha must be a finite number from 0 to 1, but got ${bad}.`,
      );
    }
    rejects(
      mix({ levels: 1, alpha: '1' }),
      TypeError,
      'mixLoss: alpha must be a finite number from 0 to 1, but got "1".',
    );
  });

  test('mixLoss, l1Sigma', () => {
    for (const bad of [0, -1, NaN]) {
      rejects(
        mix({ levels: 1, l1Sigma: bad }),
        RangeError,
        `mixLoss: l1Sigma must be a finite number > 0, but got ${bad}.`,
      );
    }
    rejects(
      mix({ levels: 1, l1Sigma: 8 }),
      RangeError,
      'mixLoss: l1Sigma of 8 pixels takes a window of 33, which does not fit images of 32×32; use l1Sigma ≤ 7.5.',
    );
    expect(mix({ levels: 1, l1Sigma: 7.5 })).not.toThrow();
    rejects(
      mix({ levels: 1, windowSize: 1, l1Sigma: 1 }, 2),
      RangeError,
      'mixLoss: l1Sigma of 1 pixels takes a window of 5, which does not fit images of 2×2; leave it out.',
    );
  });

  test('unknown names', () => {
    const ofWindow =
      'dataRange, windowType, windowSize, windowSigma, k1, k2, c1, c2, covariance, padding, checkRange';
    rejects(
      mix({ beta: 1 }),
      TypeError,
      `mixLoss: unknown option "beta"; known are ${ofWindow}, levels, levelWeights, weights, alpha, l1Sigma.`,
    );
    const x = image(8);
    rejects(
      () => gmsLoss(x, x, { levels: 2 } as GmsOptions),
      TypeError,
      'gmsLoss: unknown option "levels"; known are dataRange, c, padding, checkRange, weights.',
    );
    rejects(
      () => msGmsLoss(x, x, { Levels: 2 } as MsGmsOptions),
      TypeError,
      'msGmsLoss: unknown option "Levels"; did you mean "levels"?',
    );
  });

  test('levels that do not fit', () => {
    rejects(
      mix({}),
      RangeError,
      'mixLoss: window of 11 pixels does not fit images of 32×32 at the smallest of 5 levels, 2×2; ' +
        'use images of at least 161×161, levels ≤ 2 or a smaller windowSize.',
    );
    const x = image(9);
    rejects(
      () => msGmsLoss(x, x, { padding: 'valid' }),
      RangeError,
      'msGmsLoss: window of 3 pixels does not fit images of 9×9 at the smallest of 4 levels, 2×2; ' +
        `use images of at least 17×17, levels ≤ 3 or padding 'zero'.`,
    );
    for (const bad of [1.5, 0.5]) {
      rejects(
        () => msGmsLoss(x, x, { levels: bad }),
        RangeError,
        `msGmsLoss: levels must be a whole number ≥ 1, but got ${bad}.`,
      );
    }
    rejects(
      () => msGmsLoss(x, x, { levels: 0 }),
      RangeError,
      'msGmsLoss: levels must be a whole number ≥ 1, but got 0.',
    );
  });
});
