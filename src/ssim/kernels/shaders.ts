import { rangeTests } from '../../backends/bitTests.js';
import { windowsOver } from '../../backends/borderShaders.js';
import type { Geometry } from '../../backends/geometry.js';
import type { Gpu } from '../../backends/gpu.js';
import { float, int, literal, sizesOf } from '../../backends/gpuShader.js';
import type { GpuShader } from '../../backends/gpuShader.js';
import type { Summed } from '../../backends/gpuSums.js';
import type { SsimAttrs, SsimBackwardAttrs, SsimForm } from './contract.js';
import { adjoint, distance, fromMiddle, parts, partsOfPixel, variances } from './shaderFormulas.js';
import type { WindowAttrs } from './windowPasses.js';

// Between the passes, four numbers of one place lie together as a vector.

/** Calls `line` for every place under the window, the outermost first: their sums are small, and round little. */
function fromOutside(taps: ArrayLike<number>, line: (k: number, weight: string) => string): string {
  const half = (taps.length - 1) / 2;
  const order = Array.from({ length: half }, (_, k) => [k, taps.length - 1 - k]).flat();
  return [...order, half].map((k) => line(k, literal(taps[k]!))).join('\n      ');
}

/** (mean of a, mean of b, variance of a, variance of b) along the height. */
export function momentsAlongHeightShader(
  gpu: Gpu,
  geometry: Geometry,
  { taps: [taps], padding, unit }: WindowAttrs,
): GpuShader {
  const { batch, channels, mapHeight, paddedWidth, halved } = geometry;
  const { inputs, uniforms, functions } = gpu.pixelAt(geometry, padding, unit);
  const half = (taps.length - 1) / 2;
  const read = (at: 'pixelAt' | 'pixelsAt', k: number): string => `${at}(n, first + ${k}, t, c)`;
  const tap = (pixel: string, k: number): string => `total += tap(${pixel}, middle, ${literal(taps[k]!)});`;
  // Two pixels at once, the middle one with that above it.
  const pairs = (from: number, end: number): string[] =>
    from >= end
      ? []
      : from + 1 === end
        ? [tap(read('pixelAt', from), from)]
        : [
            `two = ${read('pixelsAt', from)}; ${tap('two.xy', from)} ${tap('two.zw', from + 1)}`,
            ...pairs(from + 2, end),
          ];
  const lines =
    half === 0
      ? [`middle = ${read('pixelAt', 0)};`]
      : [
          `two = ${read('pixelsAt', half - 1)}; middle = two.zw; ${tap('two.xy', half - 1)}`,
          ...pairs(0, half - 1),
          ...pairs(half + 1, taps.length),
        ];
  return {
    name: 'momentsAlongHeight',
    inputs,
    output: 'vec4',
    outputShape: [batch * mapHeight, paddedWidth * channels],
    uniforms,
    functions: `${rangeTests(gpu)}${functions}${fromMiddle()}${variances()}
    vec4 tap(vec2 pixel, vec2 middle, float weight) {
      vec2 d = ${halved ? 'pixel - middle' : 'fromMiddle(pixel, middle)'};
      return weight * vec4(d, d * d);
    }
    vec4 valueAt(int row, int column) {
      int n = row / mapHeight;
      int first = row - n * mapHeight - top;
      int j = column / channels;
      int t = j - left;
      int c = column - j * channels;
      vec4 two = vec4(0.0);
      vec2 middle = vec2(0.0);
      vec4 total = vec4(0.0);
      ${lines.join('\n      ')}
      vec2 mean = ${halved ? 'middle' : 'vec2(middle.x + middle.y, middle.x - middle.y)'} + total.xy;
      return vec4(mean, variances(total.xy, total.zw));
    }`,
  };
}

