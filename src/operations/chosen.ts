import { reshape, where } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** a where the condition holds, else b, all of one shape. tfjs's GPU backends have no `where` of volumes, rank 5. */
export function chosen<T extends Tensor>(condition: Tensor, a: T, b: T): T {
  if (a.rank <= 4) return where<T>(condition, a, b);
  const flat = (x: Tensor): Tensor => reshape(x, [-1]);
  return reshape(where(flat(condition), flat(a), flat(b)), a.shape) as T;
}
