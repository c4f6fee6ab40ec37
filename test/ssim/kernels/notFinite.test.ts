// A pixel that is not finite, in the fused kernels on arrays: neither the images beside it nor those of the next call see it.
import { expect, test } from 'vitest';
import { AssemblyEngine } from '../../../src/ssim/kernels/assemblyEngine.js';
import { mapShape, valueShape } from '../../../src/ssim/kernels/contract.js';
import type { SsimAttrs, SsimForm } from '../../../src/ssim/kernels/contract.js';
import { gaussianTaps } from '../../../src/filters/window.js';
import { imagesFrom, randomImages } from '../../support/images.js';
import type { Images } from '../../support/reference.js';
import { paddings } from '../../support/paddings.js';

const forms = ['mean', 'distance', 'residual'] as const satisfies readonly SsimForm[];

/** The value, the gradients in x and y, and the means with the gradient that comes along. */
function results(engine: AssemblyEngine, x: Images, y: Images, attrs: SsimAttrs): Float32Array[] {
  const { shape } = x;
  const size = (lengths: readonly number[]): number =>
    lengths.reduce((product, length) => product * length, 1);
  const value = new Float32Array(size(valueShape(mapShape(shape, attrs), attrs.form)));
  const images = { x: x.data as Float32Array, y: y.data as Float32Array, shape };
  engine.value(images, attrs, value);
  const dy = Float32Array.from(value, (_, k) => 1 + Math.cos(k));
  const gradients = (['yTrue', 'yPred'] as const).map((wrt) => {
    const gradient = new Float32Array(x.data.length);
    engine.gradient(images, { ...attrs, wrt }, dy, gradient);
    return gradient;
  });
  const along = new Float32Array(x.data.length);
  const ofMean = { ...attrs, form: 'mean', wrt: 'yPred' } as const;
  const means = Float32Array.from(engine.gradient(images, ofMean, undefined, along));
  return [value, ...gradients, means, along];
}

test('stays in its image', () => {
  const engine = new AssemblyEngine();
  // The second is wider than what is worked on at once.
  for (const shape of [
    [3, 11, 9, 2],
    [3, 6, 1600, 1],
  ] as const) {
    const [x, y] = [randomImages(shape, 1), randomImages(shape, 2)];
    const size = x.data.length / 3;
    for (const padding of shape[2] > 100 ? (['valid', 'reflect'] as const) : paddings) {
      for (const form of forms) {
        const taps = [gaussianTaps(5, 1.5), gaussianTaps(7, 1.5)] as const;
        const attrs = { taps, unit: 1, luminance: true, c1: 1e-4, c2: 9e-4, varianceScale: 1, padding, form };
        const clean = results(engine, x, y, attrs);
        for (const pixel of [NaN, Infinity, -Infinity]) {
          for (const place of [0, Math.floor(size / 2), size - 1]) {
            const broken = imagesFrom(shape, (k) => (k === size + place ? pixel : y.data[k]!));
            results(engine, x, broken, attrs).forEach((values, which) => {
              const third = values.length / 3;
              const part = (n: number): Float32Array => values.subarray(n * third, (n + 1) * third);
              expect(part(1).every(Number.isFinite), `${form} ${which}, ${pixel} at ${place}`).toBe(false);
              for (const n of [0, 2]) {
                expect(part(n).every((v, k) => v === clean[which]![n * third + k])).toBe(true);
              }
            });
          }
        }
        results(engine, x, y, attrs).forEach((values, which) => {
          expect(values.every((v, k) => v === clean[which]![k])).toBe(true);
        });
      }
    }
  }
});
