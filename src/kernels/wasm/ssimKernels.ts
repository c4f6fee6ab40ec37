import type { KernelBackend, KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { arrayKernels } from '../engines/arrayKernels.js';

/** What of tfjs's wasm backend is used here. */
interface WasmBackend extends KernelBackend {
  typedArrayFromHeap(info: TensorInfo): Float32Array;
  makeOutput(shape: number[], dtype: 'float32'): TensorInfo;
}

/** The fused kernels of tfjs's wasm backend: from its memory through that of the kernel's own module. */
export function wasmSsimKernels(): KernelConfig[] {
  return arrayKernels({
    name: 'wasm',
    values: (backend, info) => (backend as WasmBackend).typedArrayFromHeap(info),
    output: (backend, shape) => (backend as WasmBackend).makeOutput(shape, 'float32'),
  });
}
