import { add, exp, log, minimum, mul, sub, sum, tidy, unstack } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describeValue } from '../checks/describe.js';
import { tensorNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkChoice, checkOptionNames } from '../checks/options.js';
import { checkSecondOrder } from '../checks/secondOrder.js';
import { checkFloatTensor, checkImages, checkSameShape } from '../checks/tensors.js';
import { added, scaled, shifted } from '../operations/elementwise.js';
import { sumOverChannels } from '../operations/reductions.js';
import { withGradient } from '../operations/withGradient.js';
import { detached } from '../operations/withoutGradient.js';
import { checkLikelihood, checkSigma } from './likelihood.js';
import type { LikelihoodOptions } from './likelihood.js';
import { bernoulliNegativeLogLikelihood, gaussian, laplace, negativeLogLikelihood } from './likelihoods.js';

/** Options of {@link vaeResidualMap}. */
export interface VaeResidualMapOptions extends LikelihoodOptions {
  /**
   * The deviation σ of a normal pixel around its decoded mean, or the scale b of a Laplace pixel, in pixel units, > 0.
   * With `meanOfLogs` it scales and shifts the map, and does not change the order of its values.
   * @default 1
   */
  readonly sigma?: number;
  /**
   * How the reconstruction probabilities of several samples are combined. `meanOfLogs`: the mean of log p, as
   * in An and Cho's algorithm. `logOfMean`: the log of the mean of p, which is the likelihood itself; the
   * sample that explains a pixel best dominates.
   * @default 'meanOfLogs'
   */
  readonly aggregate?: 'meanOfLogs' | 'logOfMean';
}

/**
 * The VAE residual map: how improbable every pixel is under decoded samples of the posterior.
 *
 * R(x; x̂₁ … x̂ₛ) = −1/S Σ_s log p(x | x̂ₛ) (`meanOfLogs`) or −log 1/S Σ_s p(x | x̂ₛ) (`logOfMean`), with p Gaussian
 * around the sample, −log p = Σ_channels (x − x̂ₛ)² / (2 σ²) + ½ log(2π σ²), or as in `vaeLoss`: the negative log
 * reconstruction probability.
 *
 * Shapes: yTrue [N, H, W, C], samples a list of [N, H, W, C] or one tensor [S, N, H, W, C] → [N, H, W, 1].
 * Range: for Gaussian pixels ≥ C/2 · log(2π σ²), in nats; higher = more anomalous.
 * Gradient: with respect to the input and every sample of a list. Through a stacked tensor it needs tfjs's
 * gradient of unstack.
 *
 * @param yTrue the input x, float32
 * @param samples S ≥ 1 reconstructions, each decoded from its own sample of Q(z|x): see `reparameterize`
 * @param options likelihood, deviation and aggregate: see {@link VaeResidualMapOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, samples that are neither a list nor a
 * tensor, or an unknown option or argument
 * @throws RangeError for a wrong or differing shape, an empty batch or list, a sigma that is not > 0, or a
 * sigma for a likelihood without one
 * @see Bergmann et al. 2019 (arXiv 1807.02011), section 3.1.1; An and Cho 2015, "Variational Autoencoder
 * based Anomaly Detection using Reconstruction Probability", algorithm 4
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { reparameterize, vaeResidualMap } from 'ssim-ae';
 *
 * const posterior = { mean: tf.zeros([1, 8]), logVariance: tf.zeros([1, 8]) };
 * const samples = [1, 2, 3].map((seed) => {
 *   const z = reparameterize(posterior, { seed }); // your decoder takes it from here
 *   return tf.reshape(tf.sigmoid(tf.tile(z, [1, 32])), [1, 16, 16, 1]);
 * });
 * console.log(vaeResidualMap(tf.zeros([1, 16, 16, 1]), samples).shape); // [1, 16, 16, 1]
 * ```
 */
