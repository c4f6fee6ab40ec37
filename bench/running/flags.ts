import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { InputError } from './inputError.js';

/** The values of the flags by their names. */
export function parseFlags<const T extends NonNullable<ParseArgsConfig['options']>>(
  argv: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ args: string[]; options: T }>>['values'] {
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\.\s|\n/);
    throw new InputError(`${sentence}; see --help.`);
  }
}

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
