// A pixel that is not finite, in every measure, on the GPU: comparisons in shaders may lose NaN.
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { env, getBackend, ready, setBackend } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useFusedKernels } from '../../src/kernels/index.js';
import { gradientFaults, notFiniteCases, valueFaults } from '../support/notFinite.js';

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

describe.each([
  ['webgl', 'fused'],
  ['webgpu', 'fused'],
  ['webgl', 'composed'],
  ['webgpu', 'composed'],
] as const)('%s, %s', (backend, kernels) => {
  const cpuForward = env().getBool('WEBGPU_CPU_FORWARD');
  beforeAll(async () => {
    useFusedKernels(kernels === 'fused');
    // tfjs would compute on small tensors that are not on the GPU yet by itself.
    env().set('WEBGPU_CPU_FORWARD', false);
    expect(await setBackend(backend)).toBe(true);
    await ready();
    expect(getBackend()).toBe(backend);
  });
  afterAll(() => {
    env().set('WEBGPU_CPU_FORWARD', cpuForward);
    useFusedKernels(true);
  });

  test.each(kernels === 'fused' ? fused : composed)('$name', async (given) => {
    expect(await valueFaults(given)).toEqual([]);
    if (kernels === 'fused') expect(await gradientFaults(given)).toEqual([]);
  });
});
