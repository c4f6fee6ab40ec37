import type { KernelConfig } from '@tensorflow/tfjs-core';
import type { Geometry } from '../../backends/geometry.js';
import type { Pass } from '../../backends/webgl.js';
import { joinPass } from '../../backends/webglJoining.js';
import { halvedPixelsPass } from '../../backends/webglPixels.js';
import { finiteTest, float, int, literal, pass } from '../../backends/webglShader.js';
import { segmentLength, segmentsOf, totals } from '../../backends/webglSums.js';
import { webglSsimShaders } from '../../ssim/kernels/webglKernels.js';
import { gpuMsSsimKernels } from './gpuKernels.js';
import { productFormulas } from './productFormulas.js';

/** The fused kernels of MS-SSIM of tfjs's webgl backend, for `registerKernel`. */
export function webglMsSsimKernels(): KernelConfig[] {
  return gpuMsSsimKernels<Pass>({
    ssim: webglSsimShaders(),
    halved: (fine, geometry, { padding }) => halvedPixelsPass(fine, geometry, padding),
    join: joinPass,
    value: valuePass,
    slopes: slopesPass,
    differences: (passes, inputs, geometry, unit, factor) => {
      const { batch, height, width, channels } = geometry;
      const sums = passes.run(differenceSumsPass(geometry, unit), ...inputs);
      const columns = height * segmentsOf(width * channels);
      return totals(passes, sums, batch, columns, 1, factor, false);
    },
    addDifferences: addDifferencesPass,
    scaled: scaledPass,
  });
}

const names = (weights: readonly number[]): string[] => weights.map((_, level) => `mean${level}`);

/** Reads the means of channel c of image n into `logarithm`, and one that is not finite into `broken`. */
const readMeans = (weights: readonly number[]): string =>
  weights
    .map(
      (weight, level) => `
        d = getMean${level}(n, c);
        if (!isFinite(d)) broken = d;
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
    inputs: [...names(weights), ...(plus ? ['differences'] : [])],
    outputShape: [batch],
    packed: { inputs: false, output: false },
    uniforms: { factor: float(share / channels) },
    code: `${finiteTest()}${productFormulas()}
    void main() {
      int n = getOutputCoords();
      float total = 0.;
      float broken = 0.;
      float d;
      for (int c = 0; c < ${channels}; c++) {
        float logarithm = 0.;${readMeans(weights)}
        total += complementOfExponential(logarithm);
      }
      total *= factor;
      if (!isFinite(broken)) total = broken;
      setOutput(total${plus ? ' + getDifferences(n, 0)' : ''});
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
    `if (level == ${level}) slope = slopeOf(getMean${level}(n, c), ${literal(weight)}, logarithm);`;
  return pass({
    inputs: [...names(weights), ...(dy ? ['dy'] : [])],
    outputShape: [batch, weights.length * channels],
    packed: { inputs: false, output: false },
    uniforms: { channels: int(channels), factor: float(share / channels) },
    code: `${finiteTest()}${productFormulas()}
    void main() {
      ivec2 at = getOutputCoords();
      int n = at.x;
      int level = at.y / channels;
      int c = at.y - level * channels;
      float broken = 0.;
      float logarithm = 0.;
      float d;${readMeans(weights)}
      float slope = 0.;
      ${weights.map(slope).join('\n      ')}
      if (!isFinite(broken)) slope = broken;
      setOutput(slope * factor${dy ? ' * getDy(n)' : ''});
    }`,
  });
}

/** [N · H, segments] of Σ rows · columns · |x − y| over the numbers of a row, divided by the segments' full length. */
function differenceSumsPass({ batch, height, width, channels }: Geometry, unit: number): Pass {
  const numbers = width * channels;
  return pass({
    inputs: ['yTrue', 'yPred', 'rows', 'columns'],
    outputShape: [batch * height, segmentsOf(numbers)],
    packed: { inputs: false, output: false },
    uniforms: {
      imageHeight: int(height),
      channels: int(channels),
      numbers: int(numbers),
      scale: float(1 / unit),
    },
    code: `
    void main() {
      ivec2 at = getOutputCoords();
      int n = at.x / imageHeight;
      int i = at.x - n * imageHeight;
      int first = at.y * ${segmentLength};
      float total = 0.;
      for (int k = 0; k < ${segmentLength}; k++) {
        if (first + k < numbers) {
          int t = (first + k) / channels;
          int c = first + k - t * channels;
          total += getColumns(t) * abs((getYTrue(n, i, t, c) - getYPred(n, i, t, c)) * scale);
        }
      }
      setOutput(total * getRows(i) / ${segmentLength}.);
    }`,
  });
}

function addDifferencesPass({ batch, height, width, channels }: Geometry, factor: number, dy: boolean): Pass {
  return pass({
    inputs: ['gradient', 'yTrue', 'yPred', 'rows', 'columns', ...(dy ? ['dy'] : [])],
    outputShape: [batch, height, width, channels],
    packed: { inputs: false, output: false },
    uniforms: { factor: float(factor) },
    code: `
    void main() {
      ivec4 at = getOutputCoords();
      float d = getYTrue(at.x, at.y, at.z, at.w) - getYPred(at.x, at.y, at.z, at.w);
      float slope = getRows(at.y) * getColumns(at.z) * factor${dy ? ' * getDy(at.x)' : ''};
      float total = getGradient(at.x, at.y, at.z, at.w);
      if (d > 0.) total += slope;
      if (d < 0.) total -= slope;
      setOutput(total);
    }`,
  });
}

function scaledPass({ batch, height, width, channels }: Geometry): Pass {
  return pass({
    inputs: ['gradient', 'dy'],
    outputShape: [batch, height, width, channels],
    packed: { inputs: false, output: false },
    uniforms: {},
    code: `
    void main() {
      ivec4 at = getOutputCoords();
      setOutput(getGradient(at.x, at.y, at.z, at.w) * getDy(at.x));
    }`,
  });
}
