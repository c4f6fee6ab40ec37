import { tile, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describeValue } from '../checks/describe.js';
import { checkArguments, checkOneArgument, checkNumber, checkOptionNames } from '../checks/options.js';
import { checkTensor } from '../checks/tensors.js';
import { scaled, shifted } from '../operations/elementwise.js';
import { sumOverChannels } from '../operations/reductions.js';
import { linear } from '../operations/withGradient.js';

/** The parts of a layers model that are used here: a `tf.LayersModel` has them. */
export interface FeatureModel {
  /** Its layers, with their names. */
  readonly layers: readonly {
    /** As in `model.summary()`. */
    readonly name: string;
    /** What it computes. */
    readonly output: unknown;
  }[];
  /** Its inputs, of which there must be one. */
  readonly inputs: readonly {
    /** Its size; null for an axis that can have any. */
    readonly shape: readonly (number | null)[];
  }[];
  /** Runs it up to the named outputs. */
  readonly execute: (inputs: Tensor, outputs: string[]) => Tensor | Tensor[];
}

/** Options of {@link featuresOf}. */
export interface FeaturesOfOptions {
  /**
   * The factor by which pixels are multiplied before they enter the network.
   * @default 1
   */
  readonly scale?: number;
  /**
   * The number that is added after the multiplication: { scale: 2, offset: −1 } maps [0, 1] to [−1, 1].
   * @default 0
   */
  readonly offset?: number;
}

/**
 * The outputs of a network's layers as features, for `featureMatchingLoss` and the feature residual maps.
 *
 * F(x) = (output of each layer) of the network at scale · x + offset. Gray images are repeated over the
 * channels that the network expects.
 *
 * Shapes: a function from [N, H, W, C] to one tensor [N, …] for each layer.
 * Range: as the layers.
 * Gradient: with respect to the image, where tfjs has the gradients of the network's ops on the active backend.
 *
 * @param model a `tf.LayersModel` with one input: from `tf.loadLayersModel`, or your own. Freeze it with
 * `model.trainable = false`; otherwise an optimizer without a list of variables trains it too
 * @param layerNames names of layers, as in `model.layers.map((layer) => layer.name)`
 * @param options scale and offset of the pixels: see {@link FeaturesOfOptions}
 * @throws TypeError if `model` is not a layers model or `layers` not a list of names, or for an unknown option or argument
 * @throws RangeError for a name that no layer has, or an empty list
 * @see Bergmann et al. 2019 (arXiv 1807.02011), section 3.1.2
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers, sequential } from '@tensorflow/tfjs-layers';
 * import { featureMatchingLoss, featuresOf } from 'ssim-ae';
 *
 * const network = sequential({
 *   layers: [
 *     layers.conv2d({ inputShape: [16, 16, 3], filters: 4, kernelSize: 3, name: 'first' }),
 *     layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, name: 'second' }),
 *   ],
 * });
 * const features = featuresOf(network, ['first', 'second'], { scale: 2, offset: -1 });
 * const gray = tf.randomUniform([2, 16, 16, 1]);
 * featureMatchingLoss(gray, gray, { features, layerWeights: [1, 0.5] }).print(); // [0, 0]
 * ```
 */
export function featuresOf(
  model: FeatureModel,
  layerNames: readonly string[],
  options: FeaturesOfOptions = {},
): (image: Tensor4D) => Tensor[] {
  checkArguments('featuresOf', arguments, 3);
  const where = 'featuresOf';
  const given = model as Partial<FeatureModel> | null | undefined;
  if (typeof given?.execute !== 'function' || !Array.isArray(given.layers) || !Array.isArray(given.inputs)) {
    throw new TypeError(
      `${where}: model must be a layers model, such as tf.loadLayersModel gives, but got ${describeValue(model)}.`,
    );
  }
  checkOptionNames(where, options, ['scale', 'offset']);
  const scale = checkNumber(`${where}: scale`, options.scale ?? 1);
  const offset = checkNumber(`${where}: offset`, options.offset ?? 0);
  const outputs = outputNames(model, layerNames);
  const inputShape = model.inputs[0]?.shape;
  const channels = inputShape?.[inputShape.length - 1] ?? undefined;
  return function (image) {
    checkOneArgument(where, arguments);
    checkTensor(`${where}: image`, image);
    return tidy(() => {
      const pixels = shifted(scaled(image, scale), offset);
      const wide = channels !== undefined && image.shape[3] === 1 ? repeated(pixels, channels) : pixels;
      const result = model.execute(wide, outputs);
      return Array.isArray(result) ? result : [result];
    });
  };
}

/** What `execute` calls the output of each layer. */
function outputNames(model: FeatureModel, layerNames: readonly string[]): string[] {
  if (!Array.isArray(layerNames)) {
    throw new TypeError(
      `featuresOf: layerNames must be a list of names of layers, but got ${describeValue(layerNames)}.`,
    );
  }
  if (layerNames.length === 0) {
    throw new RangeError('featuresOf: layerNames is empty; name at least one layer.');
  }
  return (layerNames as readonly string[]).map((name) => {
    const layer = model.layers.find((candidate) => candidate.name === name);
    if (layer === undefined) {
      const known = model.layers.map((candidate) => candidate.name).join(', ');
      throw new RangeError(`featuresOf: the model has no layer "${name}"; it has ${known}.`);
    }
    const output: unknown = Array.isArray(layer.output) ? layer.output[0] : layer.output;
    return (output as { readonly name: string }).name;
  });
}

/** One channel, repeated as often as a network needs it. */
function repeated(image: Tensor4D, channels: number): Tensor4D {
  if (channels === 1) return image;
  return linear<Tensor4D, Tensor4D>(
    image,
    (given) => tile(given, [1, 1, 1, channels]),
    (dy) => sumOverChannels(dy),
  );
}
