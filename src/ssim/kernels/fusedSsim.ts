import { cpuArrays } from '../../backends/cpu.js';
import { registered } from '../../backends/registered.js';
import type { KernelsOfBackends } from '../../backends/registered.js';
import { fusedKernelsAreInUse } from '../../backends/useFusedKernels.js';
import { wasmArrays } from '../../backends/wasm.js';
import { windowOf } from '../../filters/window.js';
import type { ResolvedSsimOptions } from '../ssimOptions.js';
import { arrayKernels } from './arrayKernels.js';
import { SsimForward } from './contract.js';
import type { SsimAttrs } from './contract.js';
import { webglSsimKernels } from './webglKernels.js';
import { webgpuSsimKernels } from './webgpuKernels.js';

const kernels: KernelsOfBackends = {
  cpu: () => arrayKernels(cpuArrays),
  wasm: () => arrayKernels(wasmArrays),
  webgl: webglSsimKernels,
  webgpu: webgpuSsimKernels,
};

/**
 * Below it, in images divided by their unit, rounding shows where windows are flat: E[a²] − E[a]² is good
 * to 1e-15.
 */
const leastC2 = 1e-7;

/** With a c1 like this the luminance is 1 everywhere, which is its zeroth power, in float32 too. */
const withoutLuminance = 1e30;

/** What the fused kernels need to know, if they do what the options ask for and the active backend has them. */
export function fusedSsimAttrs(options: ResolvedSsimOptions): Omit<SsimAttrs, 'form'> | undefined {
  if (!fusedKernelsAreInUse() || !apply(options) || !registered(SsimForward, kernels)) return undefined;
  const { alpha, unit, c1, c2, varianceScale, padding } = options;
  const [rows, columns] = windowOf(options);
  return {
    taps: [rows!, columns!],
    unit,
    c1: alpha === 0 ? withoutLuminance : c1,
    c2,
    varianceScale,
    padding,
  };
}

function apply({ alpha, beta, gamma, c2 }: ResolvedSsimOptions): boolean {
  return (alpha === 0 || alpha === 1) && beta === 1 && gamma === 1 && c2 >= leastC2;
}
