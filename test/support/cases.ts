import fc from 'fast-check';
import type * as FastCheck from 'fast-check';
import type { IAsyncProperty, IProperty, Parameters } from 'fast-check';
import { inject, vi } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    readonly fastCheckSeed: number | null;
    readonly fastCheckTimes: number;
  }
}

/** Random cases are others in each run; with `FAST_CHECK_SEED=N` they are the same ones again. */
const seed = inject('fastCheckSeed');
if (seed !== null) fc.configureGlobal({ seed });

/** With `FAST_CHECK_TIMES=N` every property is tried with N times its cases: rare failures show. */
const times = inject('fastCheckTimes');
if (times !== 1) {
  vi.doMock('fast-check', async (importOriginal) => {
    const original = await importOriginal<typeof FastCheck>();
    const assert = <Ts>(
      property: IProperty<Ts> | IAsyncProperty<Ts>,
      parameters: Parameters<Ts> = {},
    ): unknown =>
      original.assert(property as IAsyncProperty<Ts>, {
        ...parameters,
        numRuns: times * (parameters.numRuns ?? 100),
      });
    return { ...original, assert, default: { ...original.default, assert } };
  });
}
