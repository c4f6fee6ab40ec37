// The fused kernels of the webgpu backend.
import '@tensorflow/tfjs-backend-webgpu';
import { ready, registerKernel, setBackend, unregisterKernel } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { webgpuSsimKernels } from '../../src/ssim/kernels/webgpuKernels.js';
import { describeKernels } from './support/ssimKernels.js';

beforeAll(async () => {
  for (const kernel of webgpuSsimKernels()) registerKernel(kernel);
  expect(await setBackend('webgpu')).toBe(true);
  await ready();
});

afterAll(() => {
  for (const { kernelName, backendName } of webgpuSsimKernels()) unregisterKernel(kernelName, backendName);
});

describeKernels('runWebGPUProgram');
