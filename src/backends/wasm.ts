import { getKernel } from '@tensorflow/tfjs-core';
import type { KernelBackend, KernelConfig, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { ArrayBackend } from './arrayBackend.js';

/** The parts of tfjs's wasm backend that are used here. */
export interface WasmBackend extends KernelBackend {
  typedArrayFromHeap(info: TensorInfo): Float32Array;
  makeOutput(shape: number[], dtype: 'float32' | 'bool'): TensorInfo;
}

/** Undefined in a custom build that lacks it: a registry without an entry says otherwise in its type alone. */
export const wasmKernel = (name: string): KernelConfig | undefined => getKernel(name, 'wasm');

/**
 * A kernel of the backend called directly, not as an op: it takes and gives plain tensor infos, so that the engine tracks
 * no intermediate tensor, the inputs are not wrapped, and there is one owner to release each result.
 */
export const runKernel = (
  kernel: KernelConfig,
  inputs: Record<string, TensorInfo>,
  attrs: object,
  backend: KernelBackend,
): TensorInfo => kernel.kernelFunc({ inputs, attrs: attrs as NamedAttrMap, backend }) as TensorInfo;

/** The same data under another shape of the same size: no copy, no new reference. */
export const viewed = ({ dataId, dtype }: TensorInfo, shape: number[]): TensorInfo => ({
  dataId,
  dtype,
  shape,
});

/** From the backend's memory and into it. */
export const wasmArrays: ArrayBackend = {
  name: 'wasm',
  values: (backend, info) => (backend as WasmBackend).typedArrayFromHeap(info),
  output: (backend, shape) => (backend as WasmBackend).makeOutput(shape, 'float32'),
};
