import { defineConfig } from 'vitest/config';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import { fastCheckSeed, fastCheckTimes } from './test/support/fastCheck.js';

const house = ['test/house/**/*.test.ts'];

/**
 * They add to what tfjs knows, as tfjs-layers does with gradients, or load modules anew: each file in a process of its own.
 * The others follow one another in a process, which saves most of the time that loading takes.
 */
export const alone = [
  'test/arrays/otherMeasures.test.ts',
  'test/arrays/ssim.test.ts',
  'test/autoencoder/**',
  'test/bench/**',
  'test/checks/options.test.ts',
  'test/features/featuresOf.test.ts',
  'test/gradientMagnitude/kernels/gmsKernels.test.ts',
  'test/layers.test.ts',
  'test/metrics/accumulators.test.ts',
  'test/multiscale/kernels/msSsimKernels.test.ts',
  'test/secondOrder.test.ts',
  'test/secondOrderAlone.test.ts',
  'test/sharedWeights.test.ts',
  'test/ssim/kernels/ssimKernels.test.ts',
  'test/wasmTraining/**',
  'test/weightZero.test.ts',
  'test/weights.test.ts',
];

export const project = (
  name: string,
  setup: string[],
  include: string[],
  { exclude = [], isolate = true }: { readonly exclude?: string[]; readonly isolate?: boolean } = {},
): TestProjectInlineConfiguration => ({
  test: {
    name,
    include,
    exclude: [...house, ...exclude, 'test/{apps,browser,webgpu}/**', '**/node_modules/**'],
    globalSetup: ['test/support/compileWhenStale.ts'],
    setupFiles: ['cases', ...setup].map((file) => `test/support/${file}.ts`),
    provide: { fastCheckSeed: fastCheckSeed(), fastCheckTimes: fastCheckTimes() },
    pool: 'forks' as const,
    // With more cases fast-check is replaced in every file.
    isolate: isolate || fastCheckTimes() !== 1,
    testTimeout: 120_000 * fastCheckTimes(),
    hookTimeout: 120_000,
  },
});

/** Files that share processes, and `aloneHere` of them that do not. */
const projects = (
  name: string,
  setup: string[],
  include: string[],
  aloneHere: string[],
  exclude: string[] = [],
): TestProjectInlineConfiguration[] => [
  project(name, setup, include, { exclude: [...exclude, ...alone], isolate: false }),
  project(`${name}, alone`, setup, aloneHere, { exclude }),
];

const all = ['test/**/*.test.ts'];
/** What needs no backend, or compares with any. */
const ofArrays = ['test/{arrays,backends,metrics,ranking,segmentation}/**', 'test/checks/arrays.test.ts'];
/** What fused kernels have taken over is tested once more as it is composed. */
export const ofSsim = [
  'test/{ssim,multiscale,gradientMagnitude}/*.test.ts',
  'test/{references,published,notFinite,secondOrder,training,weights,weightZero,sharedWeights,losses,residualMaps}.test.ts',
];

/** Of these, the files that share no process. */
const aloneOfSsim = ['test/{secondOrder,sharedWeights,weights,weightZero}.test.ts'];

/** The whole suite once per backend; what needs none (metrics, imports, package, docs) once. */
export default defineConfig({
  test: {
    // All cores: vitest would leave one of them idle, which is half of the machine where there are two.
    maxWorkers: '100%',
    projects: [
      // About wasm, or run on it: these compare with cpu themselves, and bench/ is a program.
      ...projects('cpu', ['cpu'], all, alone, [
        'test/wasmTraining/**',
        'test/autoencoder/**',
        'test/bench/**',
      ]),
      ...projects('wasm', ['wasm'], all, alone, ofArrays),
      ...projects('cpu, composed', ['cpu', 'composed'], ofSsim, aloneOfSsim),
      ...projects('wasm, composed', ['wasm', 'composed'], ofSsim, aloneOfSsim),
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
