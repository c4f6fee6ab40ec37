// The page compare.html of docs/arrays.md, built by Vite, in Chromium: on the pictures that its first block draws in Node.
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumOptions } from '../../bench/running/chromiumOptions.js';
import { freshProject } from '../house/support/freshProject.js';
import type { FreshProject } from '../house/support/freshProject.js';
import { partsOf } from '../house/support/pasted.js';
import { root } from '../house/support/source.js';
import { serve } from '../../bench/running/serve.js';

const page = partsOf(readFileSync(join(root, 'docs/arrays.md'), 'utf8'));
let project: FreshProject;
let server: Server;
let browser: Browser;
let address: string;
let inNode: string;
beforeAll(async () => {
  project = freshProject();
  project.install([...page.packages, 'vite']);
  for (const { name, code } of page.files) project.write(name, code);
  const ran = await project.run('node compare.mjs');
  expect(ran.code, ran.error).toBe(0);
  inNode = ran.out.split('\n')[0]!;
  mkdirSync(join(project.folder, 'public'));
  for (const picture of ['before.png', 'after.png']) {
    copyFileSync(join(project.folder, picture), join(project.folder, 'public', picture));
  }
  project.write('vite.config.mjs', "export default { build: { rollupOptions: { input: 'compare.html' } } };");
  const built = await project.run('npx vite build');
  expect(built.code, built.out + built.error).toBe(0);
  ({ server, address } = await serve(join(project.folder, 'dist')));
  browser = await chromium.launch(chromiumOptions);
});
afterAll(async () => {
  await browser?.close();
  server?.close();
  project?.remove();
});

test.each([
  ['as it is', undefined],
  ['where a content security policy forbids WebAssembly', "script-src 'self'"],
])('two pictures in a browser are as alike as in Node, %s', async (_, policy) => {
  const opened = await browser.newPage();
  const failures: string[] = [];
  opened.on('pageerror', ({ message }) => failures.push(message));
  await opened.route('**/*.html', async (route) => {
    const response = await route.fetch();
    const headers = policy === undefined ? {} : { 'content-security-policy': policy };
    await route.fulfill({ response, headers: { ...response.headers(), ...headers } });
  });
  await opened.goto(`${address}compare.html`);
  await opened.waitForFunction(() => document.title !== '', undefined, { timeout: 20_000 }).catch(() => null);
  expect(failures).toEqual([]);
  const allowed = await opened.evaluate(() => {
    try {
      return (
        new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])) instanceof WebAssembly.Module
      );
    } catch {
      return false;
    }
  });
  expect(allowed).toBe(policy === undefined);
  expect(await opened.title()).toBe(inNode);
  await opened.close();
});
