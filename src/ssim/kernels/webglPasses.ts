import { borderWeight, goesRound, sourceOf } from '../../backends/borderShaders.js';
import type { Geometry } from '../../backends/geometry.js';
import { literal } from '../../backends/gpuShader.js';
import type { Pass } from '../../backends/webgl.js';
import { float, int, pass, tests } from '../../backends/webglShader.js';
import type { Uniform } from '../../backends/webglShader.js';
import { segmentLength, segmentsOf } from '../../backends/webglSums.js';
import type { Padding } from '../../filters/paddings.js';
import type { SsimAttrs, SsimForm } from './contract.js';
import { adjoint, distance, fromMiddle, parts, partsOfPixel, variances } from './shaderFormulas.js';

/**
 * The shaders. Between them, four numbers of one place share a texel: a packed [2 · rows, 2 · columns] tensor
 * has one texel for each row and column. Rows count N · H, columns W · C.
 */

/** (mean of a, mean of b, variance of a, variance of b) along the height. */
export function momentsAlongHeightPass(geometry: Geometry, taps: ArrayLike<number>): Pass {
  const { batch, channels, mapHeight, paddedHeight, paddedWidth, halved } = geometry;
  const half = (taps.length - 1) / 2;
  const lines = [half === 0 ? 'middle = texel(0).xy;' : `two = texel(${half - 1}); middle = two.zw;`];
  if (half > 0) lines.push(`tap(two.xy, ${literal(taps[half - 1]!)});`);
  const pairs = (first: number, last: number): void => {
    for (let k = first; k <= last; k += 2) {
      lines.push(`two = texel(${k}); tap(two.xy, ${literal(taps[k]!)});`);
      if (k < last) lines.push(`tap(two.zw, ${literal(taps[k + 1]!)});`);
    }
  };
  pairs(0, half - 2);
  pairs(half + 1, 2 * half);
  return pass({
    inputs: ['pixels'],
    outputShape: [2 * batch * mapHeight, 2 * paddedWidth * channels],
    packed: { inputs: true, output: true },
    uniforms: { mapHeight: int(mapHeight), border: int(paddedHeight - mapHeight) },
    code: `
    int row;
    int column;
    vec2 middle;
    vec2 first = vec2(0.);
    vec2 second = vec2(0.);
    vec4 texel(int k) {
      return getPixels(row + 2 * k, column);
    }${tests()}${fromMiddle()}${variances()}
    void tap(vec2 pixel, float weight) {
      vec2 d = ${halved ? 'pixel - middle' : 'fromMiddle(pixel, middle)'};
      first += weight * d;
      second += weight * d * d;
    }
    void main() {
      ivec2 at = getOutputCoords();
      row = at.x + 2 * (at.x / 2 / mapHeight) * border;
      column = at.y;
      vec4 two;
      ${lines.join('\n      ')}
      vec2 mean = ${halved ? 'middle' : 'vec2(middle.x + middle.y, middle.x - middle.y)'} + first;
      setOutput(vec4(mean, variances(first, second)));
    }`,
  });
}

/** The moments of every window, from those along the height. */
export function momentsAlongWidthPass(
  geometry: Geometry,
  taps: ArrayLike<number>,
  varianceScale: number,
): Pass {
  const { batch, channels, mapHeight, mapWidth } = geometry;
  const lines = Array.from(taps, (weight, k) => `tap(${k}, ${literal(weight)});`);
  return pass({
    inputs: ['columns'],
    outputShape: [2 * batch * mapHeight, 2 * mapWidth * channels],
    packed: { inputs: true, output: true },
    uniforms: { channels: int(channels), varianceScale: float(varianceScale) },
    code: `
    int row;
    int column;
    vec2 middle;
    vec2 first = vec2(0.);
    vec2 second = vec2(0.);
    vec4 texel(int k) {
      return getColumns(row, column + 2 * k * channels);
    }${tests()}${variances()}
    void tap(int k, float weight) {
      vec4 moments = texel(k);
      vec2 d = moments.xy - middle;
      first += weight * d;
      second += weight * (moments.zw + d * d);
    }
    void main() {
      ivec2 at = getOutputCoords();
      row = at.x;
      column = at.y;
      middle = texel(${(taps.length - 1) / 2}).xy;
      ${lines.join('\n      ')}
      setOutput(vec4(middle + first, variances(first, second) * varianceScale));
    }`,
  });
}

