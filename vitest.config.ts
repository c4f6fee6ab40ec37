import { defineConfig } from 'vitest/config';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import { fastCheckSeed, fastCheckTimes } from './test/support/fastCheck.js';

const house = ['test/house/**/*.test.ts'];

/**
 * They bring the gradients of tfjs's own ops, as tfjs-layers does, or kernels that train: the files here share processes with one
 * another, and not with those that must do without.
 */
export const withGradients = [
  'test/autoencoder/**',
  'test/features/featuresOf.test.ts',
  'test/haarPsi/secondOrder.test.ts',
  'test/layers.test.ts',
  'test/secondOrder.test.ts',
  'test/sharedWeights.test.ts',
  'test/weightZero.test.ts',
  'test/weights.test.ts',
];

/** They load modules anew or take kernels away: each file in a process of its own. */
export const alone = [
  'test/arrays/otherMeasures.test.ts',
  'test/arrays/ssim.test.ts',
  'test/checks/options.test.ts',
  'test/gradientMagnitude/kernels/gmsKernels.test.ts',
  'test/metrics/accumulators.test.ts',
  'test/multiscale/kernels/msSsimKernels.test.ts',
  'test/secondOrderAlone.test.ts',
  'test/ssim/kernels/ssimKernels.test.ts',
  'test/wasmTraining/**',
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
    exclude: [...house, ...exclude, 'test/{apps,browser,programs,webgpu}/**', '**/node_modules/**'],
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

/** The three kinds of files, each with its processes. */
const projects = (
  name: string,
  setup: string[],
  {
    shared,
    gradients,
    apart,
    exclude = [],
  }: Readonly<Record<'shared' | 'gradients' | 'apart', string[]>> & {
    readonly exclude?: string[];
  },
): TestProjectInlineConfiguration[] => [
  project(name, setup, shared, { exclude: [...exclude, ...withGradients, ...alone], isolate: false }),
  project(`${name}, with gradients`, setup, gradients, { exclude, isolate: false }),
  ...(apart.length === 0 ? [] : [project(`${name}, alone`, setup, apart, { exclude })]),
];

/** What needs no backend, or compares with any. */
const ofArrays = ['test/{arrays,backends,metrics,ranking,segmentation}/**', 'test/checks/arrays.test.ts'];
/** What fused kernels have taken over is tested once more as it is composed. */
export const ofFusedMeasures = [
  'test/{ssim,multiscale,gradientMagnitude,pixels,vae,features}/*.test.ts',
  'test/{references,published,notFinite,secondOrder,training,weights,weightZero,sharedWeights,losses,residualMaps}.test.ts',
];

const whole = {
  shared: ['test/!(bench)/**/*.test.ts', 'test/*.test.ts'],
  gradients: withGradients,
  apart: alone,
};
const composed = {
  shared: ofFusedMeasures,
  gradients: ['test/{secondOrder,sharedWeights,weights,weightZero}.test.ts'],
  apart: [],
};

/**
 * The whole suite once per backend; what needs none (metrics, imports, package) once. Programs as a reader starts them are in
 * vitest.programs.config.ts, browsers in vitest.browser.config.ts.
 */
export default defineConfig({
  test: {
    // All cores: vitest would leave one of them idle, which is half of the machine where there are two.
    maxWorkers: '100%',
    projects: [
      // About wasm, or run on it: these compare with cpu themselves.
      ...projects('cpu', ['cpu'], {
        ...whole,
        exclude: ['test/wasmTraining/**', 'test/autoencoder/**'],
      }),
      ...projects('wasm', ['wasm'], { ...whole, exclude: ofArrays }),
      ...projects('cpu, composed', ['cpu', 'composed'], composed),
      ...projects('wasm, composed', ['wasm', 'composed'], composed),
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
