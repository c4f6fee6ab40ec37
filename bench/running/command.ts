import { InputError } from './inputError.js';

/** What a command takes: the text of `--help`, and its arguments, checked, or undefined when only that is asked for. */
export interface Reader<S> {
  readonly usage: string;
  readonly readArguments: (argv: readonly string[]) => S | undefined;
}

/** Runs what a command does with its arguments; a mistake in what it was given ends in one line and exit code 1. */
export async function command<S>(
  name: string,
  { usage, readArguments }: Reader<S>,
  main: (settings: S) => void | Promise<void>,
): Promise<void> {
  try {
    const settings = readArguments(process.argv.slice(2));
    if (settings === undefined) console.log(usage);
    else await main(settings);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    console.error(`${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
