import { sourceOf } from '../../backends/borderShaders.js';
import type { Geometry } from '../../backends/geometry.js';
import { float, int } from '../../backends/gpuShader.js';
import type { GpuShader, PixelReader } from '../../backends/gpuShader.js';
import type { WithRespectTo } from '../../backends/pairOnArrays.js';
import { borders } from '../../filters/paddings.js';
import type { GmsAttrs, GmsForm } from './contract.js';

/**
 * `slopesAt` gives those of a, then of b, each down and across, as `prewitt` has them. Differences come first: they are exactly 0
 * where an image is flat, and where both are equal.
 */
function slopes(
  { mapHeight, mapWidth, top, halved }: Geometry,
  reader: PixelReader,
  { c }: GmsAttrs,
): PixelReader {
  return {
    inputs: reader.inputs,
    uniforms: {
      ...reader.uniforms,
      mapHeight: int(mapHeight),
      mapWidth: int(mapWidth),
      border: int(top),
      gmsConstant: float(c),
    },
    functions: `${reader.functions}
    vec2 between(vec2 p, vec2 q) {
      return ${halved ? 'p - q' : 'vec2((p.x - q.x) + (p.y - q.y), (p.x - p.y) - (q.x - q.y))'};
    }
    vec4 slopesAt(int n, int i, int j, int c) {
      int y = i - border;
      int x = j - border;
      vec2 upperLeft = pixelAt(n, y, x, c);
      vec2 upperRight = pixelAt(n, y, x + 2, c);
      vec2 lowerLeft = pixelAt(n, y + 2, x, c);
      vec2 lowerRight = pixelAt(n, y + 2, x + 2, c);
      vec2 down = between(lowerLeft, upperLeft) + between(pixelAt(n, y + 2, x + 1, c), pixelAt(n, y, x + 1, c))
        + between(lowerRight, upperRight);
      vec2 across = between(upperRight, upperLeft) + between(pixelAt(n, y + 1, x + 2, c), pixelAt(n, y + 1, x, c))
        + between(lowerRight, lowerLeft);
      return vec4(down.x, across.x, down.y, across.y) / 3.0;
    }
    float magnitudeGap(vec4 slopes) {
      float both = 0.5 * (length(slopes.xy + slopes.zw) + length(slopes.xy - slopes.zw));
      if (both < 1.0e-7) { both = 1.0e-7; }
      return dot(slopes.xy, slopes.zw) / both;
    }
    float below(vec4 slopes) {
      return 0.5 * dot(slopes, slopes) + gmsConstant;
    }
    float distanceOf(vec4 slopes) {
      float gap = magnitudeGap(slopes);
      return gap * gap / below(slopes);
    }`,
  };
}

/** d at every place: `gradientMagnitudeDistance`. */
export function mapShader(geometry: Geometry, reader: PixelReader, attrs: GmsAttrs): GpuShader {
  const { batch, channels, mapHeight, mapWidth } = geometry;
  const { functions, ...given } = slopes(geometry, reader, attrs);
  return {
    name: 'gmsMap',
    ...given,
    output: 'NHWC',
    outputShape: [batch, mapHeight, mapWidth, channels],
    functions: `${functions}
    float valueAt(int n, int i, int j, int c) {
      return distanceOf(slopesAt(n, i, j, c));
    }`,
  };
}

/** The squared distances of a map from the means of its channels. */
export function squaresShader({ batch, channels, mapHeight, mapWidth }: Geometry): GpuShader {
  return {
    name: 'gmsSquares',
    inputs: { map: 'NHWC', means: 'NC' },
    output: 'NHWC',
    outputShape: [batch, mapHeight, mapWidth, channels],
    uniforms: {},
    functions: `
    float valueAt(int n, int i, int j, int c) {
      float gap = mapAt(n, i, j, c) - meansAt(n, c);
      return gap * gap;
    }`,
  };
}

/** The mean over channels of the square roots of variances. */
export function deviationShader({ batch, channels }: Geometry): GpuShader {
  return {
    name: 'gmsDeviation',
    inputs: { variances: 'NC' },
    output: 'NHWC',
    outputShape: [batch, 1, 1, 1],
    uniforms: {},
    // WebGL 1 has constant loop bounds only.
    functions: `
    float valueAt(int n, int i, int j, int k) {
      float total = 0.0;
      for (int c = 0; c < ${channels}; c++) { total += sqrt(variancesAt(n, c)); }
      return total / ${channels}.0;
    }`,
  };
}

/** The sum of so many numbers of each image. */
export function sumShader({ batch }: Geometry, count: number): GpuShader {
  const names = Array.from({ length: count }, (_, level) => `level${level}`);
  return {
    name: 'gmsSum',
    inputs: Object.fromEntries(names.map((name) => [name, 'NC'] as const)),
    output: 'NHWC',
    outputShape: [batch, 1, 1, 1],
    uniforms: {},
    functions: `
    float valueAt(int n, int i, int j, int c) {
      return ${names.map((name) => `${name}At(n, 0)`).join(' + ')};
    }`,
  };
}

