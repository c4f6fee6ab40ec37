import { sizeUnit } from '../autoencoders/small.js';
import { checkPatchSize, numberOf, parseFlags } from '../running/flags.js';

/** Smallest side of a patch, in pixels. */
const leastSize = 32;

export interface Arguments {
  readonly data: string | undefined;
  readonly steps: number;
  readonly size: number;
  readonly seed: number;
  readonly out: string;
}

export const usage = `Trains an autoencoder with the l2 loss and one with the SSIM loss on images without defects, and shows
which of them finds the defects in the test images.

  npm run quickstart -- [options]

  --data DIR   images in the MVTec AD layout: DIR/train/good/*.png, DIR/test/<kind>/*.png and
               DIR/ground_truth/<kind>/*_mask.png (docs/datasets.md); without it, woven fabric is drawn
  --steps N    training steps of each model (300)
  --size N     side of the square patches in pixels, a multiple of ${sizeUnit}, at least ${leastSize} (64)
  --seed N     seed of the fabric, the weights and the patches (1)
  --out DIR    folder for the picture and the numbers (quickstart-out); those of other settings stay beside them
  --help       this text
`;

/** The arguments, checked; undefined when only help is asked for. */
export function readArguments(argv: readonly string[]): Arguments | undefined {
  const values = parseFlags(argv, {
    data: { type: 'string' },
    steps: { type: 'string' },
    size: { type: 'string' },
    seed: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help === true) return undefined;
  const whole = (name: 'steps' | 'size' | 'seed', fallback: number, least: number): number => {
    const text = values[name];
    return text === undefined ? fallback : numberOf(name, text, least, 'whole ');
  };
  const size = whole('size', 64, leastSize);
  checkPatchSize(size, sizeUnit, leastSize);
  return {
    data: values.data,
    steps: whole('steps', 300, 1),
    size,
    seed: whole('seed', 1, 0),
    out: values.out ?? 'quickstart-out',
  };
}
