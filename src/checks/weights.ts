import type { Tensor } from '@tensorflow/tfjs-core';
import { transpositionHint } from './axisOrder.js';
import { describeShape } from './describe.js';
import { checkFloatTensor } from './tensors.js';

/** The weights of pixels, for a region of interest. */
export interface WeightOptions {
  /**
   * How much every pixel counts, ≥ 0: [N, H, W, 1] for images, [N, D, H, W, 1] for volumes; [1, H, W, 1] and
   * [1, D, H, W, 1] apply to every image of a batch of any size. A sum over pixels leaves out pixels of
   * weight 0. Where windows are compared, each window counts by the weight of its middle pixel; other pixels
   * under it are still seen, and have a gradient, even if their weight is 0. A pixel of weight 0 that is NaN or
   * infinite in one of the images counts as equal in both and has no gradient. No gradient flows into the
   * weights.
   * @default every pixel counts 1
   */
  readonly weights?: Tensor;
}

/** Weights of the images' size, with one channel, for each image or for all. Their values are not read. */
export function checkWeights(functionName: string, weights: unknown, images: Tensor): Tensor | undefined {
  if (weights === undefined) return undefined;
  checkFloatTensor(`${functionName}: weights`, weights);
  const [batch, ...size] = images.shape.slice(0, -1) as [number, ...number[]];
  const [ofEach, ofAll] = [
    [batch, ...size, 1],
    [1, ...size, 1],
  ];
  const given = weights.shape.join();
  if (given !== ofEach.join() && given !== ofAll.join()) {
    const shapes =
      batch === 1
        ? describeShape(ofEach)
        : `${describeShape(ofEach)}, or ${describeShape(ofAll)} for every image alike`;
    throw new RangeError(
      `${functionName}: weights must have one number for each pixel, shape ${shapes}, ` +
        `but got ${describeShape(weights.shape)}${hintFor(weights.shape, ofEach, ofAll)}.`,
    );
  }
  return weights;
}

function hintFor(shape: readonly number[], ofEach: readonly number[], ofAll: readonly number[]): string {
  const given = shape.join();
  const expected = [ofEach, ofAll];
  if (expected.some((each) => given === each.slice(0, -1).join())) {
    return '; add the last axis with tf.expandDims(x, -1)';
  }
  if (given === ofAll.slice(1).join()) return '; add the batch axis with tf.expandDims(x, 0)';
  if (given === ofAll.slice(1, -1).join()) {
    return `; bring it to that form with tf.reshape(x, ${describeShape(ofAll)})`;
  }
  return transpositionHint(shape, ofEach);
}
