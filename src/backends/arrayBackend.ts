import type { KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';

/** Access to the arrays of a backend whose tensors are arrays. */
export interface ArrayBackend {
  readonly name: string;
  values(backend: KernelBackend, info: TensorInfo): Float32Array;
  /** A new tensor of unset numbers. It may move the arrays of other tensors: ask for `values` after it. */
  output(backend: KernelBackend, shape: number[]): TensorInfo;
}
