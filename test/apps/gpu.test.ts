// The web page of docs/gpu.md, built by Vite, in Chromium.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { chromiumOptions } from '../../bench/running/chromiumOptions.js';
import { freshProject } from '../house/support/freshProject.js';
import { partsOf } from '../house/support/pasted.js';
import { root } from '../house/support/source.js';
import { serve } from '../../bench/running/serve.js';

const page = partsOf(readFileSync(join(root, 'docs/gpu.md'), 'utf8'));

test('it trains on webgpu, and on webgl where that is all there is', { timeout: 240_000 }, async () => {
  const project = freshProject();
  project.install(page.packages.filter((name) => name !== 'webgpu'));
  for (const { name, code } of page.files) project.write(name, code);
  const built = await project.run(page.bundles[0]!);
  expect(built.code, built.out + built.error).toBe(0);
  const { server, address } = await serve(join(project.folder, 'dist'));
  const browser = await chromium.launch(chromiumOptions);
  try {
    for (const backend of ['webgpu', 'webgl']) {
      const opened = await browser.newPage();
      if (backend === 'webgl') {
        await opened.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
      }
      await opened.goto(address);
      const output = opened.locator('output');
      await output.filter({ hasNotText: 'Training …' }).waitFor({ timeout: 100_000 });
      expect(await output.textContent()).toBe(`${backend}: 5 epochs, it learns`);
      await opened.close();
    }
  } finally {
    await browser.close();
    server.close();
    project.remove();
  }
});
