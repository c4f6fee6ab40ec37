import { tensor4d, tidy, valueAndGrad } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Mode } from './row.js';
import type { Workload } from './workload.js';

export type Pair = readonly [Tensor4D, Tensor4D];
const tensors = new Map<Workload, Map<string, Pair>>();

/** The images of a workload on the active backend, one pair for all rows. */
export function tensorsOf(workload: Workload, backend: string): Pair {
  const ofWorkload = tensors.get(workload) ?? new Map<string, Pair>();
  tensors.set(workload, ofWorkload);
  const shape = [...workload.shape] as [number, number, number, number];
  const pair = ofWorkload.get(backend) ?? [tensor4d(workload.x, shape), tensor4d(workload.y, shape)];
  ofWorkload.set(backend, pair);
  return pair;
}

export function releaseTensors(workload: Workload): void {
  for (const pair of tensors.get(workload)?.values() ?? []) for (const tensor of pair) tensor.dispose();
  tensors.delete(workload);
}

/** The value, and the gradient where it is asked for. */
export function compute(loss: (y: Tensor4D) => Tensor, y: Tensor4D, mode: Mode): [Tensor, Tensor?] {
  if (mode === 'value') return [tidy(() => loss(y))];
  const { value, grad } = valueAndGrad((given: Tensor) => loss(given as Tensor4D))(y);
  return [value, grad];
}

type Read = readonly [losses: Float32Array, gradient: Float32Array | undefined];

/** The same, awaited and read. */
export async function read(loss: (y: Tensor4D) => Tensor, y: Tensor4D, mode: Mode): Promise<Read> {
  const [value, gradient] = compute(loss, y, mode);
  const [losses, slopes] = [await value.data<'float32'>(), await gradient?.data<'float32'>()];
  value.dispose();
  gradient?.dispose();
  return [losses, slopes];
}

/** What rows that compute the same must agree in: the mean SSIM, or the norm of the loss's gradient. */
export const checkOf = ([losses, gradient]: Read): number =>
  gradient === undefined
    ? 1 - losses.reduce((sum, loss) => sum + loss, 0) / losses.length
    : Math.sqrt(gradient.reduce((sum, slope) => sum + slope ** 2, 0));
