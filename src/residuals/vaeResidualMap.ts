import { tidy, unstack } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { checkNumber, checkOptionNames } from '../checks/options.js';
import { checkFloatTensor, checkImages, checkSameShape, valueText } from '../checks/tensors.js';
import { added, difference, scaled, shifted, squared } from '../operations/elementwise.js';
import { sumOverChannels } from '../operations/reductions.js';

/** Options of {@link vaeResidualMap}. */
export interface VaeResidualOptions {
  /**
   * Standard deviation of a pixel around its decoded mean, in pixel units, > 0. It scales the map and
   * shifts it, and leaves the order of its values as it is.
   * @default 1
   */
  readonly sigma?: number;
}

/**
 * The VAE residual map: how improbable every pixel is under decoded samples of the posterior.
 *
 * R(x; x̂₁ … x̂ₛ) = −1/S Σ_s log p(x | x̂ₛ), with p Gaussian around the sample,
 * −log p = Σ_channels (x − x̂ₛ)² / (2 σ²) + ½ log(2π σ²): the negative log reconstruction probability.
 *
 * Shapes: yTrue [N, H, W, C], samples a list of [N, H, W, C] or one tensor [S, N, H, W, C] → [N, H, W, 1].
 * Range: ≥ C/2 · log(2π σ²), in nats; higher = more anomalous.
 * Gradient: with respect to the input and every sample of a list. Through a stacked tensor it needs the
 * gradient that tfjs has for unstack.
 *
 * @param yTrue the input x, float32
 * @param samples S ≥ 1 reconstructions, each decoded from its own sample of Q(z|x): see `reparameterize`
 * @param options the deviation of a pixel: see {@link VaeResidualOptions}
 * @throws TypeError for what is no float32 tensor, no list of them, or an unknown option
 * @throws RangeError for a wrong or differing shape, an empty batch or list, or a sigma that is not > 0
 * @see Bergmann et al. 2019 (arXiv 1807.02011), section 3.1.1; An and Cho 2015, "Variational Autoencoder
 * based Anomaly Detection using Reconstruction Probability", algorithm 4
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import { reparameterize, vaeResidualMap } from 'ssim-ae';
 *
 * const decode = (z: tf.Tensor) => tf.reshape(tf.sigmoid(tf.tile(z, [1, 32])), [1, 16, 16, 1]);
 * const posterior = { mean: tf.zeros([1, 8]), logVariance: tf.zeros([1, 8]) };
 * const samples = [1, 2, 3].map((seed) => decode(reparameterize(posterior, { seed })));
 * console.log(vaeResidualMap(tf.zeros([1, 16, 16, 1]), samples).shape); // [1, 16, 16, 1]
 * ```
 */
export function vaeResidualMap(
  yTrue: Tensor,
  samples: readonly Tensor[] | Tensor,
  options: VaeResidualOptions = {},
): Tensor4D {
  checkOptionNames('vaeResidualMap', options, ['sigma']);
  const sigma = checkNumber('vaeResidualMap: sigma', options.sigma ?? 1, { above: 0 });
  checkImages('vaeResidualMap: yTrue', yTrue);
  return tidy(() => {
    const decoded = decodedSamples(yTrue, samples);
    const squares = decoded
      .map((sample) => squared(difference(yTrue, sample)))
      .reduce((total, square) => added(total, square));
    return shifted(
      scaled(sumOverChannels(squares), 1 / (2 * sigma ** 2 * decoded.length)),
      (yTrue.shape[3] / 2) * Math.log(2 * Math.PI * sigma ** 2),
    );
  });
}

function decodedSamples(yTrue: Tensor4D, samples: unknown): readonly Tensor4D[] {
  const list: readonly unknown[] = Array.isArray(samples) ? samples : unstacked(samples);
  if (list.length === 0) {
    throw new RangeError('vaeResidualMap: samples is empty; decode at least one sample of the posterior.');
  }
  return list.map((sample, index) => {
    const name = `samples[${index}]`;
    checkImages(`vaeResidualMap: ${name}`, sample);
    checkSameShape('vaeResidualMap', { name: 'yTrue', tensor: yTrue }, { name, tensor: sample });
    return sample;
  });
}

function unstacked(samples: unknown): readonly Tensor[] {
  checkFloatTensor('vaeResidualMap: samples', samples);
  if (samples.rank !== 5) {
    throw new RangeError(
      `vaeResidualMap: samples must be a list of tensors [batch, height, width, channels], or one tensor ` +
        `[samples, batch, height, width, channels], but got ${valueText(samples)}.`,
    );
  }
  return unstack(samples, 0);
}
