import fc from 'fast-check';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    readonly fastCheckSeed: number | null;
  }
}

/** Random cases are others in each run; with `FAST_CHECK_SEED=N` they are the same ones again. */
const seed = inject('fastCheckSeed');
if (seed !== null) fc.configureGlobal({ seed });