/** The moments of every window, from those along the height. */
export function momentsAlongWidthShader(
  gpu: Gpu,
  geometry: Geometry,
  { taps: [, taps], varianceScale }: WindowAttrs,
): GpuShader {
  const { batch, channels, mapHeight, mapWidth } = geometry;
  const at = (k: number): string => `alongAt(row, column + ${k} * channels)`;
  return {
    name: 'momentsAlongWidth',
    inputs: { along: 'vec4' },
    output: 'vec4',
    outputShape: [batch * mapHeight, mapWidth * channels],
    uniforms: { ...sizesOf(geometry), varianceScale: float(varianceScale) },
    functions: `${rangeTests(gpu)}${variances()}
    vec4 tap(vec4 moments, vec2 middle, float weight) {
      vec2 d = moments.xy - middle;
      return weight * vec4(d, moments.zw + d * d);
    }
    vec4 valueAt(int row, int column) {
      vec2 middle = ${at((taps.length - 1) / 2)}.xy;
      vec4 total = vec4(0.0);
      ${fromOutside(taps, (k, weight) => `total += tap(${at(k)}, middle, ${weight});`)}
      return vec4(middle + total.xy, variances(total.xy, total.zw) * varianceScale);
    }`,
  };
}

/** What d is made of besides the moments. */
export type Constants = Pick<SsimAttrs, 'luminance' | 'c1' | 'c2'>;

const doubled = ({ c1, c2 }: Constants): GpuShader['uniforms'] => ({
  c1Twice: float(2 * c1),
  c2Twice: float(2 * c2),
});

/** The forms that have a value at every place of the window. */
export function mapShader(
  gpu: Gpu,
  geometry: Geometry,
  constants: Constants,
  form: Exclude<SsimForm, 'mean'>,
): GpuShader {
  const { batch, channels, mapHeight, mapWidth } = geometry;
  const isResidual = form === 'residual';
  const together = isResidual ? channels : 1;
  // WebGL 1 has constant loop bounds only.
  return {
    name: 'map',
    inputs: { moments: 'vec4' },
    output: 'NHWC',
    outputShape: [batch, mapHeight, mapWidth, channels / together],
    uniforms: { ...sizesOf(geometry), ...doubled(constants) },
    functions: `${rangeTests(gpu)}${distance(constants.luminance)}
    float valueAt(int n, int i, int j, int first) {
      float total = 0.0;
      for (int c = 0; c < ${together}; c++) {
        total += distanceOf(momentsAt(n * mapHeight + i, j * channels + first + c));
      }
      return total / ${together}.0;
    }`,
  };
}

/** d of every window, times its share if there are shares; of each channel by itself, or of all. */
export function distances(
  geometry: Geometry,
  constants: Constants,
  perChannel: boolean,
  weighted: boolean,
): Summed {
  const { batch, channels, mapHeight, mapWidth } = geometry;
  const groups = perChannel ? channels : 1;
  return {
    inputs: { moments: 'vec4', ...(weighted ? { shares: 'NHWC' } : {}) },
    uniforms: { ...sizesOf(geometry), groups: int(groups), ...doubled(constants) },
    functions: distance(constants.luminance),
    batch,
    rows: mapHeight,
    columns: (mapWidth * channels) / groups,
    groups,
    term: `${weighted ? 'sharesAt(n, i, t, 0) * ' : ''}distanceOf(momentsAt(n * mapHeight + i, t * groups + group))`,
    isOfDistances: true,
  };
}

