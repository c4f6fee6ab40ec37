// Pixels and dataRange that are tiny or huge together, in every measure that takes a range, with the fused kernels and composed.
import { fill } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useFusedKernels } from '../src/kernels.js';
import { measures } from './support/measures.js';
import { apartAtScale, powersOfTen, powersOfTwo } from './support/scales.js';

const ranged = measures.filter(({ dataRange }) => dataRange);

describe.each(['fused', 'composed'])('%s', (kernels) => {
  beforeAll(() => {
    useFusedKernels(kernels === 'fused');
  });
  afterAll(() => {
    useFusedKernels(true);
  });

  test.each(ranged)('$name', async (measure) => {
    for (const variant of measure.variants) {
      if (kernels === 'fused' && variant.fused !== true && variant !== measure.variants[0]) continue;
      const shapes: (readonly number[])[] = [[1, 12, 12, 1]];
      if (measure.volumes && kernels === 'composed') shapes.push([1, 5, 6, 5, 1]);
      for (const shape of shapes) {
        const what = `${variant.name}, rank ${shape.length}`;
        for (const { scale, value, gradient } of await apartAtScale(measure, variant, shape, powersOfTwo)) {
          expect(value, `${what}, value at ${scale}`).toBe(0);
          expect(gradient, `${what}, gradient at ${scale}`).toBeLessThan(1e-7);
        }
        // Roots make much of the last digits of pixels.
        for (const { scale, value, gradient } of await apartAtScale(measure, variant, shape, powersOfTen)) {
          expect(value, `${what}, value at ${scale}`).toBeLessThan(1e-5);
          expect(gradient, `${what}, gradient at ${scale}`).toBeLessThan(1e-4);
        }
      }
    }
  });
});

test.each(ranged)('$name refuses a range that float32 cannot divide by', ({ name, call, variants }) => {
  const [x, y] = [fill([1, 12, 12, 1], 0.5), fill([1, 12, 12, 1], 0.5)];
  for (const dataRange of [1e-31, 1e-320, 1e38, 1e300]) {
    expect(() => call(x, y, { ...variants[0]!.options, dataRange })).toThrow(
      `${name}: dataRange must be from 8e-31 to 8e37, which float32 can divide images by, but got ${dataRange}`,
    );
  }
});
