import { mkdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumOptions } from '../../bench/running/chromiumOptions.js';
import { freshProject } from '../house/support/freshProject.js';
import type { FreshProject } from '../house/support/freshProject.js';
import { partsOf } from '../house/support/pasted.js';
import { root } from '../house/support/source.js';
import { serve } from '../../bench/running/serve.js';

// docs/browser.md as its reader would follow it: its blocks and the first of the README as the files of an app, built
// for production by the commands of the page, in Chromium.
const read = (page: string): string => readFileSync(join(root, page), 'utf8');
const page = partsOf(read('docs/browser.md'));
const readme = partsOf(read('README.md'));
const first = readme.files.find(({ name }) => name === 'first.mjs')!;
const printed = readme.runs.find(({ file }) => file === 'first.mjs')!.output!;
const shown = page.outputs.get('main.mjs')!;

/** SCREENSHOTS=folder keeps pictures of the apps. */
const screenshots = process.env['SCREENSHOTS'];
/** The colours of each canvas, [red, green, blue, alpha] after one another. */
const canvases = (
  opened: Page,
): Promise<{ title: string; height: number; width: number; pixels: number[] }[]> =>
  opened.evaluate(() =>
    Array.from(document.querySelectorAll('figure'), (figure) => {
      const { height, width } = figure.querySelector('canvas')!;
      const { data } = figure.querySelector('canvas')!.getContext('2d')!.getImageData(0, 0, width, height);
      return { title: figure.textContent, height, width, pixels: [...data] };
    }),
  );

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch(chromiumOptions);
});
afterAll(() => browser?.close());

describe.each([
  ['vite', 'npx vite build'],
  ['webpack', 'npx webpack ./main.mjs --mode production'],
])('the app of docs/browser.md, built by %s', (bundler, build) => {
  let project: FreshProject;
  let server: Server;
  let opened: Page;
  const lines: string[] = [];
  const failures: string[] = [];

  beforeAll(async () => {
    expect(page.bundles).toContain(build);
    project = freshProject();
    // Of the bundlers only the one that it is about.
    project.install(
      page.packages.filter((name) => !/^(vite|webpack(-cli)?)$/.test(name) || name.startsWith(bundler)),
    );
    for (const { name, code } of page.files) project.write(name, code);
    project.write(first.name, first.code);
    const built = await project.run(build);
    expect(built.code, built.out + built.error).toBe(0);
    const served = await serve(join(project.folder, 'dist'));
    server = served.server;
    opened = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    opened.on('console', (message) => {
      if (message.type() === 'log') lines.push(message.text());
      if (message.type() === 'error') failures.push(message.text());
    });
    opened.on('pageerror', ({ message }) => failures.push(message));
    opened.on('response', (response) => {
      if (response.status() >= 400) failures.push(`${response.status()} ${response.url()}`);
    });
    await opened.goto(served.address);
    await opened
      .waitForFunction(
        () => !document.querySelector('output')!.textContent.startsWith('Training'),
        undefined,
        {
          timeout: 90_000,
        },
      )
      .catch((error: Error) => failures.push(error.message));
  });
  afterAll(async () => {
    await opened?.close();
    server?.close();
    project?.remove();
  });

  test('nothing fails', () => {
    expect(failures).toEqual([]);
  });

  test('the first block of the README prints what the README says', () => {
    expect(lines.join('\n')).toBe(printed.trimEnd());
  });

  test('the page finds the defect, and says what docs/browser.md says', async () => {
    expect(await opened.textContent('output')).toBe(shown.trim());
  });

  test('its canvases show the image, the map and the defect in colour', async () => {
    const [image, map, overlay] = await canvases(opened);
    const colourful = ({ pixels }: { pixels: number[] }, y: number, x: number): number => {
      const [red, green, blue] = pixels.slice(4 * (y * 128 + x), 4 * (y * 128 + x) + 3) as [
        number,
        number,
        number,
      ];
      return Math.max(red, green, blue) - Math.min(red, green, blue);
    };
    expect([image, map, overlay].map((canvas) => [canvas!.height, canvas!.width])).toEqual(
      Array(3).fill([96, 128]),
    );
    expect(colourful(image!, 43, 80)).toBe(0);
    expect(colourful(map!, 43, 80)).toBeGreaterThan(50);
    expect(colourful(overlay!, 43, 80)).toBeGreaterThan(50);
    expect(colourful(overlay!, 10, 10)).toBeLessThan(10);
  });

  test('it fits a phone, and a desk', async () => {
    for (const width of [1280, 390]) {
      await opened.setViewportSize({ width, height: 800 });
      const overflow = await opened.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `at ${width} pixels`).toBeLessThanOrEqual(0);
      if (screenshots !== undefined) {
        mkdirSync(screenshots, { recursive: true });
        await opened.screenshot({ path: join(screenshots, `${bundler}-${width}.png`), fullPage: true });
      }
    }
  });
});
