import type { Tensor } from '@tensorflow/tfjs-core';
import { added, difference } from '../operations/elementwise.js';
import { luminanceDistance } from './luminance.js';

/**
 * 1 − c, with c = (2 σx σy + c2) / (σx² + σy² + c2) (eq. 6): (σx − σy)² / (σx² + σy² + c2). Deviations are compared as
 * luminance compares means.
 */
export function contrastDistance<T extends Tensor>(sigmaX: T, sigmaY: T, c2: number): T {
  return luminanceDistance(added(sigmaX, sigmaY), difference(sigmaX, sigmaY), c2);
}
