import type { Padding } from '../filters/paddings.js';
import { sourceOf } from './borderShaders.js';
import type { Geometry } from './geometry.js';
import type { Pass } from './webgpu.js';
import { float, int, pass } from './webgpuShader.js';
import type { Shader } from './webgpuShader.js';

/**
 * Both images, or the pairs (x + y, x − y) of halved ones: `pixelAt(n, row, column, c)` reads a pixel, divided by the unit, which
 * may lie beyond the border.
 */
export function pixelReader(
  { height, width, channels, top, left, halved }: Geometry,
  padding: Padding,
  unit: number,
): Pick<Shader, 'inputs' | 'uniforms' | 'formulas' | 'main'> {
  const outside = 'y < 0 || y >= uniforms.imageHeight || x < 0 || x >= uniforms.imageWidth';
  return {
    inputs: halved ? { pairs: 2 } : { yTrue: 1, yPred: 1 },
    uniforms: {
      imageHeight: int(height),
      imageWidth: int(width),
      channels: int(channels),
      top: int(top),
      left: int(left),
      ...(halved ? {} : { scale: float(1 / unit) }),
    },
    formulas: sourceOf(padding),
    // Scaled before anything is squared: neither tiny nor huge pixels leave float32.
    main: `
    fn pixelAt(n : i32, row : i32, column : i32, c : i32) -> vec2<f32> {
      let y = sourceOf(row, uniforms.imageHeight);
      let x = sourceOf(column, uniforms.imageWidth);
      ${padding === 'zero' ? `if (${outside}) { return vec2<f32>(0.0); }` : ''}
      let at = ((n * uniforms.imageHeight + y) * uniforms.imageWidth + x) * uniforms.channels + c;
      return ${halved ? 'pairs[at]' : 'vec2<f32>(f32(yTrue[at]), f32(yPred[at])) * uniforms.scale'};
    }`,
  };
}

/** Images halved once more: pairs (x + y, x − y), from the images or from such pairs. */
export function halvedPairsPass(
  fine: Geometry,
  { batch, height, width, channels }: Geometry,
  unit: number,
): Pass {
  return pass({
    name: 'halvedPairs',
    inputs: fine.halved ? { pairs: 2 } : { yTrue: 1, yPred: 1 },
    output: 2,
    outputShape: [batch * height, 2 * width * channels],
    uniforms: {
      imageHeight: int(height),
      imageWidth: int(width),
      channels: int(channels),
      fineHeight: int(fine.height),
      fineWidth: int(fine.width),
      ...(fine.halved ? {} : { scale: float(1 / unit) }),
    },
    formulas: '',
    main: `
    fn pairAt(row : i32, column : i32, c : i32) -> vec2<f32> {
      let at = (row * uniforms.fineWidth + column) * uniforms.channels + c;
      ${
        fine.halved
          ? 'return pairs[at];'
          : `let x = f32(yTrue[at]) * uniforms.scale;
      let y = f32(yPred[at]) * uniforms.scale;
      return vec2<f32>(x + y, x - y);`
      }
    }
    fn main(index : i32) {
      if (index >= uniforms.size) { return; }
      let c = index % uniforms.channels;
      let t = (index / uniforms.channels) % uniforms.imageWidth;
      let row = index / uniforms.channels / uniforms.imageWidth;
      let n = row / uniforms.imageHeight;
      let i = row - n * uniforms.imageHeight;
      let upper = n * uniforms.fineHeight + 2 * i;
      let lower = n * uniforms.fineHeight + min(2 * i + 1, uniforms.fineHeight - 1);
      let right = min(2 * t + 1, uniforms.fineWidth - 1);
      result[index] = 0.25 * ((pairAt(upper, 2 * t, c) + pairAt(lower, 2 * t, c))
        + (pairAt(upper, right, c) + pairAt(lower, right, c)));
    }`,
  });
}
