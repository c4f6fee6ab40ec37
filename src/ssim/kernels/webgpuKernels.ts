import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { withPasses } from '../../backends/webgpu.js';
import type { Passes, WebgpuBackend } from '../../backends/webgpu.js';
import { mapShape, SsimBackward, SsimForward } from './contract.js';
import type {
  SsimAttrs,
  SsimBackwardAttrs,
  SsimBackwardInputs,
  SsimForwardAttrs,
  SsimForwardInputs,
} from './contract.js';
import {
  adjointAlongHeightPass,
  distanceSumsPass,
  gradientPass,
  mapPass,
  momentsAlongHeightPass,
  momentsAlongWidthPass,
  segment,
  sumsPass,
} from './webgpuPasses.js';
import type { Geometry } from './webgpuPasses.js';

/** The fused SSIM kernels of tfjs's webgpu backend. `saved` is the moments of every window. */
export function webgpuSsimKernels(): KernelConfig[] {
  return [
    {
      kernelName: SsimForward,
      backendName: 'webgpu',
      kernelFunc: ({ inputs, attrs, backend }) =>
        forward(
          backend as WebgpuBackend,
          inputs as unknown as SsimForwardInputs,
          attrs as unknown as SsimForwardAttrs,
        ),
    },
    {
      kernelName: SsimBackward,
      backendName: 'webgpu',
      kernelFunc: ({ inputs, attrs, backend }) =>
        backward(
          backend as WebgpuBackend,
          inputs as unknown as SsimBackwardInputs,
          attrs as unknown as SsimBackwardAttrs,
        ),
    },
  ];
}

function forward(
  backend: WebgpuBackend,
  { yTrue, yPred }: SsimForwardInputs,
  attrs: SsimForwardAttrs,
): TensorInfo[] {
  const geometry = geometryOf(yTrue, attrs);
  const { form, c1, c2 } = attrs;
  return withPasses(backend, (passes) => {
    const moments = momentsOf(passes, yTrue, yPred, geometry, attrs);
    const value =
      form === 'mean'
        ? meanDistance(passes, moments, geometry, attrs)
        : passes.run(mapPass(geometry, [c1, c2], form), moments);
    return attrs.gradient ? [value, moments] : [value];
  });
}

function backward(
  backend: WebgpuBackend,
  { yTrue, yPred, dy, saved }: SsimBackwardInputs,
  attrs: SsimBackwardAttrs,
): TensorInfo[] {
  const geometry = geometryOf(yTrue, attrs);
  const { taps, padding, form, unit, varianceScale, c1, c2 } = attrs;
  const direction = attrs.wrt === 'yTrue' ? 1 : -1;
  const dyPerImage = form === 'mean';
  return withPasses(backend, (passes) => {
    const moments = saved ?? momentsOf(passes, yTrue, yPred, geometry, attrs);
    const adjoint = passes.run(
      adjointAlongHeightPass(geometry, taps[0], padding, [c1, c2], { varianceScale, direction, form }),
      moments,
      ...(dyPerImage ? [] : [dy]),
    );
    const factor = weightOf(geometry, attrs) / unit;
    const gradient = passes.run(
      gradientPass(geometry, taps[1], padding, { unit, direction, factor, dyPerImage }),
      adjoint,
      moments,
      yTrue,
      yPred,
      ...(dyPerImage ? [dy] : []),
    );
    return [gradient];
  });
}

function geometryOf({ shape }: TensorInfo, attrs: SsimAttrs): Geometry {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const [, mapHeight, mapWidth] = mapShape([batch, height, width, channels], attrs);
  const [rows, columns] = attrs.taps;
  return {
    batch,
    height,
    width,
    channels,
    mapHeight,
    mapWidth,
    top: (mapHeight + rows.length - 1 - height) / 2,
    left: (mapWidth + columns.length - 1 - width) / 2,
  };
}

function momentsOf(
  passes: Passes,
  yTrue: TensorInfo,
  yPred: TensorInfo,
  geometry: Geometry,
  { taps, padding, unit, varianceScale }: SsimAttrs,
): TensorInfo {
  const along = passes.run(momentsAlongHeightPass(geometry, taps[0], padding, unit), yTrue, yPred);
  const moments = passes.run(momentsAlongWidthPass(geometry, taps[1], varianceScale), along);
  passes.release(along);
  return moments;
}

/** [N], by a tree of sums. */
function meanDistance(
  passes: Passes,
  moments: TensorInfo,
  geometry: Geometry,
  { c1, c2 }: SsimAttrs,
): TensorInfo {
  const { batch, channels, mapHeight, mapWidth } = geometry;
  let sums = passes.run(distanceSumsPass(geometry, [c1, c2]), moments);
  let count = Math.ceil((mapHeight * mapWidth * channels) / segment);
  for (let isMean = false; !isMean;) {
    const longer = sums;
    isMean = count <= segment;
    sums = passes.run(sumsPass(batch, count, isMean ? 1 / (mapHeight * mapWidth * channels) : 1), longer);
    passes.release(longer);
    count = Math.ceil(count / segment);
  }
  return { ...sums, shape: [batch] };
}

/** What all of `dy` is multiplied by: d's part in the form. */
function weightOf({ channels, mapHeight, mapWidth }: Geometry, { form }: SsimAttrs): number {
  switch (form) {
    case 'mean':
      return 1 / (mapHeight * mapWidth * channels);
    case 'residual':
      return 1 / channels;
    case 'distance':
      return 1;
    case 'similarity':
      return -1;
  }
}
