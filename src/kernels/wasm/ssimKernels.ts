import type { KernelConfig } from '@tensorflow/tfjs-core';
import { arrayKernels } from '../engines/arrayKernels.js';
import type { WasmBackend } from './backend.js';

/** The fused kernels of tfjs's wasm backend: from its memory through that of the kernel's own module. */
export function wasmSsimKernels(): KernelConfig[] {
  return arrayKernels({
    name: 'wasm',
    values: (backend, info) => (backend as WasmBackend).typedArrayFromHeap(info),
    output: (backend, shape) => (backend as WasmBackend).makeOutput(shape, 'float32'),
  });
}
