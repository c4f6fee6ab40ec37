// The fused kernels of the webgl backend, in float32 and in half precision.
import { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import {
  dispose,
  env,
  mul,
  ones,
  ready,
  registerBackend,
  registerKernel,
  removeBackend,
  setBackend,
  tensor,
  tidy,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { webgl } from '../../src/backends/webgl.js';
import { gmsLoss, gmsd, mixLoss, msGmsLoss, msSsimLoss } from '../../src/index.js';
import { MsSsimForward } from '../../src/multiscale/kernels/contract.js';
import { gpuSsimKernels } from '../../src/ssim/kernels/gpuKernels.js';
import { hardCases } from '../support/hardCases.js';
import { asTensor } from '../support/images.js';
import { referenceMsSsim, referenceMsSsimGradients } from '../support/multiscaleReference.js';
import { largestError } from '../support/reference.js';
import { weightsOf } from '../support/ssimFamily.js';
import { kernelsIn, measured } from './support/againstComposition.js';
import {
  describeKernels,
  expectedGradient,
  expectedValue,
  gradient,
  read,
  relative,
  value,
} from './support/ssimKernels.js';

beforeAll(async () => {
  for (const kernel of gpuSsimKernels(webgl)) registerKernel(kernel);
  expect(await setBackend('webgl')).toBe(true);
  await ready();
  expect(env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')).toBe(true);
});

afterAll(() => {
  for (const { kernelName, backendName } of gpuSsimKernels(webgl)) unregisterKernel(kernelName, backendName);
});

describeKernels('compileAndRun');

describe('half precision', () => {
  const flags = { WEBGL_FORCE_F16_TEXTURES: true, WEBGL_RENDER_FLOAT32_ENABLED: false };
  const restart = async (): Promise<void> => {
    removeBackend('webgl');
    registerBackend('webgl', () => new MathBackendWebGL(), 2);
    await setBackend('webgl');
    await ready();
  };
  beforeAll(async () => {
    for (const [name, on] of Object.entries(flags)) env().set(name, on);
    await restart();
    const stored = await read([tidy(() => mul(tensor(new Float32Array(1000).fill(0.1)), 1))]);
    expect(stored[0]).toBe(0.0999755859375);
  });
  afterAll(async () => {
    for (const [name, on] of Object.entries(flags)) env().set(name, !on);
    await restart();
  });

  // Their pixels differ by less than a step of half precision.
  const belowHalfPrecision = new Set(['mean 200/255, variance 1e-4', 'almost converged']);

  test.each(Object.entries(hardCases))('%s', async (name, make) => {
    const [x, y] = make(1);
    const options = { padding: 'reflect' } as const;
    const expected = expectedValue(x, y, options, 'distance');
    expect(largestError(await value(x, y, options, 'distance'), expected)).toBeLessThan(5e-3);
    const mean = await value(x, y, options, 'mean');
    expect(largestError(mean, expectedValue(x, y, options, 'mean'))).toBeLessThan(5e-4);
    const g = expectedGradient(x, y, [1], options, 'mean').yPred;
    const actual = await gradient(x, y, [1], options, 'mean', 'yPred');
    expect(actual.every(Number.isFinite)).toBe(true);
    if (!belowHalfPrecision.has(name)) expect(relative(actual, g)).toBeLessThan(0.1);
  });

  test.each(Object.entries(hardCases))('msSsimLoss and mixLoss, %s', async (name, make) => {
    const [x, y] = make(1);
    const options = { levels: 2, windowSize: 7, padding: 'reflect' } as const;
    const { value, gy } = await measured((a, b) => msSsimLoss(a, b, options), x, y);
    expect(Math.abs(value[0]! + referenceMsSsim(x, y, options)[0]! - 1)).toBeLessThan(5e-3);
    expect(gy.every(Number.isFinite)).toBe(true);
    const mixed = await measured((a, b) => mixLoss(a, b, options), x, y);
    expect(mixed.value.every(Number.isFinite)).toBe(true);
    expect(mixed.gy.every(Number.isFinite)).toBe(true);
    if (name !== 'natural') return;
    const [, expected] = referenceMsSsimGradients(x, y, options);
    const dy = weightsOf([1]).dataSync()[0]!;
    expect(
      relative(
        gy,
        Float64Array.from(expected, (slope) => dy * slope),
      ),
    ).toBeLessThan(0.1);
  });

  test('gradient magnitudes are composed, and so is MS-SSIM with weights', () => {
    const [x, y] = hardCases['natural']!(1).map(asTensor) as [Tensor, Tensor];
    for (const measure of [gmsLoss, gmsd, msGmsLoss]) expect(kernelsIn(() => measure(x, y))).toEqual([]);
    const weights = ones([...x.shape.slice(0, 3), 1]);
    for (const measure of [msSsimLoss, mixLoss]) {
      const options = { levels: 2, windowSize: 7 };
      expect(kernelsIn(() => measure(x, y, options))).toEqual([MsSsimForward]);
      expect(kernelsIn(() => measure(x, y, { ...options, weights }))).not.toContain(MsSsimForward);
    }
    dispose([x, y, weights]);
  });

  test('constants whose reciprocal half precision cannot hold', async () => {
    const [x, y] = hardCases['natural']!(1);
    const options = { c1: 1e-7, c2: 1e-7 };
    const expected = expectedValue(x, y, options, 'distance');
    expect(largestError(await value(x, y, options, 'distance'), expected)).toBeLessThan(5e-3);
    const g = expectedGradient(x, y, [1], options, 'mean').yPred;
    const actual = await gradient(x, y, [1], options, 'mean', 'yPred');
    expect(relative(actual, g)).toBeLessThan(0.02);
  });
});
