import { add, div, log, mul, ones, reshape, sum } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { describeShape, describeValue } from '../checks/describe.js';
import { checkFloatTensor } from '../checks/tensors.js';
import { checkWeights } from '../checks/weights.js';
import { atLeast } from '../operations/bounds.js';
import { scaled, shifted } from '../operations/elementwise.js';
import { sumPerImage, weightedSumPerImage } from '../operations/reductions.js';
import { zeroAtWeightZero } from '../operations/weightZero.js';
import { linear, withGradient } from '../operations/withGradient.js';
import { detached } from '../operations/withoutGradient.js';
import { pixelSum } from '../pixels/pixelValue.js';
import { checkLikelihood, checkSigma } from './likelihood.js';
import {
  bernoulliNegativeLogLikelihood,
  gaussian,
  laplace,
  learnedGaussianNegativeLogLikelihood,
} from './likelihoods.js';
import type { LikelihoodOfDistance } from './likelihoods.js';
import type { VaeLossOptions } from './vaeLossOptions.js';

/** e⁻¹², the least σ² of `sigma: 'optimal'`. */
const leastVariance = 6.14421235332821e-6;

/** The reconstruction term of each image, [N]. */
export type Reconstruction = (x: Tensor4D, y: Tensor4D) => Tensor1D;

/** The reconstruction term that the options ask for: a likelihood, or any loss. */
export function reconstructionOf(options: VaeLossOptions, images: Tensor4D): Reconstruction {
  const weights = checkWeights('vaeLoss', options.weights, images) as Tensor4D | undefined;
  const { reconstruction, sigma, logSigma } = options;
  if (reconstruction !== undefined) return lossAsReconstruction(options, images.shape[0]);
  const likelihood = checkLikelihood('vaeLoss', options.likelihood);
  if (logSigma !== undefined || sigma === 'optimal') {
    const name = logSigma === undefined ? "sigma: 'optimal'" : 'logSigma';
    if (likelihood !== 'gaussian') {
      throw new RangeError(`vaeLoss: ${name} is for the likelihood 'gaussian', not for '${likelihood}'.`);
    }
  }
  const counted = (image: Tensor4D): Tensor4D => zeroAtWeightZero(image, weights);
  const total =
    (loss: (x: Tensor4D, y: Tensor4D) => Tensor4D): Reconstruction =>
    (x, y) =>
      weightedSumPerImage(loss(counted(x), counted(y)), weights);
  const distanceOf =
    (distance: 'l1' | 'l2'): Reconstruction =>
    (yTrue, yPred) =>
      pixelSum({ yTrue, yPred, weights }, { distance });
  /** Σ (factor · distance + constant) over all that counts. */
  const likelihoodOf =
    ({ distance, factor, constant }: LikelihoodOfDistance): Reconstruction =>
    (x, y) => {
      const [batch, , , channels] = x.shape;
      const constants =
        weights === undefined
          ? (constant * x.size) / batch
          : detached(weights, (given) => mul(sumPerImage(given), constant * channels));
      return shifted(scaled(distanceOf(distance)(x, y), factor), constants);
    };
  if (logSigma !== undefined) {
    if (sigma !== undefined) {
      throw new RangeError('vaeLoss: sigma and logSigma exclude each other; leave one of them out.');
    }
    checkLogSigma(logSigma, images.shape);
    return total((x, y) =>
      learnedGaussianNegativeLogLikelihood(x, y, counted(spread(logSigma, images.shape))),
    );
  }
  if (sigma === 'optimal') {
    if (weights !== undefined) {
      throw new RangeError("vaeLoss: sigma: 'optimal' takes no weights; give sigma as a number.");
    }
    return (x, y) => withOptimalSigma(distanceOf('l2')(x, y), x.size / x.shape[0]);
  }
  const scale = checkSigma('vaeLoss', sigma, likelihood);
  switch (likelihood) {
    case 'gaussian':
      return scale === undefined ? distanceOf('l2') : likelihoodOf(gaussian(scale));
    case 'laplace':
      return likelihoodOf(laplace(scale ?? 1));
    case 'bernoulli':
      return total(bernoulliNegativeLogLikelihood);
  }
}

function lossAsReconstruction(
  { reconstruction, likelihood, sigma, logSigma, weights }: VaeLossOptions,
  batch: number,
): Reconstruction {
  if (typeof reconstruction !== 'function') {
    throw new TypeError(
      `vaeLoss: reconstruction must be a function of (yTrue, yPred), such as ssimLoss, ` +
        `but got ${describeValue(reconstruction)}.`,
    );
  }
  const other = Object.entries({ likelihood, sigma, logSigma, weights }).find(
    ([, value]) => value !== undefined,
  );
  if (other !== undefined) {
    throw new RangeError(
      `vaeLoss: reconstruction and ${other[0]} exclude each other; bind the options of a loss with withOptions.`,
    );
  }
  return (x, y) => {
    const loss: unknown = reconstruction(x, y);
    checkFloatTensor('vaeLoss: what reconstruction returns', loss);
    if (loss.rank !== 1 || loss.shape[0] !== batch) {
      throw new RangeError(
        `vaeLoss: reconstruction must return one number for each of the ${batch} images, shape [${batch}], ` +
          `but returned ${describeShape(loss.shape)}.`,
      );
    }
    return loss as Tensor1D;
  };
}

/** D/2 log(2π σ²) + S / (2 σ²) with the σ² = S / D that makes it least. */
function withOptimalSigma(squares: Tensor1D, pixels: number): Tensor1D {
  const variance = (s: Tensor1D): Tensor1D => atLeast(mul<Tensor1D>(s, 1 / pixels), leastVariance);
  return withGradient<[Tensor1D], Tensor1D>(
    [squares],
    ([s]) =>
      add<Tensor1D>(
        mul(add(log(variance(s)), Math.log(2 * Math.PI)), pixels / 2),
        div(mul(s, 0.5), variance(s)),
      ),
    // σ² is where the derivative with respect to it is 0.
    (dy, [s]) => [div(mul(dy, 0.5), variance(s))],
  );
}

function checkLogSigma(logSigma: unknown, shape: readonly number[]): void {
  checkFloatTensor('vaeLoss: logSigma', logSigma);
  const same = logSigma.rank === 4 && shape.every((length, axis) => length === logSigma.shape[axis]);
  if (logSigma.size !== 1 && !same) {
    throw new RangeError(
      `vaeLoss: logSigma must be one number or have the images' shape ${describeShape(shape)}, ` +
        `but got ${describeShape(logSigma.shape)}.`,
    );
  }
}

/** One number for every pixel. */
function spread(logSigma: Tensor, shape: [number, number, number, number]): Tensor4D {
  if (logSigma.rank === 4 && logSigma.size > 1) return logSigma as Tensor4D;
  return linear<Tensor, Tensor4D>(
    logSigma,
    (given) => mul(ones<Tensor4D['rankType']>(shape), reshape(given, [1, 1, 1, 1])),
    (dy) => reshape(sum(sumPerImage(dy)), logSigma.shape),
  );
}
