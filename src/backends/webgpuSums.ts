import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Passes } from './passes.js';
import type { Pass } from './webgpu.js';
import { float, int, pass } from './webgpuShader.js';
import type { Shader } from './webgpuShader.js';

/** How many numbers a sum adds up before the next pass takes over: a sum in float32 of few loses nothing. */
const segmentLength = 64;

const segmentsOf = (count: number): number => Math.ceil(count / segmentLength);

/** A sum of `term` over `count` numbers, for each image and group. */
export interface Summed extends Pick<Shader, 'name' | 'inputs' | 'formulas' | 'uniforms'> {
  readonly batch: number;
  readonly count: number;
  /** The numbers of one group lie so far apart. */
  readonly groups: number;
  /** The number at `at`, of image `n`. */
  readonly term: string;
}

/** What adds up the numbers of its only input as they are: float32, or what tfjs's cast made of a caller's integers. */
export const numbersAlone = (layout: Pick<Summed, 'batch' | 'count' | 'groups'>): Summed => ({
  name: 'sums',
  inputs: { sums: 1 },
  formulas: '',
  uniforms: {},
  term: 'f32(sums[at])',
  ...layout,
});

/** The sums, [batch, groups], times `factor`. */
export function totals(
  passes: Passes<Pass>,
  summed: Summed,
  inputs: readonly TensorInfo[],
  factor: number,
): TensorInfo {
  const { batch, groups } = summed;
  const count = segmentsOf(summed.count);
  const sums = passes.run(segmentSums(summed, count === 1 ? factor : 1), ...inputs);
  if (count === 1) return sums;
  const total = totals(passes, numbersAlone({ batch, groups, count }), [sums], factor);
  passes.release(sums);
  return total;
}

/** Sums over segments, [batch, segments · groups]. */
function segmentSums({ batch, count, groups, term, uniforms, ...shader }: Summed, factor: number): Pass {
  return pass({
    ...shader,
    output: 1,
    outputShape: [batch, segmentsOf(count) * groups],
    uniforms: {
      count: int(count),
      groups: int(groups),
      segments: int(segmentsOf(count)),
      factor: float(factor),
      ...uniforms,
    },
    main: `
    fn main(index : i32) {
      if (index >= uniforms.size) { return; }
      let row = index / uniforms.groups;
      let group = index - row * uniforms.groups;
      let n = row / uniforms.segments;
      let first = (row - n * uniforms.segments) * ${segmentLength};
      let last = min(first + ${segmentLength}, uniforms.count);
      var total = 0.0;
      for (var k = first; k < last; k++) {
        let at = (n * uniforms.count + k) * uniforms.groups + group;
        total += ${term};
      }
      result[index] = total * uniforms.factor;
    }`,
  });
}
