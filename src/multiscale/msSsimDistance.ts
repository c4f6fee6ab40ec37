import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { withAxisOrder } from '../checks/axisOrder.js';
import { furtherNames, tensorNames, windowNames } from '../checks/namesElsewhere.js';
import { checkOptionNames } from '../checks/options.js';
import { checkImagePair } from '../checks/tensors.js';
import { checkWeights } from '../checks/weights.js';
import { checkValues } from '../filters/checkValues.js';
import { halve } from '../filters/halve.js';
import { weightsOfWindows } from '../filters/weightsOfWindows.js';
import { checkLevelsFit } from '../filters/windowFits.js';
import { added, difference, scaled } from '../operations/elementwise.js';
import { meanOverPixels, meanPerImage, weightedMeanOverPixels } from '../operations/reductions.js';
import { reshaped } from '../operations/reshaped.js';
import { distanceOfSumAndDifference } from '../ssim/ssimDistance.js';
import type { SsimRequest } from '../ssim/ssimDistance.js';
import type { ResolvedSsimOptions } from '../ssim/ssimOptions.js';
import { ssimValue } from '../ssim/ssimValue.js';
import { msSsimOptionNames, resolveMsSsimOptions } from './msSsimOptions.js';
import type { MsSsimOptions, ResolvedMsSsimOptions } from './msSsimOptions.js';
import { weightedProductDistance } from './weightedProduct.js';

/** What every function of the MS-SSIM family begins with: checked images and checked, complete options. */
export interface MsSsimRequest {
  readonly yTrue: Tensor4D;
  readonly yPred: Tensor4D;
  readonly options: ResolvedMsSsimOptions;
  readonly weights: Tensor4D | undefined;
}

/** Checks both images, the options, and that the window fits every level; makes no tensor. */
export function msSsimRequest(
  functionName: string,
  yTrue: unknown,
  yPred: unknown,
  options: MsSsimOptions,
  { further = [] }: { readonly further?: readonly string[] } = {},
): MsSsimRequest {
  const images = checkImagePair(functionName, yTrue, yPred, 'dataRange');
  const { shape } = images.yTrue;
  const names = [...msSsimOptionNames(), 'weights', ...further];
  checkOptionNames(functionName, options, names, windowNames, tensorNames, furtherNames);
  const resolved = resolveMsSsimOptions(functionName, options, shape.length - 2);
  if (Array.isArray(options.weights)) {
    throw new TypeError(
      `${functionName}: weights must be a tensor with the weights of pixels; give the weights of levels as levelWeights.`,
    );
  }
  const { windowSize, padding, levelWeights } = resolved;
  checkLevelsFit(functionName, windowSize, shape.slice(1, -1), padding, levelWeights.length, {
    levels: (most) =>
      options.levelWeights === undefined ? `levels ≤ ${most}` : `at most ${most} levelWeights`,
    window: 'a smaller windowSize',
    wayOut: (way) => withAxisOrder(shape, way),
  });
  const weights = checkWeights(functionName, options.weights, images.yTrue) as Tensor4D | undefined;
  const request = { ...images, options: resolved, weights };
  if (resolved.checkRange) {
    const windows = levelWeights.map((weight, level) => ({ weight, level, size: windowSize }));
    checkValues(
      functionName,
      request,
      resolved,
      windows.filter(({ weight }) => weight > 0),
    );
  }
  return request;
}

/**
 * 1 − MS-SSIM, [N], in [0, 1].
 *
 * The full size is compared by the kernels of SSIM. Below it the sum and the difference of the images go down the
 * levels, not the images: halving is linear, so the difference is as exact at every level as at the first.
 */
export function msSsimDistance(request: MsSsimRequest): Tensor1D {
  const { yTrue, yPred, options } = request;
  const { unit, levelWeights } = options;
  let a = scaled(added(yTrue, yPred), 1 / unit);
  let b = scaled(difference(yTrue, yPred), 1 / unit);
  let counts = request.weights;

  const distances: Tensor2D[] = [];
  const weights: number[] = [];
  levelWeights.forEach((weight, level) => {
    if (level > 0) [a, b, counts] = [halve(a), halve(b), counts && halve(counts)];
    if (weight === 0) return;
    // Luminance counts at the last level only.
    const alpha = level === levelWeights.length - 1 ? 1 : 0;
    const ofLevel = { ...options, alpha };
    distances.push(
      level === 0
        ? distanceAtFullSize({ yTrue, yPred, options: ofLevel }, counts)
        : meanDistance(distanceOfSumAndDifference(a, b, ofLevel), ofLevel, counts),
    );
    weights.push(weight);
  });
  return meanPerImage(weightedProductDistance(distances, weights));
}

function distanceAtFullSize(request: SsimRequest, weights: Tensor4D | undefined): Tensor2D {
  // The mean of one channel is the mean of the image, which the kernels give at once.
  return weights === undefined && request.yTrue.shape[3] === 1
    ? reshaped(ssimValue(request, 'mean'), [-1, 1])
    : meanDistance(ssimValue(request, 'distance'), request.options, weights);
}

/** The mean over the windows of every channel, [N, C]. */
function meanDistance(
  distance: Tensor4D,
  { windowSize, padding }: ResolvedSsimOptions,
  weights: Tensor4D | undefined,
): Tensor2D {
  return weights === undefined
    ? meanOverPixels(distance)
    : weightedMeanOverPixels(distance, weightsOfWindows(weights, windowSize, padding));
}
