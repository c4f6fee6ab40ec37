import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumOptions } from './bench/running/chromiumOptions.js';
import { fastCheckSeed, fastCheckTimes } from './test/support/fastCheck.js';

/**
 * The library on tfjs's webgl and webgpu backends, in headless Chromium with software rendering; and the apps of
 * docs/browser.md, built and opened from Node.
 */
export default defineConfig({
  test: {
    projects: [
      {
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
      },
      {
        test: {
          name: 'apps',
          include: ['test/apps/**/*.test.ts'],
          globalSetup: ['test/house/support/buildWhenStale.ts'],
          pool: 'forks' as const,
          testTimeout: 120_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
