import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { geometryOf } from '../../backends/geometry.js';
import type { Geometry } from '../../backends/geometry.js';
import { pairOnGpu } from '../../backends/gpu.js';
import type { Gpu, GpuBackend } from '../../backends/gpu.js';
import { imagesOf } from '../../backends/gpuImages.js';
import { sumsOf } from '../../backends/gpuSums.js';
import { isHalfPrecision } from '../../backends/halfPrecision.js';
import type { Shape4D } from '../../backends/pairOnArrays.js';
import { ssimKernels } from './contract.js';
import type { SsimAttrs, SsimBackwardAttrs, SsimBackwardInputs, SsimForwardAttrs } from './contract.js';
import {
  adjointAlongHeightShader,
  distances,
  gradientShader,
  mapShader,
  momentsAlongHeightShader,
  momentsAlongWidthShader,
} from './shaders.js';
import type { Constants } from './shaders.js';
import type { WindowAttrs } from './windowPasses.js';

/** The fused SSIM kernels of a GPU backend: the order of their passes. `saved` is the moments of every window. */
export const gpuSsimKernels = (backend: GpuBackend): KernelConfig[] =>
  pairOnGpu(ssimKernels, backend, forward, backward);

function forward(gpu: Gpu, inputs: SsimBackwardInputs, attrs: SsimForwardAttrs): TensorInfo[] {
  const geometry = geometryOfMap(inputs.yTrue, attrs);
  const images = imagesOf(gpu, inputs, geometry, attrs);
  const moments = momentsOf(gpu, images, geometry, attrs);
  for (const image of images) gpu.release(image);
  const { form } = attrs;
  const value =
    form === 'mean'
      ? { ...meansOf(gpu, moments, geometry, attrs, false), shape: [geometry.batch] }
      : gpu.run(mapShader(gpu, geometry, attrs, form), moments);
  return attrs.gradient ? [value, moments] : [value];
}

function backward(gpu: Gpu, inputs: SsimBackwardInputs, attrs: SsimBackwardAttrs): TensorInfo[] {
  const { dy, saved } = inputs;
  const geometry = geometryOfMap(inputs.yTrue, attrs);
  const images = imagesOf(gpu, inputs, geometry, attrs);
  const moments = saved ?? momentsOf(gpu, images, geometry, attrs);
  return [gradientOf(gpu, images, moments, geometry, attrs, weightOf(geometry, attrs), dy)];
}

function geometryOfMap({ shape }: TensorInfo, { taps: [rows, columns], padding }: SsimAttrs): Geometry {
  return geometryOf(shape as unknown as Shape4D, [rows.length, columns.length], padding);
}

/** The moments of every window. */
export function momentsOf(
  gpu: Gpu,
  images: readonly TensorInfo[],
  geometry: Geometry,
  attrs: WindowAttrs,
): TensorInfo {
  const along = gpu.run(momentsAlongHeightShader(gpu, geometry, attrs), ...images);
  const moments = gpu.run(momentsAlongWidthShader(gpu, geometry, attrs), along);
  gpu.release(along);
  return moments;
}

/** The mean of d per image, [N, 1], or of every channel of an image, [N, C], in which each window counts its share, if there are any. */
export function meansOf(
  gpu: Gpu,
  moments: TensorInfo,
  geometry: Geometry,
  constants: Constants,
  perChannel: boolean,
  shares?: TensorInfo,
): TensorInfo {
  const summed = distances(geometry, constants, perChannel, shares !== undefined);
  return sumsOf(gpu, summed, shares ? [moments, shares] : [moments], 1 / (summed.rows * summed.columns));
}

/** The gradient of Σ dy · form, times `weight`. There is no `dy` where all are 1. */
export function gradientOf(
  gpu: Gpu,
  images: readonly TensorInfo[],
  moments: TensorInfo,
  geometry: Geometry,
  attrs: SsimBackwardAttrs,
  weight: number,
  dy?: TensorInfo,
): TensorInfo {
  const precision = precisionFactor(gpu, attrs);
  const given = dy === undefined ? [] : [dy];
  const [ofWindows, ofImages] = attrs.form === 'mean' ? [[], given] : [given, []];
  const adjoint = gpu.run(adjointAlongHeightShader(geometry, attrs, precision), moments, ...ofWindows);
  const factor = weight / (attrs.unit * precision);
  const shader = gradientShader(gpu, geometry, attrs, factor, ofImages.length > 0);
  const gradient = gpu.run(shader, adjoint, moments, ...images, ...ofImages);
  gpu.release(adjoint);
  return gradient;
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
  }
}

/**
 * Where the textures hold half precision: a power of 2 that brings the largest partial derivatives, about 1/c2 and
 * 1/√c1, below 2¹⁴.
 */
function precisionFactor({ backendName }: Gpu, { c1, c2, varianceScale }: SsimBackwardAttrs): number {
  if (!isHalfPrecision(backendName)) return 1;
  const largest = (4 * varianceScale) / c2 + 2 / Math.sqrt(2 * c1);
  return 2 ** -Math.min(20, Math.max(0, Math.ceil(Math.log2(largest)) - 14));
}
