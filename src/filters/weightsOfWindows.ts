import { slice } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { detached } from '../operations/withoutGradient.js';
import type { Padding } from './paddings.js';

/** The weights of the windows' middle pixels, in the size of a map; no gradient flows back through them. */
export function weightsOfWindows<T extends Tensor>(
  weights: T,
  windowSize: readonly number[],
  padding: Padding,
): T {
  if (padding !== 'valid') return weights;
  const begin = [0, ...windowSize.map((size) => (size - 1) / 2), 0];
  const size = weights.shape.map((length, axis) => length - 2 * begin[axis]!);
  return detached(weights, (given) => slice(given, begin, size));
}
