import { reshape } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { linear } from './withGradient.js';

/** A reshape with its gradient. */
export function reshaped<T extends Tensor>(x: Tensor, shape: number[]): T {
  const before = x.shape;
  return linear<Tensor, T>(
    x,
    (given) => reshape(given, shape) as T,
    (dy) => reshape(dy, before),
  );
}
