// With tfjs-core and a backend alone tfjs has no gradient of any op: first order works, and second order
// says which function lacks what.
import { grad, memory, square, sum, tidy, zeros } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { klDivergence, reparameterize, vaeResidualMap } from '../src/index.js';
import { asTensor, randomImages } from './support/images.js';
import { measures } from './support/measures.js';

const [x, y] = [1, 2].map((seed) => asTensor(randomImages([1, 12, 12, 1], seed))) as [Tensor, Tensor];

const missing =
  "a gradient within a gradient needs the gradients of tfjs's own ops, and none are registered; import";

test.each(measures)('the gradient of a gradient of $name', ({ name, call, variants }) => {
  for (const { options } of variants) {
    const f = (b: Tensor): Tensor => call(x, b, options)[0]!;
    tidy(() => {
      expect(grad(f)(y).dataSync<'float32'>().every(Number.isFinite)).toBe(true);
    });
    const before = memory().numTensors;
    expect(() => grad((b: Tensor) => grad(f)(b))(y)).toThrow(`${name}: ${missing}`);
    // And of the penalty that it is asked for: before tfjs says what it knows of its own ops.
    expect(() => grad((b: Tensor) => sum(square(grad(f)(b))))(y)).toThrow(`${name}: ${missing}`);
    expect(memory().numTensors).toBe(before);
  }
});

test('that of a divergence, a sample and the map of samples', () => {
  const one = zeros([1, 2]);
  for (const [name, f, at] of [
    ['klDivergence', (mean: Tensor) => klDivergence({ mean, logVariance: one }), one],
    ['reparameterize', (mean: Tensor) => reparameterize({ mean, logVariance: one }), one],
    ['vaeResidualMap', (b: Tensor) => vaeResidualMap(x, [b]), y],
  ] as const) {
    expect(() => grad((b: Tensor) => grad(f)(b))(at)).toThrow(`${name}: ${missing}`);
  }
});