/**
 * What a place counts by the slopes of the image that the gradient is taken for, down and across: of the sum of d, of
 * Σ dy · d, or of the sum of the channels' deviations times the number of places.
 */
export function adjointShader(
  geometry: Geometry,
  reader: PixelReader,
  attrs: GmsAttrs & WithRespectTo,
): GpuShader {
  const { batch, channels, mapHeight, mapWidth } = geometry;
  const { inputs, uniforms, functions } = slopes(geometry, reader, attrs);
  const { more, share } = {
    mean: { more: {}, share: '1.0' },
    distance: { more: { dy: 'NHWC' }, share: 'dyAt(n, i, j, c)' },
    deviation: { more: { means: 'NC', variances: 'NC' }, share: 'shareOfDeviation(slopes, n, c)' },
  }[attrs.form as Exclude<GmsForm, 'residual'>] as { more: GpuShader['inputs']; share: string };
  return {
    name: 'gmsAdjoint',
    inputs: { ...inputs, ...more },
    output: 'vec2',
    outputShape: [batch * mapHeight, mapWidth * channels],
    uniforms: { ...uniforms, channels: int(channels), direction: float(attrs.wrt === 'yTrue' ? 1 : -1) },
    // The slope of a magnitude m is the unit vector, taken as ∇ m / (m² + 1e-12): 0 where the image is flat.
    functions: `${functions}
    vec2 adjointOf(vec4 slopes) {
      vec2 own = 0.5 * (slopes.xy + slopes.zw * direction);
      float gap = magnitudeGap(slopes) * direction;
      float m = length(own);
      return 2.0 * (gap * m / (m * m + 1.0e-12) - gap * gap / below(slopes)) / below(slopes) * own;
    }
    ${
      attrs.form === 'deviation'
        ? `float shareOfDeviation(vec4 slopes, int n, int c) {
      float variance = variancesAt(n, c);
      float fromMean = distanceOf(slopes) - meansAt(n, c);
      if (variance == 0.0) { return 0.0; }
      return fromMean / sqrt(variance);
    }`
        : ''
    }
    vec2 valueAt(int row, int column) {
      int n = row / mapHeight;
      int i = row - n * mapHeight;
      int j = column / channels;
      int c = column - j * channels;
      vec4 slopes = slopesAt(n, i, j, c);
      return ${share} / 3.0 * adjointOf(slopes);
    }`,
  };
}

/** Prewitt's filter transposed, of a pixel and of its copies on the border, times `factor`. */
export function gradientShader(geometry: Geometry, { padding }: GmsAttrs, factor: number): GpuShader {
  const { batch, height, width, channels, mapHeight, mapWidth, top } = geometry;
  const copied = borders[padding] !== undefined;
  return {
    name: 'gmsGradient',
    inputs: { adjoint: 'vec2' },
    output: 'NHWC',
    outputShape: [batch, height, width, channels],
    uniforms: {
      ...(copied ? { imageHeight: int(height), imageWidth: int(width) } : {}),
      channels: int(channels),
      mapHeight: int(mapHeight),
      mapWidth: int(mapWidth),
      border: int(top),
      factor: float(factor),
    },
    functions: `
    float transposed(int n, int y, int x, int c) {
      float total = 0.0;
      for (int u = 0; u < 3; u++) {
        for (int v = 0; v < 3; v++) {
          int i = y - u;
          int j = x - v;
          if (i >= 0 && i < mapHeight && j >= 0 && j < mapWidth) {
            total += dot(adjointAt(n * mapHeight + i, j * channels + c), vec2(float(u - 1), float(v - 1)));
          }
        }
      }
      return total;
    }
    ${
      copied
        ? `${sourceOf(padding)}
    int copyOf(int which, int line, int size) {
      if (which == 0) { return line + border; }
      if (which == 1) {
        if (sourceOf(-1, size) == line) { return 0; }
        return -1;
      }
      if (sourceOf(size, size) == line) { return size + 1; }
      return -1;
    }
    float valueAt(int n, int i, int t, int c) {
      float total = 0.0;
      for (int down = 0; down < 3; down++) {
        for (int across = 0; across < 3; across++) {
          int y = copyOf(down, i, imageHeight);
          int x = copyOf(across, t, imageWidth);
          if (y >= 0 && x >= 0) { total += transposed(n, y, x, c); }
        }
      }
      return total * factor;
    }`
        : `float valueAt(int n, int i, int t, int c) {
      return transposed(n, i + border, t + border, c) * factor;
    }`
    }`,
  };
}
