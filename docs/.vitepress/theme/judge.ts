import * as tf from '@tensorflow/tfjs-core';
import { l2ResidualMap, ssim, ssimTerms } from '../../../src/index.js';
import { size } from './threePairs.js';
import type { Pair } from './threePairs.js';

/** What the library says of a pair. */
export interface Verdict {
  /** The squared difference, the same at every pixel. */
  readonly l2: number;
  readonly ssim: number;
  readonly luminance: number;
  readonly contrast: number;
  readonly structure: number;
}

export function judge({ x, y }: Pair): Verdict {
  return tf.tidy(() => {
    const first = tf.tensor4d(x, [1, size, size, 1]);
    const second = tf.tensor4d(y, [1, size, size, 1]);
    const { luminance, contrast, structure } = ssimTerms(first, second);
    const mean = (tensor: tf.Tensor): number => tf.mean(tensor).dataSync()[0]!;
    return {
      l2: mean(l2ResidualMap(first, second)),
      ssim: mean(ssim(first, second)),
      luminance: mean(luminance),
      contrast: mean(contrast),
      structure: mean(structure),
    };
  });
}
