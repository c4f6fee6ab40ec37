import { env, getBackend, ready, setBackend } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { useFusedKernels } from '../../../src/kernels.js';

/** Of rows that begin with a backend, those whose backend there is here: Node has no webgl. */
export const here = <Row extends readonly [string, ...unknown[]]>(rows: readonly Row[]): readonly Row[] =>
  rows.filter(([backend]) => backend !== 'webgl' || typeof document !== 'undefined');

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
