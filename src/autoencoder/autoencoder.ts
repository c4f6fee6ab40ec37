import { input, model } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { furtherNames } from '../checks/namesElsewhere.js';
import {
  checkOneArgument,
  checkChoice,
  checkNumber,
  checkOptionNames,
  checkWhole,
} from '../checks/options.js';
import { affine } from './network.js';
import { paperNetwork } from './paperNetwork.js';
import { anySeed, randomFrom } from './random.js';
import { repairNetwork } from './repairNetwork.js';
import { standardise, unknownStatistics } from './standardise.js';

/** Options of {@link autoencoder}. */
export interface AutoencoderOptions {
  /**
   * `repair`: a small U-Net, which learns to repair patches that were spoilt. `paper`: the one of Bergmann et al. 2019, whose
   * code of a few numbers holds no defect.
   * @default 'repair'
   */
  readonly architecture?: 'repair' | 'paper';
  /**
   * Side of the square patches in pixels: a multiple of 8 for `repair`, of 16 for `paper`.
   * @default 64
   */
  readonly size?: number;
  /**
   * Channels of the images, 1 for grey and 3 for colour.
   * @default 1
   */
  readonly channels?: number;
  /**
   * What the numbers of filters are multiplied by, > 0.
   * @default 1
   */
  readonly width?: number;
  /**
   * The length of the code, for `paper` only.
   * @default 100
   */
  readonly latent?: number;
  /**
   * Seed of the initial weights, any finite number. Without a seed, every call differs.
   * @default undefined
   */
  readonly seed?: number;
}

/** The side of a patch is a multiple of this. */
const units = { repair: 8, paper: 16 } as const;

/**
 * An autoencoder for `trainAutoencoder`, of built-in layers only: `loadLayersModel` reads it without this package.
 *
 * It takes and returns images in [0, 1] and works on standardised ones inside; training sets their mean and deviation from the
 * good images. Its initial weights keep the variance from layer to layer, and the first reconstruction is nearly the mean grey.
 *
 * `repair` halves the patch three times (16, 32 and 48 filters) and passes every level on to the decoder: it reproduces sharply,
 * and learns from spoilt patches what does not belong. `paper` has nine convolutions down to a code of `latent` numbers, and
 * their mirror image.
 *
 * Shapes: [N, size, size, channels] → the same.
 *
 * @param options architecture and sizes: see {@link AutoencoderOptions}
 * @throws TypeError for an unknown option or architecture, or a `latent` for an architecture without one
 * @throws RangeError for a size that is not a multiple of 8 or 16, or a number out of range
 * @see Bergmann et al. 2019 (arXiv 1807.02011), table 1; Ronneberger et al. 2015 (arXiv 1505.04597)
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { autoencoder } from 'ssim-ae/autoencoder';
 *
 * const model = autoencoder({ size: 32, channels: 3, seed: 1 });
 * console.log(model.name); // repair_autoencoder
 * ```
 */
export function autoencoder(options: AutoencoderOptions = {}): LayersModel {
  checkOneArgument('autoencoder', arguments);
  checkOptionNames(
    'autoencoder',
    options,
    ['architecture', 'size', 'channels', 'width', 'latent', 'seed'],
    furtherNames,
  );
  const at = (name: keyof AutoencoderOptions): string => `autoencoder: ${name}`;
  const architecture = checkChoice(at('architecture'), options.architecture ?? 'repair', ['repair', 'paper']);
  const unit = units[architecture];
  const size = checkWhole(at('size'), options.size ?? 64, { least: unit });
  if (size % unit !== 0) {
    const lower = size - (size % unit);
    throw new RangeError(
      `${at('size')} must be a multiple of ${unit}, but got ${size}; use ${lower} or ${lower + unit}.`,
    );
  }
  const channels = checkWhole(at('channels'), options.channels ?? 1, { least: 1 });
  const width = checkNumber(at('width'), options.width ?? 1, { above: 0 });
  const latent = checkWhole(at('latent'), options.latent ?? 100, { least: 1 });
  if (options.latent !== undefined && architecture !== 'paper') {
    throw new TypeError(
      `${at('latent')} is the length of the code of 'paper', and '${architecture}' has none; leave it out.`,
    );
  }
  const random = randomFrom(checkNumber(at('seed'), options.seed ?? anySeed()));

  const inputs = input({ shape: [size, size, channels] });
  const x = affine('standardised', inputs);
  const y =
    architecture === 'repair'
      ? repairNetwork(x, { width }, random)
      : paperNetwork(x, { width, latent }, random);
  const made = model({ inputs, outputs: affine('pixels', y), name: `${architecture}_autoencoder` });
  standardise(made, unknownStatistics);
  return made;
}
