import { windowsOver } from '../../backends/borderShaders.js';
import type { Geometry } from '../../backends/geometry.js';
import { int, literal } from '../../backends/gpuShader.js';
import type { GpuShader } from '../../backends/gpuShader.js';
import { halvedAt } from '../../backends/halvedImages.js';
import type { Shape4D } from '../../backends/pairOnArrays.js';
import type { Padding } from '../../filters/paddings.js';

/** Whether all images have the same weights, [1, H, W, 1]. */
interface Given {
  readonly isShared: boolean;
}

/** Weights halved once more. */
export function halvedWeightsShader([batch, height, width]: Shape4D): GpuShader {
  return {
    name: 'halvedWeights',
    inputs: { fine: 'NHWC' },
    output: 'NHWC',
    outputShape: [batch, Math.ceil(height / 2), Math.ceil(width / 2), 1],
    uniforms: { height: int(height), width: int(width) },
    functions: halvedAt('float', 'valueAt'),
  };
}

/** The weights of the windows' middle pixels, where these stay inside. */
export function middlesShader({ mapHeight, mapWidth, height, width }: Geometry, [batch]: Shape4D): GpuShader {
  return {
    name: 'middles',
    inputs: { counts: 'NHWC' },
    output: 'NHWC',
    outputShape: [batch, mapHeight, mapWidth, 1],
    uniforms: { rows: int((height - mapHeight) / 2), columns: int((width - mapWidth) / 2) },
    functions: `
    float valueAt(int n, int i, int t, int c) {
      return countsAt(n, i + rows, t + columns, c);
    }`,
  };
}

/** Weights of every image divided by their mean; 0 where that is 0. */
export function sharesShader({ batch, mapHeight, mapWidth }: Geometry, { isShared }: Given): GpuShader {
  const n = isShared ? '0' : 'n';
  return {
    name: 'shares',
    inputs: { counts: 'NHWC', mean: 'NC' },
    output: 'NHWC',
    outputShape: [batch, mapHeight, mapWidth, 1],
    uniforms: {},
    functions: `
    float valueAt(int n, int i, int t, int c) {
      float mean = meanAt(${n}, 0);
      float count = countsAt(${n}, i, t, c);
      if (mean == 0.0) { return 0.0; }
      return count / mean;
    }`,
  };
}

/** What each pixel counts along one axis, if windows count so much: the transposed border of the transposed window. */
export function transposedShader(
  [batch, height, width]: Shape4D,
  axis: 1 | 2,
  length: number,
  taps: ArrayLike<number>,
  padding: Padding,
): GpuShader {
  const half = (taps.length - 1) / 2;
  const [line, at] = axis === 1 ? ['i', 'w, t'] : ['t', 'i, w'];
  const first = padding === 'valid' ? 2 * half : half;
  return {
    name: 'transposedWindow',
    inputs: { shares: 'NHWC' },
    output: 'NHWC',
    outputShape: axis === 1 ? [batch, length, width, 1] : [batch, height, length, 1],
    uniforms: {
      windowCount: int(axis === 1 ? height : width),
      imageLength: int(length),
    },
    functions: `${windowsOver(taps, padding)}
    float tap(int n, int i, int t, int place, float weight) {
      int w = windowAt(place, windowCount);
      return weightAt(${line}, w, place, imageLength, weight) * sharesAt(n, ${at}, 0);
    }
    float valueAt(int n, int i, int t, int c) {
      float total = 0.0;
      ${Array.from(taps, (weight, k) => `total += tap(n, i, t, ${line} + ${k - first}, ${literal(weight)});`).join('\n      ')}
      return total;
    }`,
  };
}

/** What an image becomes where weights are 0: see `agreeingAtWeightZero`. */
interface Agreeing extends Given {
  readonly channels: number;
  /** `isFinite` of the backend. */
  readonly finiteTest: string;
}

/** Whether a pixel of an image `own` or of the `other` is to be replaced; `mean` is that of the weights. */
const replacing = ({ channels, finiteTest, isShared }: Agreeing): string => {
  const n = isShared ? '0' : 'n';
  // WebGL 1 has constant loop bounds only.
  const isWhole = (name: string): string => `
    bool ${name}IsFinite(int n, int i, int t) {
      for (int c = 0; c < ${channels}; c++) {
        if (!isFinite(${name}At(n, i, t, c))) { return false; }
      }
      return true;
    }`;
  return `${finiteTest}${isWhole('own')}${isWhole('other')}
    bool isWithoutWeight(int n) {
      return meanAt(${n}, 0) == 0.0;
    }
    bool isReplaced(int n, int i, int t) {
      if (weightsAt(${n}, i, t, 0) != 0.0) { return false; }
      return isWithoutWeight(n) || !ownIsFinite(n, i, t) || !otherIsFinite(n, i, t);
    }`;
};

/** An image that agrees with the other where a pixel of weight 0 is not finite; all 0 if it has no weight. */
export function agreedShader(shape: Shape4D, agreeing: Agreeing): GpuShader {
  return {
    name: 'agreed',
    inputs: { own: 'NHWC', other: 'NHWC', weights: 'NHWC', mean: 'NC' },
    output: 'NHWC',
    outputShape: [...shape],
    uniforms: {},
    functions: `${replacing(agreeing)}
    float valueAt(int n, int i, int t, int c) {
      if (isReplaced(n, i, t)) {
        if (isWithoutWeight(n)) { return 0.0; }
        if (!ownIsFinite(n, i, t)) {
          if (otherIsFinite(n, i, t)) { return otherAt(n, i, t, c); }
          return 0.0;
        }
      }
      return ownAt(n, i, t, c);
    }`,
  };
}

/** No gradient for pixels that were replaced. */
export function clearedShader(shape: Shape4D, agreeing: Agreeing): GpuShader {
  return {
    name: 'cleared',
    inputs: { gradient: 'NHWC', own: 'NHWC', other: 'NHWC', weights: 'NHWC', mean: 'NC' },
    output: 'NHWC',
    outputShape: [...shape],
    uniforms: {},
    functions: `${replacing(agreeing)}
    float valueAt(int n, int i, int t, int c) {
      if (isReplaced(n, i, t)) { return 0.0; }
      return gradientAt(n, i, t, c);
    }`,
  };
}
