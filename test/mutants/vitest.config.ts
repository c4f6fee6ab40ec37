import { defineConfig } from 'vitest/config';
import { ofFusedMeasures, project } from '../../vitest.config.js';

/** What runs a mutant: the tests of src/ on cpu, fused and composed, and those that are about the wasm backend. */
const others = ['test/bench/**'];
const ofWasm = ['test/ssim/kernels/*.test.ts', 'test/wasmTraining/*.test.ts'];

export default defineConfig({
  test: {
    projects: [
      project('cpu', ['cpu'], ['test/**/*.test.ts'], { exclude: [...others, ...ofWasm] }),
      project('cpu, composed', ['cpu', 'composed'], ofFusedMeasures, { exclude: others }),
      project('wasm', ['wasm'], ofWasm),
    ],
  },
});
