import type { Tensor } from '@tensorflow/tfjs-core';
import { squared } from '../operations/elementwise.js';
import { contrastStructureDistance } from './contrastStructure.js';

/**
 * 1 − l, with l = (2 μx μy + c1) / (μx² + μy² + c1) (eq. 5), from the means of a = x + y and b = x − y:
 * μb² / ((μa² + μb²) / 2 + c1), which {@link contrastStructureDistance} is of variances.
 *
 * Exactly 0 where the means are equal, and precise where they nearly are, which 1 − l in float32 is not.
 */
export function luminanceDistance<T extends Tensor>(muA: T, muB: T, c1: number): T {
  return contrastStructureDistance(squared(muA), squared(muB), c1);
}
