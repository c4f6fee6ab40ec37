import { matMul, mul, ones, reshape, sum } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { scaled } from './elementwise.js';
import { linear } from './withGradient.js';

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
    // An outer product spreads dy over the pixels: faster than tile or a broadcast, on every backend.
    (dy) => reshape(matMul(reshape(dy, [-1, 1]), ones([1, pixelCount(shape)])), shape),
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
    (dy) =>
      reshape(matMul(ones([count, pixels, 1]), reshape(mul(dy, 1 / pixels), [count, 1, channels])), shape),
  );
}

/** The sum over channels, whose axis stays: [N, H, W, C] → [N, H, W, 1]. */
export function sumOverChannels(x: Tensor4D): Tensor4D {
  const { shape } = x;
  const channels = shape[3];
  if (channels === 1) return x;
  return linear<Tensor4D, Tensor4D>(
    x,
    (given) => sum(given, 3, true),
    (dy) => reshape(matMul<Tensor2D>(reshape(dy, [-1, 1]), ones([1, channels])), shape),
  );
}

/** The mean over channels, whose axis stays: [N, H, W, C] → [N, H, W, 1]. */
export function meanOverChannels(x: Tensor4D): Tensor4D {
  return scaled(sumOverChannels(x), 1 / x.shape[3]);
}

function pixelCount(shape: readonly number[]): number {
  return shape.slice(1).reduce((product, size) => product * size, 1);
}
