import {
  mean,
  memory,
  mul,
  onesLike,
  stack,
  tensor,
  tensor4d,
  tidy,
  variableGrads,
} from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { featureMatchingLoss, l2Loss, reparameterize, ssimLoss } from '../../../src/index.js';
import { autoencoder } from '../../autoencoders/paper.js';
import type { Initialisation } from '../../autoencoders/paper.js';
import { featuresFrom } from '../../features/features.js';
import type { FeatureSource } from '../../features/features.js';
import { inspect } from '../../inspection/inspect.js';
import type { Inspection } from '../../inspection/inspect.js';
import type { Picture } from '../../pictures/dataset.js';
import { mapsOf } from '../judge/maps.js';
import type { MapName } from '../judge/maps.js';
import { Adam } from './adam.js';
import { objectiveOf, posteriorOf } from './objectives.js';
import type { Features, ModelName, Networks, Objective, ObjectiveOptions } from './objectives.js';

export interface LearnerOptions extends Omit<Initialisation, 'variational'>, ObjectiveOptions {
  readonly model: ModelName;
  readonly weightDecay: number;
  /** Pixels from tile to tile. */
  readonly stride: number;
  /** How many reconstructions of each tile a VAE decodes for its map. */
  readonly samples: number;
  readonly features: FeatureSource;
}

export interface Step {
  /** Counted from 1. */
  readonly number: number;
  readonly learningRate: number;
  readonly beta: number;
  readonly lambda: number;
}

/** Reconstructions of good patches, against the mean grey of each of them. */
export interface Check {
  /** 1 − (mean of 1 − SSIM) / (that of the mean grey): 1 if the texture comes back whole, 0 if nothing of it does. */
  readonly structure: number;
  /** 1 − (sum of squares) / (that of the mean grey): the share of the variance. */
  readonly variance: number;
}

/** Something that learns step by step: here, or in a browser. */
export interface Learner {
  /** One step of Adam; gives the loss before it. */
  readonly step: (patches: Float32Array, step: Step) => Promise<number>;
  /** Weights and moments. */
  readonly state: () => Promise<Float32Array[]>;
  readonly restore: (state: readonly Float32Array[]) => Promise<void>;
  /** The λ with which ℓ2 and feature distance of the mean grey of each patch are equally large. */
  readonly balance: (patches: Float32Array) => Promise<number>;
  /** What of the patches it gives back. */
  readonly check: (patches: Float32Array) => Promise<Check>;
  readonly inspect: (picture: Picture) => Promise<Inspection<MapName>>;
  /** Who computes, in words. */
  readonly device: string;
  readonly close: () => Promise<void>;
}

/** A model, its loss and its optimizer on the active backend. */
export class LocalLearner implements Learner {
  readonly #networks: Networks;
  readonly #variables: Variable[];
  readonly #adam: Adam;
  readonly #objective: Objective;
  readonly #features: Features;

  static async open(options: LearnerOptions, device: string): Promise<LocalLearner> {
    return new LocalLearner(options, await featuresFrom(options.features, options.channels), device);
  }

