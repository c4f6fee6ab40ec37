import { defineConfig } from 'vitest/config';
import { project } from './vitest.config.js';

/**
 * Whole programs in processes of their own, as their reader starts them: what the docs and the docstrings have to paste, in a
 * project that installed the package, and bench/ with its commands.
 */
export default defineConfig({
  test: {
    maxWorkers: '100%',
    projects: [
      project('bench', ['wasm'], ['test/bench/**/*.test.ts']),
      {
        test: {
          name: 'pasted',
          include: ['test/programs/*.test.ts'],
          globalSetup: ['test/house/support/buildWhenStale.ts'],
          pool: 'forks' as const,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
