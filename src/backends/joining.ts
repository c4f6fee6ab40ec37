import { coarseShare } from './coarseShare.js';
import type { Geometry } from './geometry.js';
import { int } from './gpuShader.js';
import type { GpuShader } from './gpuShader.js';

/** The gradient of a level, of its own if it has one, and from that of the images halved once more. */
export function joinShader({ batch, height, width, channels }: Geometry, hasOwn: boolean): GpuShader {
  return {
    name: 'joinLevels',
    inputs: { ...(hasOwn ? { own: 'NHWC' } : {}), coarse: 'NHWC' },
    output: 'NHWC',
    outputShape: [batch, height, width, channels],
    uniforms: { imageHeight: int(height), imageWidth: int(width) },
    functions: `${coarseShare()}
    float valueAt(int n, int i, int t, int c) {
      return ${hasOwn ? 'ownAt(n, i, t, c) + ' : ''}coarseShare(i, imageHeight) * coarseShare(t, imageWidth) * coarseAt(n, i / 2, t / 2, c);
    }`,
  };
}

/** A gradient times `dy` of each image. */
export function scaledShader({ batch, height, width, channels }: Geometry): GpuShader {
  return {
    name: 'scaledByImage',
    inputs: { gradient: 'NHWC', dy: 'N' },
    output: 'NHWC',
    outputShape: [batch, height, width, channels],
    uniforms: {},
    functions: `
    float valueAt(int n, int i, int t, int c) {
      return gradientAt(n, i, t, c) * dyAt(n);
    }`,
  };
}
