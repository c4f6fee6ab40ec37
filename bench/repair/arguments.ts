import type { Corruption, PatchVariation } from '../../src/autoencoder.js';
import {
  checkPatchSize,
  choice,
  helpOf,
  number,
  range,
  readFlags,
  text,
  texts,
  toggle,
  whole,
} from '../running/flags.js';
import { InputError } from '../running/inputError.js';
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

const flags = {
  set: text(
    'SET',
    'fabric (drawn), a texture (one image file without defects), or a folder in the MVTec AD layout (fabric)',
  ),
  flaws: toggle('judge by good images with generated defects, not by the test images of the folder'),
  'stretch-tested': number(
    'F',
    'with --flaws: every second image is the upper part of it, F of its height, stretched to all of it (1)',
    0,
  ),
  steps: whole('N', 'training steps (3000)', 1),
  batch: whole('N', 'patches in a step (8)', 1),
  size: whole('N', 'side of the patches, a multiple of 8 (64)', 16),
  seed: whole('N', 'seed of what is drawn, of the weights and of the patches (1)'),
  loss: choice('NAME', `${lossNames.join(', ')} (default)`, lossNames),
  kinds: texts('A,B', 'kinds of spoilt places (all)'),
  places: whole('N', 'most spoilt places of a patch (8)', 1),
  flips: toggle('half of the patches are mirrored'),
  'stretch-rows': range('A,B', 'one row of a patch is made of A to B rows of the image (0.5,1.2)'),
  'stretch-columns': range('A,B', 'the same of columns (1,1)'),
  contrast: number('F', 'the largest factor of contrast (1)', 1),
  stride: whole('N', 'pixels from tile to tile (half of the side)', 1),
  weighting: choice('NAME', 'uniform or gaussian: how overlapping tiles are averaged (gaussian)', [
    'uniform',
    'gaussian',
  ]),
  uneven: toggle('maps are not made even along the edges of images'),
  maps: texts('A;B', 'only these residual maps', ';'),
  'least-area': whole('N', 'leave out defective images whose mask is smaller (1)', 1),
  aside: whole(
    'N',
    'do not train on N of the good images: they give a detector its thresholds, for rates of false alarms of 5 % and 1 %',
  ),
  out: text('DIR', 'folder of the trained models (repair-out); use another one for other code'),
};

export const usage = `Trains the repair model of ssim-ae/autoencoder, or takes the one that --out holds from the same settings, and judges several
residual maps and scores of images by it.

  npx tsx bench/repair/main.ts -- [options]

${helpOf(flags)}`;

/** The arguments, checked; undefined when only help is asked for. */
export function readArguments(argv: readonly string[]): Arguments | undefined {
  const values = readFlags(argv, flags);
  if (values === undefined) return undefined;
  const {
    size = 64,
    kinds,
    places,
    flips,
    contrast,
    'stretch-rows': rows,
    'stretch-columns': columns,
  } = values;
  checkPatchSize(size, 8, 16);
  const unknown = values.maps?.find((name) => !(name in maps));
  if (unknown !== undefined) {
    throw new InputError(`--maps: there is no "${unknown}"; there are ${Object.keys(maps).join('; ')}.`);
  }
  const stretchTested = values['stretch-tested'] ?? 1;
  if (stretchTested === 0 || stretchTested > 1) {
    throw new InputError(`--stretch-tested must be above 0 and at most 1, but got ${stretchTested}.`);
  }
  return {
    set: values.set ?? 'fabric',
    flaws: values.flaws ?? false,
    stretchTested,
    steps: values.steps ?? 3000,
    batchSize: values.batch ?? 8,
    size,
    seed: values.seed ?? 1,
    loss: values.loss ?? 'default',
    corrupt: {
      // trainAutoencoder says which of them it does not know.
      ...(kinds !== undefined && { kinds: kinds as Corruption[] }),
      ...(places !== undefined && { places }),
    },
    vary: {
      ...(flips === true && { flips }),
      ...(contrast !== undefined && { contrast }),
      ...(rows !== undefined && { rows }),
      ...(columns !== undefined && { columns }),
    },
    tiling: { stride: values.stride ?? size / 2, weighting: values.weighting ?? 'gaussian' },
    uneven: values.uneven ?? false,
    maps: values.maps,
    leastArea: values['least-area'] ?? 1,
    aside: values.aside ?? 0,
    out: values.out ?? 'repair-out',
  };
}
