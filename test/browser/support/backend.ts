import { env, getBackend, ready, setBackend } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { useFusedKernels } from '../../../src/kernels.js';

/** The tests of this block run on that backend, with or without its fused kernels. */
export function onBackend(backend: 'webgl' | 'webgpu', kernels: 'fused' | 'composed'): void {
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
}
