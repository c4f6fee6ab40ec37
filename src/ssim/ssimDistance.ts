import type { Tensor } from '@tensorflow/tfjs-core';
import { withAxisOrder } from '../checks/axisOrder.js';
import { ssimNames, tensorNames, windowNames } from '../checks/namesElsewhere.js';
import { checkOptionNames } from '../checks/options.js';
import { checkPair } from '../checks/tensors.js';
import { checkWeights } from '../checks/weights.js';
import { checkValues } from '../filters/checkValues.js';
import { localCovariance, localMoments } from '../filters/localMoments.js';
import type { LocalMoments } from '../filters/localMoments.js';
import { padForWindow } from '../filters/pad.js';
import type { Padding } from '../filters/paddings.js';
import { windowOf } from '../filters/window.js';
import { checkWindowFits } from '../filters/windowFits.js';
import { deviation } from '../operations/deviation.js';
import { added, bounded, difference, scaled } from '../operations/elementwise.js';
import { contrastDistance } from './contrast.js';
import { contrastStructureDistance } from './contrastStructure.js';
import { luminanceDistance } from './luminance.js';
import { powerDistance } from './power.js';
import { productDistance } from './product.js';
import type { SsimIndexOptions } from './ssimIndexOptions.js';
import { resolveSsimOptions, ssimOptionNames } from './ssimOptions.js';
import type { ResolvedSsimOptions } from './ssimOptions.js';
import { structureDistance } from './structure.js';

/** What every function of the SSIM family begins with: checked images or volumes, and checked, complete options. */
export interface SsimRequest {
  readonly yTrue: Tensor;
  readonly yPred: Tensor;
  readonly options: ResolvedSsimOptions;
}

/** {@link SsimRequest} of what may have weights. */
export interface SsimIndexRequest extends SsimRequest {
  readonly weights: Tensor | undefined;
}

/**
 * Checks both images, the options, and that the window fits; makes no tensor. `padding` holds unless one is given, `further`
 * names options that only the caller has.
 */
export function ssimRequest(
  functionName: string,
  yTrue: unknown,
  yPred: unknown,
  options: SsimIndexOptions,
  {
    padding = 'valid',
    further = [],
  }: { readonly padding?: Padding; readonly further?: readonly string[] } = {},
): SsimIndexRequest {
  const images = checkPair(functionName, yTrue, yPred, 'dataRange');
  const { shape } = images.yTrue;
  const names = [...ssimOptionNames, ...further];
  checkOptionNames(functionName, options, names, windowNames, ssimNames, tensorNames);
  const resolved = resolveSsimOptions(functionName, options, {
    padding,
    spatialAxes: shape.length - 2,
  });
  checkWindowFits(functionName, resolved.windowSize, shape.slice(1, -1), resolved.padding, (way) =>
    withAxisOrder(shape, way),
  );
  const weights = checkWeights(functionName, options.weights, images.yTrue);
  const request = { ...images, options: resolved, weights };
  if (resolved.checkRange) {
    checkValues(functionName, request, resolved, [{ level: 0, size: resolved.windowSize }]);
  }
  return request;
}

/**
 * 1 − SSIM at every position of the window, [N, H', W', C], in [0, 2]: all SSIM values here are made from it.
 *
 * Composed of tfjs ops: this is the definition, against which every kernel is tested. Every step carries its
 * analytic gradient, so the whole has one, in both images.
 */
export function ssimDistanceMap(request: SsimRequest): Tensor {
  const { alpha, beta, gamma, unit } = request.options;
  if (beta === gamma) {
    const { yTrue, yPred, options } = request;
    const inUnits = (image: Tensor): Tensor => scaled(image, 1 / unit);
    return distanceOfSumAndDifference(
      inUnits(added(yTrue, yPred)),
      inUnits(difference(yTrue, yPred)),
      options,
    );
  }
  const { luminance, contrast, structure } = termDistances(request);
  return productOfPowers([
    [alpha, () => luminance],
    [beta, () => contrast],
    [gamma, () => structure],
  ]);
}

/**
 * 1 − SSIM from a = x + y and b = x − y, of images divided by their unit, for contrast and structure with one
 * exponent: their product needs no square root.
 */
export function distanceOfSumAndDifference<T extends Tensor>(
  a: T,
  b: T,
  { alpha, beta, c1, c2, padding, varianceScale, ...shape }: ResolvedSsimOptions,
): T {
  const window = windowOf(shape);
  const moments = (image: T): LocalMoments<T> =>
    localMoments(padForWindow(image, window, padding), window, varianceScale);
  const [ofA, ofB] = [moments(a), moments(b)];
  return productOfPowers([
    [alpha, () => luminanceDistance(ofA.mean, ofB.mean, c1)],
    [beta, () => contrastStructureDistance(ofA.variance, ofB.variance, c2)],
  ]);
}

/** 1 − l, 1 − c and 1 − s at every position of the window, each [N, H', W', C]; in [0, 2] apart from rounding. */
export interface TermDistances {
  readonly luminance: Tensor;
  readonly contrast: Tensor;
  readonly structure: Tensor;
}

/** The three terms separately: four moments and a covariance. */
export function termDistances({ yTrue, yPred, options }: SsimRequest): TermDistances {
  const { c1, c2, padding, unit, varianceScale } = options;
  const window = windowOf(options);
  const padded = (image: Tensor): Tensor => scaled(padForWindow(image, window, padding), 1 / unit);
  const [x, y] = [padded(yTrue), padded(yPred)];
  const moments = (image: Tensor): LocalMoments<Tensor> => localMoments(image, window, varianceScale);
  const [ofA, ofB] = [moments(added(x, y)), moments(difference(x, y))];
  const [sigmaX, sigmaY] = [deviation(moments(x).variance), deviation(moments(y).variance)];
  const covariance = localCovariance(x, y, window, varianceScale);
  return {
    luminance: luminanceDistance(ofA.mean, ofB.mean, c1),
    contrast: contrastDistance(sigmaX, sigmaY, c2),
    structure: structureDistance(sigmaX, sigmaY, ofB.variance, covariance, c2),
  };
}

/** 1 − Π (1 − d)^exponent; a term with exponent 0 is not read. */
function productOfPowers<T extends Tensor>(
  factors: readonly (readonly [exponent: number, distance: () => T])[],
): T {
  const distances = factors
    .filter(([exponent]) => exponent > 0)
    .map(([exponent, distance]) => powerDistance(distance(), exponent));
  return bounded(distances.reduce(productDistance), 0, 2);
}
