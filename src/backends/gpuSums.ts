import type { TensorInfo } from '@tensorflow/tfjs-core';
import { rangeTests } from './bitTests.js';
import type { Gpu } from './gpu.js';
import { float, int } from './gpuShader.js';
import type { GpuShader, PixelReader } from './gpuShader.js';

/** How many numbers a sum adds up before the next pass takes over: a sum in float32 of few loses nothing. */
const segmentLength = 64;

/** A sum of `term` over rows · columns places, for each image and group. */
export interface Summed extends PixelReader {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly groups: number;
  /** The number at (n, i, t, group). */
  readonly term: string;
  /** Whether it is a mean of distances: rounding takes none above 2. `functions` finds `isNegative` and `isAboveTwo` then. */
  readonly isOfDistances: boolean;
}

/** The sums, [batch, groups], times `factor`. */
export function sumsOf(gpu: Gpu, summed: Summed, inputs: readonly TensorInfo[], factor: number): TensorInfo {
  const { batch, rows, columns, groups, isOfDistances } = summed;
  const count = Math.ceil((rows * columns) / segmentLength);
  // Half precision holds what is divided by the full length of the segments.
  const sums = gpu.run(segmentSums(gpu, summed, count, count === 1 ? factor : 1 / segmentLength), ...inputs);
  if (count === 1) return { ...sums, shape: [batch, groups] };
  const shorter = { ...numbersAlone(batch, count, groups), isOfDistances };
  const numbers = { ...sums, shape: [batch, count * groups] };
  const total = sumsOf(gpu, shorter, [numbers], factor * segmentLength);
  gpu.release(sums);
  return total;
}

/** [batch, …] of numbers → [batch, groups] of sums, times `factor`; those of a group lie `groups` apart. */
export function sumsOfNumbers(gpu: Gpu, numbers: TensorInfo, groups: number, factor: number): TensorInfo {
  const [batch, ...rest] = numbers.shape as [number, ...number[]];
  const count = rest.reduce((product, length) => product * length, 1) / groups;
  const alone = { ...numbers, shape: [batch, count * groups] };
  return sumsOf(gpu, numbersAlone(batch, count, groups), [alone], factor);
}

const numbersAlone = (batch: number, count: number, groups: number): Summed => ({
  inputs: { numbers: 'NC' },
  uniforms: { groups: int(groups) },
  functions: '',
  batch,
  rows: 1,
  columns: count,
  groups,
  term: 'numbersAt(n, t * groups + group)',
  isOfDistances: false,
});

/** Sums over segments, [batch, segments · groups], times `factor`. */
function segmentSums(
  gpu: Gpu,
  { batch, rows, columns, groups, term, isOfDistances, ...summed }: Summed,
  segments: number,
  factor: number,
): GpuShader {
  return {
    name: 'sums',
    inputs: summed.inputs,
    output: 'NHWC',
    outputShape: [batch, 1, segments, groups],
    uniforms: {
      ...summed.uniforms,
      count: int(rows * columns),
      perRow: int(columns),
      factor: float(factor),
    },
    functions: `${isOfDistances ? rangeTests(gpu) : ''}${summed.functions}
    float valueAt(int n, int line, int segment, int group) {
      int first = segment * ${segmentLength};
      int i = first / perRow;
      int t = first - i * perRow;
      float total = 0.0;
      for (int k = 0; k < ${segmentLength}; k++) {
        if (first + k < count) {
          total += ${term};
          t += 1;
          if (t == perRow) {
            t = 0;
            i += 1;
          }
        }
      }
      total *= factor;
      ${isOfDistances ? 'if (isAboveTwo(total)) { total = 2.0; }' : ''}
      return total;
    }`,
  };
}
