// Weight 0 leaves a pixel out on the GPU backends too, where comparisons and selections may treat NaN in their own way.
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { describe, expect, test } from 'vitest';
import { asTensor } from '../support/images.js';
import {
  broken,
  mended,
  plain,
  unweighted,
  valueAndGradients,
  weights,
  withoutHoles,
} from '../support/leftOut.js';
import { largestError } from '../support/reference.js';
import { weightedCases } from '../support/weightedCases.js';
import { here, onBackend } from './support/backend.js';

describe.each(
  here([
    ['webgl', 'fused'],
    ['webgl', 'composed'],
    ['webgpu', 'fused'],
    ['webgpu', 'composed'],
  ] as const),
)('%s, %s', (backend, kernels) => {
  onBackend(backend, kernels);

  // Those that lead through each step: sums, windows, features, a tensor for each pixel; the rest is tested in Node.
  const names =
    kernels === 'fused'
      ? [
          'l2Loss, default',
          'ssimLoss, default',
          'msSsimLoss, zero',
          'mixLoss, default',
          'featureMatchingLoss, convolved',
          'vaeLoss, log σ',
          'gmsLoss, default',
        ]
      : ['ssimLoss, default'];
  const cases = weightedCases.filter(({ name }) => names.includes(name));
  test('the cases exist', () => {
    expect(cases.length).toBe(names.length);
  });

  test.each(cases)('$name', async ({ call, perfect }) => {
    const by = (images: typeof mended, some: typeof weights) =>
      valueAndGradients((a, b) => call(a, b, asTensor(some)), images);
    const [expected, actual] = [await by(mended, weights), await by(broken, weights)];
    expect(actual.value.every(Number.isFinite)).toBe(true);
    expect(largestError(actual.value, expected.value)).toBe(0);
    for (const n of [0, 1]) {
      expect(largestError(actual.gradients[n]!, withoutHoles(expected.gradients[n]!))).toBe(0);
    }

    const [some, none] = [await by(plain, unweighted.weights), await by(unweighted, unweighted.weights)];
    expect(none.value[0]).toBe(perfect);
    expect(none.value[1]).toBe(some.value[1]);
    for (const n of [0, 1]) {
      const half = none.gradients[n]!.length / 2;
      expect(none.gradients[n]!.every((slope, k) => k >= half || slope === 0)).toBe(true);
      expect(largestError(none.gradients[n]!.slice(half), some.gradients[n]!.slice(half))).toBe(0);
    }
  });
});
