/** A mistake in what the user gave: told in one line, without a stack. */
export class InputError extends Error {}

/** The system's reason without its stack, such as `EACCES: permission denied`. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split(/, (?=\w+( '|$))|\n/)[0]!;
