import { parseArgs } from 'node:util';
import type { Reader } from './command.js';
import { InputError } from './inputError.js';

/** An option of a command: its line of help, and what becomes of its text. */
export interface Flag<T> {
  /** How its value is called; a switch has none. */
  readonly value: string | undefined;
  /** Further lines follow a line break. */
  readonly help: string;
  readonly read: (text: string, name: string) => T;
}

export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** What was given; undefined where nothing was. */
export type Values<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T | undefined : never;
};

export const text = (value: string, help: string): Flag<string> => ({ value, help, read: (given) => given });
export const texts = (value: string, help: string, between = ','): Flag<string[]> => ({
  ...{ value, help },
  read: (given) => given.split(between),
});
export const toggle = (help: string): Flag<boolean> => ({ value: undefined, help, read: () => true });
export const number = (value: string, help: string, least = -Infinity): Flag<number> => ({
  ...{ value, help },
  read: (given, name) => numberOf(name, given, least),
});
export const whole = (value: string, help: string, least = 0): Flag<number> => ({
  ...{ value, help },
  read: (given, name) => numberOf(name, given, least, 'whole '),
});
export const choice = <T extends string>(value: string, help: string, among: readonly T[]): Flag<T> => ({
  ...{ value, help },
  read: (given, name) => {
    const found = among.find((one) => one === given);
    if (found !== undefined) return found;
    throw new InputError(`--${name} must be ${among.join(' or ')}, but got "${given}".`);
  },
});
/** Two positive numbers, the smaller one first. */
export const range = (value: string, help: string): Flag<readonly [number, number]> => ({
  ...{ value, help },
  read: (given, name) => {
    const parts = given.split(',');
    if (parts.length !== 2)
      throw new InputError(`--${name} must be two numbers, as in 0.5,1.5, but got "${given}".`);
    const [least, most] = parts.map((part) => numberOf(name, part, 0.05)) as [number, number];
    if (least > most)
      throw new InputError(`--${name} must begin with the smaller number, but got "${given}".`);
    return [least, most];
  },
});

/** What was given of these flags; undefined when only help is asked for. What follows `--` may stand behind another one. */
export function readFlags<F extends Flags>(argv: readonly string[], flags: F): Values<F> | undefined {
  const given = parsed(argv[0] === '--' ? argv.slice(1) : argv, flags);
  if (given['help'] === true) return undefined;
  const values = Object.entries(flags).map(([name, { read }]) => {
    const value = given[name];
    return [name, value === undefined ? undefined : read(String(value), name)];
  });
  return Object.fromEntries(values) as Values<F>;
}

type Given = Readonly<Record<string, string | boolean | undefined>>;

function parsed(argv: readonly string[], flags: Flags): Given {
  const types = Object.entries(flags).map(([name, { value }]) => {
    return [name, { type: value === undefined ? 'boolean' : 'string' }] as const;
  });
  try {
    const help = { type: 'boolean', short: 'h' } as const;
    return parseArgs({ args: [...argv], options: { ...Object.fromEntries(types), help } }).values;
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\.\s|\n/);
    throw new InputError(`${sentence}; see --help.`);
  }
}

/** For a command that takes its flags as they are. */
export const readerOf = <F extends Flags>(flags: F, introduction = ''): Reader<Values<F>> => ({
  usage: introduction + helpOf(flags),
  readArguments: (argv) => readFlags(argv, flags),
});

/** The lines of help of all flags, in columns, and that of `--help`; by sections, if they have titles. */
export function helpOf(flags: Flags | Readonly<Record<string, Flags>>): string {
  const sections = isFlat(flags) ? { '': flags } : flags;
  const nameOf = ([name, { value }]: [string, Flag<unknown>]): string => `--${name} ${value ?? ''}`.trimEnd();
  const help = { help: toggle('this text') };
  const width =
    Math.max(
      ...Object.values(sections)
        .flatMap(Object.entries<Flag<unknown>>)
        .map((flag) => nameOf(flag).length),
    ) + 4;
  const linesOf = (given: Flags): string =>
    Object.entries(given)
      .map(
        (flag) =>
          `  ${nameOf(flag)}`.padEnd(width) + flag[1].help.replaceAll('\n', `\n${' '.repeat(width)}`) + '\n',
      )
      .join('');
  const parts = Object.entries(sections).map(
    ([title, given]) => (title === '' ? '' : `${title}\n`) + linesOf(given),
  );
  return `${parts.join('\n')}${linesOf(help)}`;
}

const isFlat = (flags: Flags | Readonly<Record<string, Flags>>): flags is Flags =>
  Object.values(flags).every(({ read }) => typeof read === 'function');

export function numberOf(name: string, text: string, least: number, kind: '' | 'whole ' = ''): number {
  const value = Number(text);
  const fits = kind === '' ? Number.isFinite(value) : Number.isSafeInteger(value);
  if (text.trim() === '' || !fits || value < least) {
    const bound = least === -Infinity ? '' : ` of at least ${least}`;
    throw new InputError(`--${name} must be a ${kind}number${bound}, but got "${text}".`);
  }
  return value;
}

/** The side of the patches, which an encoder halves until `unit` pixels are one. */
export function checkPatchSize(size: number, unit: number, least: number): void {
  if (size % unit === 0) return;
  const below = Math.max(least, size - (size % unit));
  throw new InputError(
    `--size must be a multiple of ${unit}, but got ${size}; use ${below} or ${below + unit}.`,
  );
}