  private constructor(
    private readonly options: LearnerOptions,
    features: Features,
    readonly device: string,
  ) {
    this.#networks = autoencoder({ ...options, variational: options.model === 'VAE' });
    const { encoder, decoder } = this.#networks;
    this.#variables = [encoder, decoder].flatMap(({ trainableWeights }) =>
      // tfjs-layers hides the variable behind what it is called, but gives it.
      trainableWeights.map((weight) => weight.read() as Variable),
    );
    this.#adam = new Adam(this.#variables, options.weightDecay);
    this.#features = features;
    this.#objective = objectiveOf(options.model, this.#networks, options, features);
  }

  #images(patches: Float32Array): Tensor4D {
    const { size, channels } = this.options;
    return tensor4d(patches, [patches.length / (size * size * channels), size, size, channels]);
  }

  async step(patches: Float32Array, { number, learningRate, beta, lambda }: Step): Promise<number> {
    const { seed } = this.options;
    const before = memory().numTensors;
    const value = tidy(() => {
      const x = this.#images(patches);
      const { value: loss, grads } = variableGrads(
        () => mean(this.#objective(x, { seed: seed + number, beta, lambda })),
        this.#variables,
      );
      this.#adam.apply(grads, number, learningRate);
      return loss;
    });
    const [loss] = await value.data();
    value.dispose();
    if (memory().numTensors !== before) throw new Error(`step ${number} left tensors behind`);
    return loss!;
  }

  async state(): Promise<Float32Array[]> {
    const tensors = [...this.#variables, ...this.#adam.moments];
    return Promise.all(tensors.map(async (given) => (await given.data<'float32'>()).slice()));
  }

  restore(state: readonly Float32Array[]): Promise<void> {
    const shaped = (values: Float32Array, { shape }: Variable) => tensor(values, shape);
    this.#variables.forEach((variable, k) => {
      const value = shaped(state[k]!, variable);
      variable.assign(value);
      value.dispose();
    });
    const moments = state.slice(this.#variables.length);
    this.#adam.moments = moments.map((values, k) => shaped(values, this.#variables[k >> 1]!));
    return Promise.resolve();
  }

  async balance(patches: Float32Array): Promise<number> {
    const both = tidy(() => {
      const x = this.#images(patches);
      const grey = greyOf(x);
      const total = mean(featureMatchingLoss(x, grey, { features: this.#features }));
      return stack([mean(l2Loss(x, grey)), total]);
    });
    const [l2, total] = (await both.data<'float32'>()) as unknown as [number, number];
    both.dispose();
    // Blank images have neither.
    return total > l2 && l2 > 0 ? l2 / (total - l2) : 1;
  }

  async check(patches: Float32Array): Promise<Check> {
    const sums = tidy(() => {
      const x = this.#images(patches);
      const grey = greyOf(x);
      const { reconstruction } = this.reconstruct(x);
      return stack([ssimLoss, l2Loss].flatMap((loss) => [reconstruction, grey].map((y) => mean(loss(x, y)))));
    });
    const [ssim, ssimOfGrey, l2, l2OfGrey] = (await sums.data<'float32'>()) as unknown as [
      number,
      number,
      number,
      number,
    ];
    sums.dispose();
    const share = (own: number, grey: number): number => (grey > 0 ? 1 - own / grey : 0);
    return { structure: share(ssim, ssimOfGrey), variance: share(l2, l2OfGrey) };
  }

  inspect(picture: Picture): Promise<Inspection<MapName>> {
    const { samples, ssim, size, stride, seed, model } = this.options;
    return inspect(picture, { size, stride }, (x) => {
      const { reconstruction, decode } = this.reconstruct(x);
      const decoded =
        model === 'VAE' ? Array.from({ length: samples }, (_, k) => decode(seed + k)) : [reconstruction];
      return { reconstruction, maps: mapsOf(x, reconstruction, decoded, ssim, this.#features) };
    });
  }

  /** The reconstruction, and further ones from other samples of the posterior if the model is a VAE. */
  reconstruct(x: Tensor4D): { reconstruction: Tensor4D; decode: (seed: number) => Tensor4D } {
    const { encoder, decoder } = this.#networks;
    const decoded = (code: Tensor): Tensor4D => decoder.predict(code) as Tensor4D;
    if (this.options.model !== 'VAE') {
      const reconstruction = decoded(encoder.predict(x) as Tensor4D);
      return { reconstruction, decode: () => reconstruction };
    }
    const posterior = posteriorOf(encoder, x);
    return {
      reconstruction: decoded(posterior.mean),
      decode: (seed) => decoded(reparameterize(posterior, { seed })),
    };
  }

  close(): Promise<void> {
    this.#adam.dispose();
    this.#networks.encoder.dispose();
    this.#networks.decoder.dispose();
    return Promise.resolve();
  }
}

/** The mean of each image and channel, in every pixel. */
const greyOf = (x: Tensor4D): Tensor4D => mul<Tensor4D>(onesLike(x), mean(x, [1, 2], true));
