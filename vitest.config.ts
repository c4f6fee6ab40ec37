import { defineConfig } from 'vitest/config';

const house = ['test/house/**/*.test.ts'];

/** The whole suite once per backend; what needs no backend (imports, package, docs) once. */
const backend = (name: string, without: string[] = []) => ({
  test: {
    name,
    include: ['test/**/*.test.ts'],
    exclude: [...house, ...without, 'test/browser/**', 'node_modules/**'],
    setupFiles: [`test/support/${name}.ts`],
    // One process per file: tfjs registers gradients and kernels globally, and some files add to them.
    pool: 'forks' as const,
    isolate: true,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

export default defineConfig({
  test: {
    projects: [
      backend('cpu', ['test/kernels/**']), // they are about wasm, and compare with cpu themselves
      backend('wasm'),
      {
        test: {
          name: 'house',
          include: house,
          globalSetup: ['test/house/support/buildWhenStale.ts'],
          pool: 'forks' as const,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
