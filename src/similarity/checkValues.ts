import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Padding } from '../checks/options.js';
import { checkPixelRange } from '../checks/range.js';
import { checkWeightValues } from '../checks/weights.js';
import type { LevelWindows } from '../checks/weights.js';
import { agreeingAtWeightZero } from '../operations/weightZero.js';

/** What `checkRange` asks for: the pixels that count lie in the range, and of each image that has weights some count. */
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
