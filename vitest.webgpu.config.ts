import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { softwareVulkan } from './bench/running/chromiumOptions.js';
import { fastCheckSeed, fastCheckTimes } from './test/support/fastCheck.js';

// Read by the loader when a process starts: the tests' processes have it from this one.
if (existsSync(softwareVulkan.VK_ADD_DRIVER_FILES)) {
  process.env = { ...softwareVulkan, ...process.env };
}

/** The library on tfjs's webgpu backend in Node: on a GPU, or on the software renderer that Chromium brings along. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts', 'test/webgpu/**/*.test.ts'],
    exclude: ['test/browser/webglKernels.test.ts'],
    globalSetup: ['test/house/support/buildWhenStale.ts'],
    setupFiles: ['test/support/cases.ts', 'test/webgpu/support/setup.ts'],
    provide: { fastCheckSeed: fastCheckSeed(), fastCheckTimes: fastCheckTimes() },
    pool: 'forks' as const,
    testTimeout: 120_000 * fastCheckTimes(),
    hookTimeout: 120_000,
  },
});
