import { checkPatchSize, helpOf, readFlags, text, whole } from '../running/flags.js';

/** Sides of patches are a multiple of this: the encoder halves them. */
const sizeUnit = 8;
/** Smallest side of a patch, in pixels. */
const leastSize = 32;

export interface Arguments {
  readonly data: string | undefined;
  readonly steps: number;
  readonly size: number;
  readonly seed: number;
  readonly out: string;
}

const flags = {
  data: text(
    'DIR',
    `images in the MVTec AD layout: DIR/train/good/*.png, DIR/test/<kind>/*.png and
DIR/ground_truth/<kind>/*_mask.png (docs/datasets.md); without it, woven fabric is drawn`,
  ),
  steps: whole('N', 'training steps of each model (400)', 1),
  size: whole(
    'N',
    `side of the square patches in pixels, a multiple of ${sizeUnit}, at least ${leastSize} (64)`,
    leastSize,
  ),
  seed: whole('N', 'seed of the fabric, the weights and the patches (1)'),
  out: text(
    'DIR',
    'folder for the picture and the numbers (quickstart-out); those of other settings stay beside them',
  ),
};

export const usage = `Trains an autoencoder with the l2 loss and one with the SSIM loss on images without defects, and shows
which of them finds the defects in the test images.

  npm run quickstart -- [options]

${helpOf(flags)}`;

/** The arguments, checked; undefined when only help is asked for. */
export function readArguments(argv: readonly string[]): Arguments | undefined {
  const values = readFlags(argv, flags);
  if (values === undefined) return undefined;
  const { data, steps = 400, size = 64, seed = 1, out = 'quickstart-out' } = values;
  checkPatchSize(size, sizeUnit, leastSize);
  return { data, steps, size, seed, out };
}