export function vaeResidualMap(
  yTrue: Tensor,
  samples: readonly Tensor[] | Tensor,
  options: VaeResidualMapOptions = {},
): Tensor4D {
  checkArguments('vaeResidualMap', arguments, 3);
  const name = 'vaeResidualMap';
  checkOptionNames(name, options, ['likelihood', 'sigma', 'aggregate'], tensorNames);
  const likelihood = checkLikelihood(name, options.likelihood);
  const sigma = checkSigma(name, options.sigma, likelihood) ?? 1;
  const aggregate = checkChoice(`${name}: aggregate`, options.aggregate ?? 'meanOfLogs', [
    'meanOfLogs',
    'logOfMean',
  ]);
  checkSecondOrder(name);
  checkImages('vaeResidualMap: yTrue', yTrue, 'divide');
  return tidy(() => {
    const decoded = decodedSamples(yTrue, samples);
    const losses = decoded.map((sample) => {
      switch (likelihood) {
        case 'gaussian':
          return sumOverChannels(negativeLogLikelihood(yTrue, sample, gaussian(sigma)));
        case 'laplace':
          return sumOverChannels(negativeLogLikelihood(yTrue, sample, laplace(sigma)));
        case 'bernoulli':
          return sumOverChannels(bernoulliNegativeLogLikelihood(yTrue, sample));
      }
    });
    return aggregate === 'logOfMean'
      ? decoded.reduce(notFiniteWhere, logOfMean(losses))
      : scaled(
          losses.reduce((total, loss) => added(total, loss)),
          1 / losses.length,
        );
  });
}

/** The map, NaN where a sample has an infinite pixel: its probability is 0, and the others would decide. */
function notFiniteWhere(map: Tensor4D, sample: Tensor4D): Tensor4D {
  return shifted(
    map,
    detached(sample, (given) => sum<Tensor4D>(mul(given, 0), 3, true)),
  );
}

/** −log 1/S Σ e^−n, from the least n, so that nothing underflows. */
function logOfMean(losses: readonly Tensor4D[]): Tensor4D {
  const total = (given: readonly Tensor4D[], least: Tensor4D): Tensor4D =>
    given.map((n) => exp(sub<Tensor4D>(least, n))).reduce((sum, likelihood) => add(sum, likelihood));
  const leastOf = (given: readonly Tensor4D[]): Tensor4D => given.reduce((least, n) => minimum(least, n));
  return withGradient<readonly Tensor4D[], Tensor4D>(
    losses,
    (given) => {
      const least = leastOf(given);
      return add(sub<Tensor4D>(least, log(total(given, least))), Math.log(given.length));
    },
    (dy, given) => {
      const least = leastOf(given);
      const normalizer = log(total(given, least));
      return given.map((n) => mul(dy, exp(sub<Tensor4D>(sub(least, n), normalizer))));
    },
  );
}

function decodedSamples(yTrue: Tensor4D, samples: unknown): readonly Tensor4D[] {
  const list: readonly unknown[] = Array.isArray(samples) ? samples : unstacked(samples);
  if (list.length === 0) {
    throw new RangeError('vaeResidualMap: samples is empty; decode at least one sample of the posterior.');
  }
  return list.map((sample, index) => {
    const name = `samples[${index}]`;
    checkImages(`vaeResidualMap: ${name}`, sample, 'divide');
    checkSameShape('vaeResidualMap', { name: 'yTrue', tensor: yTrue }, { name, tensor: sample });
    return sample;
  });
}

function unstacked(samples: unknown): readonly Tensor[] {
  checkFloatTensor('vaeResidualMap: samples', samples);
  if (samples.rank !== 5) {
    throw new RangeError(
      `vaeResidualMap: samples must be a list of tensors [batch, height, width, channels], or one tensor ` +
        `[samples, batch, height, width, channels], but got ${describeValue(samples)}.`,
    );
  }
  return unstack(samples, 0);
}
