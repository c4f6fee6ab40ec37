// Pixels and dataRange that are tiny or huge together, on the GPU: the kernels' own tests have every form and more scales.
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { describe, expect, test } from 'vitest';
import { measures } from '../support/measures.js';
import { apartAtScale } from '../support/scales.js';
import { here, onBackend } from './support/backend.js';

/** Composed, in windows of one pixel, which software rendering filters in no time; they divide where larger ones do. */
const pixelwise = { windowSize: 1 };
const cases: Readonly<Record<'fused' | 'composed', [string, Readonly<Record<string, unknown>>][]>> = {
  fused: [
    ['ssimLoss', {}],
    ['ssimResidualMap', { windowSize: 5 }],
    ['msSsimLoss', { windowSize: 3, levelWeights: [1] }],
  ],
  composed: [
    ['ssimMap', { ...pixelwise, alpha: 0.5 }],
    ['mixLoss', { ...pixelwise, levels: 2 }],
    ['gmsMap', {}],
  ],
};

describe.each(
  here([
    ['webgl', 'fused'],
    ['webgpu', 'fused'],
    ['webgl', 'composed'],
    ['webgpu', 'composed'],
  ] as const),
)('%s, %s', (backend, kernels) => {
  onBackend(backend, kernels);

  test.each(cases[kernels])('%s', async (name, options) => {
    const measure = measures.find((one) => one.name === name)!;
    const apart = await apartAtScale(measure, { name, options }, [1, 12, 12, 1], [1e-30, 1e-18, 1e20, 1e30]);
    for (const { scale, value, gradient } of apart) {
      expect(value, `value at ${scale}`).toBeLessThan(1e-5);
      expect(gradient, `gradient at ${scale}`).toBeLessThan(1e-4);
    }
  });
});
