// A pixel that is not finite, in every measure, on the GPU: comparisons in shaders may lose NaN.
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { env, getBackend, ready, setBackend } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useFusedKernels } from '../../src/kernels/index.js';
import { gradientFaults, notFiniteCases, valueFaults } from '../support/notFinite.js';

const fused = notFiniteCases.filter(
  ({ measure, name }) =>
    name.endsWith('images') &&
    (/^(msSsim|mixLoss)$/.test(measure.name) ||
      measure.variants.some(
        (variant) => variant.fused && name === `${measure.name}, ${variant.name}, images`,
      )),
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

  test.each(kernels === 'fused' ? fused : notFiniteCases)('$name', async (given) => {
    expect(await valueFaults(given)).toEqual([]);
    if (kernels === 'fused') expect(await gradientFaults(given)).toEqual([]);
  });
});
