import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumOptions } from './bench/data/chromiumOptions.js';
import { fastCheckSeed, fastCheckTimes } from './test/support/fastCheck.js';

/** The library on tfjs's webgl and webgpu backends, in headless Chromium with software rendering. */
export default defineConfig({
  test: {
    name: 'browser',
    include: ['test/browser/**/*.test.ts'],
    setupFiles: ['test/support/cases.ts'],
    provide: { fastCheckSeed: fastCheckSeed(), fastCheckTimes: fastCheckTimes() },
    testTimeout: 120_000 * fastCheckTimes(),
    hookTimeout: 120_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: chromiumOptions,
      }),
      instances: [{ browser: 'chromium' }],
    },
  },
});