/** What d is made of besides the moments. */
export type Constants = Pick<SsimAttrs, 'luminance' | 'c1' | 'c2'>;
const doubled = ({ c1, c2 }: Constants): Readonly<Record<string, Uniform>> => ({
  c1Twice: float(2 * c1),
  c2Twice: float(2 * c2),
});

/** The forms that have a value at every place of the window. */
export function mapPass(geometry: Geometry, constants: Constants, form: Exclude<SsimForm, 'mean'>): Pass {
  const { batch, channels, mapHeight, mapWidth } = geometry;
  const residual = form === 'residual';
  const value = {
    distance: 'at(where.w)',
    residual: `total / ${channels}.`,
  }[form];
  // WebGL 1 has constant loop bounds only.
  const sum = `
      float total = 0.;
      for (int c = 0; c < ${channels}; c++) total += at(c);`;
  return pass({
    inputs: ['moments'],
    outputShape: [batch, mapHeight, mapWidth, residual ? 1 : channels],
    packed: { inputs: true, output: false },
    uniforms: { mapHeight: int(mapHeight), channels: int(channels), ...doubled(constants) },
    code: `${tests()}${distance(constants.luminance)}
    ivec4 where;
    float at(int c) {
      return distanceOf(getMoments(2 * (where.x * mapHeight + where.y), 2 * (where.z * channels + c)));
    }
    void main() {
      where = getOutputCoords();${residual ? sum : ''}
      setOutput(${value});
    }`,
  });
}

/**
 * [rows, columns] of the moments → sums of d over segments of the rows, divided by their full length; of each channel
 * by itself, or of all.
 */
export function distanceSumsPass(geometry: Geometry, constants: Constants, groups: number): Pass {
  const { batch, channels, mapHeight, mapWidth } = geometry;
  const columns = (mapWidth * channels) / groups;
  return pass({
    inputs: ['moments'],
    outputShape: [batch * mapHeight, segmentsOf(columns) * groups],
    packed: { inputs: true, output: false },
    uniforms: { columns: int(columns), groups: int(groups), ...doubled(constants) },
    code: `${tests()}${distance(constants.luminance)}
    void main() {
      ivec2 at = getOutputCoords();
      int segment = at.y / groups;
      int first = segment * ${segmentLength};
      float total = 0.;
      for (int k = 0; k < ${segmentLength}; k++) {
        if (first + k < columns) {
          total += distanceOf(getMoments(2 * at.x, 2 * ((first + k) * groups + at.y - segment * groups)));
        }
      }
      setOutput(total / ${segmentLength}.);
    }`,
  });
}

/** The lines that visit every window over a pixel, with their weights. */
function windowsOver(taps: ArrayLike<number>): string {
  return Array.from(taps, (weight, k) => `tap(first + ${k}, ${literal(weight)});`).join('\n      ');
}

const clamped = `
    int clamped(int index, int size) {
      return index < 0 ? 0 : (index < size ? index : size - 1);
    }`;

/** The window at `w`, going round, or one at the border that weighs 0: a branch would cost more than a read. */
const within = (padding: Padding, size: string): string =>
  goesRound(padding)
    ? `w = sourceOf(w, ${size});`
    : `weight = w >= 0 && w < ${size} ? weight : 0.;
      w = clamped(w, ${size});`;

/** 1 for the gradient with respect to x, −1 for y. */
export type Direction = 1 | -1;

