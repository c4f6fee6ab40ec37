import { InputError } from './inputError.js';

/** Runs what a command does with its arguments; a mistake in what it was given ends in one line and exit code 1. */
export async function command(name: string, main: (argv: readonly string[]) => Promise<void>): Promise<void> {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    console.error(`${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
