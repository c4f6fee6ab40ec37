import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describeValue } from '../checks/describe.js';
import { furtherNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkNumber, checkOptionNames, checkWhole } from '../checks/options.js';
import { thresholdAtFalseAlarmRate } from '../segmentation/thresholdAtFalseAlarmRate.js';
import { thresholdAtQuantile } from '../segmentation/thresholdAtQuantile.js';
import { registerWasmTraining } from '../wasmTraining/registerWasmTraining.js';
import { detectorOf, mapByName, mapOf, scoreOf } from './detector.js';
import type { DefectDetector } from './detector.js';
import { drawPatches, unvaried } from './drawPatches.js';
import { checkModel } from './imageModel.js';
import type { ImageModel } from './imageModel.js';
import { medianOf } from './median.js';
import { pause } from './pause.js';
import { picturesOf } from './picture.js';
import type { GoodImages, Picture } from './picture.js';
import { randomFrom } from './random.js';
import { reproductionOf } from './reproduction.js';
import { detectorMaps } from './residualMaps.js';
import type { DetectorMap, ResidualMap } from './residualMaps.js';
import { isUntouched } from './standardise.js';

/** Options of {@link defectDetector}. */
export interface DefectDetectorOptions {
  /**
   * How image and reconstruction are compared. `l1AndGms`: √(d · (d / 4 + g)) with d = (ℓ1 + 19 s) / 20, where ℓ1 is the mean of |x − x̂| over
   * channels; s is |L ∗ G ∗ (x − x̂)| of their mean, G a Gaussian of σ = 1.5 pixels and L one of σ = 5 along a line, the largest of four
   * directions; and g is 1 − GMS, the gradient magnitude similarity, over three scales, all three smoothed by a Gaussian of σ = 3.
   * `smoothedL1`: |x − x̂|, summed over channels and smoothed likewise; `ssim`: 1 − SSIM with a uniform window of 11; or any residual map
   * [N, H, W, 1], which then has to be given to `loadDetector` too.
   * @default 'l1AndGms'
   */
  readonly residualMap?: DetectorMap | ResidualMap;
  /**
   * The share of good images that may be called defective, above 0 and below 1. It takes at least 1 / rate − 1 good images.
   * @default 0.01
   */
  readonly falseAlarmRate?: number;
  /**
   * The share of the pixels of good images that lie above the threshold of the mask, above 0 and below 1. It says how far the mask of
   * a defect reaches; it causes no false alarm.
   * @default 0.005
   */
  readonly pixelFalseAlarmRate?: number;
  /**
   * The least number of connected pixels of a defect, whole, ≥ 1.
   * @default 1
   */
  readonly minimumArea?: number;
  /**
   * Pixels from one tile to the next, whole, from 1 to the size of a patch: less takes longer.
   * @default half of the size of a patch
   */
  readonly stride?: number;
  /**
   * Called after every good image.
   * @default undefined
   */
  readonly onProgress?: (done: number, total: number) => void;
  /**
   * Stops it: it then rejects with the signal's reason.
   * @default undefined
   */
  readonly signal?: AbortSignal;
}

/** Patches of good images, to see whether the model is trained at all. */
const tried = 32;
/** A trained model reproduces at least this share. */
const leastReproduced = 0.01;
/** Pixels of all good images together that the threshold of pixels is taken from. */
const mostPixels = 2e6;

/**
 * A detector of defects with a stated rate of false alarms: a trained model, and thresholds from good images that it was not
 * trained on.
 *
 * The score of an image is the residual that `minimumArea` connected pixels reach; the threshold is that of
 * `thresholdAtFalseAlarmRate` over the scores of the good images. If a new good image is drawn as they were, it is called defective with a
 * probability ≤ falseAlarmRate. The mask of a defective image holds the regions around such pixels, as far as the map lies above nearly
 * all good pixels.
 *
 * Images are reconstructed in overlapping tiles, whose reconstructions are averaged with Gaussian weights: they may be of any size from a
 * patch on. Along the edges of an image, where a model sees nothing beyond, even good images are reproduced worse; a map of this package
 * is divided there by how much: the median of the two rows or columns at each distance from the edge, over that of those further in.
 *
 * @param model a trained model: see `trainAutoencoder`
 * @param good good images that the model was not trained on, taken as later ones will be: see {@link GoodImages}
 * @param options map, rate and more: see {@link DefectDetectorOptions}
 * @throws TypeError for a model that is not a LayersModel, images that are neither float32 tensors nor pixels, or an unknown
 * residual map, option or argument
 * @throws RangeError for too few good images for the rate, one that is smaller than a patch, another number of channels, pixels
 * that are NaN or not in [0, 1], a number out of range, or a model that is not trained
 * @see Bergmann et al. 2019 (arXiv 1807.02011), section 4; Vovk, Gammerman and Shafer 2005, "Algorithmic Learning in a Random World"
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-wasm';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { autoencoder, defectDetector, trainAutoencoder } from 'ssim-ae/autoencoder';
 *
 * await tf.setBackend('wasm');
 * const shift = tf.reshape(tf.range(0, 24), [24, 1, 1, 1]);
 * const stripes = tf.add(0.5, tf.mul(0.3, tf.sin(tf.add(shift, tf.reshape(tf.range(0, 48), [1, 1, 48, 1])))));
 * const good = tf.tile(stripes, [1, 48, 1, 1]);
 * const model = autoencoder({ size: 32, seed: 1 });
 * await trainAutoencoder(model, tf.slice(good, 0, 12), { steps: 40, seed: 1 });
 *
 * const detector = await defectDetector(model, tf.slice(good, 12, 12), { falseAlarmRate: 0.1 });
 * const hole = tf.sub(1, tf.pad(tf.ones([1, 10, 10, 1]), [[0, 0], [20, 18], [9, 29], [0, 0]]));
 * const { defective, regions } = await detector.inspect(tf.mul(tf.slice(good, 3, 1), hole));
 * console.log(defective); // true
 * console.log(regions.length > 0); // true
 * ```
 */
