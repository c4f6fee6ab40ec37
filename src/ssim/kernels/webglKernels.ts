import { env } from '@tensorflow/tfjs-core';
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { Passes } from '../../backends/passes.js';
import { withWebglPasses } from '../../backends/webgl.js';
import type { Pass, WebglBackend } from '../../backends/webgl.js';
import type { SsimAttrs, SsimForm } from './contract.js';
import { gpuSsimKernels } from './gpuKernels.js';
import type { Geometry } from './gpuKernels.js';
import {
  adjointAlongHeightPass,
  distanceSumsPass,
  gradientPass,
  mapPass,
  meanPass,
  momentsAlongHeightPass,
  momentsAlongWidthPass,
  pixelsPass,
  segmentLength,
  sumsPass,
} from './webglPasses.js';

/**
 * The fused SSIM kernels of tfjs's webgl backend, for `registerKernel`.
 *
 * `saved` has one texel for each window. No texture can have more texels than the square of the largest texture side,
 * so neither can N · H · W · C with the border: tfjs throws beyond.
 */
export function webglSsimKernels(): KernelConfig[] {
  return gpuSsimKernels<Pass>({
    backendName: 'webgl',
    withPasses: (backend, compute) => withWebglPasses(backend as WebglBackend, compute),
    pixels: (geometry, { padding, unit }) => pixelsPass(geometry, padding, unit),
    momentsAlongHeight: (geometry, { taps }) => momentsAlongHeightPass(geometry, taps[0]),
    momentsAlongWidth: (geometry, { taps, varianceScale }) =>
      momentsAlongWidthPass(geometry, taps[1], varianceScale),
    map: (geometry, attrs) => mapPass(geometry, attrs, attrs.form as Exclude<SsimForm, 'mean'>),
    mean: meanDistance,
    adjointAlongHeight: (geometry, attrs) => {
      const { taps, padding, varianceScale, wrt, form } = attrs;
      return adjointAlongHeightPass(geometry, taps[0], padding, attrs, {
        varianceScale,
        direction: wrt === 'yTrue' ? 1 : -1,
        factor: precisionFactor(attrs),
        form,
      });
    },
    gradient: (geometry, attrs, weight) =>
      gradientPass(geometry, attrs.taps[1], attrs.padding, {
        direction: attrs.wrt === 'yTrue' ? 1 : -1,
        factor: weight / (attrs.unit * precisionFactor(attrs)),
        dyPerImage: attrs.form === 'mean',
      }),
  });
}

/** Each sum divides by the full length of its segments, so that half precision holds it. */
function meanDistance(
  passes: Passes<Pass>,
  moments: TensorInfo,
  geometry: Geometry,
  attrs: SsimAttrs,
): TensorInfo {
  const { batch, channels, mapHeight, mapWidth } = geometry;
  let sums = passes.run(distanceSumsPass(geometry, attrs), moments);
  let columns = mapHeight * Math.ceil((mapWidth * channels) / segmentLength);
  let factor = segmentLength / (mapHeight * mapWidth * channels);
  while (columns > segmentLength) {
    const longer = sums;
    sums = passes.run(sumsPass(batch, columns), { ...longer, shape: [batch, columns] });
    passes.release(longer);
    columns = Math.ceil(columns / segmentLength);
    factor *= segmentLength;
  }
  return passes.run(meanPass(batch, columns, factor), { ...sums, shape: [batch, columns] });
}

/**
 * Where the textures hold half precision: a power of 2 that brings the largest partial derivatives, about 1/c2 and
 * 1/√c1, below 2¹⁴.
 */
function precisionFactor({ c1, c2, varianceScale }: SsimAttrs): number {
  if (env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) return 1;
  const largest = (4 * varianceScale) / c2 + 2 / Math.sqrt(2 * c1);
  return 2 ** -Math.min(20, Math.max(0, Math.ceil(Math.log2(largest)) - 14));
}
