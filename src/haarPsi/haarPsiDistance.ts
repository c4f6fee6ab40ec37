import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { checkImagePair } from '../checks/tensors.js';
import { checkWeights } from '../checks/weights.js';
import { checkValues } from '../filters/checkValues.js';
import { halve } from '../filters/halve.js';
import { absolute, added, difference, scaled } from '../operations/elementwise.js';
import { meanOverPixels, weightedMeanOverPixels } from '../operations/reductions.js';
import { agreeingAtWeightZero } from '../operations/weightZero.js';
import { coefficientDistance } from './coefficientDistance.js';
import { haar } from './haar.js';
import { resolveHaarPsiOptions } from './haarPsiOptions.js';
import type { HaarPsiOptions, ResolvedHaarPsiOptions } from './haarPsiOptions.js';
import { eased, product, ratio, steepened } from './logisticMean.js';
import { subsampled } from './subsampled.js';

/** What every function of the family begins with: checked images and checked, complete options. */
export interface HaarPsiRequest {
  readonly yTrue: Tensor4D;
  readonly yPred: Tensor4D;
  readonly options: ResolvedHaarPsiOptions;
  readonly weights: Tensor4D | undefined;
}

/** Checks both images and the options; leaves no tensor behind. `further` names options that only the caller has. */
export function haarPsiRequest(
  functionName: string,
  yTrue: unknown,
  yPred: unknown,
  options: HaarPsiOptions,
  { further = [] }: { readonly further?: readonly string[] } = {},
): HaarPsiRequest {
  const images = checkImagePair(functionName, yTrue, yPred, 'dataRange');
  const resolved = resolveHaarPsiOptions(functionName, options, further);
  const weights = checkWeights(functionName, options.weights, images.yTrue) as Tensor4D | undefined;
  const request = { ...images, options: resolved, weights };
  if (resolved.checkRange) checkValues(functionName, request, { ...resolved, padding: 'zero' }, []);
  return request;
}

/** a = x + y and b = x − y, of which all coefficients are taken. */
type SumAndGap = readonly [a: Tensor4D, b: Tensor4D];

const axes = [1, 2] as const;

/** In the size in which images are compared, and divided by the unit. */
function sumAndGap({ yTrue, yPred, options }: HaarPsiRequest): SumAndGap {
  const inSize = (images: Tensor4D): Tensor4D => (options.subsample ? subsampled(images) : images);
  // The difference goes through the filters, where the images themselves would lose it.
  return [
    inSize(scaled(added(yTrue, yPred), 1 / options.unit)),
    inSize(scaled(difference(yTrue, yPred), 1 / options.unit)),
  ];
}

/** 1 − the local similarity along one axis: the mean of 1 − S of the scales 1 and 2. */
function distanceAlong([a, b]: SumAndGap, axis: 1 | 2, c: number): Tensor4D {
  const [fine, coarse] = [1, 2].map((scale) =>
    coefficientDistance(haar(a, axis, scale), haar(b, axis, scale), c),
  );
  return scaled(added(fine!, coarse!), 0.5);
}

/** max(|g₁|, |g₂|) at scale 3, which is (|g₁ + g₂| + |g₁ − g₂|) / 2. */
function weightAlong([a, b]: SumAndGap, axis: 1 | 2): Tensor4D {
  return scaled(added(absolute(haar(a, axis, 3)), absolute(haar(b, axis, 3))), 0.5);
}

/** 1 − the local similarity, the mean of both axes, [N, H', W', C], in [0, 1). */
export function haarPsiDistanceMap(request: HaarPsiRequest): Tensor4D {
  const images = sumAndGap(request);
  const [vertical, horizontal] = axes.map((axis) => distanceAlong(images, axis, request.options.c));
  return scaled(added(vertical!, horizontal!), 0.5);
}

/** 1 − √HaarPSI of every channel, [N, C], in [0, 1). */
export function haarPsiDistances(request: HaarPsiRequest): Tensor2D {
  const { c, alpha, subsample } = request.options;
  const images = sumAndGap(agreeingAtWeightZero(request));
  const weights = request.weights && subsample ? halve(request.weights) : request.weights;
  const mean = (x: Tensor4D): Tensor2D =>
    weights === undefined ? meanOverPixels(x) : weightedMeanOverPixels(x, weights);
  const parts = axes.map((axis) => {
    const weight = weightAlong(images, axis);
    return { weight, steep: product(steepened(distanceAlong(images, axis, c), alpha), weight) };
  });
  const [vertical, horizontal] = parts as [(typeof parts)[0], (typeof parts)[0]];
  const total = mean(added(vertical.steep, horizontal.steep));
  return eased(ratio(total, mean(added(vertical.weight, horizontal.weight))), alpha);
}
