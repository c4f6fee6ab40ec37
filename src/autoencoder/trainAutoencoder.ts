import { add, mean, mul, tensor, tensor4d, tidy, variableGrads } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describeValue } from '../checks/describe.js';
import { furtherNames } from '../checks/namesElsewhere.js';
import {
  checkArguments,
  checkBoolean,
  checkNumber,
  checkOptionNames,
  checkWhole,
} from '../checks/options.js';
import { l1Loss } from '../pixels/l1Loss.js';
import { ssimLoss } from '../ssim/ssimLoss.js';
import { registerWasmTraining } from '../wasmTraining/registerWasmTraining.js';
import { adam } from './adam.js';
import { resolveSpoiling } from './corrupt.js';
import type { CorruptOptions } from './corrupt.js';
import { doubtsAboutTraining } from './doubts.js';
import type { Doubt } from './doubts.js';
import { drawPatches } from './drawPatches.js';
import type { PatchVariation } from './drawPatches.js';
import { checkModel, repairs } from './imageModel.js';
import { pause } from './pause.js';
import { picturesOf } from './picture.js';
import type { GoodImages, Picture } from './picture.js';
import { anySeed, randomFrom } from './random.js';
import { reproductionOf } from './reproduction.js';
import { riseAndFall } from './riseAndFall.js';
import { spoil } from './spoil.js';
import type { Spoiling } from './spoil.js';
import { pixelStatistics, standardise } from './standardise.js';

/** How far a training is. */
export interface TrainingProgress {
  /** The step that was made, counted from 1. */
  readonly step: number;
  /** The number of all steps. */
  readonly steps: number;
  /** A running mean of the loss. */
  readonly loss: number;
  /** Estimated from the steps so far. */
  readonly secondsLeft: number;
}

/** All that it takes to go on with a training, to the last digit. It can be stored with IndexedDB or sent from a worker. */
export interface TrainingState {
  /** The steps that were made. */
  readonly step: number;
  /** The number of all steps. */
  readonly steps: number;
  /** Patches in a step. */
  readonly batchSize: number;
  /** The seed of the patches. */
  readonly seed: number;
  /** The loss of every step so far. */
  readonly losses: readonly number[];
  /** The weights of the model. */
  readonly weights: readonly Float32Array[];
  /** The moments of the optimizer. */
  readonly moments: readonly Float32Array[];
}

/** Options of {@link trainAutoencoder}. */
export interface TrainAutoencoderOptions {
  /**
   * The loss of a batch, one number for each patch: any loss of this package, such as `ssimLoss`, or one of yours.
   * @default 1 − SSIM with a uniform window of 11 pixels, plus 0.2 · mean |x − x̂| / σ, σ the deviation of the pixels
   */
  readonly loss?: (yTrue: Tensor4D, yPred: Tensor4D) => Tensor;
  /**
   * The number of steps, whole, ≥ 1.
   * @default 3000
   */
  readonly steps?: number;
  /**
   * Patches in a step, whole, ≥ 1.
   * @default 8
   */
  readonly batchSize?: number;
  /**
   * The largest learning rate of Adam, > 0. It rises for a twentieth of the steps, then falls along a cosine to a hundredth.
   * @default 0.002
   */
  readonly learningRate?: number;
  /**
   * Is the model given spoilt patches, to learn to return them whole? If so, how: see `corrupt`.
   * @default true for models of the architecture 'repair', else false
   */
  readonly corrupt?: boolean | Omit<CorruptOptions, 'seed'>;
  /**
   * How patches vary beyond what the images show.
   * @default { rows: [0.5, 1.2] } where patches are spoilt, else {}
   */
  readonly vary?: PatchVariation;
  /**
   * Seed of the patches, any finite number; with it, and a seed of the model, the same backend gives the same weights to the last
   * digit. Without a seed, every call differs.
   * @default undefined
   */
  readonly seed?: number;
  /**
   * Called after every step.
   * @default undefined
   */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /**
   * Stops the training between two steps: it rejects with the signal's reason, and the model keeps the weights that it has.
   * @default undefined
   */
  readonly signal?: AbortSignal;
  /**
   * Called with all that it takes to go on, every `checkpointEvery` steps and when the signal stops the training.
   * @default undefined
   */
  readonly onCheckpoint?: (state: TrainingState) => void | Promise<void>;
  /**
   * Steps from one checkpoint to the next, whole, ≥ 1.
   * @default 100
   */
  readonly checkpointEvery?: number;
  /**
   * What `onCheckpoint` was given: the training goes on from there, with its steps, batch size and seed.
   * @default undefined
   */
  readonly resume?: TrainingState;
}

