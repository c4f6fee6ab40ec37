import type { Tensor4D } from '@tensorflow/tfjs-core';
import { cpuArrays } from '../../backends/cpu.js';
import { pairOnArrays } from '../../backends/pairOnArrays.js';
import { registered } from '../../backends/registered.js';
import type { KernelsOfBackends } from '../../backends/registered.js';
import { fusedKernelsAreInUse } from '../../backends/useFusedKernels.js';
import { wasmArrays } from '../../backends/wasm.js';
import type { ResolvedGmsOptions } from '../gmsOptions.js';
import { AssemblyEngine, hasRoomFor } from './assemblyEngine.js';
import { GmsForward, gmsKernels } from './contract.js';
import type { GmsAttrs } from './contract.js';

const kernels: KernelsOfBackends = {
  cpu: () => pairOnArrays(gmsKernels, cpuArrays, () => new AssemblyEngine()),
  wasm: () => pairOnArrays(gmsKernels, wasmArrays, () => new AssemblyEngine()),
  webgl: () => [],
  webgpu: () => [],
};

/** What the fused kernels need to know, if they take such images and the active backend has them. */
export function fusedGmsAttrs(
  images: Tensor4D,
  { unit, c, padding }: ResolvedGmsOptions,
  what: Pick<GmsAttrs, 'form' | 'first' | 'levels'>,
): GmsAttrs | undefined {
  if (!fusedKernelsAreInUse() || !hasRoomFor(images.shape, what)) return undefined;
  return registered(GmsForward, kernels) ? { ...what, unit, c, padding } : undefined;
}
