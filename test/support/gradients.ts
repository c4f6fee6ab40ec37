import { grads, memory, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { asTensor } from './images.js';
import { largest, largestError } from './reference.js';
import type { Images } from './reference.js';

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