/** What {@link trainAutoencoder} found. */
export interface TrainedAutoencoder {
  /** The loss of every step. */
  readonly losses: readonly number[];
  /**
   * How much of the structure (SSIM) of good images that were held back is reproduced: 0 for the mean grey of each patch, 1 for a
   * perfect copy. A model that repairs is given spoilt patches.
   */
  readonly reproduced: number;
  /** How much of what was spoilt there is repaired, by squares: 0 for a copy, 1 for all of it; undefined unless patches are spoilt. */
  readonly repaired: number | undefined;
  /** Reasons not to trust the model yet. */
  readonly doubts: readonly Doubt[];
}

const optionNames = [
  'loss',
  'steps',
  'batchSize',
  'learningRate',
  'corrupt',
  'vary',
  'seed',
  'onProgress',
  'signal',
  'onCheckpoint',
  'checkpointEvery',
  'resume',
] as const satisfies readonly (keyof TrainAutoencoderOptions)[];

/** Patches of images that were held back, for the check at the end. */
const checked = 64;

/**
 * Trains an autoencoder on good images: on random patches of them, with Adam, a learning rate that rises and falls, and a check on
 * images that were held back.
 *
 * Each step draws `batchSize` patches from places of its own seed. A model of the architecture 'repair' is given them spoilt, as by
 * `corrupt`, and learns to return them whole; any other reproduces what it is given. Every eighth image is held back, at least one:
 * at the end it says how much is reproduced, and the doubts say what is wrong, if anything is.
 *
 * It runs on the active backend, also in a worker; on the wasm backend it registers what training needs there. It leaves room
 * for other work after every step, and takes the memory of one step.
 *
 * @param model from patches [N, size, size, channels] to the same: an `autoencoder`, or one of yours; its weights are changed
 * @param good good images in [0, 1], two at least, no smaller than a patch: a float32 tensor [N, H, W, C], or a list of tensors or
 * pixels; see {@link GoodImages}
 * @param options loss, steps and more: see {@link TrainAutoencoderOptions}
 * @throws TypeError for a model that is not a LayersModel, images that are neither float32 tensors nor pixels, or an unknown
 * option or argument, before any step
 * @throws RangeError for fewer than two images, one that is smaller than a patch, another number of channels, pixels that are NaN
 * or not in [0, 1], or a number out of range, before any step; an Error if the loss is no longer finite
 * @see Bergmann et al. 2019 (arXiv 1807.02011), section 4.1; Kingma and Ba 2015 (arXiv 1412.6980)
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-wasm';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { autoencoder, trainAutoencoder } from 'ssim-ae/autoencoder';
 *
 * await tf.setBackend('wasm');
 * const good = tf.randomUniform([4, 48, 48, 1], 0.4, 0.6);
 * const model = autoencoder({ size: 32, seed: 1 });
 * const { losses } = await trainAutoencoder(model, good, { steps: 3, seed: 1 });
 * console.log(losses.length); // 3
 * ```
 */
