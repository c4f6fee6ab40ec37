import type { Corruption, PatchVariation } from '../../src/autoencoder.js';
import { InputError } from '../running/inputError.js';
import { checkPatchSize, numberOf, parseFlags } from '../running/flags.js';
import { losses } from './losses.js';
import type { LossName } from './losses.js';
import { maps } from './maps.js';
import type { Tiling } from './reconstructions.js';

export interface Arguments {
  /** `fabric`, the file of a texture, or the folder of a set. */
  readonly set: string;
  /** Are its own test images left aside for good ones with generated defects? */
  readonly flaws: boolean;
  /** Every second image with generated defects is made of so much of its height, stretched. */
  readonly stretchTested: number;
  readonly steps: number;
  readonly batchSize: number;
  readonly size: number;
  readonly seed: number;
  readonly loss: LossName;
  readonly corrupt: { readonly kinds?: readonly Corruption[]; readonly places?: number };
  readonly vary: PatchVariation;
  readonly leastArea: number;
  /** So many good images are not trained on, and give the thresholds of detectors. */
  readonly aside: number;
  readonly tiling: Tiling;
  readonly uneven: boolean;
  readonly maps: readonly string[] | undefined;
  readonly out: string;
}

const lossNames: readonly LossName[] = ['default', ...(Object.keys(losses) as LossName[])];

export const usage = `Trains the repair model of ssim-ae/autoencoder, or takes the one that --out holds from the same settings, and judges several
residual maps and scores of images by it.

  npx tsx bench/repair/main.ts -- [options]

  --set SET            fabric (drawn), a texture (one image file without defects), or a folder in the MVTec AD layout (fabric)
  --flaws              judge by good images with generated defects, not by the test images of the folder
  --stretch-tested F   with --flaws: every second image is the upper part of it, F of its height, stretched to all of it (1)
  --steps N            training steps (3000)
  --batch N            patches in a step (8)
  --size N             side of the patches, a multiple of 8 (64)
  --seed N             seed of what is drawn, of the weights and of the patches (1)
  --loss NAME          ${lossNames.join(', ')} (default)
  --kinds A,B          kinds of spoilt places (all)
  --places N           most spoilt places of a patch (8)
  --flips              half of the patches are mirrored
  --stretch-rows A,B   one row of a patch is made of A to B rows of the image (1,1)
  --contrast F         the largest factor of contrast (1)
  --stride N           pixels from tile to tile (half of the side)
  --weighting NAME     uniform or gaussian: how overlapping tiles are averaged (gaussian)
  --uneven             maps are not made even along the edges of images
  --maps A;B           only these residual maps
  --least-area N       leave out defective images whose mask is smaller (1)
  --aside N            do not train on N of the good images: they give a detector its thresholds, for rates of false alarms of 5 % and 1 %
  --out DIR            folder of the trained models (repair-out); use another one for other code
  --help               this text
`;

/** The arguments, checked; undefined when only help is asked for. */
export function readArguments(argv: readonly string[]): Arguments | undefined {
  const values = parseFlags(argv[0] === '--' ? argv.slice(1) : argv, {
    set: { type: 'string' },
    flaws: { type: 'boolean' },
    'stretch-tested': { type: 'string' },
    steps: { type: 'string' },
    batch: { type: 'string' },
    size: { type: 'string' },
    seed: { type: 'string' },
    loss: { type: 'string' },
    kinds: { type: 'string' },
    places: { type: 'string' },
    flips: { type: 'boolean' },
    'stretch-rows': { type: 'string' },
    contrast: { type: 'string' },
    stride: { type: 'string' },
    weighting: { type: 'string' },
    uneven: { type: 'boolean' },
    maps: { type: 'string' },
    'least-area': { type: 'string' },
    aside: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help === true) return undefined;
  const whole = (
    name: 'steps' | 'batch' | 'size' | 'seed' | 'places' | 'least-area' | 'stride' | 'aside',
    fallback: number,
    least: number,
  ): number => {
    const text = values[name];
    return text === undefined ? fallback : numberOf(name, text, least, 'whole ');
  };
  const size = whole('size', 64, 16);
  checkPatchSize(size, 8, 16);
  const loss = lossNames.find((name) => name === (values.loss ?? 'default'));
  if (loss === undefined) {
    throw new InputError(`--loss must be one of ${lossNames.join(', ')}, but got "${values.loss}".`);
  }
  const { weighting = 'gaussian' } = values;
  if (weighting !== 'uniform' && weighting !== 'gaussian') {
    throw new InputError(`--weighting must be uniform or gaussian, but got "${weighting}".`);
  }
  const unknown = values.maps?.split(';').find((name) => !(name in maps));
  if (unknown !== undefined) {
    throw new InputError(`--maps: there is no "${unknown}"; there are ${Object.keys(maps).join('; ')}.`);
  }
  const { kinds, contrast, 'stretch-rows': rows } = values;
  return {
    set: values.set ?? 'fabric',
    flaws: values.flaws ?? false,
    stretchTested: shareOf('stretch-tested', values['stretch-tested'] ?? '1'),
    steps: whole('steps', 3000, 1),
    batchSize: whole('batch', 8, 1),
    size,
    seed: whole('seed', 1, 0),
    loss,
    corrupt: {
      // trainAutoencoder says which of them it does not know.
      ...(kinds !== undefined && { kinds: kinds.split(',') as Corruption[] }),
      ...(values.places !== undefined && { places: whole('places', 8, 1) }),
    },
    vary: {
      ...(values.flips === true && { flips: true }),
      ...(contrast !== undefined && { contrast: numberOf('contrast', contrast, 1) }),
      ...(rows !== undefined && { rows: pairOf('stretch-rows', rows) }),
    },
    tiling: { stride: whole('stride', size / 2, 1), weighting },
    uneven: values.uneven ?? false,
    maps: values.maps?.split(';'),
    leastArea: whole('least-area', 1, 1),
    aside: whole('aside', 0, 0),
    out: values.out ?? 'repair-out',
  };
}

function pairOf(name: string, text: string): [number, number] {
  const parts = text.split(',').map((part) => numberOf(name, part, 0));
  if (parts.length !== 2 || parts[0]! > parts[1]! || parts[0] === 0) {
    throw new InputError(
      `--${name} must be two numbers above 0, the smaller first, such as 0.5,1; but got "${text}".`,
    );
  }
  return [parts[0]!, parts[1]!];
}

function shareOf(name: string, text: string): number {
  const share = numberOf(name, text, 0);
  if (share > 0 && share <= 1) return share;
  throw new InputError(`--${name} must be above 0 and at most 1, but got "${text}".`);
}
