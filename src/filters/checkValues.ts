import { getBackend, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describeSize } from '../checks/describe.js';
import { checkPixels } from '../checks/pixels.js';
import { agreeingAtWeightZero } from '../operations/weightZero.js';
import { levelSize } from './levelSize.js';
import type { Padding } from './paddings.js';

/** What `checkRange` requires: the pixels that count lie in the range, and each image with weights meets a window. */
export function checkValues(
  functionName: string,
  images: { readonly yTrue: Tensor; readonly yPred: Tensor; readonly weights: Tensor | undefined },
  { dataRange, padding }: { readonly dataRange: number; readonly padding: Padding },
  windows: readonly LevelWindows[],
): void {
  tidy(() => {
    const { yTrue, yPred } = agreeingAtWeightZero(images);
    checkPixelRange(functionName, { yTrue, yPred }, dataRange);
  });
  if (images.weights !== undefined) checkWeightValues(functionName, images.weights, windows, padding);
}

/**
 * Pixels must lie in [0, dataRange]. This reads them, so it waits for the device: for development.
 */
function checkPixelRange(
  functionName: string,
  images: Readonly<Record<string, Tensor>>,
  dataRange: number,
): void {
  if (getBackend() === 'webgpu') {
    throw new RangeError(
      `${functionName}: checkRange reads pixels while it is called, which the webgpu backend cannot; ` +
        `leave it out there, or check once on another backend.`,
    );
  }
  for (const [name, image] of Object.entries(images)) {
    checkPixels(functionName, name, image.dataSync<'float32'>(), dataRange);
  }
}

/** The windows of a measure at a level of the images: 0 is the full size, each level half of the one before. */
export interface LevelWindows {
  readonly level: number;
  readonly size: readonly number[];
}

/**
 * Weights must be finite and ≥ 0. If an image has any above 0, they must meet the middle of a window in every
 * level: with padding `valid` no window has its middle near the edge, and an image without a window would count
 * as perfect. This reads the weights, so it waits for the device: for development.
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
        `set the weights of pixels that should not count to 0.`,
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
          : [` at level ${window.level}, ${describeSize(levelSize(size, window.level))}`, 'fewer levels, '];
      throw new RangeError(
        `${functionName}: weights[${image}] are 0 at the middle of every window of ${describeSize(window.size)} ` +
          `pixels${ofLevel}: with padding 'valid' a middle is at least ${describeSize(window.size.map((length) => (length - 1) / 2))} ` +
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
