import { inWgsl } from '../../backends/shaderWords.js';
import type { Pass, UniformValue } from '../../backends/webgpu.js';
import type { Padding } from '../../filters/paddings.js';
import { borderWeight, goesRound, sourceOf } from './borderShaders.js';
import type { SsimAttrs, SsimForm } from './contract.js';
import type { Geometry } from './gpuKernels.js';
import { adjoint, bitTests, distance, fromMiddle, parts, partsOfPixel, variances } from './shaderFormulas.js';

/**
 * The shaders. Between them, four numbers of one place lie together as a vector: [rows, columns, 4], where rows
 * count N · H and columns W · C.
 *
 * Every shader reads `uniforms` and all of its inputs: a binding that it does not mention would make the bind
 * group invalid, and its output what the buffer held before.
 *
 * The tensors of a caller (yTrue, yPred, dy) are read through `f32`: tfjs's cast from integers and booleans relabels
 * a tensor and leaves its buffer, and the backend declares an input by what the buffer holds.
 */

interface Uniform {
  readonly type: 'i32' | 'f32';
  readonly value: number;
}

const int = (value: number): Uniform => ({ type: 'i32', value });
const float = (value: number): Uniform => ({ type: 'f32', value });

const workgroup = 64;

interface Shader {
  readonly name: string;
  /** How many numbers of each input, and of the output, lie together as a vector. */
  readonly inputs: Readonly<Record<string, 1 | 4>>;
  readonly output: 1 | 4;
  readonly outputShape: number[];
  readonly uniforms: Readonly<Record<string, Uniform>>;
  /** In the words that `inWgsl` turns into WGSL. */
  readonly formulas: string;
  readonly main: string;
}

function pass({ name, inputs, output, outputShape, uniforms, formulas, main }: Shader): Pass {
  const code = inWgsl(formulas, Object.keys(uniforms)) + main;
  const size = outputShape.reduce((product, length) => product * length, 1) / output;
  return {
    program: {
      variableNames: Object.keys(inputs),
      variableComponents: Object.values(inputs),
      outputShape,
      outputComponent: output,
      uniforms: Object.entries(uniforms)
        .map(([key, { type }]) => `${key} : ${type},`)
        .join(' '),
      size: true,
      workgroupSize: [workgroup, 1, 1],
      dispatchLayout: { x: outputShape.map((_, axis) => axis) },
      // The backend folds what is more than one dimension holds into three.
      dispatch: [Math.ceil(size / workgroup), 1, 1],
      // The source itself: it depends on the window and the padding, not on sizes and constants.
      shaderKey: `ssim-ae ${name} ${code}`,
      getUserCode: () => code,
    },
    uniformValues: Object.values(uniforms).map(({ type, value }): UniformValue => ({
      type: type === 'i32' ? 'int32' : 'float32',
      data: [value],
    })),
  };
}

