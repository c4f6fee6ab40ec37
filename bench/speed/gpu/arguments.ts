import { helpOf, numberOf, readFlags, text, toggle } from '../../running/flags.js';
import { InputError } from '../../running/inputError.js';
import { planFlags } from '../arguments.js';
import type { Plan } from '../measure.js';
import { parseShapes } from '../rows/shapes.js';
import type { Shape } from '../rows/shapes.js';

const everyShape = '8x128x128x1,1x512x512x1,8x256x256x3,5x1080x1920x5';

const flags = {
  training: text('S,B', "side of the patches, and how many in a step of the paper's autoencoder [128,128]"),
  quick: toggle('tiny images, few runs: does it work at all?'),
  pack: text(
    'DIR',
    `measure nothing: make a folder that runs on a Linux machine (as this one is: x64 or arm64) without a
network, Node or npm: copy it there and start run.sh, which takes the options above`,
  ),
  ...planFlags,
};

export const usage = `SSIM on a GPU through webgpu in Node: fused against composed, a step of training, and how fast memory is. Without
--shapes: ${everyShape}.

  npm run bench:gpu -- [options]

${helpOf(flags)}`;

export interface Arguments {
  readonly shapes: readonly Shape[];
  readonly training: { readonly size: number; readonly batch: number };
  readonly plan: Plan;
  readonly out: string;
  readonly pack: string | undefined;
}

/** Undefined when help was asked for. */
export function readArguments(argv: readonly string[]): Arguments | undefined {
  const values = readFlags(argv, flags);
  if (values === undefined) return undefined;
  const { quick, pack, out = 'bench-out' } = values;
  const [size, batch] = (values.training ?? (quick ? '16,2' : '128,128')).split(',');
  return {
    shapes: values.shapes ?? parseShapes(quick ? '1x16x16x1,1x16x24x5' : everyShape),
    training: {
      size: sideOf(size ?? ''),
      batch: numberOf('training', batch ?? '', 1, 'whole '),
    },
    plan: {
      seconds: values.seconds ?? (quick ? 0.1 : 1.5),
      runs: values.runs ?? (quick ? 3 : 41),
      limit: values.limit ?? 20,
    },
    out,
    pack,
  };
}

function sideOf(given: string): number {
  const size = numberOf('training', given, 16, 'whole ');
  if (size % 16 !== 0)
    throw new InputError(`--training: patches must be a multiple of 16 wide, but got "${given}".`);
  return size;
}
