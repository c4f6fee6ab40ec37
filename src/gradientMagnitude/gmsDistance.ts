import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { withAxisOrder } from '../checks/axisOrder.js';
import { furtherNames, tensorNames } from '../checks/namesElsewhere.js';
import { checkOptionNames } from '../checks/options.js';
import { checkImagePair } from '../checks/tensors.js';
import { checkWeights } from '../checks/weights.js';
import { checkValues } from '../filters/checkValues.js';
import { halve } from '../filters/halve.js';
import { padForWindow } from '../filters/pad.js';
import type { Padding } from '../filters/paddings.js';
import { weightsOfWindows } from '../filters/weightsOfWindows.js';
import { uniformTaps } from '../filters/window.js';
import { checkLevelsFit } from '../filters/windowFits.js';
import { added, difference, scaled } from '../operations/elementwise.js';
import { meanOverChannels, meanPerImage, weightedMeanPerImage } from '../operations/reductions.js';
import { agreeingAtWeightZero } from '../operations/weightZero.js';
import type { GmsIndexOptions } from './gmsIndexOptions.js';
import { gmsOptionNames, resolveGmsOptions } from './gmsOptions.js';
import type { ResolvedGmsOptions } from './gmsOptions.js';
import { gradientMagnitudeDistance } from './gradientMagnitude.js';

/** What every function of the GMS family begins with: checked images and checked, complete options. */
export interface GmsRequest {
  readonly yTrue: Tensor4D;
  readonly yPred: Tensor4D;
  readonly options: ResolvedGmsOptions;
  readonly weights: Tensor4D | undefined;
}

/** Checks both images and the options; makes no tensor. `further` names options that only the caller has. */
export function gmsRequest(
  functionName: string,
  yTrue: unknown,
  yPred: unknown,
  options: GmsIndexOptions,
  {
    padding = 'zero',
    further = [],
  }: { readonly padding?: Padding; readonly further?: readonly string[] } = {},
): GmsRequest {
  const images = checkImagePair(functionName, yTrue, yPred, 'dataRange');
  checkOptionNames(functionName, options, [...gmsOptionNames, ...further], tensorNames, furtherNames);
  const resolved = resolveGmsOptions(functionName, options, padding);
  const weights = checkWeights(functionName, options.weights, images.yTrue) as Tensor4D | undefined;
  return { ...images, options: resolved, weights };
}

/**
 * The 3 × 3 pixels of a gradient must fit the smallest of so many levels; with `checkRange`, pixels and weights must be
 * right from level `first` on.
 */
export function checkGmsImages(
  functionName: string,
  request: GmsRequest,
  levels: number,
  {
    first = 0,
    fewer = (most: number): string => `levels ≤ ${most}`,
  }: { readonly first?: number; readonly fewer?: (most: number) => string } = {},
): void {
  const { yTrue, options } = request;
  checkLevelsFit(functionName, [3, 3], yTrue.shape.slice(1, -1), options.padding, levels, {
    levels: fewer,
    window: `padding 'zero'`,
    wayOut: (way) => withAxisOrder(yTrue.shape, way),
  });
  if (!options.checkRange) return;
  const windows = Array.from({ length: levels }, (_, level) => ({ level, size: [3, 3] }));
  checkValues(functionName, request, options, windows.slice(first));
}

/** 1 − GMS of so many sizes of the images, from `first` times halved down, each [N, H', W', C], in [0, 1). */
export function gmsDistanceMaps(request: GmsRequest, levels: number, first = 0): readonly Tensor4D[] {
  const { yTrue, yPred, options } = agreeingAtWeightZero(request);
  const { c, unit, padding } = options;
  const window = [uniformTaps(3), uniformTaps(3)];
  const maps: Tensor4D[] = [];
  // As in MS-SSIM, the difference goes down the levels, where the images themselves would lose it.
  let a = scaled(added(yTrue, yPred), 1 / unit);
  let b = scaled(difference(yTrue, yPred), 1 / unit);
  for (let level = 0; level < first + levels; level++) {
    if (level > 0) [a, b] = [halve(a), halve(b)];
    if (level < first) continue;
    const [x, y] = [padForWindow(a, window, padding), padForWindow(b, window, padding)];
    maps.push(gradientMagnitudeDistance(x, y, c));
  }
  return maps;
}

/** The mean of 1 − GMS at each of so many sizes, [N]. */
export function meanGmsDistances(request: GmsRequest, levels: number): readonly Tensor1D[] {
  const maps = gmsDistanceMaps(request, levels);
  const weights = gmsWeights(request, levels);
  return maps.map((map, level) =>
    weights === undefined ? meanPerImage(map) : weightedMeanPerImage(meanOverChannels(map), weights[level]!),
  );
}

/** The weights of the maps of {@link gmsDistanceMaps}. */
export function gmsWeights(
  { weights, options }: GmsRequest,
  levels: number,
  first = 0,
): readonly Tensor4D[] | undefined {
  if (weights === undefined) return undefined;
  const maps: Tensor4D[] = [];
  let counts = weights;
  for (let level = 0; level < first + levels; level++) {
    if (level > 0) counts = halve(counts);
    if (level >= first) maps.push(weightsOfWindows(counts, [3, 3], options.padding));
  }
  return maps;
}
