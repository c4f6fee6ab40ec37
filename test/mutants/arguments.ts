import { parseArgs } from 'node:util';

export interface Arguments {
  readonly seed: number;
  readonly count: number;
  readonly concurrency: number;
  /** `src/file.ts:line` of each mutant to try, or `'survivors'` for those of the last report. */
  readonly only: readonly string[] | 'survivors' | undefined;
}

export const help = `npm run test:mutants -- [options]

Changes src/ in small ways, one at a time, and says which changes no test notices.

  --seed N          which mutants are drawn (1)
  --count N         how many (200)
  --only LIST       instead of drawing: all of these lines, src/ssim/ssim.ts:12,src/filters/pad.ts:30
  --only survivors  instead of drawing: what survived in the last report
  --concurrency N   how many at a time (2)
  --help
`;

/** Undefined if help is asked for. */
export function readArguments(args: readonly string[]): Arguments | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '200' },
      concurrency: { type: 'string', default: '2' },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const whole = (name: 'seed' | 'count' | 'concurrency'): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`--${name} must be a whole number of at least 1, but is "${values[name]}".`);
    }
    return value;
  };
  return {
    seed: whole('seed'),
    count: whole('count'),
    concurrency: whole('concurrency'),
    only: values.only === 'survivors' ? 'survivors' : values.only?.split(','),
  };
}
