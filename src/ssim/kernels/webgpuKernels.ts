import type { KernelConfig } from '@tensorflow/tfjs-core';
import { withWebgpuPasses } from '../../backends/webgpu.js';
import type { Pass, WebgpuBackend } from '../../backends/webgpu.js';
import { totals } from '../../backends/webgpuSums.js';
import type { SsimForm } from './contract.js';
import { gpuSsimKernels } from './gpuKernels.js';
import type { SsimShaders } from './gpuKernels.js';
import {
  adjointAlongHeightPass,
  gradientPass,
  mapPass,
  momentsAlongHeightPass,
  momentsAlongWidthPass,
  summedDistances,
} from './webgpuPasses.js';

/** The fused SSIM kernels of tfjs's webgpu backend, for `registerKernel`. */
export function webgpuSsimKernels(): KernelConfig[] {
  return gpuSsimKernels(webgpuSsimShaders());
}

/** The shaders of every pass. */
export function webgpuSsimShaders(): SsimShaders<Pass> {
  return {
    backendName: 'webgpu',
    withPasses: (backend, compute) => withWebgpuPasses(backend as WebgpuBackend, compute),
    momentsAlongHeight: (geometry, { taps, padding, unit }) =>
      momentsAlongHeightPass(geometry, taps[0], padding, unit),
    momentsAlongWidth: (geometry, { taps, varianceScale }) =>
      momentsAlongWidthPass(geometry, taps[1], varianceScale),
    map: (geometry, attrs) => mapPass(geometry, attrs, attrs.form as Exclude<SsimForm, 'mean'>),
    means: (passes, moments, geometry, attrs, perChannel) => {
      const summed = summedDistances(geometry, attrs, perChannel ? geometry.channels : 1);
      return totals(passes, summed, [moments], 1 / summed.count);
    },
    adjointAlongHeight: (geometry, attrs) => {
      const { taps, padding, varianceScale, wrt, form } = attrs;
      return adjointAlongHeightPass(geometry, taps[0], padding, attrs, {
        varianceScale,
        direction: wrt === 'yTrue' ? 1 : -1,
        form,
      });
    },
    gradient: (geometry, { taps, padding, unit, wrt }, weight, dyPerImage) =>
      gradientPass(geometry, taps[1], padding, {
        unit,
        direction: wrt === 'yTrue' ? 1 : -1,
        factor: weight / unit,
        dyPerImage,
      }),
  };
}
