import type { Tensor } from '@tensorflow/tfjs-core';
import { checkPair } from '../checks/tensors.js';
import { checkWeights } from '../checks/weights.js';
import { checkValues } from '../filters/checkValues.js';
import { localCovariance, localMoments } from '../filters/localMoments.js';
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
import { resolveSsimOptions } from './ssimOptions.js';
import type { ResolvedSsimOptions, SsimIndexOptions } from './ssimOptions.js';
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

/** Checks both images, the options, and that the window fits; makes no tensor. `otherNames`: `weights`, if it has any. */
export function ssimRequest(
  functionName: string,
  yTrue: unknown,
  yPred: unknown,
  options: SsimIndexOptions,
  defaultPadding: Padding = 'valid',
  otherNames: readonly string[] = [],
): SsimIndexRequest {
  const images = checkPair(functionName, yTrue, yPred, 'dataRange');
  const { shape } = images.yTrue;
  const resolved = resolveSsimOptions(functionName, options, {
    padding: defaultPadding,
    spatialAxes: shape.length - 2,
    otherNames,
  });
  checkWindowFits(functionName, resolved.windowSize, shape, resolved.padding);
  const weights = checkWeights(functionName, options.weights, images.yTrue);
  const request = { ...images, options: resolved, weights };
  if (resolved.checkRange) {
    checkValues(functionName, request, resolved, [{ level: 0, size: resolved.windowSize }]);
  }
  return request;
}

/**
 * 1 − SSIM at every place of the window, [N, H', W', C], in [0, 2]: what all of SSIM here is made of.
 *
 * Composed out of tfjs ops: the definition, and what every kernel is tested against. Every step carries its
 * analytic gradient, so the whole has one, in both images.
 */
export function ssimDistanceMap({ yTrue, yPred, options }: SsimRequest): Tensor {
  const { alpha, beta, gamma, c1, c2, padding, varianceScale } = options;
  const window = windowOf(options);
  const x = padForWindow(yTrue, window, padding);
  const y = padForWindow(yPred, window, padding);
  const unit = (image: Tensor): Tensor => scaled(image, 1 / options.unit);
  const a = localMoments(unit(added(x, y)), window, varianceScale);
  const b = localMoments(unit(difference(x, y)), window, varianceScale);

  const distances: Tensor[] = [];
  if (alpha > 0) distances.push(powerDistance(luminanceDistance(a.mean, b.mean, c1), alpha));
  if (beta === gamma) {
    // Contrast times structure needs no square root.
    if (beta > 0) distances.push(powerDistance(contrastStructureDistance(a.variance, b.variance, c2), beta));
  } else {
    const sigmaX = deviation(localMoments(unit(x), window, varianceScale).variance);
    const sigmaY = deviation(localMoments(unit(y), window, varianceScale).variance);
    if (beta > 0) distances.push(powerDistance(contrastDistance(sigmaX, sigmaY, c2), beta));
    if (gamma > 0) {
      const covariance = localCovariance(unit(x), unit(y), window, varianceScale);
      const structure = structureDistance(sigmaX, sigmaY, b.variance, covariance, c2);
      distances.push(powerDistance(structure, gamma));
    }
  }
  return bounded(distances.reduce(productDistance), 0, 2);
}
