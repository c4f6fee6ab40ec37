import { getBackend } from '@tensorflow/tfjs-core';
import { cpuArrays } from '../../backends/cpu.js';
import { pairOnArrays } from '../../backends/pairOnArrays.js';
import { registered } from '../../backends/registered.js';
import type { KernelsOfBackends } from '../../backends/registered.js';
import { fusedKernelsAreInUse } from '../../backends/useFusedKernels.js';
import { wasmArrays } from '../../backends/wasm.js';
import { PixelsForward, pixelKernels } from './contract.js';
import type { PixelAttrs } from './contract.js';
import { PixelEngine } from './pixelEngine.js';

/** On GPUs a few ops are as good. */
const none = (): [] => [];

const kernels: KernelsOfBackends = {
  cpu: () => pairOnArrays(pixelKernels, cpuArrays, () => new PixelEngine()),
  wasm: () => pairOnArrays(pixelKernels, wasmArrays, () => new PixelEngine()),
  webgl: none,
  webgpu: none,
};

/** Whether the active backend has the kernels, and they are to be used. Maps on wasm take as long by a few ops. */
export const hasPixelKernels = ({ form }: PixelAttrs): boolean =>
  fusedKernelsAreInUse() &&
  !(form === 'map' && getBackend() === 'wasm') &&
  registered(PixelsForward, kernels);
