import { add, split } from '@tensorflow/tfjs-core';
import type { Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { initializers, input, layers, model } from '@tensorflow/tfjs-layers';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
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

export interface Network {
  /** From patches to their reconstruction: the model of the door, or a VAE by the mean of its posterior. */
  readonly whole: LayersModel;
  /** Those of a VAE. */
  readonly halves?: Halves;
}

/** Between them a VAE draws its latents. */
export interface Halves {
  /** Gives a mean and a log-variance for every latent. */
  readonly encoder: LayersModel;
  readonly decoder: LayersModel;
}

export function networkOf(name: ModelName, options: NetworkOptions): Network {
  const { size, channels, width, latent, seed } = options;
  const network: Network =
    name === 'VAE'
      ? vaeOf(options)
      : { whole: autoencoder({ architecture: 'paper', size, channels, width, latent, seed }) };
  const { encoder = network.whole, decoder } = network.halves ?? {};
  standardise(encoder, options);
  if (decoder !== undefined) standardise(decoder, options);
  if (options.initialiser === 'glorot') drawGlorot(variablesOf(network), seed);
  return network;
}

function vaeOf({ size, channels, width, latent, seed }: NetworkOptions): Network {
  const random = randomFrom(seed);
  const patch = input({ shape: [size, size, channels] });
  const code = input({ shape: [1, 1, latent] });
  const posterior = paperEncoder(affine('standardised', patch), { width, outputs: 2 * latent }, random);
  const decoded = paperDecoder(code, { width, size, channels }, random);
  const encoder = model({ inputs: patch, outputs: posterior });
  const decoder = model({ inputs: code, outputs: affine('pixels', decoded) });
  // The first half of the posterior is its mean. Built-in layers cut along rows and columns only, so that channels become rows.
  const asRows = layers.reshape({ targetShape: [2 * latent, 1, 1] }).apply(posterior);
  const meanRows = layers
    .cropping2D({
      cropping: [
        [0, latent],
        [0, 0],
      ],
    })
    .apply(asRows);
  const mean = layers.reshape({ targetShape: [1, 1, latent] }).apply(meanRows);
  const whole = model({
    inputs: patch,
    outputs: decoder.apply(mean) as SymbolicTensor,
    name: 'vae_autoencoder',
  });
  return { whole, halves: { encoder, decoder } };
}

export const variablesOf = ({ whole: { trainableWeights } }: Network): Variable[] =>
  // tfjs-layers hides the variable behind what it is called, but gives it.
  trainableWeights.map((weight) => weight.read() as Variable);

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
