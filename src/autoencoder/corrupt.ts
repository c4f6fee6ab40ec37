import { tensor4d } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describeValue } from '../checks/describe.js';
import { furtherNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkChoice, checkNumber, checkOptionNames, checkWhole } from '../checks/options.js';
import { checkImages } from '../checks/tensors.js';
import { anySeed, randomFrom } from './random.js';
import { corruptions, spoil } from './spoil.js';
import type { Corruption, Spoiling } from './spoil.js';
import { pixelStatistics } from './standardise.js';

/** Options of {@link corrupt}. */
export interface CorruptOptions {
  /**
   * The ways in which places are spoilt. `pieces`: of another image of the batch; `turned`, `moved`: of the image itself;
   * `smoothed`; `shaded`: another brightness and contrast; `noise`; `threads`: bent lines; `blobs`: of one colour. Rims are hard or
   * soft.
   * @default all of them
   */
  readonly kinds?: readonly Corruption[];
  /**
   * The largest number of places in one image, whole, ≥ 1; each image gets from one to so many.
   * @default 8
   */
  readonly places?: number;
  /**
   * The share of images that stay whole, from 0 to 1.
   * @default 0
   */
  readonly whole?: number;
  /**
   * Seed of all that is drawn, any finite number; a seed spoils the same images in the same way. Without a seed, every call differs.
   * @default undefined
   */
  readonly seed?: number;
}

/**
 * Images with spoilt places, from which an autoencoder learns to repair: pieces from elsewhere, turned, moved, smoothed or shaded
 * ones, noise, threads and blobs.
 *
 * y = x + a (v − x): a is the cover of a place, 0 to 1, and v what it is spoilt with. Shades, noise and contrasts are drawn in units
 * of the standard deviation of all pixels.
 *
 * Shapes: [N, H, W, C] → the same.
 * Range: [0, 1].
 * Gradient: none.
 *
 * @param images good images in [0, 1], float32
 * @param options kinds, how many places, and the seed: see {@link CorruptOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, or an unknown kind, option or argument
 * @throws RangeError for a wrong shape, an empty batch, no kinds, or a number out of range
 * @see Zavrtanik, Kristan and Skočaj 2021, "Reconstruction by inpainting for visual anomaly detection"
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { corrupt } from 'ssim-ae/autoencoder';
 *
 * const images = tf.fill([2, 32, 32, 1], 0.5);
 * const spoilt = await corrupt(images, { kinds: ['blobs'], whole: 0, seed: 1 });
 * console.log(spoilt.shape); // [2, 32, 32, 1]
 * ```
 */
export async function corrupt(images: Tensor, options: CorruptOptions = {}): Promise<Tensor4D> {
  checkArguments('corrupt', arguments, 2);
  checkImages('corrupt: images', images, 'divide');
  const resolved = resolveSpoiling('corrupt', options);
  const random = randomFrom(options.seed ?? anySeed());
  const [, height, width, channels] = images.shape;
  const data = await images.data<'float32'>();
  const { deviation } = pixelStatistics([{ height, width, channels, data }]);
  return tensor4d(spoil({ height, width, channels, data }, { ...resolved, deviation }, random), images.shape);
}

/** The options, checked; `prefix` leads to them in messages. */
export function resolveSpoiling(prefix: string, options: CorruptOptions): Omit<Spoiling, 'deviation'> {
  checkOptionNames(prefix, options, ['kinds', 'places', 'whole', 'seed'], furtherNames);
  const kinds: unknown = options.kinds ?? corruptions;
  if (!Array.isArray(kinds)) {
    throw new TypeError(`${prefix}: kinds must be a list of names, but got ${describeValue(kinds)}.`);
  }
  if (kinds.length === 0) throw new RangeError(`${prefix}: kinds is empty; leave it out for all of them.`);
  if (options.seed !== undefined) checkNumber(`${prefix}: seed`, options.seed);
  return {
    kinds: kinds.map((kind: unknown, k) => checkChoice(`${prefix}: kinds[${k}]`, kind, corruptions)),
    most: checkWhole(`${prefix}: places`, options.places ?? 8, { least: 1 }),
    whole: checkNumber(`${prefix}: whole`, options.whole ?? 0, { least: 0, most: 1 }),
  };
}