/** A number as WGSL writes it, with every digit of a float32. */
const literal = (value: number): string => value.toExponential(8);

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
  const { batch, height, width, channels, mapHeight, top, left } = geometry;
  const half = (taps.length - 1) / 2;
  const lines = tapsFromOutside(taps, (k, weight) => (k === half ? '' : `tap(${k}, ${weight});`));
  return pass({
    name: 'momentsAlongHeight',
    inputs: { yTrue: 1, yPred: 1 },
    output: 4,
    outputShape: [batch * mapHeight, (width + 2 * left) * channels, 4],
    uniforms: {
      imageHeight: int(height),
      imageWidth: int(width),
      channels: int(channels),
      mapHeight: int(mapHeight),
      columns: int((width + 2 * left) * channels),
      top: int(top),
      left: int(left),
      scale: float(1 / unit),
    },
    formulas: sourceOf(padding) + bitTests() + fromMiddle() + variances(),
    main: `
    var<private> n : i32;
    var<private> row : i32;
    var<private> column : i32;
    var<private> c : i32;
    var<private> middle : vec2<f32>;
    var<private> first : vec2<f32>;
    var<private> second : vec2<f32>;
    fn pixels(k : i32) -> vec2<f32> {
      let y = sourceOf(row + k - uniforms.top, uniforms.imageHeight);
      let x = sourceOf(column - uniforms.left, uniforms.imageWidth);
      ${padding === 'zero' ? 'if (y < 0 || y >= uniforms.imageHeight || x < 0 || x >= uniforms.imageWidth) { return vec2<f32>(0.0); }' : ''}
      let at = ((n * uniforms.imageHeight + y) * uniforms.imageWidth + x) * uniforms.channels + c;
      // Before anything is squared: neither tiny nor huge pixels leave float32.
      return vec2<f32>(f32(yTrue[at]), f32(yPred[at])) * uniforms.scale;
    }
    fn tap(k : i32, weight : f32) {
      let pixel = pixels(k);
      let d = fromMiddle(pixel, middle);
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
      let mean = vec2<f32>(middle.x + middle.y, middle.x - middle.y) + first;
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
    outputShape: [batch * mapHeight, mapWidth * channels, 4],
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

/** How many numbers a sum adds up before the next pass takes over: a sum in float32 of few loses nothing. */
export const segmentLength = 64;

/** The moments of each image → sums of d over segments. */
export function distanceSumsPass(geometry: Geometry, constants: Constants): Pass {
  const { batch, channels, mapHeight, mapWidth } = geometry;
  const count = mapHeight * mapWidth * channels;
  return pass({
    name: 'distanceSums',
    inputs: { moments: 4 },
    ...segmentSums(batch, count, 'distanceOf(moments[at])'),
    uniforms: { ...uniformsOfSums(count, 1), ...constantsOf(constants) },
    formulas: bitTests() + distance(constants.luminance),
  });
}

/** [batch, count] → sums over segments, times `factor`. */
export function sumsPass(batch: number, count: number, factor: number): Pass {
  return pass({
    name: 'sums',
    inputs: { sums: 1 },
    ...segmentSums(batch, count, 'sums[at]'),
    uniforms: uniformsOfSums(count, factor),
    formulas: '',
  });
}

const segmentsOf = (count: number): number => Math.ceil(count / segmentLength);

const uniformsOfSums = (count: number, factor: number): Readonly<Record<string, Uniform>> => ({
  count: int(count),
  segments: int(segmentsOf(count)),
  factor: float(factor),
});

/** Of a shader that adds up `term`, at each place `at`. */
const segmentSums = (
  batch: number,
  count: number,
  term: string,
): Pick<Shader, 'output' | 'outputShape' | 'main'> => ({
  output: 1,
  outputShape: [batch, segmentsOf(count)],
  main: `
    fn main(index : i32) {
      if (index >= uniforms.size) { return; }
      let n = index / uniforms.segments;
      let first = (index - n * uniforms.segments) * ${segmentLength};
      let last = min(first + ${segmentLength}, uniforms.count);
      var total = 0.0;
      for (var k = first; k < last; k++) {
        let at = n * uniforms.count + k;
        total += ${term};
      }
      result[index] = total * uniforms.factor;
    }`,
});

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
    outputShape: [batch * height, mapWidth * channels, 4],
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
  const { batch, height, width, channels, mapHeight, mapWidth } = geometry;
  const { unit, direction, factor, dyPerImage } = options;
  const half = (taps.length - 1) / 2;
  const border = borderWeight(taps, padding);
  return pass({
    name: 'gradient',
    inputs: { adjoint: 4, moments: 4, yTrue: 1, yPred: 1, ...(dyPerImage ? { dy: 1 as const } : {}) },
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
      scale: float(1 / unit),
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
      let both = vec2<f32>(f32(yTrue[index]), f32(yPred[index]));
      pixel = partsOfPixel(both) * uniforms.scale;
      ${tapsFromOutside(taps, (k, weight) => `tap(t - uniforms.columnInset + ${k - half}, ${weight});`)}
      result[index] = total * uniforms.factor${dyPerImage ? ' * f32(dy[n])' : ''};
    }`,
  });
}
