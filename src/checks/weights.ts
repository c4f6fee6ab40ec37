import type { Tensor } from '@tensorflow/tfjs-core';
import { checkFloatTensor, transpositionHint } from './tensors.js';

/** A region of interest. */
export interface WeightOptions {
  /**
   * How much every pixel counts, ≥ 0: [N, H, W, 1] for images, [N, D, H, W, 1] for volumes. A sum over pixels leaves
   * out those of weight 0. Where windows are compared, each counts by the weight of its middle pixel: pixels of weight 0
   * inside of it are still seen, and have a gradient. A pixel of weight 0 that is NaN or infinite in one of the images
   * counts as equal in both and has no gradient. None flows into the weights.
   * @default every pixel counts 1
   */
  readonly weights?: Tensor;
}

/** Weights of the images' size, with one channel. Their values are not looked at. */
export function checkWeights(functionName: string, weights: unknown, images: Tensor): Tensor | undefined {
  if (weights === undefined) return undefined;
  checkFloatTensor(`${functionName}: weights`, weights);
  const expected = [...images.shape.slice(0, -1), 1];
  if (weights.rank !== expected.length || !expected.every((length, axis) => length === weights.shape[axis])) {
    const hint =
      weights.shape.join() === expected.slice(0, -1).join()
        ? '; add the last axis with tf.expandDims(x, -1)'
        : transpositionHint(weights.shape, expected);
    throw new RangeError(
      `${functionName}: weights must have one number for each pixel, shape [${expected.join(', ')}], ` +
        `but got [${weights.shape.join(', ')}]${hint}.`,
    );
  }
  return weights;
}
