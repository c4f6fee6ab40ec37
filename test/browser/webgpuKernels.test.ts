// The fused kernels of the webgpu backend.
import '@tensorflow/tfjs-backend-webgpu';
import { ready, registerKernel, setBackend, unregisterKernel } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { webgpu } from '../../src/backends/webgpu.js';
import { gpuSsimKernels } from '../../src/ssim/kernels/gpuKernels.js';
import { describeKernels } from './support/ssimKernels.js';

beforeAll(async () => {
  for (const kernel of gpuSsimKernels(webgpu)) registerKernel(kernel);
  expect(await setBackend('webgpu')).toBe(true);
  await ready();
});

afterAll(() => {
  for (const { kernelName, backendName } of gpuSsimKernels(webgpu)) unregisterKernel(kernelName, backendName);
});

describeKernels('runWebGPUProgram');