export async function defectDetector(
  model: LayersModel,
  good: GoodImages,
  options: DefectDetectorOptions = {},
): Promise<DefectDetector> {
  const name = 'defectDetector';
  checkArguments(name, arguments, 3);
  const imageModel = checkModel(name, model);
  const { size, channels } = imageModel;
  checkOptionNames(
    name,
    options,
    ['residualMap', 'falseAlarmRate', 'pixelFalseAlarmRate', 'minimumArea', 'stride', 'onProgress', 'signal'],
    furtherNames,
  );
  const at = (option: keyof DefectDetectorOptions): string => `${name}: ${option}`;
  const { named, residualMap } = resolveMap(at('residualMap'), options.residualMap);
  const falseAlarmRate = checkNumber(at('falseAlarmRate'), options.falseAlarmRate ?? 0.01, {
    above: 0,
    below: 1,
  });
  const pixelRate = checkNumber(at('pixelFalseAlarmRate'), options.pixelFalseAlarmRate ?? 0.005, {
    above: 0,
    below: 1,
  });
  const minimumArea = checkWhole(at('minimumArea'), options.minimumArea ?? 1, { least: 1 });
  const stride = checkWhole(at('stride'), options.stride ?? Math.max(1, Math.floor(size / 2)), {
    least: 1,
    most: size,
  });
  const { onProgress, signal } = options;
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new TypeError(`${at('onProgress')} must be a function, but got ${describeValue(onProgress)}.`);
  }
  if (signal !== undefined && typeof (signal as Partial<AbortSignal>).throwIfAborted !== 'function') {
    throw new TypeError(
      `${at('signal')} must be the signal of an AbortController, but got ${describeValue(signal)}.`,
    );
  }
  const pictures = await picturesOf(`${name}: good`, good, channels, size);
  checkCount(name, pictures.length, falseAlarmRate);

  registerWasmTraining();
  await checkTrained(name, imageModel, pictures);
  const scores: number[] = [];
  const samples: Float32Array[] = [];
  let highestMedian = 0;
  for (const picture of pictures) {
    const map = await mapOf(imageModel, residualMap, { stride, residualMap: named }, picture, signal);
    scores.push(scoreOf(map, picture, minimumArea));
    highestMedian = Math.max(highestMedian, medianOf(map));
    samples.push(sampleOf(map, Math.ceil(mostPixels / pictures.length)));
    onProgress?.(scores.length, pictures.length);
    await pause();
  }
  signal?.throwIfAborted();
  const threshold = thresholdAtFalseAlarmRate(scores, falseAlarmRate);
  return detectorOf(imageModel, residualMap, {
    version: 1,
    residualMap: named,
    stride,
    minimumArea,
    falseAlarmRate,
    threshold,
    pixelThreshold: Math.min(threshold, thresholdAtQuantile(joined(samples), 1 - pixelRate)),
    highestMedian,
  });
}

export function resolveMap(
  where: string,
  given: unknown = 'l1AndGms',
): { readonly named: DetectorMap | 'custom'; readonly residualMap: ResidualMap } {
  if (typeof given === 'function') return { named: 'custom', residualMap: given as ResidualMap };
  const named = Object.keys(detectorMaps).find((candidate) => candidate === given) as DetectorMap | undefined;
  if (named === undefined) {
    const names = Object.keys(detectorMaps).map((candidate) => `'${candidate}'`);
    throw new TypeError(
      `${where} must be one of ${names.join(', ')}, or a function of (yTrue, yPred), but got ${describeValue(given)}.`,
    );
  }
  return { named, residualMap: mapByName(named) };
}

/** Enough images for the rate, before any of them is looked at. */
function checkCount(name: string, count: number, rate: number): void {
  if (Math.floor((count + 1) * rate * (1 + 2 * Number.EPSILON)) > 0) return;
  const least = Math.ceil((1 / rate) * (1 - 2 * Number.EPSILON)) - 1;
  const enough = Math.ceil(1000 / (count + 1)) / 1000;
  throw new RangeError(
    `${name}: a false alarm rate of ${rate} takes at least ${least} good images that were not trained on, but got ${count}; ` +
      `give more of them, or falseAlarmRate: ${enough < 1 ? enough : 0.5} or more${count < 2 ? ' and two images' : ''}.`,
  );
}

async function checkTrained(
  name: string,
  imageModel: ImageModel,
  pictures: readonly Picture[],
): Promise<void> {
  const drawn = { count: tried, size: imageModel.size, variation: unvaried };
  const patches = drawPatches(pictures, drawn, randomFrom(0));
  const { structure, variance } = await reproductionOf(imageModel, patches, patches);
  if (Math.max(structure, variance) >= leastReproduced && !(await isUntouched(imageModel.model))) return;
  throw new RangeError(
    `${name}: model is not trained: it reproduces no more of these good images than the mean grey of each patch does; train it first, with ` +
      `trainAutoencoder(model, good).`,
  );
}

/** Every so many-th value, so that there are at most so many. */
function sampleOf(values: Float32Array, most: number): Float32Array {
  const step = Math.ceil(values.length / most);
  return step === 1 ? values : values.filter((_, k) => k % step === 0);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
