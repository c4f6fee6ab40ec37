// Images with pixels that are not finite where the weight is 0, and the finite images that they count as.
import { grads, ones, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { asTensor, naturalImages, noisy } from './images.js';
import type { Images } from './reference.js';

const [height, width, channels] = [12, 12, 2];
const shape = [2, height, width, channels] as const;
const pixels = height * width;

const x = naturalImages(shape, 1);
const y = noisy(x, 0.1, 2);

/** Pixels of the first image, and what each image has there in its first channel, or in both. */
const holes: readonly { readonly pixel: number; readonly inX?: number[]; readonly inY?: number[] }[] = [
  { pixel: 5 * width + 5, inX: [NaN] },
  { pixel: 6 * width + 7, inY: [Infinity, -Infinity] },
  { pixel: 3 * width + 8, inX: [0.25, -Infinity], inY: [NaN] },
  { pixel: 0, inY: [NaN, NaN] },
  { pixel: pixels - 1, inX: [Infinity, NaN] },
];

export const leftOut: ReadonlySet<number> = new Set(holes.map(({ pixel }) => pixel));

const changed = (images: Images, change: (data: Float32Array) => void): Images => {
  const data = Float32Array.from(images.data);
  change(data);
  return { shape: images.shape, data };
};
const pixelOf = ({ data }: Images, pixel: number): Float32Array =>
  Float32Array.from({ length: channels }, (_, channel) => data[channels * pixel + channel]!);

/** Not finite where the weight is 0. */
export const broken = {
  x: changed(x, (data) => holes.forEach(({ pixel, inX = [] }) => data.set(inX, channels * pixel))),
  y: changed(y, (data) => holes.forEach(({ pixel, inY = [] }) => data.set(inY, channels * pixel))),
};

/** Equal there: the pixel of the image in which it is finite, else 0. */
const agreed = holes.map(({ pixel, inX, inY }) => ({
  pixel,
  values: inX === undefined ? pixelOf(x, pixel) : inY === undefined ? pixelOf(y, pixel) : [0, 0],
}));
const fill = (data: Float32Array): void =>
  agreed.forEach(({ pixel, values }) => data.set(values, channels * pixel));
export const mended = { x: changed(x, fill), y: changed(y, fill) };

/** [2, H, W, 1] of 1, 2 and 3; 0 at the holes. */
export const weights: Images = {
  shape: [2, height, width, 1],
  data: Float32Array.from({ length: 2 * pixels }, (_, k) => (leftOut.has(k) ? 0 : 1 + (k % 3))),
};

/** The first image has no weight; its pixels are NaN, infinite and huge, the same in both or not. */
export const unweighted = {
  x: changed(x, (data) => data.set([NaN, Infinity, 1e30, -3e38, 0.5], 7)),
  y: changed(y, (data) => data.set([0.5, Infinity, -1e30, 3e38, -Infinity, NaN], 7)),
  weights: {
    shape: weights.shape,
    data: Float32Array.from({ length: 2 * pixels }, (_, k) => (k < pixels ? 0 : 1)),
  } as Images,
};
export const plain = { x, y };

export interface ValueAndGradients {
  readonly value: Float32Array;
  readonly gradients: readonly [Float32Array, Float32Array];
}

/** A measure and its gradients of both images, awaited, as webgpu wants it. */
export async function valueAndGradients(
  f: (x: Tensor, y: Tensor) => Tensor,
  images: { readonly x: Images; readonly y: Images },
): Promise<ValueAndGradients> {
  const tensors = tidy(() => {
    const pair = [asTensor(images.x), asTensor(images.y)];
    const value = f(pair[0]!, pair[1]!);
    return [value, ...grads((a: Tensor, b: Tensor) => f(a, b))(pair, ones(value.shape))];
  });
  const [value, ofX, ofY] = await Promise.all(
    tensors.map(async (tensor) => (await tensor.data<'float32'>()).slice()),
  );
  for (const tensor of tensors) tensor.dispose();
  return { value: value!, gradients: [ofX!, ofY!] };
}

/** The entries of a gradient that belong to pixels left out become 0. */
export function withoutHoles(gradient: Float32Array): Float32Array {
  return gradient.map((slope, k) => (leftOut.has(Math.floor(k / channels)) ? 0 : slope));
}
