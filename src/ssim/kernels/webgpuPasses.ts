import { borderWeight, goesRound, sourceOf } from '../../backends/borderShaders.js';
import { bitTests } from '../../backends/bitTests.js';
import type { Geometry } from '../../backends/geometry.js';
import { literal } from '../../backends/gpuShader.js';
import type { Pass } from '../../backends/webgpu.js';
import { pixelReader } from '../../backends/webgpuPixels.js';
import { float, int, pass } from '../../backends/webgpuShader.js';
import type { Uniform } from '../../backends/webgpuShader.js';
import type { Summed } from '../../backends/webgpuSums.js';
import type { Padding } from '../../filters/paddings.js';
import type { SsimAttrs, SsimForm } from './contract.js';
import { adjoint, distance, fromMiddle, parts, partsOfPixel, variances } from './shaderFormulas.js';

/**
 * The shaders. Between them, four numbers of one place lie together as a vector: [rows, 4 · columns], where rows
 * count N · H and columns W · C.
 *
 * Every shader reads `uniforms` and all of its inputs: a binding that it does not mention would make the bind
 * group invalid, and its output what the buffer held before.
 *
 * The tensors of a caller (yTrue, yPred, dy) are read through `f32`: tfjs's cast from integers and booleans relabels
 * a tensor and leaves its buffer, and the backend declares an input by what the buffer holds.
 */

/** Calls `tap` for every place under the window, the outermost first: their sums are small, and round little. */
function tapsFromOutside(taps: ArrayLike<number>, line: (k: number, weight: string) => string): string {
  const half = (taps.length - 1) / 2;
  const order = Array.from({ length: half }, (_, k) => [k, taps.length - 1 - k]).flat();
  return [...order, half].map((k) => line(k, literal(taps[k]!))).join('\n      ');
}

/** (mean of a, mean of b, variance of a, variance of b) along the height. */
export function momentsAlongHeightPass(
  geometry: Geometry,
  taps: ArrayLike<number>,
  padding: Padding,
  unit: number,
): Pass {
  const { batch, width, channels, mapHeight, left, halved } = geometry;
  const half = (taps.length - 1) / 2;
  const lines = tapsFromOutside(taps, (k, weight) => (k === half ? '' : `tap(${k}, ${weight});`));
  const reader = pixelReader(geometry, padding, unit);
  return pass({
    name: 'momentsAlongHeight',
    inputs: reader.inputs,
    output: 4,
    outputShape: [batch * mapHeight, 4 * (width + 2 * left) * channels],
    uniforms: {
      ...reader.uniforms,
      mapHeight: int(mapHeight),
      columns: int((width + 2 * left) * channels),
    },
    formulas: reader.formulas + bitTests() + fromMiddle() + variances(),
    main: `
    var<private> n : i32;
    var<private> row : i32;
    var<private> column : i32;
    var<private> c : i32;
    var<private> middle : vec2<f32>;
    var<private> first : vec2<f32>;
    var<private> second : vec2<f32>;
    ${reader.main}
    fn pixels(k : i32) -> vec2<f32> {
      return pixelAt(n, row + k - uniforms.top, column - uniforms.left, c);
    }
    fn tap(k : i32, weight : f32) {
      let pixel = pixels(k);
      let d = ${halved ? 'pixel - middle' : 'fromMiddle(pixel, middle)'};
      first += weight * d;
      second += weight * d * d;
    }
    fn main(index : i32) {
      if (index >= uniforms.size) { return; }
      let outRow = index / uniforms.columns;
      let outColumn = index - outRow * uniforms.columns;
      n = outRow / uniforms.mapHeight;
      row = outRow - n * uniforms.mapHeight;
      column = outColumn / uniforms.channels;
      c = outColumn - column * uniforms.channels;
      middle = pixels(${half});
      ${lines}
      let mean = ${halved ? 'middle' : 'vec2<f32>(middle.x + middle.y, middle.x - middle.y)'} + first;
      result[index] = vec4<f32>(mean, variances(first, second));
    }`,
  });
}

