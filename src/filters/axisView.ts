import { reshape } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';

/**
 * Any tensor as [before, length, after] around one of its axes: code that works along an axis is written once
 * for every rank, and an NHWC image needs no transposition. This is only a reshape: no data moves.
 */
export function axisView(x: Tensor, axis: number): Tensor3D {
  const before = x.shape.slice(0, axis).reduce((product, size) => product * size, 1);
  const after = x.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  return reshape(x, [before, x.shape[axis] ?? 1, after]);
}

/** `shape` with another length along `axis`. */
export function withLength(shape: readonly number[], axis: number, length: number): number[] {
  return shape.map((size, index) => (index === axis ? length : size));
}
