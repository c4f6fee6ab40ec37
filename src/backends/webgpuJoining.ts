import { coarseShare } from './coarseShare.js';
import type { Geometry } from './geometry.js';
import type { Pass } from './webgpu.js';
import type { Joined } from './webglJoining.js';
import { int, pass } from './webgpuShader.js';

/** The gradient of a level from its own and from that of the images halved once more; `slopes` has so many levels. */
export function joinPass(
  { batch, height, width, channels }: Geometry,
  { own, coarse }: Joined,
  levels: number,
): Pass {
  return pass({
    name: 'join',
    inputs: { ...(own === undefined ? {} : { own: 1, slopes: 1 }), ...(coarse ? { coarse: 1 } : {}) },
    output: 1,
    outputShape: [batch, height, width, channels],
    uniforms: {
      imageHeight: int(height),
      imageWidth: int(width),
      channels: int(channels),
      columns: int(levels * channels),
      firstSlope: int((own ?? 0) * channels),
    },
    formulas: coarseShare(),
    main: `
    fn main(index : i32) {
      if (index >= uniforms.size) { return; }
      let c = index % uniforms.channels;
      let t = (index / uniforms.channels) % uniforms.imageWidth;
      let row = index / uniforms.channels / uniforms.imageWidth;
      let n = row / uniforms.imageHeight;
      let i = row - n * uniforms.imageHeight;
      var total = 0.0;
      ${own === undefined ? '' : 'total += own[index] * slopes[n * uniforms.columns + uniforms.firstSlope + c];'}
      ${
        coarse
          ? `let coarseRow = n * ((uniforms.imageHeight + 1) / 2) + i / 2;
      let place = (coarseRow * ((uniforms.imageWidth + 1) / 2) + t / 2) * uniforms.channels + c;
      total += coarseShare(i, uniforms.imageHeight) * coarseShare(t, uniforms.imageWidth) * coarse[place];`
          : ''
      }
      result[index] = total;
    }`,
  });
}
