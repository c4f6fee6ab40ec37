import type { Padding } from '../filters/paddings.js';
import type { Geometry } from './geometry.js';
import type { Gpu } from './gpu.js';
import { int } from './gpuShader.js';
import type { GpuShader } from './gpuShader.js';

/** A function that gives the mean of 2 × 2 of `fineAt`; beyond an odd `height` or `width` lies the last line once more. */
export const halvedAt = (type: 'float' | 'vec2', name: string): string => `
    ${type} ${name}(int n, int i, int t, int c) {
      int lower = 2 * i + 1;
      int right = 2 * t + 1;
      if (lower >= height) { lower = 2 * i; }
      if (right >= width) { right = 2 * t; }
      return 0.25 * ((fineAt(n, 2 * i, 2 * t, c) + fineAt(n, lower, 2 * t, c))
        + (fineAt(n, 2 * i, right, c) + fineAt(n, lower, right, c)));
    }`;

/** Images halved once more, (x + y, x − y), from what the passes of the finer level read. */
export function halvedImagesShader(
  gpu: Gpu,
  fine: Geometry,
  geometry: Geometry,
  { padding, unit }: { readonly padding: Padding; readonly unit: number },
): GpuShader {
  const { batch, height: rows, width: columns, channels } = geometry;
  const { inputs, uniforms, functions } = gpu.pixelAt(fine, 'valid', unit);
  const image = {
    inputs,
    uniforms,
    functions: `${functions}
    vec2 fineAt(int n, int row, int column, int c) {
      vec2 pixel = pixelAt(n, row, column, c);
      return ${fine.halved ? 'pixel' : 'vec2(pixel.x + pixel.y, pixel.x - pixel.y)'};
    }${halvedAt('vec2', 'imageAt')}`,
  };
  if (gpu.bordered !== undefined) return gpu.bordered(geometry, padding, image);
  return {
    name: 'halvedImages',
    inputs,
    output: 'vec2',
    outputShape: [batch * rows, columns * channels],
    uniforms: { ...uniforms, rows: int(rows) },
    functions: `${image.functions}
    vec2 valueAt(int row, int column) {
      int n = row / rows;
      int t = column / channels;
      return imageAt(n, row - n * rows, t, column - t * channels);
    }`,
  };
}
