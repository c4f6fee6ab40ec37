import { helpOf, number, readFlags, text, texts, toggle, whole } from '../running/flags.js';
import type { Flag } from '../running/flags.js';
import type { Plan } from './measure.js';
import { parseShapes } from './rows/shapes.js';
import type { Shape } from './rows/shapes.js';

const shapes: Flag<Shape[]> = {
  value: 'LIST',
  help: 'batch x height x width x channels, as in 8x128x128x1,1x512x512x1',
  read: parseShapes,
};

/** What is measured, how long and where to. */
export const planFlags = {
  shapes,
  seconds: number('S', 'to spend on each row and shape [1.5]', 1e-9),
  runs: whole('N', 'at most so many measurements of each [41]', 1),
  limit: number('S', 'leave out what takes longer for one call [20]', 1e-9),
  out: text('DIR', 'where the results go [bench-out]'),
};

const flags = {
  ...planFlags,
  only: texts('LIST', 'rows whose names begin so, as in fused,torch,skimage'),
  quick: toggle('two small shapes, few runs'),
  'no-growth': toggle('leave out other windows and channels'),
  memory: toggle('peak memory of each row instead of its time (Linux)'),
  training: toggle('what share of a training step the loss takes instead'),
  peak: toggle('how near the kernel comes to what the machine can do instead'),
};

export const usage = `The time of an SSIM loss and its gradient: this library, compositions of tfjs ops, other packages.

  npm run bench -- [options]

${helpOf(flags)}`;

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
  const values = readFlags(argv, flags);
  if (values === undefined) return undefined;
  const { quick = false, memory, training, peak, only, out = 'bench-out' } = values;
  const everyDefault = memory
    ? '8x128x128x1,1x1024x1024x1'
    : peak
      ? '8x128x128x1,1x512x512x1,8x256x256x3'
      : everyShape;
  return {
    shapes: values.shapes ?? parseShapes(quick ? '8x64x64x1,8x128x128x1' : everyDefault),
    only,
    plan: {
      seconds: values.seconds ?? (quick ? 0.2 : 1.5),
      runs: values.runs ?? (quick ? 11 : 41),
      limit: values.limit ?? (quick ? 3 : 20),
    },
    out,
    quick,
    growth: values['no-growth'] === undefined,
    mode: memory ? 'memory' : training ? 'training' : peak ? 'peak' : 'time',
  };
}
