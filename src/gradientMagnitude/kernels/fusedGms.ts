import { getBackend } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { cpuArrays } from '../../backends/cpu.js';
import { isHalfPrecision } from '../../backends/halfPrecision.js';
import { pairOnArrays } from '../../backends/pairOnArrays.js';
import { registered } from '../../backends/registered.js';
import type { KernelsOfBackends } from '../../backends/registered.js';
import { fusedKernelsAreInUse } from '../../backends/useFusedKernels.js';
import { wasmArrays } from '../../backends/wasm.js';
import { webgl } from '../../backends/webgl.js';
import { webgpu } from '../../backends/webgpu.js';
import type { ResolvedGmsOptions } from '../gmsOptions.js';
import { AssemblyEngine, hasRoomFor } from './assemblyEngine.js';
import { GmsForward, gmsKernels } from './contract.js';
import type { GmsAttrs } from './contract.js';
import { gpuGmsKernels, mostGpuLevels } from './gpuKernels.js';

const kernels: KernelsOfBackends = {
  cpu: () => pairOnArrays(gmsKernels, cpuArrays, () => new AssemblyEngine()),
  wasm: () => pairOnArrays(gmsKernels, wasmArrays, () => new AssemblyEngine()),
  webgl: () => gpuGmsKernels(webgl),
  webgpu: () => gpuGmsKernels(webgpu),
};
/** The backends whose kernels are the WebAssembly module; these take weights, and give a residual. */
const onArrays: readonly string[] = ['cpu', 'wasm'];

/** What the fused kernels need to know, if they take such images and the active backend has them. */
export function fusedGmsAttrs(
  images: Tensor4D,
  { unit, c, padding }: ResolvedGmsOptions,
  what: Pick<GmsAttrs, 'form' | 'first' | 'levels'>,
  weighted: boolean,
): GmsAttrs | undefined {
  const backend = getBackend();
  // Half precision does not hold the gradients of faint edges.
  const hasRoom = onArrays.includes(backend)
    ? hasRoomFor(images.shape, what)
    : what.levels <= mostGpuLevels && what.form !== 'residual' && !weighted && !isHalfPrecision(backend);
  if (!fusedKernelsAreInUse() || !hasRoom) return undefined;
  return registered(GmsForward, kernels) ? { ...what, unit, c, padding } : undefined;
}
