// One NaN or infinite pixel makes the value of its image not finite, and of no other image, in every measure.
import { describe, expect, test } from 'vitest';
import { fusedKernelsAreInUse } from '../src/backends/useFusedKernels.js';
import { gradientFaults, notFiniteCases, valueFaults } from './support/notFinite.js';

describe('a pixel that is not finite', () => {
  // Without fused kernels, what they had no part in is the same once more.
  const cases = notFiniteCases.filter(({ fused }) => fused || fusedKernelsAreInUse());
  test.each(cases)('$name', async (given) => {
    expect(await valueFaults(given)).toEqual([]);
    expect(await gradientFaults(given)).toEqual([]);
  });
});
