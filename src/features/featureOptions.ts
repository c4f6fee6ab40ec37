import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describeShape, describeValue } from '../checks/describe.js';
import { furtherNames, tensorNames } from '../checks/namesElsewhere.js';
import { checkChoice, checkNumber, checkOptionNames } from '../checks/options.js';
import { checkFloatTensor, checkSameShape } from '../checks/tensors.js';

/** How feature maps of two images are compared. */
export interface FeatureOptions {
  /**
   * The feature extractor F: any differentiable function of images, often the first layers of a pretrained
   * CNN (`(image) => model.apply(image)`). One tensor, or one for each layer, each [N, …]. If the network
   * expects scaled pixels, scale them in this function.
   */
  readonly features: (image: Tensor4D) => Tensor | Tensor[];
  /**
   * Weight of each layer, ≥ 0, as many as `features` gives.
   * @default 1 for each
   */
  readonly layerWeights?: readonly number[];
  /**
   * `unit` divides each feature vector, the channels at one position, by its length, as LPIPS does; `none`
   * leaves them unchanged.
   * @default 'none'
   */
  readonly normalize?: 'none' | 'unit';
}

/** {@link FeatureOptions}, checked. */
export interface ResolvedFeatureOptions {
  readonly features: (image: Tensor4D) => Tensor | Tensor[];
  readonly layerWeights: readonly number[] | undefined;
  readonly normalize: 'none' | 'unit';
}

/** Checks the options of the feature functions; `further` names those that only the caller has. */
export function resolveFeatureOptions(
  functionName: string,
  options: FeatureOptions,
  further: readonly string[],
): ResolvedFeatureOptions {
  checkOptionNames(
    functionName,
    options,
    ['features', 'layerWeights', 'normalize', ...further],
    tensorNames,
    furtherNames,
  );
  const { features, layerWeights } = options;
  if (typeof features !== 'function') {
    throw new TypeError(
      `${functionName}: features must be a function from images to a tensor or a list of tensors, ` +
        `such as (image) => model.apply(image), but got ${describeValue(features)}.`,
    );
  }
  if (layerWeights !== undefined) {
    if (!Array.isArray(layerWeights)) {
      throw new TypeError(
        `${functionName}: layerWeights must be a list of numbers, but got ${describeValue(layerWeights)}.`,
      );
    }
    layerWeights.forEach((weight: unknown, layer) =>
      checkNumber(`${functionName}: layerWeights[${layer}]`, weight, { least: 0 }),
    );
  }
  const normalize = checkChoice(`${functionName}: normalize`, options.normalize ?? 'none', ['none', 'unit']);
  return { features, layerWeights, normalize };
}

/** What `features` gave for a batch of images: tensors with that batch axis, as many as there are weights. */
export function checkLayers(
  functionName: string,
  result: unknown,
  batch: number,
  layerWeights: readonly number[] | undefined,
): readonly Tensor[] {
  const layers: readonly unknown[] = Array.isArray(result) ? result : [result];
  if (layers.length === 0) throw new RangeError(`${functionName}: features gave an empty list.`);
  if (layerWeights !== undefined && layerWeights.length !== layers.length) {
    throw new RangeError(
      `${functionName}: layerWeights has ${layerWeights.length} entries, but features gave ${layers.length} layers.`,
    );
  }
  return layers.map((layer, index) => {
    checkFloatTensor(`${functionName}: layer ${index} of features`, layer);
    if (layer.rank < 2 || layer.shape[0] !== batch) {
      throw new RangeError(
        `${functionName}: layer ${index} of features must have shape [${batch}, …], one row for each image, ` +
          `but got ${describeShape(layer.shape)}.`,
      );
    }
    return layer;
  });
}

/** The same layers for input and reconstruction. */
export function checkSameLayers(
  functionName: string,
  ofTrue: readonly Tensor[],
  ofPred: readonly Tensor[],
): void {
  if (ofTrue.length !== ofPred.length) {
    throw new RangeError(
      `${functionName}: features gave ${ofTrue.length} layers for yTrue, but ${ofPred.length} for yPred.`,
    );
  }
  ofTrue.forEach((tensor, layer) => {
    const other = ofPred[layer];
    if (other === undefined) return;
    checkSameShape(
      functionName,
      { name: `layer ${layer} of yTrue`, tensor },
      { name: `layer ${layer} of yPred`, tensor: other },
    );
  });
}