export async function trainAutoencoder(
  model: LayersModel,
  good: GoodImages,
  options: TrainAutoencoderOptions = {},
): Promise<TrainedAutoencoder> {
  const name = 'trainAutoencoder';
  checkArguments(name, arguments, 3);
  const imageModel = checkModel(name, model);
  const { size, channels } = imageModel;
  const settings = resolveOptions(name, options, model);
  const { steps, batchSize, seed, learningRate, variation, resume, signal } = settings;
  const pictures = await picturesOf(`${name}: good`, good, channels, size);
  if (pictures.length < 2) {
    throw new RangeError(
      `${name}: good must hold at least two images, since one is held back to check the model, but got ${pictures.length}; ` +
        `cut it into two.`,
    );
  }
  const isHeldBack = (index: number): boolean =>
    index % heldBackOf === heldBackOf - 1 || (pictures.length < heldBackOf && index === pictures.length - 1);
  const seen = pictures.filter((_, index) => !isHeldBack(index));
  const heldBack = pictures.filter((_, index) => isHeldBack(index));

  registerWasmTraining();
  const statistics = pixelStatistics(seen);
  const { deviation } = statistics;
  const spoiling: Spoiling | undefined = settings.spoiling && { ...settings.spoiling, deviation };
  const loss = options.loss ?? defaultLoss(size, channels, deviation);
  const variables = model.trainableWeights.map((weight) => weight.read() as Variable);
  const optimizer = adam(variables);
  const losses = [...(resume?.losses ?? [])];
  try {
    if (resume === undefined) standardise(model, statistics);
    else restore(name, model, optimizer.restore, resume, variables);
    const first = (resume?.step ?? 0) + 1;
    const state = async (step: number): Promise<TrainingState> => ({
      step,
      steps,
      batchSize,
      seed,
      losses: [...losses],
      weights: await valuesOf(model.getWeights()),
      moments: await valuesOf(optimizer.moments()),
    });
    const began = performance.now();
    let smoothed = losses.at(-1) ?? NaN;
    for (let step = first; step <= steps; step++) {
      if (signal?.aborted === true) {
        await options.onCheckpoint?.(await state(step - 1));
        signal.throwIfAborted();
      }
      const batch = batchOf(seen, batchSize, size, variation, spoiling, seed, step);
      const value = await stepOf(model, batch, [batchSize, size, size, channels], loss, (gradients) =>
        optimizer.apply(gradients, step, learningRate * riseAndFall(step / steps)),
      );
      if (!Number.isFinite(value)) {
        throw new Error(`${name}: the loss became ${value} at step ${step}; use a smaller learningRate.`);
      }
      losses.push(value);
      smoothed = Number.isNaN(smoothed) ? value : 0.9 * smoothed + 0.1 * value;
      const seconds = (performance.now() - began) / 1000;
      const secondsLeft = (seconds / (step - first + 1)) * (steps - step);
      options.onProgress?.({ step, steps, loss: smoothed, secondsLeft });
      if (step % settings.checkpointEvery === 0 && step < steps)
        await options.onCheckpoint?.(await state(step));
      await pause();
    }
  } finally {
    optimizer.dispose();
  }
  const { patches, given } = batchOf(
    heldBack,
    checked,
    size,
    variation,
    spoiling && { ...spoiling, whole: 0 },
    seed,
    0,
  );
  const reproduction = await reproductionOf(imageModel, patches, given);
  return {
    losses,
    reproduced: reproduction.structure,
    repaired: spoiling && reproduction.repaired,
    doubts: doubtsAboutTraining(losses, reproduction, spoiling !== undefined),
  };
}

/** One image of so many is held back. */
const heldBackOf = 8;

/** How the parts of the default loss are weighed: structure, and the grey values that SSIM hardly sees. */
const shareOfPixels = 0.2;

function defaultLoss(
  size: number,
  channels: number,
  deviation: number,
): (yTrue: Tensor4D, yPred: Tensor4D) => Tensor {
  const window = { windowType: 'uniform', windowSize: Math.min(11, size - 1 + (size % 2)) } as const;
  const weight = shareOfPixels / (size * size * channels * deviation);
  return (yTrue, yPred) => add(ssimLoss(yTrue, yPred, window), mul(l1Loss(yTrue, yPred), weight));
}

interface PatchesOfStep {
  readonly patches: Float32Array;
  /** What the model is given: these, or spoilt ones. */
  readonly given: Float32Array;
}

/** The patches of one step: each step has a seed of its own, so that any of them can be the first. */
function batchOf(
  pictures: readonly Picture[],
  count: number,
  size: number,
  variation: Required<PatchVariation>,
  spoiling: Spoiling | undefined,
  seed: number,
  step: number,
): PatchesOfStep {
  const random = randomFrom(seed, step);
  const patches = drawPatches(pictures, { count, size, variation }, random);
  if (spoiling === undefined) return { patches, given: patches };
  const { channels } = pictures[0]!;
  return { patches, given: spoil({ height: size, width: size, channels, data: patches }, spoiling, random) };
}

async function stepOf(
  model: LayersModel,
  { patches, given }: PatchesOfStep,
  shape: [number, number, number, number],
  loss: (yTrue: Tensor4D, yPred: Tensor4D) => Tensor,
  apply: (gradients: Record<string, Tensor>) => void,
): Promise<number> {
  const variables = model.trainableWeights.map((weight) => weight.read() as Variable);
  const value = tidy(() => {
    const x = tensor4d(patches, shape);
    const from = given === patches ? x : tensor4d(given, shape);
    const { value: mean_, grads } = variableGrads(
      () => mean(loss(x, model.apply(from, { training: true }) as Tensor4D)),
      variables,
    );
    apply(grads);
    return mean_;
  });
  const [first] = await value.data();
  value.dispose();
  return first!;
}

const valuesOf = (tensors: readonly Tensor[]): Promise<Float32Array[]> =>
  Promise.all(tensors.map(async (given) => (await given.data<'float32'>()).slice()));

