import { coarseShare } from './coarseShare.js';
import type { Geometry } from './geometry.js';
import type { Pass } from './webgl.js';
import { int, pass } from './webglShader.js';

/** Which gradients of a level's images become one. */
export interface Joined {
  /** The level's own, times `slopes` of each image and channel, [N, levels · C], if this is the number of a level. */
  readonly own?: number | undefined;
  /** Whether there is that of the images halved once more. */
  readonly coarse: boolean;
}

/** The gradient of a level from its own and from that of the images halved once more. */
export function joinPass({ batch, height, width, channels }: Geometry, { own, coarse }: Joined): Pass {
  return pass({
    inputs: [...(own === undefined ? [] : ['own', 'slopes']), ...(coarse ? ['coarse'] : [])],
    outputShape: [batch, height, width, channels],
    packed: { inputs: false, output: false },
    uniforms: {
      imageHeight: int(height),
      imageWidth: int(width),
      firstSlope: int((own ?? 0) * channels),
    },
    code: `${coarseShare()}
    void main() {
      ivec4 at = getOutputCoords();
      float total = 0.;
      ${own === undefined ? '' : 'total += getOwn(at.x, at.y, at.z, at.w) * getSlopes(at.x, firstSlope + at.w);'}
      ${
        coarse
          ? `total += coarseShare(at.y, imageHeight) * coarseShare(at.z, imageWidth)
        * getCoarse(at.x, at.y / 2, at.z / 2, at.w);`
          : ''
      }
      setOutput(total);
    }`,
  });
}
