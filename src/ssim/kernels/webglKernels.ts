import { env } from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { withWebglPasses } from '../../backends/webgl.js';
import type { Pass, WebglBackend } from '../../backends/webgl.js';
import { pixelsPass } from '../../backends/webglPixels.js';
import { segmentsOf, totals } from '../../backends/webglSums.js';
import type { SsimAttrs, SsimForm } from './contract.js';
import { gpuSsimKernels } from './gpuKernels.js';
import type { SsimShaders } from './gpuKernels.js';
import {
  adjointAlongHeightPass,
  distanceSumsPass,
  gradientPass,
  mapPass,
  momentsAlongHeightPass,
  momentsAlongWidthPass,
} from './webglPasses.js';

/**
 * The fused SSIM kernels of tfjs's webgl backend, for `registerKernel`.
 *
 * `saved` has one texel for each window. No texture can have more texels than the square of the largest texture side,
 * so neither can N · H · W · C with the border: tfjs throws beyond.
 */
export function webglSsimKernels(): KernelConfig[] {
  return gpuSsimKernels(webglSsimShaders());
}

/** The shaders of every pass. */
export function webglSsimShaders(): SsimShaders<Pass> {
  return {
    backendName: 'webgl',
    withPasses: (backend, compute) => withWebglPasses(backend as WebglBackend, compute),
    pixels: (geometry, { padding, unit }) => pixelsPass(geometry, padding, unit),
    momentsAlongHeight: (geometry, { taps }) => momentsAlongHeightPass(geometry, taps[0]),
    momentsAlongWidth: (geometry, { taps, varianceScale }) =>
      momentsAlongWidthPass(geometry, taps[1], varianceScale),
    map: (geometry, attrs) => mapPass(geometry, attrs, attrs.form as Exclude<SsimForm, 'mean'>),
    means: (passes, moments, geometry, attrs, perChannel) => {
      const { batch, channels, mapHeight, mapWidth } = geometry;
      const groups = perChannel ? channels : 1;
      const ofRow = (mapWidth * channels) / groups;
      const sums = passes.run(distanceSumsPass(geometry, attrs, groups), moments);
      return totals(passes, sums, batch, mapHeight * segmentsOf(ofRow), groups, 1 / (mapHeight * ofRow));
    },
    adjointAlongHeight: (geometry, attrs) => {
      const { taps, padding, varianceScale, wrt, form } = attrs;
      return adjointAlongHeightPass(geometry, taps[0], padding, attrs, {
        varianceScale,
        direction: wrt === 'yTrue' ? 1 : -1,
        factor: precisionFactor(attrs),
        form,
      });
    },
    gradient: (geometry, attrs, weight, dyPerImage) =>
      gradientPass(geometry, attrs.taps[1], attrs.padding, {
        direction: attrs.wrt === 'yTrue' ? 1 : -1,
        factor: weight / (attrs.unit * precisionFactor(attrs)),
        dyPerImage,
      }),
  };
}

/**
 * Where the textures hold half precision: a power of 2 that brings the largest partial derivatives, about 1/c2 and
 * 1/√c1, below 2¹⁴.
 */
function precisionFactor({ c1, c2, varianceScale }: Pick<SsimAttrs, 'c1' | 'c2' | 'varianceScale'>): number {
  if (env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) return 1;
  const largest = (4 * varianceScale) / c2 + 2 / Math.sqrt(2 * c1);
  return 2 ** -Math.min(20, Math.max(0, Math.ceil(Math.log2(largest)) - 14));
}
