import type { DataId, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import type { ArrayBackend } from './arrayBackend.js';

/** The parts of tfjs's cpu backend that are used here. */
interface CpuBackend extends KernelBackend {
  readonly data: { get(dataId: DataId): { readonly values: Float32Array } };
  makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): TensorInfo;
}

export const cpuArrays: ArrayBackend = {
  name: 'cpu',
  values: (backend, { dataId }) => (backend as CpuBackend).data.get(dataId).values,
  output: (backend, shape) =>
    (backend as CpuBackend).makeTensorInfo(
      shape,
      'float32',
      new Float32Array(shape.reduce((product, size) => product * size, 1)),
    ),
};