/** The adjoint along the height, onto the rows of the image: a texel has (Σ k, Σ r). The pivot is the mean of the nearest window. */
export function adjointAlongHeightPass(
  geometry: Geometry,
  taps: ArrayLike<number>,
  padding: Padding,
  constants: Constants,
  options: {
    readonly varianceScale: number;
    readonly direction: Direction;
    /** Keeps the texels within the range of half precision. */
    readonly factor: number;
    readonly form: SsimForm;
  },
): Pass {
  const { batch, height, channels, mapHeight, mapWidth } = geometry;
  const { varianceScale, direction, factor, form } = options;
  const half = (taps.length - 1) / 2;
  const border = borderWeight(taps, padding);
  const dy = {
    mean: undefined,
    distance: 'getChannel(getDy(n, w, j, c), vec2(j, c))',
    residual: 'getChannel(getDy(n, w, j, 0), vec2(j, 0))',
  }[form];
  return pass({
    inputs: dy === undefined ? ['moments'] : ['moments', 'dy'],
    outputShape: [2 * batch * height, 2 * mapWidth * channels],
    packed: { inputs: true, output: true },
    uniforms: {
      imageHeight: int(height),
      mapHeight: int(mapHeight),
      channels: int(channels),
      inset: int((height - mapHeight) / 2),
      ...doubled(constants),
      varianceScale: float(varianceScale),
      direction: float(direction),
      factor: float(factor),
    },
    code: `
    int n;
    int i;
    int j;
    int c;
    int column;
    vec3 pivot;
    vec4 total = vec4(0.);${clamped}${parts()}${adjoint(constants.luminance)}
    ${goesRound(padding) ? sourceOf(padding) : (border ?? '')}
    vec4 texel(int w) {
      return getMoments(2 * (n * mapHeight + w), column);
    }
    void tap(int w, float weight) {
      ${border === undefined ? '' : 'weight += borderWeight(i, w, imageHeight);'}
      ${within(padding, 'mapHeight')}
      ${dy === undefined ? '' : `weight *= ${dy};`}
      total += weight * adjointOf(texel(w), pivot);
    }
    void main() {
      ivec2 at = getOutputCoords();
      column = at.y;
      int row = at.x / 2;
      n = row / imageHeight;
      i = row - n * imageHeight;
      j = column / 2 / channels;
      c = column / 2 - j * channels;
      int nearest = i - inset;
      pivot = parts(texel(clamped(nearest, mapHeight)).xy);
      int first = nearest - ${half};
      ${windowsOver(taps)}
      setOutput(total * factor);
    }`,
  });
}

/** The adjoint along the width, and the gradient Σ r + k · (pixel − pivot), times `factor`. */
export function gradientPass(
  geometry: Geometry,
  taps: ArrayLike<number>,
  padding: Padding,
  options: { readonly direction: Direction; readonly factor: number; readonly dyPerImage: boolean },
): Pass {
  const { batch, height, width, channels, mapHeight, mapWidth, paddedHeight, top, left, halved } = geometry;
  const { direction, factor, dyPerImage } = options;
  const half = (taps.length - 1) / 2;
  const border = borderWeight(taps, padding);
  return pass({
    inputs: ['adjoint', 'moments', 'pixels', ...(dyPerImage ? ['dy'] : [])],
    outputShape: [batch, height, width, channels],
    packed: { inputs: true, output: false },
    uniforms: {
      imageHeight: int(height),
      imageWidth: int(width),
      channels: int(channels),
      mapHeight: int(mapHeight),
      mapWidth: int(mapWidth),
      paddedHeight: int(paddedHeight),
      top: int(top),
      left: int(left),
      rowInset: int((height - mapHeight) / 2),
      columnInset: int((width - mapWidth) / 2),
      direction: float(direction),
      factor: float(factor),
    },
    code: `
    int t;
    int c;
    int row;
    int nearestRow;
    vec3 pixel;
    float total = 0.;${clamped}${parts()}${partsOfPixel()}
    ${goesRound(padding) ? sourceOf(padding) : (border ?? '')}
    void tap(int w, float weight) {
      ${border === undefined ? '' : 'weight += borderWeight(t, w, imageWidth);'}
      ${within(padding, 'mapWidth')}
      int column = 2 * (w * channels + c);
      vec4 kr = getAdjoint(row, column);
      vec3 pivot = parts(getMoments(nearestRow, column).xy);
      total += weight * (kr.w + dot(kr.xyz, pixel - pivot));
    }
    void main() {
      ivec4 at = getOutputCoords();
      t = at.z;
      c = at.w;
      row = 2 * (at.x * imageHeight + at.y);
      nearestRow = 2 * (at.x * mapHeight + clamped(at.y - rowInset, mapHeight));
      vec2 both = getPixels(2 * (at.x * paddedHeight + at.y + top), 2 * ((t + left) * channels + c)).xy;
      pixel = ${halved ? 'parts' : 'partsOfPixel'}(both);
      int first = t - columnInset - ${half};
      ${windowsOver(taps)}
      setOutput(total * factor${dyPerImage ? ' * getChannel(getDy(at.x), at.x)' : ''});
    }`,
  });
}