/** The moments of every window, from those along the height. */
export function momentsAlongWidthPass(
  geometry: Geometry,
  taps: ArrayLike<number>,
  varianceScale: number,
): Pass {
  const { batch, width, channels, mapHeight, mapWidth, left } = geometry;
  const lines = tapsFromOutside(taps, (k, weight) => `tap(${k}, ${weight});`);
  return pass({
    name: 'momentsAlongWidth',
    inputs: { along: 4 },
    output: 4,
    outputShape: [batch * mapHeight, 4 * mapWidth * channels],
    uniforms: {
      channels: int(channels),
      columns: int(mapWidth * channels),
      columnsBefore: int((width + 2 * left) * channels),
      varianceScale: float(varianceScale),
    },
    formulas: bitTests() + variances(),
    main: `
    var<private> start : i32;
    var<private> middle : vec2<f32>;
    var<private> first : vec2<f32>;
    var<private> second : vec2<f32>;
    fn tap(k : i32, weight : f32) {
      let moments = along[start + k * uniforms.channels];
      let d = moments.xy - middle;
      first += weight * d;
      second += weight * (moments.zw + d * d);
    }
    fn main(index : i32) {
      if (index >= uniforms.size) { return; }
      let row = index / uniforms.columns;
      start = row * uniforms.columnsBefore + index - row * uniforms.columns;
      middle = along[start + ${(taps.length - 1) / 2} * uniforms.channels].xy;
      ${lines}
      result[index] = vec4<f32>(middle + first, variances(first, second) * uniforms.varianceScale);
    }`,
  });
}

/** What d is made of besides the moments. */
export type Constants = Pick<SsimAttrs, 'luminance' | 'c1' | 'c2'>;

const constantsOf = ({ c1, c2 }: Constants): Readonly<Record<string, Uniform>> => ({
  c1Twice: float(2 * c1),
  c2Twice: float(2 * c2),
});

/** The forms that have a value at every place of the window. */
export function mapPass(geometry: Geometry, constants: Constants, form: Exclude<SsimForm, 'mean'>): Pass {
  const { batch, channels, mapHeight, mapWidth } = geometry;
  const value = {
    distance: 'distanceOf(moments[index])',
    residual: 'total / f32(uniforms.channels)',
  }[form];
  const sum = `
      var total = 0.0;
      for (var c = 0; c < uniforms.channels; c++) { total += distanceOf(moments[index * uniforms.channels + c]); }`;
  return pass({
    name: 'map',
    inputs: { moments: 4 },
    output: 1,
    outputShape: [batch, mapHeight, mapWidth, form === 'residual' ? 1 : channels],
    uniforms: { channels: int(channels), ...constantsOf(constants) },
    formulas: bitTests() + distance(constants.luminance),
    main: `
    fn main(index : i32) {
      if (index >= uniforms.size) { return; }${form === 'residual' ? sum : ''}
      result[index] = ${value};
    }`,
  });
}

/** The sum of d of each image over its moments; of each channel by itself, or of all. */
export function summedDistances(geometry: Geometry, constants: Constants, groups: number): Summed {
  const { batch, channels, mapHeight, mapWidth } = geometry;
  return {
    name: 'distanceSums',
    inputs: { moments: 4 },
    batch,
    count: (mapHeight * mapWidth * channels) / groups,
    groups,
    term: 'distanceOf(moments[at])',
    uniforms: constantsOf(constants),
    formulas: bitTests() + distance(constants.luminance),
  };
}

/** The window at `place`, going round; without that one beyond the border counts nothing. */
const within = (padding: Padding, size: string): string =>
  goesRound(padding)
    ? `let w = sourceOf(place, ${size});`
    : `let w = place;
      if (w < 0 || w >= ${size}) { return; }`;

/** 1 for the gradient with respect to x, −1 for y. */
export type Direction = 1 | -1;

/** The adjoint along the height, onto the rows of the image: (Σ k, Σ r). The pivot is the mean of the nearest window. */
export function adjointAlongHeightPass(
  geometry: Geometry,
  taps: ArrayLike<number>,
  padding: Padding,
  constants: Constants,
  options: { readonly varianceScale: number; readonly direction: Direction; readonly form: SsimForm },
): Pass {
  const { batch, height, channels, mapHeight, mapWidth } = geometry;
  const { varianceScale, direction, form } = options;
  const half = (taps.length - 1) / 2;
  const border = borderWeight(taps, padding);
  const place = '(n * uniforms.mapHeight + w) * uniforms.mapWidth + column / uniforms.channels';
  const dy = {
    mean: undefined,
    distance: 'f32(dy[at])',
    residual: `f32(dy[${place}])`,
  }[form];
  return pass({
    name: 'adjointAlongHeight',
    inputs: { moments: 4, ...(dy === undefined ? {} : { dy: 1 as const }) },
    output: 4,
    outputShape: [batch * height, 4 * mapWidth * channels],
    uniforms: {
      imageHeight: int(height),
      mapHeight: int(mapHeight),
      mapWidth: int(mapWidth),
      channels: int(channels),
      inset: int((height - mapHeight) / 2),
      varianceScale: float(varianceScale),
      direction: float(direction),
      ...constantsOf(constants),
    },
    formulas:
      (goesRound(padding) ? sourceOf(padding) : (border ?? '')) + parts() + adjoint(constants.luminance),
    main: `
    var<private> n : i32;
    var<private> i : i32;
    var<private> column : i32;
    var<private> pivot : vec3<f32>;
    var<private> total : vec4<f32>;
    fn indexOf(w : i32) -> i32 {
      return (n * uniforms.mapHeight + w) * uniforms.mapWidth * uniforms.channels + column;
    }
    fn tap(place : i32, tapWeight : f32) {
      ${within(padding, 'uniforms.mapHeight')}
      let at = indexOf(w);
      let weight = (tapWeight${border === undefined ? '' : ' + borderWeight(i, w, uniforms.imageHeight)'})${dy === undefined ? '' : ` * ${dy}`};
      total += weight * adjointOf(moments[at], pivot);
    }
    fn main(index : i32) {
      if (index >= uniforms.size) { return; }
      let columns = uniforms.mapWidth * uniforms.channels;
      let row = index / columns;
      column = index - row * columns;
      n = row / uniforms.imageHeight;
      i = row - n * uniforms.imageHeight;
      let nearest = i - uniforms.inset;
      pivot = parts(moments[indexOf(clamp(nearest, 0, uniforms.mapHeight - 1))].xy);
      ${tapsFromOutside(taps, (k, weight) => `tap(nearest + ${k - half}, ${weight});`)}
      result[index] = total;
    }`,
  });
}

