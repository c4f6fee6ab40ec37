import {
  add,
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
import type { NamedTensorMap, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { adam } from '../../../src/autoencoder/adam.js';
import type { Adam } from '../../../src/autoencoder/adam.js';
import { reproductionOf } from '../../../src/autoencoder/reproduction.js';
import type { Reproduction } from '../../../src/autoencoder/reproduction.js';
import { featureMatchingLoss, l2Loss, reparameterize } from '../../../src/index.js';
import { savedModel } from '../../detectors/savedModel.js';
import type { SavedModel } from '../../detectors/savedModel.js';
import { featuresFrom } from '../../features/features.js';
import type { Features, FeatureSource } from '../../features/features.js';
import { inspect } from '../../inspection/inspect.js';
import type { Inspection } from '../../inspection/inspect.js';
import type { Picture } from '../../pictures/dataset.js';
import { residualMapsOf } from '../judge/maps.js';
import type { MapName } from '../judge/maps.js';
import type { ModelName } from '../models.js';
import { networkOf, posteriorOf, variablesOf } from './networks.js';
import type { Network, NetworkOptions } from './networks.js';
import { objectiveOf } from './objectives.js';
import type { Objective, ObjectiveOptions } from './objectives.js';

export interface LearnerOptions extends NetworkOptions, ObjectiveOptions {
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

/** Something that learns step by step: here, or in a browser. */
export interface Learner {
  /** One step of Adam; gives the loss before it. */
  readonly step: (patches: Float32Array, step: Step) => Promise<number>;
  /** Weights and moments. */
  readonly state: () => Promise<Float32Array[]>;
  readonly restore: (state: readonly Float32Array[]) => Promise<void>;
  /** The λ with which ℓ2 and feature distance of the mean grey of each patch are equally large. */
  readonly balance: (patches: Float32Array) => Promise<number>;
  /** How much of the patches it reproduces. */
  readonly check: (patches: Float32Array) => Promise<Reproduction>;
  readonly inspect: (picture: Picture) => Promise<Inspection<MapName>>;
  /** The model with thresholds from good images that it was not trained on. */
  readonly saved: (good: readonly Picture[]) => Promise<SavedModel>;
  /** Who computes, in words. */
  readonly device: string;
  readonly close: () => Promise<void>;
}

/** A model, its loss and its optimizer on the active backend. */
export class LocalLearner implements Learner {
  readonly #network: Network;
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
    this.#network = networkOf(options.model, options);
    this.#variables = variablesOf(this.#network);
    this.#adam = adam(this.#variables);
    this.#features = features;
    this.#objective = objectiveOf(options.model, this.#network, options, features);
  }

  #images(patches: Float32Array): Tensor4D {
    const { size, channels } = this.options;
    return tensor4d(patches, [patches.length / (size * size * channels), size, size, channels]);
  }

  async step(patches: Float32Array, { number, learningRate, beta, lambda }: Step): Promise<number> {
    const { seed, weightDecay } = this.options;
    const before = memory().numTensors;
    const value = tidy(() => {
      const x = this.#images(patches);
      const { value: loss, grads } = variableGrads(
        () => mean(this.#objective(x, { seed: seed + number, beta, lambda })),
        this.#variables,
      );
      this.#adam.apply(decayed(grads, this.#variables, weightDecay), number, learningRate);
      return loss;
    });
    const [loss] = await value.data();
    value.dispose();
    if (memory().numTensors !== before) throw new Error(`step ${number} left tensors behind`);
    return loss!;
  }

  async state(): Promise<Float32Array[]> {
    const tensors = [...this.#variables, ...this.#adam.moments()];
    return Promise.all(tensors.map(async (given) => (await given.data<'float32'>()).slice()));
  }

  restore(state: readonly Float32Array[]): Promise<void> {
    tidy(() => this.#variables.forEach((variable, k) => variable.assign(tensor(state[k]!, variable.shape))));
    this.#adam.restore(state.slice(this.#variables.length));
    return Promise.resolve();
  }

  async balance(patches: Float32Array): Promise<number> {
    const both = tidy(() => {
      const x = this.#images(patches);
      const grey = mul<Tensor4D>(onesLike(x), mean(x, [1, 2], true));
      const total = mean(featureMatchingLoss(x, grey, { features: this.#features }));
      return stack([mean(l2Loss(x, grey)), total]);
    });
    const [l2, total] = (await both.data<'float32'>()) as unknown as [number, number];
    both.dispose();
    // Blank images have neither.
    return total > l2 && l2 > 0 ? l2 / (total - l2) : 1;
  }

  check(patches: Float32Array): Promise<Reproduction> {
    const { size, channels } = this.options;
    return reproductionOf({ model: this.#network.whole, size, channels }, patches, patches);
  }

  inspect(picture: Picture): Promise<Inspection<MapName>> {
    const { ssim, size, stride } = this.options;
    return inspect(picture, {
      size,
      stride,
      reconstruct: (x) => this.reconstruct(x),
      residualMaps: residualMapsOf(ssim, this.#features, (x, y) => this.#samples(x, y)),
    });
  }

  saved(good: readonly Picture[]): Promise<SavedModel> {
    return savedModel(this.#network.whole, good);
  }

  reconstruct(x: Tensor4D): Tensor4D {
    return this.#network.whole.apply(x) as Tensor4D;
  }

  /** Reconstructions from samples of the posterior; a model that has none ranks pixels in the VAE map as in the ℓ2 map. */
  #samples(x: Tensor4D, reconstruction: Tensor4D): Tensor4D[] {
    const { halves } = this.#network;
    if (halves === undefined) return [reconstruction];
    const { samples, seed } = this.options;
    const posterior = posteriorOf(halves, x);
    return Array.from(
      { length: samples },
      (_, k) => halves.decoder.apply(reparameterize(posterior, { seed: seed + k })) as Tensor4D,
    );
  }

  close(): Promise<void> {
    this.#adam.dispose();
    this.#network.whole.dispose();
    return Promise.resolve();
  }
}

/** Weight decay is the ℓ2 penalty that the paper's framework adds to the gradient. */
export const decayed = (
  gradients: NamedTensorMap,
  variables: readonly Variable[],
  weightDecay: number,
): NamedTensorMap =>
  Object.fromEntries(
    variables.map((variable) => [variable.name, add(gradients[variable.name]!, mul(variable, weightDecay))]),
  );
