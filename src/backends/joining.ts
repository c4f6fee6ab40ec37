import { coarseShare } from './coarseShare.js';
import type { Geometry } from './geometry.js';
import { int } from './gpuShader.js';
import type { GpuShader } from './gpuShader.js';

/** Which gradients of a level's images become one. */
interface Joined {
  readonly own: boolean;
  /** Where in `slopes`, [N, …], those of the level's channels are, by which its own is multiplied. */
  readonly firstSlope?: number | undefined;
  /** Whether there is that of the images halved once more. */
  readonly coarse: boolean;
}

/** The gradient of a level, of its own if it has one, and from that of the images halved once more. */
export function joinShader(
  { batch, height, width, channels }: Geometry,
  { own, firstSlope, coarse }: Joined,
): GpuShader {
  const isScaled = firstSlope !== undefined;
  const terms = [
    ...(own ? [`ownAt(n, i, t, c)${isScaled ? ' * slopesAt(n, firstSlope + c)' : ''}`] : []),
    ...(coarse
      ? ['coarseShare(i, imageHeight) * coarseShare(t, imageWidth) * coarseAt(n, i / 2, t / 2, c)']
      : []),
  ];
  return {
    name: 'joinLevels',
    inputs: {
      ...(own ? { own: 'NHWC' } : {}),
      ...(isScaled ? { slopes: 'NC' } : {}),
      ...(coarse ? { coarse: 'NHWC' } : {}),
    },
    output: 'NHWC',
    outputShape: [batch, height, width, channels],
    uniforms: {
      ...(coarse ? { imageHeight: int(height), imageWidth: int(width) } : {}),
      ...(isScaled ? { firstSlope: int(firstSlope) } : {}),
    },
    functions: `${coarse ? coarseShare() : ''}
    float valueAt(int n, int i, int t, int c) {
      return ${terms.join(' + ')};
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