function restore(
  name: string,
  model: LayersModel,
  restoreMoments: (moments: readonly Float32Array[]) => void,
  { weights, moments }: TrainingState,
  variables: readonly Variable[],
): void {
  const own = model.getWeights();
  const fits =
    weights.length === own.length &&
    weights.every(({ length }, k) => length === own[k]!.size) &&
    moments.length === 2 * variables.length;
  if (!fits) {
    throw new RangeError(
      `${name}: resume is of another model; make the model with the same options as before.`,
    );
  }
  tidy(() => model.setWeights(weights.map((values, k) => tensor(values.slice(), own[k]!.shape))));
  restoreMoments(moments);
}

interface Settings {
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly checkpointEvery: number;
  readonly variation: Required<PatchVariation>;
  readonly spoiling: Omit<Spoiling, 'deviation'> | undefined;
  readonly resume: TrainingState | undefined;
  readonly signal: AbortSignal | undefined;
}

function resolveOptions(name: string, options: TrainAutoencoderOptions, model: LayersModel): Settings {
  checkOptionNames(name, options, optionNames, furtherNames);
  const at = (option: keyof TrainAutoencoderOptions): string => `${name}: ${option}`;
  const { resume, signal, corrupt } = options;
  if (resume !== undefined && (typeof resume !== 'object' || !Array.isArray(resume.weights))) {
    throw new TypeError(
      `${at('resume')} must be what onCheckpoint was given, but got ${describeValue(resume)}.`,
    );
  }
  for (const option of ['loss', 'onProgress', 'onCheckpoint'] as const) {
    const value: unknown = options[option];
    if (value === undefined || typeof value === 'function') continue;
    throw new TypeError(`${at(option)} must be a function, but got ${describeValue(value)}.`);
  }
  if (signal !== undefined && typeof (signal as Partial<AbortSignal>).throwIfAborted !== 'function') {
    throw new TypeError(
      `${at('signal')} must be the signal of an AbortController, but got ${describeValue(signal)}.`,
    );
  }
  for (const option of ['steps', 'batchSize', 'seed'] as const) {
    const [before, now] = [resume?.[option], options[option]];
    if (before === undefined || now === undefined || before === now) continue;
    throw new RangeError(`${at(option)} is ${now}, but resume began with ${before}; leave it out to go on.`);
  }
  const spoils = typeof corrupt === 'object' || (corrupt ?? repairs(model));
  if (typeof corrupt !== 'object' && corrupt !== undefined) checkBoolean(at('corrupt'), corrupt);
  return {
    steps: checkWhole(at('steps'), options.steps ?? resume?.steps ?? 3000, { least: 1 }),
    batchSize: checkWhole(at('batchSize'), options.batchSize ?? resume?.batchSize ?? 8, { least: 1 }),
    learningRate: checkNumber(at('learningRate'), options.learningRate ?? 2e-3, { above: 0 }),
    seed: checkNumber(at('seed'), options.seed ?? resume?.seed ?? anySeed()),
    checkpointEvery: checkWhole(at('checkpointEvery'), options.checkpointEvery ?? 100, { least: 1 }),
    variation: resolveVariation(at('vary'), options.vary ?? {}, spoils),
    spoiling: spoils ? resolveSpoiling(at('corrupt'), typeof corrupt === 'object' ? corrupt : {}) : undefined,
    resume,
    signal,
  };
}

/** As a line camera stretches a pattern at another speed. A model that only reproduces needs more steps to learn such patches. */
const stretchedRows = [0.5, 1.2] as const;

function resolveVariation(prefix: string, vary: PatchVariation, spoils: boolean): Required<PatchVariation> {
  checkOptionNames(prefix, vary, ['flips', 'rows', 'columns', 'contrast'], furtherNames);
  const range = (name: 'rows' | 'columns'): readonly [number, number] => {
    const given: unknown = vary[name] ?? (spoils && name === 'rows' ? stretchedRows : [1, 1]);
    const where = `${prefix}: ${name}`;
    if (!Array.isArray(given) || given.length !== 2) {
      throw new TypeError(`${where} must be [least, most], but got ${describeValue(given)}.`);
    }
    const [least, most] = given.map((value: unknown, k) =>
      checkNumber(`${where}[${k}]`, value, { above: 0 }),
    );
    if (least! > most!) throw new RangeError(`${where} must be [least, most], but got [${least}, ${most}].`);
    return [least!, most!];
  };
  return {
    flips: checkBoolean(`${prefix}: flips`, vary.flips ?? false),
    rows: range('rows'),
    columns: range('columns'),
    contrast: checkNumber(`${prefix}: contrast`, vary.contrast ?? 1, { least: 1 }),
  };
}
