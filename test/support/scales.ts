// Pixels and dataRange that are tiny or huge together: the values of the same images in [0, 1]. Reads with `data()`, for any backend.
import { grad, tensor, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { randomNumbers } from './images.js';
import type { Measure, Variant } from './measures.js';

/** Powers of 2 change no digit of a pixel, so they may change none of a value; beyond them lies what float32 cannot divide by. */
export const powersOfTwo = [2 ** -100, 2 ** 100];
/** Every pixel is rounded once more here. */
export const powersOfTen = [1e-30, 1e-18, 1e20, 1e30];

/** Options in squared pixel units. */
const squared = ['c', 'c1', 'c2'];

function optionsAt(scale: number, { options }: Variant): Record<string, unknown> {
  const given = Object.entries(options).map(([name, value]) =>
    squared.includes(name) ? [name, (value as number) * scale ** 2] : [name, value],
  );
  return { ...(Object.fromEntries(given) as Record<string, unknown>), dataRange: scale };
}

/** Images or volumes, and what resembles them, in [0.05, 0.95] times the scale. */
function images(shape: readonly number[], scale: number): [Tensor, Tensor] {
  const random = randomNumbers(1);
  const size = shape.reduce((product, length) => product * length, 1);
  const of = (pixel: (k: number) => number): Float32Array =>
    Float32Array.from({ length: size }, (_, k) => Math.fround(pixel(k)));
  const x = of(() => 0.05 + 0.9 * random());
  // Of images without likeness terms are near 0, where roots and logarithms are steep.
  const y = of((k) => 0.6 * x[k]! + 0.4 * (0.05 + 0.9 * random()));
  return [x, y].map((data) =>
    tensor(
      data.map((pixel) => pixel * scale),
      [...shape],
    ),
  ) as [Tensor, Tensor];
}

/** All outputs, and the gradient of the reconstruction of the first, of which every value times the scale. */
async function measured(
  measure: Measure,
  variant: Variant,
  shape: readonly number[],
  scale: number,
): Promise<{ readonly values: Float32Array; readonly gradient: Float64Array }> {
  const results = tidy(() => {
    const [x, y] = images(shape, scale);
    const options = optionsAt(scale, variant);
    const f = (image: Tensor): Tensor => measure.call(x, image, options)[0]!;
    return [grad(f)(y), ...measure.call(x, y, options)];
  });
  const [gradient, ...values] = await Promise.all(
    results.map(async (result) => Float32Array.from(await result.data())),
  );
  for (const result of results) result.dispose();
  return {
    values: Float32Array.from(values.flatMap((each) => [...each])),
    gradient: Float64Array.from(gradient!, (slope) => slope * scale),
  };
}

/** The largest difference, or Infinity where there is none because a number is NaN. */
function apart(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  for (let k = 0; k < expected.length; k++) {
    const gap = Math.abs(actual[k]! - expected[k]!);
    if (!(gap <= largest)) largest = Number.isNaN(gap) ? Infinity : gap;
  }
  return largest;
}

/** How far the values, and the gradients in parts of the largest, are from those of the same images in [0, 1]. */
export async function apartAtScale(
  measure: Measure,
  variant: Variant,
  shape: readonly number[],
  scales: readonly number[],
): Promise<readonly { readonly scale: number; readonly value: number; readonly gradient: number }[]> {
  const expected = await measured(measure, variant, shape, 1);
  const steepest = Math.max(...expected.gradient.map(Math.abs), 1e-12);
  const result = [];
  for (const scale of scales) {
    const actual = await measured(measure, variant, shape, scale);
    result.push({
      scale,
      value: apart(actual.values, expected.values),
      gradient: apart(actual.gradient, expected.gradient) / steepest,
    });
  }
  return result;
}
