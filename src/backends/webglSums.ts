import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Passes } from './passes.js';
import type { Pass } from './webgl.js';
import { float, int, pass, tests } from './webglShader.js';

/** How many numbers a sum adds up before the next pass takes over: a sum in float32 of few loses nothing. */
export const segmentLength = 32;

/** How many sums there are of so many numbers. */
export const segmentsOf = (count: number): number => Math.ceil(count / segmentLength);

/**
 * Sums, divided by the length of their segments, [batch, count · groups] → [batch, groups], times `factor`: as if they were
 * not divided. Each sum divides by the full length of its segments, so that half precision holds it. A mean of distances
 * is at most 2. The caller keeps `first`.
 */
export function totals(
  passes: Passes<Pass>,
  first: TensorInfo,
  batch: number,
  columns: number,
  groups: number,
  factor: number,
  isDistance = true,
): TensorInfo {
  let [sums, count, scale] = [first, columns, factor * segmentLength];
  while (count > segmentLength) {
    const longer = sums;
    sums = passes.run(sumsPass(batch, count, groups), { ...longer, shape: [batch, count * groups] });
    if (longer !== first) passes.release(longer);
    count = segmentsOf(count);
    scale *= segmentLength;
  }
  return passes.run(totalPass(batch, count, groups, scale, isDistance), {
    ...sums,
    shape: [batch, count * groups],
  });
}

/** [batch, columns · groups] → sums over segments, divided by their full length. */
function sumsPass(batch: number, columns: number, groups: number): Pass {
  return pass({
    inputs: ['sums'],
    outputShape: [batch, segmentsOf(columns) * groups],
    packed: { inputs: false, output: false },
    uniforms: { columns: int(columns), groups: int(groups) },
    code: `
    void main() {
      ivec2 at = getOutputCoords();
      int segment = at.y / groups;
      int first = segment * ${segmentLength};
      float total = 0.;
      for (int k = 0; k < ${segmentLength}; k++) {
        if (first + k < columns) total += getSums(at.x, (first + k) * groups + at.y - segment * groups);
      }
      setOutput(total / ${segmentLength}.);
    }`,
  });
}

/** [batch, columns · groups] of at most a segment → [batch, groups], times `factor`. */
function totalPass(
  batch: number,
  columns: number,
  groups: number,
  factor: number,
  isDistance: boolean,
): Pass {
  return pass({
    inputs: ['sums'],
    outputShape: [batch, groups],
    packed: { inputs: false, output: false },
    uniforms: { columns: int(columns), groups: int(groups), factor: float(factor) },
    code: `${tests()}
    void main() {
      ivec2 at = getOutputCoords();
      float total = 0.;
      for (int k = 0; k < ${segmentLength}; k++) {
        if (k < columns) total += getSums(at.x, k * groups + at.y);
      }
      total *= factor;
      setOutput(${isDistance ? 'isAboveTwo(total) ? 2. : total' : 'total'});
    }`,
  });
}
