import { numberOf, parseFlags } from '../../running/flags.js';
import { InputError } from '../../running/inputError.js';
import type { Plan } from '../measure.js';
import { parseShapes } from '../rows/shapes.js';
import type { Shape } from '../rows/shapes.js';

export const usage = `SSIM on a GPU through webgpu in Node: fused against composed, a step of training, and how fast memory is.

  npm run bench:gpu -- [options]

  --shapes LIST    batch x height x width x channels [8x128x128x1,1x512x512x1,8x256x256x3,5x1080x1920x5]
  --training S,B   side of the patches, and how many in a step of the paper's autoencoder [128,128]
  --seconds S      to spend on each row and shape [1.5]
  --runs N         at most so many measurements of each [41]
  --limit S        leave out what takes longer for one call [20]
  --quick          tiny images, few runs: does it work at all?
  --out DIR        where the results go [bench-out]
  --pack DIR       measure nothing: make a folder that runs on a Linux machine (as this one is: x64 or arm64) without a
                   network, Node or npm: copy it there and start run.sh, which takes the options above`;

export interface Arguments {
  readonly shapes: readonly Shape[];
  readonly training: { readonly size: number; readonly batch: number };
  readonly plan: Plan;
  readonly out: string;
  readonly pack: string | undefined;
}

/** Undefined when help was asked for. */
export function readArguments(argv: readonly string[]): Arguments | undefined {
  const values = parseFlags(argv, {
    shapes: { type: 'string' },
    training: { type: 'string' },
    seconds: { type: 'string' },
    runs: { type: 'string' },
    limit: { type: 'string' },
    quick: { type: 'boolean', default: false },
    out: { type: 'string', default: 'bench-out' },
    pack: { type: 'string' },
    help: { type: 'boolean', default: false },
  });
  if (values.help) return undefined;
  const { quick, out, pack } = values;
  const shapes =
    values.shapes ?? (quick ? '1x16x16x1,1x16x24x5' : '8x128x128x1,1x512x512x1,8x256x256x3,5x1080x1920x5');
  const [size, batch] = (values.training ?? (quick ? '16,2' : '128,128')).split(',');
  return {
    shapes: shapesOf(shapes),
    training: {
      size: sideOf(size ?? ''),
      batch: numberOf('training', batch ?? '', 1, 'whole '),
    },
    plan: {
      seconds: numberOf('seconds', values.seconds ?? (quick ? '0.1' : '1.5'), 0),
      runs: numberOf('runs', values.runs ?? (quick ? '3' : '41'), 1, 'whole '),
      limit: numberOf('limit', values.limit ?? '20', 0),
    },
    out,
    pack,
  };
}

function shapesOf(text: string): Shape[] {
  try {
    return parseShapes(text);
  } catch (error) {
    throw new InputError((error as Error).message);
  }
}

function sideOf(text: string): number {
  const size = numberOf('training', text, 16, 'whole ');
  if (size % 16 !== 0)
    throw new InputError(`--training: patches must be a multiple of 16 wide, but got "${text}".`);
  return size;
}
