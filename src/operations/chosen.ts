import { mul, reshape, where } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';

/**
 * a where the condition holds, else b, [N, …, C]; the condition may have one image for all, and one channel for all.
 *
 * As [N, pixels, C], since tfjs's GPU backends have no `where` of volumes. Times 1, since `where` of its webgpu
 * backend fails on tensors that `tf.cast` made float32: their buffer still holds integers.
 */
export function chosen<T extends Tensor>(condition: Tensor, a: T, b: T): T {
  return reshape(where(flat(condition), mul(flat(a), 1), mul(flat(b), 1)), a.shape) as T;
}

function flat(x: Tensor): Tensor3D {
  return reshape(x, [x.shape[0], -1, x.shape[x.rank - 1]!]);
}
