import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { Passes } from '../../backends/passes.js';
import { withWebgpuPasses } from '../../backends/webgpu.js';
import type { Pass, WebgpuBackend } from '../../backends/webgpu.js';
import type { SsimAttrs, SsimForm } from './contract.js';
import { gpuSsimKernels } from './gpuKernels.js';
import type { Geometry } from './gpuKernels.js';
import {
  adjointAlongHeightPass,
  distanceSumsPass,
  gradientPass,
  mapPass,
  momentsAlongHeightPass,
  momentsAlongWidthPass,
  segmentLength,
  sumsPass,
} from './webgpuPasses.js';

/** The fused SSIM kernels of tfjs's webgpu backend, for `registerKernel`. */
export function webgpuSsimKernels(): KernelConfig[] {
  return gpuSsimKernels<Pass>({
    backendName: 'webgpu',
    withPasses: (backend, compute) => withWebgpuPasses(backend as WebgpuBackend, compute),
    momentsAlongHeight: (geometry, { taps, padding, unit }) =>
      momentsAlongHeightPass(geometry, taps[0], padding, unit),
    momentsAlongWidth: (geometry, { taps, varianceScale }) =>
      momentsAlongWidthPass(geometry, taps[1], varianceScale),
    map: (geometry, attrs) => mapPass(geometry, attrs, attrs.form as Exclude<SsimForm, 'mean'>),
    mean: meanDistance,
    adjointAlongHeight: (geometry, attrs) => {
      const { taps, padding, varianceScale, wrt, form } = attrs;
      return adjointAlongHeightPass(geometry, taps[0], padding, attrs, {
        varianceScale,
        direction: wrt === 'yTrue' ? 1 : -1,
        form,
      });
    },
    gradient: (geometry, { taps, padding, unit, wrt, form }, weight) =>
      gradientPass(geometry, taps[1], padding, {
        unit,
        direction: wrt === 'yTrue' ? 1 : -1,
        factor: weight / unit,
        dyPerImage: form === 'mean',
      }),
  });
}

function meanDistance(
  passes: Passes<Pass>,
  moments: TensorInfo,
  geometry: Geometry,
  attrs: SsimAttrs,
): TensorInfo {
  const { batch, channels, mapHeight, mapWidth } = geometry;
  let sums = passes.run(distanceSumsPass(geometry, attrs), moments);
  let count = Math.ceil((mapHeight * mapWidth * channels) / segmentLength);
  for (let isMean = false; !isMean;) {
    const longer = sums;
    isMean = count <= segmentLength;
    sums = passes.run(sumsPass(batch, count, isMean ? 1 / (mapHeight * mapWidth * channels) : 1), longer);
    passes.release(longer);
    count = Math.ceil(count / segmentLength);
  }
  return { ...sums, shape: [batch] };
}
