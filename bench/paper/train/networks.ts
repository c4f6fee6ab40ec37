import { add, split } from '@tensorflow/tfjs-core';
import type { Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { initializers, input, model } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { autoencoder } from '../../../src/autoencoder.js';
import { affine } from '../../../src/autoencoder/network.js';
import { paperDecoder, paperEncoder } from '../../../src/autoencoder/paperNetwork.js';
import { randomFrom } from '../../../src/autoencoder/random.js';
import { standardise } from '../../../src/autoencoder/standardise.js';
import type { PixelStatistics } from '../../../src/autoencoder/standardise.js';
import type { Posterior } from '../../../src/index.js';
import type { ModelName } from '../models.js';
import type { Settings } from '../settings.js';

export interface NetworkOptions
  extends PixelStatistics, Pick<Settings, 'size' | 'width' | 'latent' | 'initialiser' | 'seed'> {
  readonly channels: number;
}

/** The model of the door, or the halves of one between which a VAE draws its latents. */
export type Network = { readonly whole: LayersModel } | Halves;

export interface Halves {
  /** Gives a mean and a log-variance for every latent. */
  readonly encoder: LayersModel;
  readonly decoder: LayersModel;
}

export function networkOf(name: ModelName, options: NetworkOptions): Network {
  const { size, channels, width, latent, seed } = options;
  const network: Network =
    name === 'VAE'
      ? halvesOf(options)
      : { whole: autoencoder({ architecture: 'paper', size, channels, width, latent, seed }) };
  for (const part of partsOf(network)) standardise(part, options);
  if (options.initialiser === 'glorot') drawGlorot(variablesOf(network), seed);
  return network;
}

function halvesOf({ size, channels, width, latent, seed }: NetworkOptions): Halves {
  const random = randomFrom(seed);
  const patch = input({ shape: [size, size, channels] });
  const code = input({ shape: [1, 1, latent] });
  const posterior = paperEncoder(affine('standardised', patch), { width, outputs: 2 * latent }, random);
  const decoded = paperDecoder(code, { width, size, channels }, random);
  return {
    encoder: model({ inputs: patch, outputs: posterior }),
    decoder: model({ inputs: code, outputs: affine('pixels', decoded) }),
  };
}

export const partsOf = (network: Network): LayersModel[] =>
  'whole' in network ? [network.whole] : [network.encoder, network.decoder];

export const variablesOf = (network: Network): Variable[] =>
  partsOf(network).flatMap(({ trainableWeights }) =>
    // tfjs-layers hides the variable behind what it is called, but gives it.
    trainableWeights.map((weight) => weight.read() as Variable),
  );

/** Glorot and Bengio 2010, the default of tfjs-layers: by all places of a kernel, whether they meet a pixel or not. */
function drawGlorot(variables: readonly Variable[], seed: number): void {
  const random = randomFrom(seed);
  for (const variable of variables) {
    if (variable.rank !== 4) continue; // biases are 0
    const [height, width, from, to] = variable.shape as [number, number, number, number];
    const stddev = Math.sqrt(2 / ((from + to) * height * width));
    const kernel = initializers
      .randomNormal({ stddev, seed: 1 + Math.floor(random() * (2 ** 31 - 1)) })
      .apply(variable.shape);
    variable.assign(kernel);
    kernel.dispose();
  }
}

/** That of a VAE comes from the mean of the posterior. */
export const reconstructionOf = (network: Network, x: Tensor4D): Tensor4D =>
  'whole' in network
    ? (network.whole.apply(x) as Tensor4D)
    : (network.decoder.apply(posteriorOf(network, x).mean) as Tensor4D);

/**
 * With this log-variance a VAE begins, σ = 0.37: latents drawn as widely as their prior would drown what the encoder
 * says before the decoder has learnt to listen, and the posterior of a hard texture then collapses.
 */
const initialLogVariance = -2;

/** Mean and log-variance from what the encoder of a VAE gives, [N, 1, 1, 2 latent]. */
export function posteriorOf({ encoder }: Halves, x: Tensor4D): Posterior {
  const [mean, logVariance] = split(encoder.apply(x) as Tensor4D, 2, 3) as [Tensor4D, Tensor4D];
  return { mean, logVariance: add(logVariance, initialLogVariance) };
}
