import { parseArgs } from 'node:util';
import type { Plan } from './measure.js';
import { parseShapes } from './rows/shapes.js';
import type { Shape } from './rows/shapes.js';

export const usage = `The time of an SSIM loss and its gradient: this library, compositions of tfjs ops, other packages.

  npm run bench -- [options]

  --shapes LIST    batch x height x width x channels, as in 8x128x128x1,1x512x512x1
  --only LIST      rows whose names begin so, as in fused,torch,skimage
  --seconds S      to spend on each row and shape [1.5]
  --runs N         at most so many measurements of each [41]
  --limit S        leave out what takes longer for one call [20]
  --out DIR        where the results go [bench-out]
  --quick          two small shapes, few runs
  --no-growth      leave out other windows and channels
  --memory         peak memory of each row instead of its time (Linux)
  --training       what share of a training step the loss takes instead
  --peak           how near the kernel comes to what the machine can do instead`;

export interface Arguments {
  readonly shapes: readonly Shape[];
  readonly only: readonly string[] | undefined;
  readonly plan: Plan;
  readonly out: string;
  readonly quick: boolean;
  readonly growth: boolean;
  readonly mode: 'time' | 'memory' | 'training' | 'peak';
}

const everyShape =
  '8x64x64x1,8x128x128x1,16x128x128x1,1x256x256x1,1x512x512x1,8x256x256x3,1x1024x1024x1,1x2048x2048x1,1x4096x4096x1';

/** Undefined when help was asked for. */
export function readArguments(argv: readonly string[]): Arguments | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      shapes: { type: 'string' },
      only: { type: 'string' },
      seconds: { type: 'string' },
      runs: { type: 'string' },
      limit: { type: 'string' },
      out: { type: 'string', default: 'bench-out' },
      quick: { type: 'boolean', default: false },
      'no-growth': { type: 'boolean', default: false },
      memory: { type: 'boolean', default: false },
      training: { type: 'boolean', default: false },
      peak: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { quick, memory, training, peak } = values;
  const everyDefault = memory
    ? '8x128x128x1,1x1024x1024x1'
    : peak
      ? '8x128x128x1,1x512x512x1,8x256x256x3'
      : everyShape;
  return {
    shapes: parseShapes(values.shapes ?? (quick ? '8x64x64x1,8x128x128x1' : everyDefault)),
    only: values.only?.split(','),
    plan: {
      seconds: positive('--seconds', values.seconds ?? (quick ? '0.2' : '1.5')),
      runs: positive('--runs', values.runs ?? (quick ? '11' : '41')),
      limit: positive('--limit', values.limit ?? (quick ? '3' : '20')),
    },
    out: values.out,
    quick,
    growth: !values['no-growth'],
    mode: memory ? 'memory' : training ? 'training' : peak ? 'peak' : 'time',
  };
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new RangeError(`${name}: a positive number is needed, but got '${text}'.`);
  return number;
}
