import { getBackend } from '@tensorflow/tfjs-core';
import { cpuArrays } from '../../backends/cpu.js';
import { isHalfPrecision } from '../../backends/halfPrecision.js';
import { pairOnArrays } from '../../backends/pairOnArrays.js';
import type { Shape4D } from '../../backends/pairOnArrays.js';
import { registered } from '../../backends/registered.js';
import type { KernelsOfBackends } from '../../backends/registered.js';
import { fusedKernelsAreInUse } from '../../backends/useFusedKernels.js';
import { wasmArrays } from '../../backends/wasm.js';
import { webgl } from '../../backends/webgl.js';
import { webgpu } from '../../backends/webgpu.js';
import { windowOf } from '../../filters/window.js';
import { leastC2 } from '../../ssim/kernels/contract.js';
import { hasRoomFor, shapeAt } from '../../ssim/kernels/windowPasses.js';
import type { ResolvedMsSsimOptions } from '../msSsimOptions.js';
import { MsSsimForward, msSsimKernels } from './contract.js';
import type { MsSsimAttrs } from './contract.js';
import { gpuMsSsimKernels, mostGpuLevels } from './gpuKernels.js';
import { PyramidEngine } from './pyramidEngine.js';

const kernels: KernelsOfBackends = {
  cpu: () => pairOnArrays(msSsimKernels, cpuArrays, () => new PyramidEngine()),
  wasm: () => pairOnArrays(msSsimKernels, wasmArrays, () => new PyramidEngine()),
  webgl: () => gpuMsSsimKernels(webgl),
  webgpu: () => gpuMsSsimKernels(webgpu),
};
/** The backends whose kernels are the WebAssembly module. */
const onArrays: readonly string[] = ['cpu', 'wasm'];

/** Images are halved at most so often. */
const mostHalvings = 24;

/** What the fused kernels need to know, if they take such images and the active backend has them. */
export function fusedMsSsimAttrs(
  shape: Shape4D,
  options: ResolvedMsSsimOptions,
  weighted: boolean,
): MsSsimAttrs | undefined {
  const { unit, c1, c2, varianceScale, padding, levelWeights } = options;
  const taps = windowOf(options) as [Float64Array, Float64Array];
  const levels = levelWeights.length;
  const backend = getBackend();
  // Half precision does not hold what a few pixels count that have all of the weight.
  const hasRoom = onArrays.includes(backend)
    ? levels <= mostHalvings + 1 &&
      levelWeights.every((_, level) => hasRoomFor(shapeAt({ shape, level }), { taps, padding }))
    : levels <= mostGpuLevels && !(weighted && isHalfPrecision(backend));
  if (!fusedKernelsAreInUse() || c2 < leastC2 || !hasRoom) return undefined;
  if (!registered(MsSsimForward, kernels)) return undefined;
  return { taps, unit, c1, c2, varianceScale, padding, levelWeights };
}
