// tf.cast makes float32 tensors of integers and booleans, and the errors of this library recommend it. On webgpu
// their buffer stays as it was, so that whatever reads it has to ask what it holds.
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { add, cast, grad, setBackend, tensor, zeros } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  heatmap,
  imageScore,
  klDivergence,
  luma,
  normalizeMap,
  overlay,
  reparameterize,
  ssimLoss,
  vaeResidualMap,
} from '../../src/index.js';
import { randomNumbers } from '../support/images.js';
import { measures } from '../support/measures.js';
import { largest, largestError } from '../support/reference.js';
import { here, onBackend } from './support/backend.js';
import { fillFreedBuffers, readAll } from './support/read.js';

type Origin = 'int32' | 'bool' | 'float32';

/** The same small whole numbers in every origin, 0 and 1 for bool. */
function numbers(shape: readonly number[], origin: Origin, most: number, seed: number): Tensor {
  const random = randomNumbers(seed);
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Array.from({ length: size }, () => Math.floor(random() * (most + 1)));
  return cast(tensor(values, [...shape], origin), 'float32');
}

const relative = (actual: ArrayLike<number>, expected: ArrayLike<number>): number =>
  largestError(actual, expected) / Math.max(largest(expected), 1e-3);

/** What stands in each place; the gradients' dy is always cast. */
const mixtures = [
  { yTrue: 'int32', yPred: 'int32', weights: 'bool' },
  { yTrue: 'float32', yPred: 'bool', weights: 'float32' },
  { yTrue: 'bool', yPred: 'float32', weights: 'int32' },
] as const satisfies readonly Readonly<Record<'yTrue' | 'yPred' | 'weights', Origin>>[];

/** The value, and the gradient of the reconstruction if asked for. */
function compute(
  measure: (typeof measures)[number],
  options: Readonly<Record<string, unknown>>,
  shape: readonly number[],
  { yTrue, yPred, weights }: (typeof mixtures)[number],
  gradient: boolean,
): readonly Tensor[] {
  const most = yPred === 'int32' ? 3 : 1;
  const [x, y] = [numbers(shape, yTrue, most, 1), numbers(shape, yPred, most, 2)];
  const further = {
    ...(measure.dataRange && { dataRange: most }),
    ...(measure.weights && { weights: numbers([...shape.slice(0, -1), 1], weights, 1, 3) }),
  };
  const f = (image: Tensor): Tensor => measure.call(x, image, { ...options, ...further })[0]!;
  const value = f(y);
  return gradient ? [value, grad(f)(y, numbers(value.shape, 'int32', 1, 4))] : [value];
}

const fusedOnes = measures.filter(
  ({ variants, name }) => variants.some(({ fused }) => fused) || /msSsim|mix/.test(name),
);

/** Composed, a gradient of these takes seconds; what their dy goes through, those of their siblings' go through too. */
const slow = /^(ssim|ssimTerms|dssimLoss|msSsim|msSsimLoss|mixLoss)$/;

describe.each(
  here([
    ['webgl', 'fused', fusedOnes],
    ['webgpu', 'fused', fusedOnes],
    ['webgpu', 'composed', measures],
  ] as const),
)('%s, %s', (backend, kernels, of) => {
  onBackend(backend, kernels);

  /**
   * The same on the cpu backend, whose cast makes numbers. Integers read as if they were floats are about 1e-45, and off
   * by all of themselves; the magnitudes of gradients that vanish are known to 1e-3 only.
   */
  async function expectAsOnCpu(what: string, run: () => readonly Tensor[], sizes: number[]): Promise<void> {
    await setBackend('cpu');
    const expected = await readAll(run);
    await setBackend(backend);
    await fillFreedBuffers(sizes);
    const actual = await readAll(run);
    actual.forEach((values, k) => {
      expect(relative(values, expected[k]!), `${what}, result ${k}`).toBeLessThan(2e-3);
    });
  }

  test.each(of)('$name', async (measure) => {
    const variants = measure.variants.filter(({ fused }, k) => k === 0 || (kernels === 'fused' && fused));
    for (const mixture of kernels === 'fused' ? mixtures : mixtures.slice(0, 1)) {
      for (const { name, options } of variants) {
        const run = (shape: readonly number[]) => () =>
          compute(
            measure,
            options,
            shape,
            mixture,
            shape.length === 4 && !(kernels === 'composed' && slow.test(measure.name)),
          );
        const what = `${name}, ${Object.values(mixture).join(' ')}`;
        await expectAsOnCpu(what, run([1, 12, 12, 1]), [1, 64, 100, 144, 4 * 64, 4 * 144]);
        if (measure.volumes && kernels === 'composed') {
          await expectAsOnCpu(`${what}, volumes`, run([1, 6, 6, 6, 1]), [1, 8, 64, 216]);
        }
      }
    }
  });

  const others: Readonly<Record<string, (origin: Origin) => Tensor>> = {
    heatmap: (origin) => heatmap(numbers([1, 5, 5, 1], origin, 1, 1)),
    'imageScore, max': (origin) => imageScore(numbers([2, 5, 5, 1], origin, 1, 1)),
    'imageScore, mean': (origin) => imageScore(numbers([2, 5, 5, 1], origin, 1, 1), { method: 'mean' }),
    'imageScore, topK': (origin) =>
      imageScore(numbers([2, 5, 5, 1], origin, 1, 1), { method: 'topK', k: 20 }),
    klDivergence: (origin) =>
      klDivergence({ mean: numbers([2, 3], origin, 1, 1), logVariance: numbers([2, 3], origin, 1, 2) }),
    luma: (origin) => luma(numbers([1, 4, 4, 3], origin, 1, 1)),
    normalizeMap: (origin) => normalizeMap(numbers([1, 5, 5, 1], origin, 1, 1)),
    overlay: (origin) => overlay(numbers([1, 5, 5, 1], origin, 1, 1), numbers([1, 5, 5, 1], origin, 1, 2)),
    reparameterize: (origin) =>
      reparameterize(
        { mean: numbers([2, 3], origin, 1, 1), logVariance: numbers([2, 3], origin, 1, 2) },
        { seed: 1 },
      ),
    vaeResidualMap: (origin) =>
      vaeResidualMap(numbers([1, 5, 5, 2], origin, 1, 1), [
        numbers([1, 5, 5, 2], origin, 1, 2),
        zeros([1, 5, 5, 2]),
      ]),
  };
  test.each(Object.entries(others))('%s', async (name, f) => {
    for (const origin of ['int32', 'bool'] as const) {
      await expectAsOnCpu(`${name}, ${origin}`, () => [f(origin)], [1, 2, 6, 16, 25, 50, 75]);
    }
  });

  test('the batch after one of 8-bit pixels', async () => {
    const pixels = (value: number): Tensor =>
      cast(tensor(new Int32Array(256).fill(value), [1, 16, 16, 1], 'int32'), 'float32');
    const [loss] = await readAll(() => [ssimLoss(pixels(0), pixels(255), { dataRange: 255 })]);
    expect(loss![0]).toBeCloseTo(0.9999, 6);
    const [sum] = await readAll(() => [add(tensor([1, 2, 3]), tensor([1, 1, 1]))]);
    expect([...sum!]).toEqual([2, 3, 4]);
  });
});
