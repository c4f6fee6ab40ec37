import type { Geometry } from '../../backends/geometry.js';
import { float, int, literal } from '../../backends/gpuShader.js';
import type { GpuShader } from '../../backends/gpuShader.js';
import type { Summed } from '../../backends/gpuSums.js';
import { productFormulas } from './productFormulas.js';

/** The levels that count: the exponents of their means, [N, C] each, and what the distance of their product is multiplied by. */
interface Levels {
  readonly exponents: readonly number[];
  readonly share: number;
  /** `isFinite` of the backend. */
  readonly finiteTest: string;
}

/** Σ w log(1 − d) over the levels: `product` reads the means of channel c of image n, and a mean that is not finite into `broken`. */
function productOfMeans(
  { channels }: Geometry,
  { exponents, share, finiteTest }: Levels,
): Pick<GpuShader, 'inputs' | 'uniforms' | 'functions'> & { readonly product: string } {
  return {
    inputs: Object.fromEntries(exponents.map((_, level) => [`mean${level}`, 'NC'] as const)),
    uniforms: { factor: float(share / channels) },
    functions: finiteTest + productFormulas(),
    product: `float logarithm = 0.0;${exponents
      .map(
        (weight, level) => `
      d = mean${level}At(n, c);
      if (!isFinite(d)) { broken = d; }
      logarithm += ${literal(weight)} * logOfComplement(d);`,
      )
      .join('')}`,
  };
}

/** `share` times the distance of the levels' means, plus ℓ1 if there is one. */
export function valueShader(geometry: Geometry, levels: Levels, plus: boolean): GpuShader {
  const { inputs, uniforms, functions, product } = productOfMeans(geometry, levels);
  return {
    name: 'msSsimValue',
    inputs: { ...inputs, ...(plus ? { differences: 'NC' } : {}) },
    output: 'NHWC',
    outputShape: [geometry.batch, 1, 1, 1],
    uniforms,
    // WebGL 1 has constant loop bounds only.
    functions: `${functions}
    float valueAt(int n, int i, int j, int k) {
      float total = 0.0;
      float broken = 0.0;
      float d = 0.0;
      for (int c = 0; c < ${geometry.channels}; c++) {
        ${product}
        total += complementOfExponential(logarithm);
      }
      total *= factor;
      if (!isFinite(broken)) { total = broken; }
      return total${plus ? ' + differencesAt(n, 0)' : ''};
    }`,
  };
}

/** What each mean of a level and channel counts in `share` times the distance, times `dy` if it is given: [N, 1, 1, levels · C]. */
export function slopesShader(geometry: Geometry, levels: Levels, dy: boolean): GpuShader {
  const { batch, channels } = geometry;
  const { exponents } = levels;
  const { inputs, uniforms, functions, product } = productOfMeans(geometry, levels);
  const slope = (weight: number, level: number): string =>
    `if (level == ${level}) { slope = slopeOf(mean${level}At(n, c), ${literal(weight)}, logarithm); }`;
  return {
    name: 'msSsimSlopes',
    inputs: { ...inputs, ...(dy ? { dy: 'N' } : {}) },
    output: 'NHWC',
    outputShape: [batch, 1, 1, exponents.length * channels],
    uniforms: { ...uniforms, channels: int(channels) },
    functions: `${functions}
    float valueAt(int n, int i, int j, int k) {
      int level = k / channels;
      int c = k - level * channels;
      float broken = 0.0;
      float d = 0.0;
      ${product}
      float slope = 0.0;
      ${exponents.map(slope).join('\n      ')}
      if (!isFinite(broken)) { slope = broken; }
      return slope * factor${dy ? ' * dyAt(n)' : ''};
    }`,
  };
}

/**
 * What a difference counts: rows · columns, times a share of each pixel of the images halved so often, if there are
 * weights.
 */
const shareAt = (halvings: number | undefined): Pick<GpuShader, 'inputs' | 'functions'> => ({
  inputs: { rows: 'N', columns: 'N', ...(halvings === undefined ? {} : { shares: 'NHWC' }) },
  functions: `
    float shareAt(int n, int i, int t) {
      return rowsAt(i) * columnsAt(t)${halvings === undefined ? '' : ` * sharesAt(n, i / ${2 ** halvings}, t / ${2 ** halvings}, 0)`};
    }`,
});

/** share · |x − y| / unit of every number. */
export function differences(
  { batch, height, width, channels }: Geometry,
  unit: number,
  halvings: number | undefined,
): Summed {
  const { inputs, functions } = shareAt(halvings);
  return {
    inputs: { yTrue: 'NHWC', yPred: 'NHWC', ...inputs },
    uniforms: { channels: int(channels), scale: float(1 / unit) },
    functions: `${functions}
    float differenceAt(int n, int i, int number) {
      int t = number / channels;
      int c = number - t * channels;
      return shareAt(n, i, t) * abs((yTrueAt(n, i, t, c) - yPredAt(n, i, t, c)) * scale);
    }`,
    batch,
    rows: height,
    columns: width * channels,
    groups: 1,
    term: 'differenceAt(n, i, t)',
    isOfDistances: false,
  };
}

/** A gradient, and that of those differences, times `dy` if it is given. */
export function addDifferencesShader(
  { batch, height, width, channels }: Geometry,
  factor: number,
  dy: boolean,
  halvings: number | undefined,
): GpuShader {
  const { inputs, functions } = shareAt(halvings);
  return {
    name: 'addDifferences',
    inputs: { gradient: 'NHWC', yTrue: 'NHWC', yPred: 'NHWC', ...inputs, ...(dy ? { dy: 'N' } : {}) },
    output: 'NHWC',
    outputShape: [batch, height, width, channels],
    uniforms: { factor: float(factor) },
    functions: `${functions}
    float valueAt(int n, int i, int t, int c) {
      float d = yTrueAt(n, i, t, c) - yPredAt(n, i, t, c);
      float slope = shareAt(n, i, t) * factor${dy ? ' * dyAt(n)' : ''};
      float total = gradientAt(n, i, t, c);
      if (d > 0.0) { total += slope; }
      if (d < 0.0) { total -= slope; }
      return total;
    }`,
  };
}
