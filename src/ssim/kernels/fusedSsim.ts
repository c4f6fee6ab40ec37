import { getBackend } from '@tensorflow/tfjs-core';
import { cpuArrays } from '../../backends/cpu.js';
import { pairOnArrays } from '../../backends/pairOnArrays.js';
import type { Shape4D } from '../../backends/pairOnArrays.js';
import { registered } from '../../backends/registered.js';
import type { KernelsOfBackends } from '../../backends/registered.js';
import { fusedKernelsAreInUse } from '../../backends/useFusedKernels.js';
import { wasmArrays } from '../../backends/wasm.js';
import { webgl } from '../../backends/webgl.js';
import { webgpu } from '../../backends/webgpu.js';
import { windowOf } from '../../filters/window.js';
import type { ResolvedSsimOptions } from '../ssimOptions.js';
import { AssemblyEngine } from './assemblyEngine.js';
import { SsimForward, leastC2, ssimKernels } from './contract.js';
import type { SsimAttrs } from './contract.js';
import { gpuSsimKernels } from './gpuKernels.js';
import { hasRoomFor } from './windowPasses.js';

const kernels: KernelsOfBackends = {
  cpu: () => pairOnArrays(ssimKernels, cpuArrays, () => new AssemblyEngine()),
  wasm: () => pairOnArrays(ssimKernels, wasmArrays, () => new AssemblyEngine()),
  webgl: () => gpuSsimKernels(webgl),
  webgpu: () => gpuSsimKernels(webgpu),
};
/** The backends whose kernels are the WebAssembly module; these take weights. */
const onArrays: readonly string[] = ['cpu', 'wasm'];

/** The attributes for the fused kernels, if these support the request and the active backend has them. */
export function fusedSsimAttrs(
  shape: Shape4D,
  options: ResolvedSsimOptions,
  weighted = false,
): Omit<SsimAttrs, 'form'> | undefined {
  const isOnArrays = onArrays.includes(getBackend());
  if (weighted && !isOnArrays) return undefined;
  if (!fusedKernelsAreInUse() || !apply(options) || !registered(SsimForward, kernels)) return undefined;
  const { alpha, unit, c1, c2, varianceScale, padding } = options;
  const [rows, columns] = windowOf(options) as [Float64Array, Float64Array];
  const attrs = {
    taps: [rows, columns] as const,
    unit,
    luminance: alpha > 0,
    c1,
    c2,
    varianceScale,
    padding,
  };
  return isOnArrays && !hasRoomFor(shape, attrs) ? undefined : attrs;
}

function apply({ alpha, beta, gamma, c2 }: ResolvedSsimOptions): boolean {
  return (alpha === 0 || alpha === 1) && beta === 1 && gamma === 1 && c2 >= leastC2;
}
