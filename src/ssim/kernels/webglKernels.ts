import { env } from '@tensorflow/tfjs-core';
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { withPasses } from '../../backends/webgl.js';
import type { Passes, WebglBackend } from '../../backends/webgl.js';
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
  meanPass,
  momentsAlongHeightPass,
  momentsAlongWidthPass,
  pixelsPass,
  segment,
  sumsPass,
} from './webglPasses.js';
import type { Geometry } from './webglPasses.js';

/**
 * The fused SSIM kernels of tfjs's webgl backend, for `registerKernel`.
 *
 * `saved` is the moments of every window, one texel each. No texture can have more texels than the square
 * of the largest texture side, so neither can N · H · W · C with the border: tfjs throws beyond.
 */
export function webglSsimKernels(): KernelConfig[] {
  return [
    {
      kernelName: SsimForward,
      backendName: 'webgl',
      kernelFunc: ({ inputs, attrs, backend }) =>
        forward(
          backend as WebglBackend,
          inputs as unknown as SsimForwardInputs,
          attrs as unknown as SsimForwardAttrs,
        ),
    },
    {
      kernelName: SsimBackward,
      backendName: 'webgl',
      kernelFunc: ({ inputs, attrs, backend }) =>
        backward(
          backend as WebglBackend,
          inputs as unknown as SsimBackwardInputs,
          attrs as unknown as SsimBackwardAttrs,
        ),
    },
  ];
}

function forward(
  backend: WebglBackend,
  { yTrue, yPred }: SsimForwardInputs,
  attrs: SsimForwardAttrs,
): TensorInfo[] {
  const geometry = geometryOf(yTrue, attrs);
  const { form, c1, c2 } = attrs;
  return withPasses(backend, (passes) => {
    const pixels = passes.run(pixelsPass(geometry, attrs.padding, attrs.unit), yTrue, yPred);
    const moments = momentsOf(passes, pixels, geometry, attrs);
    passes.release(pixels);
    const value =
      form === 'mean'
        ? meanDistance(passes, moments, geometry, attrs)
        : passes.run(mapPass(geometry, [c1, c2], form), moments);
    return attrs.gradient ? [value, moments] : [value];
  });
}

function backward(
  backend: WebglBackend,
  { yTrue, yPred, dy, saved }: SsimBackwardInputs,
  attrs: SsimBackwardAttrs,
): TensorInfo[] {
  const geometry = geometryOf(yTrue, attrs);
  const { taps, padding, form, unit, varianceScale, c1, c2 } = attrs;
  const direction = attrs.wrt === 'yTrue' ? 1 : -1;
  const perImage = form === 'mean';
  const factor = env().getBool('WEBGL_RENDER_FLOAT32_ENABLED') ? 1 : halfPrecisionFactor(attrs);
  return withPasses(backend, (passes) => {
    const pixels = passes.run(pixelsPass(geometry, padding, unit), yTrue, yPred);
    const moments = saved ?? momentsOf(passes, pixels, geometry, attrs);
    const adjoint = passes.run(
      adjointAlongHeightPass(geometry, taps[0], padding, [c1, c2], {
        varianceScale,
        direction,
        factor,
        form,
      }),
      moments,
      ...(perImage ? [] : [dy]),
    );
    const gradient = passes.run(
      gradientPass(geometry, taps[1], padding, {
        direction,
        factor: weightOf(geometry, attrs) / (unit * factor),
        dyPerImage: perImage,
      }),
      adjoint,
      moments,
      pixels,
      ...(perImage ? [dy] : []),
    );
    return [gradient];
  });
}

function geometryOf({ shape }: TensorInfo, attrs: SsimAttrs): Geometry {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const [, mapHeight, mapWidth] = mapShape([batch, height, width, channels], attrs);
  const [paddedHeight, paddedWidth] = [mapHeight, mapWidth].map(
    (size, axis) => size + attrs.taps[axis]!.length - 1,
  ) as [number, number];
  return {
    batch,
    height,
    width,
    channels,
    mapHeight,
    mapWidth,
    paddedHeight,
    paddedWidth,
    top: (paddedHeight - height) / 2,
    left: (paddedWidth - width) / 2,
  };
}

function momentsOf(
  passes: Passes,
  pixels: TensorInfo,
  geometry: Geometry,
  { taps, varianceScale }: SsimAttrs,
): TensorInfo {
  const columns = passes.run(momentsAlongHeightPass(geometry, taps[0]), pixels);
  const moments = passes.run(momentsAlongWidthPass(geometry, taps[1], varianceScale), columns);
  passes.release(columns);
  return moments;
}

/** [N], by a tree of sums. Each divides by the full length of its segments, so that half precision holds it. */
function meanDistance(
  passes: Passes,
  moments: TensorInfo,
  geometry: Geometry,
  { c1, c2 }: SsimAttrs,
): TensorInfo {
  const { batch, channels, mapHeight, mapWidth } = geometry;
  let sums = passes.run(distanceSumsPass(geometry, [c1, c2]), moments);
  let columns = mapHeight * Math.ceil((mapWidth * channels) / segment);
  let factor = segment / (mapHeight * mapWidth * channels);
  while (columns > segment) {
    const longer = sums;
    sums = passes.run(sumsPass(batch, columns), { ...longer, shape: [batch, columns] });
    passes.release(longer);
    columns = Math.ceil(columns / segment);
    factor *= segment;
  }
  return passes.run(meanPass(batch, columns, factor), { ...sums, shape: [batch, columns] });
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

/** A power of 2 that brings the largest partial derivatives, about 1/c2 and 1/√c1, below 2¹⁴. */
function halfPrecisionFactor({ c1, c2, varianceScale }: SsimAttrs): number {
  const largest = (4 * varianceScale) / c2 + 2 / Math.sqrt(2 * c1);
  return 2 ** -Math.min(20, Math.max(0, Math.ceil(Math.log2(largest)) - 14));
}
