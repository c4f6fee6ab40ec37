// A pixel that is not finite, in every measure, on the GPU: comparisons in shaders may lose NaN.
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { tensor, zeros } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { vaeLoss, vaeResidualMap } from '../../src/index.js';
import { gradientFaults, notFiniteCases, valueFaults } from '../support/notFinite.js';
import { here, onBackend } from './support/backend.js';
import { readAll } from './support/read.js';

const isOneOf = (name: string, names: readonly string[]): boolean =>
  names.some((one) => name === `${one}, images`);

const fused = notFiniteCases.filter(({ name }) =>
  isOneOf(name, [
    ...['default', 'uniform window', 'no luminance'].map((variant) => `ssimMap, ${variant}`),
    'ssimLoss, default',
    'ssimResidualMap, default, edge',
    'msSsim, default',
    'msSsim, reflect',
    'mixLoss, ℓ1 sigma',
  ]),
);

/** What goes through every op that compares, in images so small that software rendering composes them in seconds. */
const composed = notFiniteCases.filter(
  ({ name }) =>
    /^ssim(Map|Loss), .*1 × 1 window$|^ssimTerms, default, 1 × 1 window$/.test(name) ||
    /^ssimMap, (broken exponents|structure alone), volumes plane/.test(name) ||
    /^(gmsMap|gmsd|msGmsLoss|l1Loss|vaeLoss|featureMatchingLoss|featureResidualMap), .*images$/.test(name),
);

describe.each(
  here([
    ['webgl', 'fused'],
    ['webgpu', 'fused'],
    ['webgl', 'composed'],
    ['webgpu', 'composed'],
  ] as const),
)('%s, %s', (backend, kernels) => {
  onBackend(backend, kernels);

  test.each(kernels === 'fused' ? fused : composed)('$name', async (given) => {
    expect(await valueFaults(given)).toEqual([]);
    if (kernels === 'fused') expect(await gradientFaults(given)).toEqual([]);
  });

  // No case of the registry: equal images do not give 0.
  if (kernels === 'composed') {
    const prior = () => ({ mean: zeros([2, 3]), logVariance: zeros([2, 3]) });
    test.each<[string, (x: Tensor, y: Tensor) => Tensor]>([
      ['vaeLoss, Bernoulli', (x, y) => vaeLoss(x, y, prior(), { likelihood: 'bernoulli' })],
      ['vaeResidualMap, Bernoulli', (x, y) => vaeResidualMap(x, [y], { likelihood: 'bernoulli' })],
      ['vaeResidualMap, Gaussian', (x, y) => vaeResidualMap(x, [y, x])],
      ['vaeResidualMap, log of mean', (x, y) => vaeResidualMap(x, [y, x], { aggregate: 'logOfMean' })],
    ])('%s', async (_, of) => {
      const plain = Array.from({ length: 2 * 9 }, (_, k) => ((7 * k) % 10) / 10);
      for (const bad of [NaN, Infinity, -Infinity]) {
        for (const side of ['yTrue', 'yPred']) {
          const image = (given: boolean) =>
            tensor(
              plain.map((pixel, k) => (given && k === 4 ? bad : pixel)),
              [2, 3, 3, 1],
            );
          const [clean, broken] = await readAll(() => [
            of(image(false), image(false)),
            of(image(side === 'yTrue'), image(side === 'yPred')),
          ]);
          const half = clean!.length / 2;
          expect(broken!.subarray(0, half).every(Number.isFinite), `${side} ${bad}`).toBe(false);
          expect(broken!.subarray(half), `${side} ${bad}`).toEqual(clean!.subarray(half));
        }
      }
    });
  }
});
