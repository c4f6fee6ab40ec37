import { engine, getKernel, registerKernel } from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';
import type { ResolvedSsimOptions } from '../checks/ssimOptions.js';
import { windowOf } from '../windows/window.js';
import { cpuSsimKernels } from './cpu/ssimKernels.js';
import { SsimForward } from './ssimKernels.js';
import type { SsimAttrs } from './ssimKernels.js';
import { fusedKernelsAreInUse } from './useFusedKernels.js';
import { wasmSsimKernels } from './wasm/ssimKernels.js';
import { webglSsimKernels } from './webgl/ssimKernels.js';
import { webgpuSsimKernels } from './webgpu/ssimKernels.js';

/** The backends that have fused kernels, by tfjs's name, and the method of theirs that the kernels build on. */
const backends: Readonly<Record<string, { method: string; kernels: () => KernelConfig[] } | undefined>> = {
  cpu: { method: 'makeTensorInfo', kernels: cpuSsimKernels },
  wasm: { method: 'typedArrayFromHeap', kernels: wasmSsimKernels },
  webgl: { method: 'compileAndRun', kernels: webglSsimKernels },
  webgpu: { method: 'runWebGPUProgram', kernels: webgpuSsimKernels },
};

/**
 * Below it, in images divided by their unit, rounding shows where windows are flat: E[a²] − E[a]² is good
 * to 1e-15.
 */
const leastC2 = 1e-7;

/** With a c1 like this the luminance is 1 everywhere, which is its zeroth power, in float32 too. */
const withoutLuminance = 1e30;

/**
 * What the fused kernels need to know, if the active backend has them and they do what the options ask for.
 * The first use on a backend registers them there.
 */
export function fusedSsimAttrs(options: ResolvedSsimOptions): Omit<SsimAttrs, 'form'> | undefined {
  const { alpha, beta, gamma, unit, c1, c2, varianceScale, padding } = options;
  if (!fusedKernelsAreInUse() || beta !== 1 || gamma !== 1 || c2 < leastC2) return undefined;
  if (alpha !== 0 && alpha !== 1) return undefined;
  if (!kernelsRegistered()) return undefined;
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

function kernelsRegistered(): boolean {
  const { backendName, backend } = engine();
  const known = backends[backendName];
  // A backend of somebody else's may have the name of one of tfjs's.
  if (known === undefined || !(known.method in backend)) return false;
  // A registry without an entry gives undefined, though its type says otherwise.
  if ((getKernel(SsimForward, backendName) as KernelConfig | undefined) === undefined) {
    for (const kernel of known.kernels()) registerKernel(kernel);
  }
  return true;
}
