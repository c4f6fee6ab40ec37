import { defineConfig } from 'vitest/config';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import { fastCheckSeed, fastCheckTimes } from './test/support/fastCheck.js';

const house = ['test/house/**/*.test.ts'];

/** One process per file: tfjs registers gradients and kernels globally, and some files add to them. */
export const project = (
  name: string,
  setup: string[],
  include: string[],
  exclude: string[] = [],
): TestProjectInlineConfiguration => ({
  test: {
    name,
    include,
    exclude: [...house, ...exclude, 'test/browser/**', 'test/apps/**', '**/node_modules/**'],
    globalSetup: ['test/support/compileWhenStale.ts'],
    setupFiles: ['cases', ...setup].map((file) => `test/support/${file}.ts`),
    provide: { fastCheckSeed: fastCheckSeed(), fastCheckTimes: fastCheckTimes() },
    pool: 'forks' as const,
    isolate: true,
    testTimeout: 120_000 * fastCheckTimes(),
    hookTimeout: 120_000,
  },
});

const all = ['test/**/*.test.ts'];
/** What needs no backend. */
const ofArrays = ['test/{backends,metrics,ranking,segmentation}/**', 'test/checks/arrays.test.ts'];
/** What fused kernels have taken over is tested once more as it is composed. */
export const ofSsim = [
  'test/{ssim,multiscale,gradientMagnitude}/*.test.ts',
  'test/{references,published,notFinite,secondOrder,training,weights,weightZero,sharedWeights,losses,residualMaps}.test.ts',
];

/** The whole suite once per backend; what needs none (metrics, imports, package, docs) once. */
export default defineConfig({
  test: {
    projects: [
      // About wasm, or run on it: these compare with cpu themselves, and bench/ is a program.
      project('cpu', ['cpu'], all, ['test/wasmTraining/**', 'test/bench/**']),
      project('wasm', ['wasm'], all, ofArrays),
      project('cpu, composed', ['cpu', 'composed'], ofSsim),
      project('wasm, composed', ['wasm', 'composed'], ofSsim),
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
