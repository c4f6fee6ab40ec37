import type { Tensor } from '@tensorflow/tfjs-core';
import { levelSize } from './levels.js';
import type { Padding } from './options.js';
import { checkFloatTensor, shapeText, transpositionHint } from './tensors.js';

/** A region of interest. */
export interface WeightOptions {
  /**
   * How much every pixel counts, ≥ 0: [N, H, W, 1] for images, [N, D, H, W, 1] for volumes; [1, H, W, 1] and
   * [1, D, H, W, 1] are for every image of a batch of any size. A sum over pixels leaves out those of weight 0. Where
   * windows are compared, each counts by the weight of its middle pixel: pixels of weight 0 inside of it are still seen,
   * and have a gradient. A pixel of weight 0 that is NaN or infinite in one of the images counts as equal in both and has
   * no gradient. No gradient flows into the weights.
   * @default every pixel counts 1
   */
  readonly weights?: Tensor;
}

/** Weights of the images' size, with one channel, for each image or for all. Their values are not looked at. */
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
        ? `[${ofEach.join(', ')}]`
        : `[${ofEach.join(', ')}], or [${ofAll.join(', ')}] for every image alike`;
    throw new RangeError(
      `${functionName}: weights must have one number for each pixel, shape ${shapes}, ` +
        `but got [${weights.shape.join(', ')}]${hintFor(weights.shape, ofEach, ofAll)}.`,
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
    return `; bring it to that form with tf.reshape(x, [${ofAll.join(', ')}])`;
  }
  return transpositionHint(shape, ofEach);
}

/** The windows of a measure at a level of the images: 0 is the full size, each level half of the one before. */
export interface LevelWindows {
  readonly level: number;
  readonly size: readonly number[];
}

/**
 * Weights must be finite and ≥ 0, and those of an image that has any must meet the middle of a window in every level:
 * with padding `valid` no window has its middle near the edge, and an image without a window would count as perfect.
 * Reads them, so it waits for the device: for development.
 */
export function checkWeightValues(
  functionName: string,
  weights: Tensor,
  windows: readonly LevelWindows[],
  padding: Padding,
): void {
  const values = weights.dataSync<'float32'>();
  const bad = values.find((value) => !(value >= 0 && value < Infinity));
  if (bad !== undefined) {
    throw new RangeError(
      `${functionName}: weights must be finite and ≥ 0, but one is ${bad}; ` +
        `give 0 to the pixels that are not to count.`,
    );
  }
  if (padding !== 'valid') return;
  const [batch, ...size] = weights.shape.slice(0, -1) as [number, ...number[]];
  const pixels = values.length / batch;
  for (let image = 0; image < batch; image++) {
    const weighed: number[] = [];
    for (let pixel = 0; pixel < pixels; pixel++) if (values[image * pixels + pixel]! > 0) weighed.push(pixel);
    if (weighed.length === 0) continue;
    for (const window of windows) {
      if (weighed.some((pixel) => isMiddle(pixel, size, window))) continue;
      const [ofLevel, fewer] =
        window.level === 0
          ? ['', '']
          : [` at level ${window.level}, ${shapeText(levelSize(size, window.level))}`, 'fewer levels, '];
      throw new RangeError(
        `${functionName}: weights[${image}] are 0 at the middle of every window of ${shapeText(window.size)} ` +
          `pixels${ofLevel}: with padding 'valid' a middle is at least ${shapeText(window.size.map((length) => (length - 1) / 2))} ` +
          `pixels from the edge, and the image would count as perfect; use ${fewer}a smaller window, ` +
          `padding 'reflect', or weights further inside.`,
      );
    }
  }
}

/** Whether a pixel of the full size lies, in that level, at the middle of a window that fits. */
function isMiddle(pixel: number, size: readonly number[], { level, size: window }: LevelWindows): boolean {
  const lengths = levelSize(size, level);
  let rest = pixel;
  for (let axis = size.length - 1; axis >= 0; axis--) {
    const place = Math.floor((rest % size[axis]!) / 2 ** level);
    rest = Math.floor(rest / size[axis]!);
    const border = (window[axis]! - 1) / 2;
    if (place < border || place >= lengths[axis]! - border) return false;
  }
  return true;
}
