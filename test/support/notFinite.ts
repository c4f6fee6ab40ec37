// One pixel that is not finite, in every measure: what its image, and no other, must then give. Reads with `data()`, for any backend.
import { grads, tensor, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { randomNumbers } from './images.js';
import { measures } from './measures.js';
import type { Measure } from './measures.js';

/** The pixels of the batch, in the order of its images; `null` for an image that stays as it is. */
const pixels: readonly ({ readonly value: number; readonly place: number } | null)[] = [
  null,
  { value: NaN, place: 0.5 },
  null,
  { value: Infinity, place: 0.5 },
  { value: -Infinity, place: 0.5 },
  { value: NaN, place: 0 },
  { value: NaN, place: 1 },
];

/** Which of the images have the pixel: `both` at the same place, where the two agree. */
export const sides = ['yTrue', 'yPred', 'both'] as const;

export interface NotFiniteCase {
  readonly name: string;
  readonly measure: Measure;
  readonly options: Readonly<Record<string, unknown>>;
  /** Of one image or volume. */
  readonly shape: readonly number[];
  /** Whether fused kernels have a part in it, where the backend has them. */
  readonly fused: boolean;
}

/** Every measure and variant, images and volumes; of the windows of one pixel or plane, those measures with paths of their own. */
export const notFiniteCases: readonly NotFiniteCase[] = measures.flatMap((measure) =>
  measure.variants.flatMap(({ name, options, fused = /^(msSsim|mix)/.test(measure.name) }, index) => {
    const of = (what: string, shape: readonly number[], further = {}): NotFiniteCase => ({
      name: `${measure.name}, ${name}, ${what}`,
      measure,
      options: { ...options, ...further },
      shape,
      fused: fused && what !== 'volumes',
    });
    const cases = [of('images', [12, 12, index === 0 ? 2 : 1])];
    if (measure.volumes) cases.push(of('volumes', [5, 5, 6, 1]));
    if (['ssimMap', 'ssimLoss', 'ssimTerms'].includes(measure.name)) {
      cases.push(of('1 × 1 window', [3, 4, 1], { windowSize: 1 }));
      cases.push(of('volumes plane by plane', [3, 5, 4, 1], { windowSize: [1, 3, 3] }));
    }
    return cases;
  }),
);

/** Random images; `replaced` puts `value(pixel)` where the pixels that are not finite belong. */
function batch(shape: readonly number[], seed: number, replaced?: (value: number) => number): Tensor {
  const random = randomNumbers(seed);
  const size = shape.reduce((product, length) => product * length, 1);
  const data = Float32Array.from({ length: pixels.length * size }, () => 0.1 + 0.8 * random());
  if (replaced !== undefined) {
    pixels.forEach((pixel, n) => {
      if (pixel !== null) data[n * size + Math.round(pixel.place * (size - 1))] = replaced(pixel.value);
    });
  }
  return tensor(data, [pixels.length, ...shape]);
}

async function read(compute: () => readonly Tensor[]): Promise<Float32Array[]> {
  const tensors = tidy(() => [...compute()]);
  const values = await Promise.all(tensors.map(async (each) => Float32Array.from(await each.data())));
  for (const each of tensors) each.dispose();
  return values;
}

const imageOf = (values: Float32Array, n: number): Float32Array =>
  values.subarray((n * values.length) / pixels.length, ((n + 1) * values.length) / pixels.length);

type Replaced = ((value: number) => number) | undefined;

const asGiven = (value: number): number => value;

function imagesOf(
  shape: readonly number[],
  side: (typeof sides)[number],
  replaced: Replaced,
): [Tensor, Tensor] {
  return [
    batch(shape, 1, side === 'yPred' ? undefined : replaced),
    batch(shape, 2, side === 'yTrue' ? undefined : replaced),
  ];
}

/** What is wrong with the values: nothing, if all is well. */
export async function valueFaults({ measure, options, shape }: NotFiniteCase): Promise<string[]> {
  const isMap = measure.kind === 'map' || measure.kind === 'residual map' || measure.kind === 'terms';
  const best = measure.perfect === 0 ? -Infinity : Infinity;
  const run = (side: (typeof sides)[number], replaced: Replaced): Promise<Float32Array[]> =>
    read(() => measure.call(...imagesOf(shape, side, replaced), options));
  const clean = await run('both', undefined);
  const faults: string[] = [];
  for (const side of sides) {
    const broken = await run(side, asGiven);
    // A pixel of another finite value shows which places of a map see it.
    const moved = isMap ? await run(side, () => (side === 'both' ? 0.97 : 0.02)) : clean;
    broken.forEach((values, k) => {
      pixels.forEach((pixel, n) => {
        const actual = imageOf(values, n);
        const [before, seen] = [imageOf(clean[k]!, n), imageOf(moved[k]!, n)];
        const wrong = actual.findIndex((number, place) => {
          if (Object.is(number, before[place])) return pixel !== null && (!isMap || seen[place] !== number);
          return pixel === null || Number.isFinite(number) || number === best;
        });
        const what = pixel === null ? 'beside it' : String(pixel.value);
        if (wrong >= 0) faults.push(`${side}, ${what}: ${actual[wrong]!}, not ${before[wrong]!}`);
        else if (pixel !== null && actual.every(Number.isFinite)) faults.push(`${side}, ${what}: all finite`);
      });
    });
  }
  return faults;
}

/** The same of both gradients: that of an image with NaN is never finite, that of an infinite pixel never all 0. */
export async function gradientFaults({ measure, options, shape }: NotFiniteCase): Promise<string[]> {
  // No gradient flows into the features of yTrue, and of these maps none flows into yTrue.
  const ofBoth = !measure.name.startsWith('featureResidual');
  const run = (side: (typeof sides)[number], replaced: Replaced): Promise<Float32Array[]> =>
    read(() => {
      const [x, y] = imagesOf(shape, side, replaced);
      const outputs = measure.call(x, y, options).length;
      return Array.from({ length: outputs }, (_, k) =>
        ofBoth
          ? grads((a: Tensor, b: Tensor) => measure.call(a, b, options)[k]!)([x, y])
          : grads((b: Tensor) => measure.call(x, b, options)[k]!)([y]),
      ).flat();
    });
  const clean = await run('both', undefined);
  const faults: string[] = [];
  for (const side of ['yTrue', 'yPred'] as const) {
    const broken = await run(side, asGiven);
    broken.forEach((values, k) => {
      pixels.forEach((pixel, n) => {
        const [actual, before] = [imageOf(values, n), imageOf(clean[k]!, n)];
        // That of the contrast of single pixels, say.
        if (before.every((number) => number === 0)) return;
        if (pixel === null) {
          const wrong = actual.findIndex((number, place) => !Object.is(number, before[place]));
          if (wrong >= 0) {
            faults.push(`${side}, gradient ${k} beside it: ${actual[wrong]!}, not ${before[wrong]!}`);
          }
        } else if (Number.isNaN(pixel.value) ? actual.every(Number.isFinite) : actual.every((g) => g === 0)) {
          const what = actual.every((g) => g === 0) ? '0' : 'finite';
          faults.push(`${side}, ${pixel.value}: gradient ${k} is ${what}`);
        }
      });
    });
  }
  return faults;
}