/** Times `factor`, the adjoint along the height, onto the rows of the image: (Σ k, Σ r). The pivot is the mean of the nearest window. */
export function adjointAlongHeightShader(
  geometry: Geometry,
  attrs: SsimBackwardAttrs,
  factor: number,
): GpuShader {
  const {
    taps: [taps],
    padding,
    varianceScale,
    form,
    luminance,
  } = attrs;
  const { batch, height, channels, mapWidth } = geometry;
  const half = (taps.length - 1) / 2;
  const dy = { mean: '', distance: ' * dyAt(n, w, j, c)', residual: ' * dyAt(n, w, j, 0)' }[form];
  return {
    name: 'adjointAlongHeight',
    inputs: { moments: 'vec4', ...(form === 'mean' ? {} : { dy: 'NHWC' }) },
    output: 'vec4',
    outputShape: [batch * height, mapWidth * channels],
    uniforms: {
      ...sizesOf(geometry),
      ...doubled(attrs),
      varianceScale: float(varianceScale),
      direction: float(directionOf(attrs)),
      factor: float(factor),
    },
    functions: `${windowsOver(taps, padding)}${parts()}${adjoint(luminance)}
    vec4 tap(int n, int i, int j, int c, int place, float weight, vec3 pivot) {
      int w = windowAt(place, mapHeight);
      float share = weightAt(i, w, place, height, weight)${dy};
      return share * adjointOf(momentsAt(n * mapHeight + w, j * channels + c), pivot);
    }
    vec4 valueAt(int row, int column) {
      int n = row / height;
      int i = row - n * height;
      int j = column / channels;
      int c = column - j * channels;
      int nearest = i + top - ${half};
      vec3 pivot = parts(momentsAt(n * mapHeight + windowAt(nearest, mapHeight), column).xy);
      vec4 total = vec4(0.0);
      ${fromOutside(taps, (k, weight) => `total += tap(n, i, j, c, nearest + ${k - half}, ${weight}, pivot);`)}
      return total * factor;
    }`,
  };
}

/** The adjoint along the width, and the gradient Σ r + k · (pixel − pivot), times `factor`, and times `dy` if there is one for each image. */
export function gradientShader(
  gpu: Gpu,
  geometry: Geometry,
  attrs: WindowAttrs & Pick<SsimBackwardAttrs, 'wrt'>,
  factor: number,
  dyPerImage: boolean,
): GpuShader {
  const {
    taps: [, taps],
    padding,
    unit,
  } = attrs;
  const { batch, height, width, channels, halved } = geometry;
  const [halfHeight, half] = attrs.taps.map(({ length }) => (length - 1) / 2) as [number, number];
  const reader = gpu.pixelAt(geometry, 'valid', unit);
  return {
    name: 'gradient',
    inputs: { adjoint: 'vec4', moments: 'vec4', ...reader.inputs, ...(dyPerImage ? { dy: 'N' } : {}) },
    output: 'NHWC',
    outputShape: [batch, height, width, channels],
    uniforms: {
      ...reader.uniforms,
      direction: float(directionOf(attrs)),
      factor: float(factor),
    },
    functions: `${reader.functions}${windowsOver(taps, padding)}${parts()}${partsOfPixel()}
    float tap(int row, int nearestRow, int t, int c, int place, float weight, vec3 pixel) {
      int w = windowAt(place, mapWidth);
      int column = w * channels + c;
      vec4 kr = adjointAt(row, column);
      vec3 pivot = parts(momentsAt(nearestRow, column).xy);
      return weightAt(t, w, place, width, weight) * (kr.w + dot(kr.xyz, pixel - pivot));
    }
    float valueAt(int n, int i, int t, int c) {
      int row = n * height + i;
      int nearestRow = n * mapHeight + windowAt(i + top - ${halfHeight}, mapHeight);
      int nearest = t + left - ${half};
      vec3 pixel = ${halved ? 'parts' : 'partsOfPixel'}(pixelAt(n, i, t, c));
      float total = 0.0;
      ${fromOutside(taps, (k, weight) => `total += tap(row, nearestRow, t, c, nearest + ${k - half}, ${weight}, pixel);`)}
      return total * factor${dyPerImage ? ' * dyAt(n)' : ''};
    }`,
  };
}

/** 1 for the gradient with respect to x, −1 for y. */
const directionOf = ({ wrt }: Pick<SsimBackwardAttrs, 'wrt'>): 1 | -1 => (wrt === 'yTrue' ? 1 : -1);
