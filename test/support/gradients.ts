import { grads, memory, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { asTensor, imagesFrom } from './images.js';
import { largest, largestError } from './reference.js';
import type { Images } from './reference.js';

/** What a function of tensors gives, as numbers. */
export function values(f: () => Tensor): Float32Array {
  return tidy(() => f().dataSync<'float32'>().slice());
}

/** Pixels that are hard on a gradient: flat, tiny, huge, of opposite signs, one alone. */
export const extremes: readonly ((k: number) => number)[] = [
  (): number => 0,
  (): number => 1,
  (): number => 1e-20,
  (): number => 1e6,
  (k: number): number => (k % 2 ? 1e6 : -1e6),
  (k: number): number => (k % 2 ? -1e6 : 1e6),
  (k: number): number => (k === 30 ? 1 : 0),
  (k: number): number => (k % 7) / 7,
];

/** All pairs of them, as two batches: one call instead of many. */
export function pairsOf(
  of: readonly ((k: number) => number)[],
  height: number,
  width: number,
): { readonly x: Images; readonly y: Images; readonly ones: readonly number[] } {
  const pixels = height * width;
  const batch = (which: (pair: number) => number): Images =>
    imagesFrom([of.length ** 2, height, width, 1], (k) => of[which(Math.floor(k / pixels))]!(k % pixels));
  return {
    x: batch((pair) => Math.floor(pair / of.length)),
    y: batch((pair) => pair % of.length),
    ones: Array.from({ length: of.length ** 2 }, () => 1),
  };
}

/** The library's gradients of Σ_n weights_n · f(x, y)_n with respect to both images. */
export function gradientsOf(
  f: (x: Tensor, y: Tensor) => Tensor,
  x: Images,
  y: Images,
  weights: readonly number[],
): readonly [Float32Array, Float32Array] {
  return tidy(() => {
    const [gx, gy] = grads((a: Tensor, b: Tensor) => f(a, b))(
      [asTensor(x), asTensor(y)],
      tensor1d([...weights]),
    );
    return [gx!.dataSync<'float32'>().slice(), gy!.dataSync<'float32'>().slice()] as const;
  });
}

/** The largest difference of two gradients, relative to the largest entry of the expected one. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const scale = largest(expected);
  return largestError(actual, expected) / (scale > 0 ? scale : 1);
}

/** How many tensors `f` leaves behind, whether it returns or throws. */
export function tensorGrowth(f: () => void): number {
  const before = memory().numTensors;
  f();
  return memory().numTensors - before;
}
