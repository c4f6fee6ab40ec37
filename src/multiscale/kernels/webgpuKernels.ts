import type { KernelConfig } from '@tensorflow/tfjs-core';
import { finiteTest } from '../../backends/bitTests.js';
import type { Geometry } from '../../backends/geometry.js';
import type { Pass } from '../../backends/webgpu.js';
import { joinPass } from '../../backends/webgpuJoining.js';
import { halvedPairsPass } from '../../backends/webgpuPixels.js';
import { float, int, literal, pass } from '../../backends/webgpuShader.js';
import { totals } from '../../backends/webgpuSums.js';
import { webgpuSsimShaders } from '../../ssim/kernels/webgpuKernels.js';
import { gpuMsSsimKernels } from './gpuKernels.js';
import { productFormulas } from './productFormulas.js';

/** The fused kernels of MS-SSIM of tfjs's webgpu backend, for `registerKernel`. */
export function webgpuMsSsimKernels(): KernelConfig[] {
  return gpuMsSsimKernels<Pass>({
    ssim: webgpuSsimShaders(),
    halved: (fine, geometry, { unit }) => halvedPairsPass(fine, geometry, unit),
    join: joinPass,
    value: valuePass,
    slopes: slopesPass,
    differences: (passes, inputs, { batch, height, width, channels }, unit, factor) =>
      totals(
        passes,
        {
          name: 'differenceSums',
          inputs: { yTrue: 1, yPred: 1, rows: 1, columns: 1 },
          batch,
          count: height * width * channels,
          groups: 1,
          term: `abs((f32(yTrue[at]) - f32(yPred[at])) * uniforms.scale)
          * rows[k / (uniforms.imageWidth * uniforms.channels)]
          * columns[(k / uniforms.channels) % uniforms.imageWidth]`,
          uniforms: { imageWidth: int(width), channels: int(channels), scale: float(1 / unit) },
          formulas: '',
        },
        inputs,
        factor,
      ),
    addDifferences: addDifferencesPass,
    scaled: scaledPass,
  });
}

const means = (weights: readonly number[]): Readonly<Record<string, 1>> =>
  Object.fromEntries(weights.map((_, level) => [`mean${level}`, 1]));

/** Reads the means at n · C + c into `logarithm`, and one that is not finite into `broken`. */
const readMeans = (weights: readonly number[]): string =>
  weights
    .map(
      (weight, level) => `
        d = mean${level}[n * uniforms.channels + c];
        if (!isFinite(d)) { broken = d; }
        logarithm += ${literal(weight)} * logOfComplement(d);`,
    )
    .join('');

function valuePass(
  { batch, channels }: Geometry,
  weights: readonly number[],
  share: number,
  plus: boolean,
): Pass {
  return pass({
    name: 'value',
    inputs: { ...means(weights), ...(plus ? { differences: 1 } : {}) },
    output: 1,
    outputShape: [batch],
    uniforms: { channels: int(channels), factor: float(share / channels) },
    formulas: finiteTest() + productFormulas(),
    main: `
    fn main(n : i32) {
      if (n >= uniforms.size) { return; }
      var total = 0.0;
      var broken = 0.0;
      var d = 0.0;
      for (var c = 0; c < uniforms.channels; c++) {
        var logarithm = 0.0;${readMeans(weights)}
        total += complementOfExponential(logarithm);
      }
      total *= uniforms.factor;
      if (!isFinite(broken)) { total = broken; }
      result[n] = total${plus ? ' + differences[n]' : ''};
    }`,
  });
}

function slopesPass(
  { batch, channels }: Geometry,
  weights: readonly number[],
  share: number,
  dy: boolean,
): Pass {
  const slope = (weight: number, level: number): string =>
    `if (level == ${level}) { slope = slopeOf(mean${level}[n * uniforms.channels + c], ${literal(weight)}, logarithm); }`;
  return pass({
    name: 'slopes',
    inputs: { ...means(weights), ...(dy ? { dy: 1 } : {}) },
    output: 1,
    outputShape: [batch, weights.length * channels],
    uniforms: {
      channels: int(channels),
      columns: int(weights.length * channels),
      factor: float(share / channels),
    },
    formulas: finiteTest() + productFormulas(),
    main: `
    fn main(index : i32) {
      if (index >= uniforms.size) { return; }
      let n = index / uniforms.columns;
      let level = (index - n * uniforms.columns) / uniforms.channels;
      let c = index - n * uniforms.columns - level * uniforms.channels;
      var broken = 0.0;
      var logarithm = 0.0;
      var d = 0.0;${readMeans(weights)}
      var slope = 0.0;
      ${weights.map(slope).join('\n      ')}
      if (!isFinite(broken)) { slope = broken; }
      result[index] = slope * uniforms.factor${dy ? ' * f32(dy[n])' : ''};
    }`,
  });
}

function addDifferencesPass({ batch, height, width, channels }: Geometry, factor: number, dy: boolean): Pass {
  return pass({
    name: 'addDifferences',
    inputs: { gradient: 1, yTrue: 1, yPred: 1, rows: 1, columns: 1, ...(dy ? { dy: 1 } : {}) },
    output: 1,
    outputShape: [batch, height, width, channels],
    uniforms: {
      imageHeight: int(height),
      imageWidth: int(width),
      channels: int(channels),
      factor: float(factor),
    },
    formulas: '',
    main: `
    fn main(index : i32) {
      if (index >= uniforms.size) { return; }
      let t = (index / uniforms.channels) % uniforms.imageWidth;
      let row = index / uniforms.channels / uniforms.imageWidth;
      let n = row / uniforms.imageHeight;
      let slope = rows[row - n * uniforms.imageHeight] * columns[t] * uniforms.factor${dy ? ' * f32(dy[n])' : ''};
      let d = f32(yTrue[index]) - f32(yPred[index]);
      var total = gradient[index];
      if (d > 0.0) { total += slope; }
      if (d < 0.0) { total -= slope; }
      result[index] = total;
    }`,
  });
}

function scaledPass({ batch, height, width, channels }: Geometry): Pass {
  return pass({
    name: 'scaled',
    inputs: { gradient: 1, dy: 1 },
    output: 1,
    outputShape: [batch, height, width, channels],
    uniforms: { numbers: int(height * width * channels) },
    formulas: '',
    main: `
    fn main(index : i32) {
      if (index >= uniforms.size) { return; }
      result[index] = gradient[index] * f32(dy[index / uniforms.numbers]);
    }`,
  });
}