/** The adjoint along the width, and the gradient Σ r + k · (pixel − pivot), times `factor`. */
export function gradientPass(
  geometry: Geometry,
  taps: ArrayLike<number>,
  padding: Padding,
  options: {
    readonly unit: number;
    readonly direction: Direction;
    readonly factor: number;
    readonly dyPerImage: boolean;
  },
): Pass {
  const { batch, height, width, channels, mapHeight, mapWidth, halved } = geometry;
  const { unit, direction, factor, dyPerImage } = options;
  const half = (taps.length - 1) / 2;
  const border = borderWeight(taps, padding);
  return pass({
    name: 'gradient',
    inputs: {
      adjoint: 4,
      moments: 4,
      ...(halved ? { pairs: 2 } : { yTrue: 1, yPred: 1 }),
      ...(dyPerImage ? { dy: 1 as const } : {}),
    },
    output: 1,
    outputShape: [batch, height, width, channels],
    uniforms: {
      imageHeight: int(height),
      imageWidth: int(width),
      channels: int(channels),
      mapHeight: int(mapHeight),
      mapWidth: int(mapWidth),
      rowInset: int((height - mapHeight) / 2),
      columnInset: int((width - mapWidth) / 2),
      ...(halved ? {} : { scale: float(1 / unit) }),
      direction: float(direction),
      factor: float(factor),
    },
    formulas: (goesRound(padding) ? sourceOf(padding) : (border ?? '')) + parts() + partsOfPixel(),
    main: `
    var<private> t : i32;
    var<private> adjointRow : i32;
    var<private> momentsRow : i32;
    var<private> c : i32;
    var<private> pixel : vec3<f32>;
    var<private> total : f32;
    fn tap(place : i32, tapWeight : f32) {
      ${within(padding, 'uniforms.mapWidth')}
      let weight = tapWeight${border === undefined ? '' : ' + borderWeight(t, w, uniforms.imageWidth)'};
      let column = w * uniforms.channels + c;
      let kr = adjoint[adjointRow + column];
      let pivot = parts(moments[momentsRow + column].xy);
      total += weight * (kr.w + dot(kr.xyz, pixel - pivot));
    }
    fn main(index : i32) {
      if (index >= uniforms.size) { return; }
      c = index % uniforms.channels;
      t = (index / uniforms.channels) % uniforms.imageWidth;
      let row = index / uniforms.channels / uniforms.imageWidth;
      let n = row / uniforms.imageHeight;
      let i = row - n * uniforms.imageHeight;
      let columns = uniforms.mapWidth * uniforms.channels;
      let nearest = clamp(i - uniforms.rowInset, 0, uniforms.mapHeight - 1);
      adjointRow = row * columns;
      momentsRow = (n * uniforms.mapHeight + nearest) * columns;
      pixel = ${halved ? 'parts(pairs[index])' : 'partsOfPixel(vec2<f32>(f32(yTrue[index]), f32(yPred[index]))) * uniforms.scale'};
      ${tapsFromOutside(taps, (k, weight) => `tap(t - uniforms.columnInset + ${k - half}, ${weight});`)}
      result[index] = total * uniforms.factor${dyPerImage ? ' * f32(dy[n])' : ''};
    }`,
  });
}
