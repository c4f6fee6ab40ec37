import { add, div, log, mean as meanOf, mul, ones, reshape, sum, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { describeShape, describeValue } from '../checks/describe.js';
import { checkArguments, checkNumber, checkOptionNames } from '../checks/options.js';
import { checkFloatTensor, checkImagePair } from '../checks/tensors.js';
import { checkWeights } from '../checks/weights.js';
import type { WeightOptions } from '../checks/weights.js';
import { atLeast, isAbove } from '../operations/bounds.js';
import { absolute, added, difference, scaled, shifted, squared } from '../operations/elementwise.js';
import { sumPerImage, weightedSumPerImage } from '../operations/reductions.js';
import { zeroAtWeightZero } from '../operations/weightZero.js';
import { linear, withGradient } from '../operations/withGradient.js';
import { klPerLatent } from './klDivergence.js';
import { checkLikelihood, checkSigma } from './likelihood.js';
import type { Likelihood } from './likelihood.js';
import {
  bernoulliSurprise,
  gaussianSurprise,
  laplaceSurprise,
  learnedGaussianSurprise,
} from './likelihoods.js';
import { checkPosterior } from './posterior.js';
import type { Posterior } from './posterior.js';

/** Options of {@link vaeLoss}. */
export interface VaeLossOptions extends WeightOptions {
  /**
   * Weight of the divergence, ≥ 0; 1 is the paper's loss, others a β-VAE. A number that rises with the steps comes
   * from `linearAnnealing` or `cyclicalAnnealing`.
   * @default 1
   */
  readonly beta?: number;
  /**
   * C in β |KL − C|, nats of the whole image, ≥ 0 (Burgess et al. 2018): what the latents are to hold.
   * @default undefined, which is β KL
   */
  readonly capacity?: number;
  /**
   * λ in Σ_j max(λ, KL_j), nats of each latent, ≥ 0, with KL_j the mean over the batch (Kingma et al. 2016, eq. 15):
   * what each latent may hold for nothing. Every image of the batch gets the same number.
   * @default undefined
   */
  readonly freeBits?: number;
  /**
   * `gaussian`: x̂ is the mean of normal pixels. `laplace`: the median of Laplace pixels. `bernoulli`: logits, for
   * pixels in [0, 1]; the decoder ends without a sigmoid.
   * @default 'gaussian'
   */
  readonly likelihood?: Likelihood;
  /**
   * The deviation σ of normal pixels or the scale b of Laplace pixels, in pixel units: the reconstruction term is then
   * −log p(x|z) with all its constants, in nats. `'optimal'` (normal pixels): the σ that suits each image best, its root
   * mean squared error, at least e⁻⁶ (σ-VAE, Rybkin et al. 2021, who share it over the batch).
   * @default undefined: the plain ℓ2 loss for `gaussian`, b = 1 for `laplace`
   */
  readonly sigma?: number | 'optimal';
  /**
   * log σ of normal pixels as a tensor that is learned: one number, such as a `tf.variable`, or [N, H, W, C]. Beyond
   * ±30 it counts as ±30 in σ².
   * @default undefined
   */
  readonly logSigma?: Tensor;
  /**
   * Any loss as the reconstruction term instead of a likelihood: `ssimLoss`, or one with options by `withOptions`. Mind
   * the scale: SSIM is a mean in [0, 2], the divergence a sum of nats over the latents, so β is to be small, about
   * one over the number of pixels.
   * @default undefined
   */
  readonly reconstruction?: (yTrue: Tensor, yPred: Tensor) => Tensor;
}

const optionNames = [
  'beta',
  'capacity',
  'freeBits',
  'likelihood',
  'sigma',
  'logSigma',
  'reconstruction',
  'weights',
] as const satisfies readonly (keyof VaeLossOptions)[];

/** e⁻¹², the least σ² of `sigma: 'optimal'`. */
const leastVariance = 6.14421235332821e-6;

/**
 * The loss of a variational autoencoder: reconstruction error plus divergence from the prior.
 *
 * L(x, x̂) = L2(x, x̂) + β KL(Q(z|x) ‖ N(0, 1)), or −log p(x|z) + β KL: both are sums, over pixels and over latents.
 *
 * −log p is, for each pixel, (x − x̂)² / (2 σ²) + log σ + ½ log 2π (`gaussian` with a sigma), |x − x̂| / b + log 2b
 * (`laplace`), or max(x̂, 0) − x x̂ + log(1 + e^−|x̂|) (`bernoulli`, x̂ a logit).
 *
 * Shapes: two of [N, H, W, C], mean and logVariance [N, …] → [N].
 * Range: ≥ 0 without a sigma, lower is better; a density may exceed 1, so −log p of it may be below 0.
 * Gradient: analytic, in both images, the posterior and `logSigma`.
 *
 * @param yTrue the input x, float32
 * @param yPred its reconstruction x̂ from a sample of the posterior, of the same shape
 * @param posterior what the encoder gave: `mean` μ and `logVariance` log σ²
 * @param options the weight of the divergence and the reconstruction term: see {@link VaeLossOptions}
 * @throws TypeError for a missing posterior or field, a tensor that is not float32 or was disposed, or an unknown
 * option or argument
 * @throws RangeError for differing shapes, differing batches, an empty batch, a value out of range, or options that
 * exclude each other
 * @see Bergmann et al. 2019 (arXiv 1807.02011), section 3.1.1; Kingma and Welling 2014, eq. 10; Burgess et al. 2018,
 * eq. 8; Kingma et al. 2016, eq. 15; Rybkin et al. 2021, eq. 7
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { ssimLoss, vaeLoss } from 'ssim-ae';
 *
 * const x = tf.randomUniform([2, 16, 16, 1]);
 * const posterior = { mean: tf.zeros([2, 8]), logVariance: tf.zeros([2, 8]) };
 * vaeLoss(x, x, posterior).print(); // [0, 0]
 * vaeLoss(x, x, posterior, { sigma: 1 }).print(); // [235.25, 235.25]: 256 times ½ log 2π
 * vaeLoss(x, x, posterior, { reconstruction: ssimLoss, beta: 1 / 256 }).print(); // [0, 0]
 * ```
 */
export function vaeLoss(
  yTrue: Tensor,
  yPred: Tensor,
  posterior: Posterior,
  options: VaeLossOptions = {},
): Tensor1D {
  checkArguments('vaeLoss', arguments, 4);
  const images = checkImagePair('vaeLoss', yTrue, yPred);
  const { mean, logVariance } = checkPosterior('vaeLoss', posterior);
  checkOptionNames('vaeLoss', options, optionNames);
  const batch = images.yTrue.shape[0];
  if (mean.shape[0] !== batch) {
    throw new RangeError(
      `vaeLoss: the posterior must have one row for each of the ${batch} images, ` +
        `but its shape is ${describeShape(mean.shape)}.`,
    );
  }
  const divergence = divergenceOf(options);
  const reconstruction = reconstructionOf(options, images.yTrue);
  return tidy(() =>
    added(reconstruction(images.yTrue, images.yPred), divergence(klPerLatent(mean, logVariance))),
  );
}

/** From the KL of every latent, [N, …], to that of the images, [N]. */
function divergenceOf(options: VaeLossOptions): (perLatent: Tensor) => Tensor1D {
  const beta = checkNumber('vaeLoss: beta', options.beta ?? 1, { least: 0 });
  const { capacity, freeBits } = options;
  if (capacity !== undefined && freeBits !== undefined) {
    throw new RangeError('vaeLoss: capacity and freeBits exclude each other; leave one of them out.');
  }
  if (capacity !== undefined) {
    checkNumber('vaeLoss: capacity', capacity, { least: 0 });
    return (perLatent) => scaled(absolute(shifted(sumPerImage(perLatent), -capacity)), beta);
  }
  if (freeBits !== undefined) {
    checkNumber('vaeLoss: freeBits', freeBits, { least: 0 });
    return (perLatent) => scaled(withFreeBits(perLatent, freeBits), beta);
  }
  return (perLatent) => scaled(sumPerImage(perLatent), beta);
}

/** Σ_j max(λ, mean of KL_j over the batch), the same for every image. */
function withFreeBits(perLatent: Tensor, least: number): Tensor1D {
  const [batch, ...latents] = perLatent.shape as [number, ...number[]];
  return withGradient<[Tensor], Tensor1D>(
    [perLatent],
    ([kl]) => mul(sum(atLeast(meanOf(kl, 0), least)), ones([batch])),
    (dy, [kl]) => {
      const counts = isAbove(meanOf(kl, 0), least);
      const share = mul(reshape(sum(dy), new Array<number>(latents.length).fill(1)), div(counts, batch));
      return [mul(ones(perLatent.shape), reshape(share, [1, ...latents]))];
    },
  );
}

type Reconstruction = (x: Tensor4D, y: Tensor4D) => Tensor1D;

function reconstructionOf(options: VaeLossOptions, images: Tensor4D): Reconstruction {
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
    (surprise: (x: Tensor4D, y: Tensor4D) => Tensor4D): Reconstruction =>
    (x, y) =>
      weightedSumPerImage(surprise(counted(x), counted(y)), weights);
  if (logSigma !== undefined) {
    if (sigma !== undefined) {
      throw new RangeError('vaeLoss: sigma and logSigma exclude each other; leave one of them out.');
    }
    checkLogSigma(logSigma, images.shape);
    return total((x, y) => learnedGaussianSurprise(x, y, counted(spread(logSigma, images.shape))));
  }
  if (sigma === 'optimal') {
    if (weights !== undefined) {
      throw new RangeError("vaeLoss: sigma: 'optimal' takes no weights; give sigma as a number.");
    }
    return (x, y) => withOptimalSigma(sumPerImage(squared(difference(x, y))), x.size / x.shape[0]);
  }
  const scale = checkSigma('vaeLoss', sigma, likelihood);
  switch (likelihood) {
    case 'gaussian':
      return scale === undefined
        ? total((x, y) => squared(difference(x, y)))
        : total((x, y) => gaussianSurprise(x, y, scale));
    case 'laplace':
      return total((x, y) => laplaceSurprise(x, y, scale ?? 1));
    case 'bernoulli':
      return total(bernoulliSurprise);
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
