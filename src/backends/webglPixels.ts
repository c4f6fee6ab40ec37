import type { Padding } from '../filters/paddings.js';
import { sourceOf } from './borderShaders.js';
import type { Geometry } from './geometry.js';
import type { Pass } from './webgl.js';
import { float, int, pass } from './webglShader.js';

/**
 * Both images with their border, divided by the data range: a texel has (x, y) of its place and (x, y) of the row
 * below. Divided before anything is squared, neither tiny nor huge pixels leave float32.
 */
export function pixelsPass(geometry: Geometry, padding: Padding, unit: number): Pass {
  const { batch, height, width, channels, paddedHeight, paddedWidth, top, left } = geometry;
  const outside = 'row < 0 || row >= imageHeight || column < 0 || column >= imageWidth';
  return pass({
    inputs: ['yTrue', 'yPred'],
    outputShape: [2 * batch * paddedHeight, 2 * paddedWidth * channels],
    packed: { inputs: false, output: true },
    uniforms: {
      imageHeight: int(height),
      imageWidth: int(width),
      channels: int(channels),
      paddedHeight: int(paddedHeight),
      top: int(top),
      left: int(left),
      scale: float(1 / unit),
    },
    code: `
    ${sourceOf(padding)}
    vec2 pixels(int n, int row, int column, int c) {
      ${padding === 'zero' ? `if (${outside}) return vec2(0.);` : ''}
      return vec2(getYTrue(n, row, column, c), getYPred(n, row, column, c)) * scale;
    }
    ${paddedPixels()}`,
  });
}

/** Writes `pixels` of every place within the border and of the one below. */
const paddedPixels = (): string => `
    void main() {
      ivec2 place = getOutputCoords() / 2;
      int n = place.x / paddedHeight;
      int row = place.x - n * paddedHeight;
      int next = row + 1 < paddedHeight ? row + 1 : row;
      int j = place.y / channels;
      int c = place.y - j * channels;
      int column = sourceOf(j - left, imageWidth);
      setOutput(vec4(
        pixels(n, sourceOf(row - top, imageHeight), column, c),
        pixels(n, sourceOf(next - top, imageHeight), column, c)));
    }`;

/** Images halved once more, (x + y, x − y), from those of `pixelsPass` or from the same pass, with the border of theirs. */
export function halvedPixelsPass(fine: Geometry, geometry: Geometry, padding: Padding): Pass {
  const { batch, height, width, channels, paddedHeight, paddedWidth, top, left } = geometry;
  const outside = 'row < 0 || row >= imageHeight || column < 0 || column >= imageWidth';
  return pass({
    inputs: ['fine'],
    outputShape: [2 * batch * paddedHeight, 2 * paddedWidth * channels],
    packed: { inputs: true, output: true },
    uniforms: {
      imageHeight: int(height),
      imageWidth: int(width),
      channels: int(channels),
      paddedHeight: int(paddedHeight),
      top: int(top),
      left: int(left),
      fineHeight: int(fine.height),
      fineWidth: int(fine.width),
      finePaddedHeight: int(fine.paddedHeight),
      fineTop: int(fine.top),
      fineLeft: int(fine.left),
    },
    code: `
    ${sourceOf(padding)}
    vec2 at(int n, int row, int column, int c) {
      vec2 pixel = getFine(2 * (n * finePaddedHeight + row + fineTop), 2 * ((column + fineLeft) * channels + c)).xy;
      return ${fine.halved ? 'pixel' : 'vec2(pixel.x + pixel.y, pixel.x - pixel.y)'};
    }
    vec2 pixels(int n, int row, int column, int c) {
      ${padding === 'zero' ? `if (${outside}) return vec2(0.);` : ''}
      int lower = 2 * row + 1 < fineHeight ? 2 * row + 1 : 2 * row;
      int right = 2 * column + 1 < fineWidth ? 2 * column + 1 : 2 * column;
      return 0.25 * ((at(n, 2 * row, 2 * column, c) + at(n, lower, 2 * column, c))
        + (at(n, 2 * row, right, c) + at(n, lower, right, c)));
    }
    ${paddedPixels()}`,
  });
}
