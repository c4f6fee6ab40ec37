import {
  add,
  cast,
  div,
  equal,
  matMul,
  mul,
  ones,
  reshape,
  sum,
  tile,
  transpose,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { scaled } from './elementwise.js';
import { linear, withGradient } from './withGradient.js';
import { detached } from './withoutGradient.js';

/**
 * The sum over everything but the batch axis: [N, …] → [N].
 *
 * One axis after the other: a single float32 sum over a megapixel, as tfjs's wasm backend does it, is off
 * by 1e-3; sums of sums of rows stay near 1e-7.
 */
export function sumPerImage(x: Tensor): Tensor1D {
  const { shape } = x;
  return linear<Tensor, Tensor1D>(
    x,
    (given) => {
      let total: Tensor = given;
      while (total.rank > 1) total = sum(total, total.rank - 1);
      return total as Tensor1D;
    },
    (dy) => reshape(repeated(dy, pixelCount(shape)), shape),
  );
}

/** The mean over everything but the batch axis: [N, …] → [N]. */
export function meanPerImage(x: Tensor): Tensor1D {
  return scaled(sumPerImage(x), 1 / pixelCount(x.shape));
}

/** The mean over the pixels of every channel: [N, H, W, C] → [N, C]. */
export function meanOverPixels(x: Tensor4D): Tensor2D {
  const { shape } = x;
  const [count, height, width, channels] = shape;
  const pixels = height * width;
  return linear<Tensor4D, Tensor2D>(
    x,
    (given) => mul(sum<Tensor2D>(sum(given, 1), 1), 1 / pixels),
    (dy) => {
      const planes = repeated(mul(dy, 1 / pixels), pixels);
      if (channels === 1) return reshape(planes, shape);
      return reshape(transpose(reshape(planes, [count, channels, pixels]), [0, 2, 1]), shape);
    },
  );
}

/** The sum over channels, whose axis stays: [N, H, W, C] → [N, H, W, 1]. */
export function sumOverChannels<T extends Tensor>(x: T): T {
  const { shape } = x;
  const channels = shape[shape.length - 1]!;
  if (channels === 1) return x;
  return linear<T, T>(
    x,
    (given) => sum(given, -1, true),
    (dy) => reshape(repeated(dy, channels), shape) as T,
  );
}

/** The mean over channels, whose axis stays: [N, H, W, C] → [N, H, W, 1]. */
export function meanOverChannels<T extends Tensor>(x: T): T {
  return scaled(sumOverChannels(x), 1 / x.shape[x.rank - 1]!);
}

/** x · weights, of one shape; no gradient flows into the weights. */
export function weighted<T extends Tensor>(x: T, weights: T): T {
  return withGradient(
    [x, weights] as const,
    ([given, saved]) => mul<T>(given, saved),
    (dy, [, saved]) => [weighted(dy, saved), zerosLike(saved)],
  );
}

/** The sum over everything but the batch axis, each pixel by its weight if there are weights: [N, …] → [N]. */
export function weightedSumPerImage(x: Tensor, weights: Tensor | undefined): Tensor1D {
  return sumPerImage(weights === undefined ? x : weighted(sumOverChannels(x), weights));
}

/**
 * Σ weights · x / Σ weights of every image, one channel: [N, …, 1] → [N]. 0 where all weights are 0: then
 * nothing contributes to the mean, and nothing has a gradient.
 */
export function weightedMeanPerImage(x: Tensor, weights: Tensor): Tensor1D {
  return sumPerImage(weighted(x, sharesOf(weights)));
}

/** The weighted mean over the pixels of every channel: [N, H, W, C] and [N, H, W, 1] → [N, C]. */
export function weightedMeanOverPixels(x: Tensor4D, weights: Tensor4D): Tensor2D {
  const [, height, width, channels] = x.shape;
  const shares = detached(weights, (given) => tile(sharesOf(given), [1, 1, 1, channels]));
  return scaled(meanOverPixels(weighted(x, shares)), height * width);
}

/** Weights that sum to 1 in every image, or to 0 where all are 0; no gradient flows back through them. */
export function sharesOf<T extends Tensor>(weights: T): T {
  return detached(weights, (given) => {
    const total = sumPerImage(given);
    const divisor = add(total, cast(equal(total, 0), 'float32'));
    return div<T>(given, reshape(divisor, [-1, ...new Array<number>(given.rank - 1).fill(1)]));
  });
}

function pixelCount(shape: readonly number[]): number {
  return shape.slice(1).reduce((product, size) => product * size, 1);
}

/**
 * Every number so often, one row each: an outer product is faster than tile or a broadcast, on every backend.
 *
 * `x` is the first factor: of a second one tfjs's webgpu backend reads the next images too, and 0 · NaN is NaN.
 */
function repeated(x: Tensor, times: number): Tensor2D {
  return matMul(reshape(x, [-1, 1]), ones([1, times]));
}
