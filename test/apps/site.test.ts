// The site of docs/, built as `npm run docs:build` does it, in Chromium. A page without a docstring, and a link that leads
// nowhere, fail the build.
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumOptions } from '../../bench/running/chromiumOptions.js';
import { gmsd, msSsim, psnr, ssim } from '../../src/arrays.js';
import type { ImageArray } from '../../src/arrays.js';
import { entries, exportedTypes, exportedValues, root } from '../house/support/source.js';
import { serve } from './support/serve.js';

/** SCREENSHOTS=folder keeps pictures of some pages. */
const screenshots = process.env['SCREENSHOTS'];
const dist = join(root, 'docs/.vitepress/dist');

let browser: Browser;
let server: Server;
let address = '';
beforeAll(async () => {
  await promisify(execFile)('npm', ['run', 'docs:build'], { cwd: root, maxBuffer: 2 ** 26 });
  ({ server, address } = await serve(dist));
  browser = await chromium.launch(chromiumOptions);
});
afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** A page on which every error that the browser notices ends in `failures`. */
async function open(width = 1280): Promise<{ page: Page; failures: string[] }> {
  const failures: string[] = [];
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  page.on('console', (message) => {
    if (message.type() === 'error') failures.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', ({ message }) => failures.push(`${page.url()}: ${message}`));
  page.on('response', (response) => {
    if (response.status() >= 400) failures.push(`${page.url()}: ${response.status()} ${response.url()}`);
  });
  return { page, failures };
}

test('every export has its page', () => {
  const pages = readdirSync(join(dist, 'reference'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.html'))
    .map((file) => file.replace(/^.*\//, '').replace(/\.html$/, ''));
  const exported = Object.values(entries).flatMap((entry) => [
    ...exportedValues(entry),
    ...exportedTypes(entry),
  ]);
  expect(exported.length).toBeGreaterThan(100);
  expect(exported.map(({ name }) => name).filter((name) => !pages.includes(name))).toEqual([]);
});

test('every page loads without an error, and fits a desk and a phone', { timeout: 600_000 }, async () => {
  const paths = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.html') && file !== '404.html')
    .map((file) => file.replace(/(^|\/)index\.html$/, '$1').replace(/\.html$/, ''));
  expect(paths.length).toBeGreaterThan(100);
  const { page, failures } = await open();
  for (const path of paths) {
    await page.goto(address + path);
    // The pages of the reference are alike: of them the longest names and tables.
    const widths = /^reference\/.*[a-z]/.test(path) && !/Options|FromJSON/.test(path) ? [] : [1280, 390];
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (overflow > 0) failures.push(`${path} is ${overflow} pixels too wide at ${width}`);
    }
    expect(await page.textContent('h1'), path).not.toBe('404');
  }
  await page.close();
  expect(failures).toEqual([]);
});

test('the search finds a function', async () => {
  const { page, failures } = await open();
  await page.goto(`${address}getting-started`, { waitUntil: 'networkidle' });
  await page.click('.VPNavBarSearch button');
  await page.fill('.VPLocalSearchBox input', 'ssimLoss');
  const first = page.locator('.VPLocalSearchBox .result').first();
  await first.waitFor();
  expect(await first.getAttribute('href')).toMatch(/^\/reference\/ssimLoss/);
  await first.click();
  await page.waitForURL(/reference\/ssimLoss/);
  await page.close();
  expect(failures).toEqual([]);
});

describe('the figure of the home page', () => {
  const rowsOf = (page: Page): Promise<string[][]> =>
    page.$$eval('.three-pairs tbody tr', (rows) =>
      rows.map((row) =>
        Array.from(row.querySelectorAll('th, td'), (cell) => cell.textContent.trim()).slice(2),
      ),
    );

  test('ℓ2 sees no difference between the pairs, each term of SSIM sees one', async () => {
    const { page, failures } = await open();
    const scripts: string[] = [];
    page.on('request', (request) => scripts.push(request.url()));
    await page.goto(address);
    await page.waitForSelector('.three-pairs canvas');
    // Who only reads need not load the library.
    await page.waitForLoadState('networkidle');
    expect(scripts.filter((name) => name.includes('judge'))).toEqual([]);
    expect(await rowsOf(page)).toEqual([
      ['luminance', '0.25', '0.60', '1.00', '1.00', '0.40'],
      ['contrast', '0.25', '1.00', '0.00', '1.00', '1.00'],
      ['structure', '0.25', '1.00', '1.00', '−0.99', '1.99'],
    ]);
    await page.fill('.three-pairs input', '0');
    await expect
      .poll(async () => (await rowsOf(page)).map((row) => row.slice(1)))
      .toEqual(Array(3).fill(['0.00', '1.00', '1.00', '1.00', '0.00']));
    await page.close();
    expect(failures).toEqual([]);
  });
});

describe('two pictures compared in the lab', () => {
  /** Colours and an alpha channel; the second is darker in a square. */
  const [width, height] = [200, 180];
  const pixels = (dark: boolean): Uint8Array =>
    Uint8Array.from({ length: width * height * 4 }, (_, k) => {
      const [x, y, channel] = [(k >> 2) % width, Math.floor((k >> 2) / width), k % 4];
      const inside = dark && Math.abs(x - 120) < 15 && Math.abs(y - 60) < 15;
      return channel === 3
        ? 255
        : (90 + 60 * Math.sin(x / 3 + channel) * Math.cos(y / 4)) * (inside ? 0.3 : 1);
    });
  const png = async (data: Uint8Array): Promise<Buffer> =>
    sharp(data, { raw: { width, height, channels: 4 } })
      .png()
      .toBuffer();
  const inputs = '.lab input[type="file"]';

  test('real files: the figures that Node has for the same pixels, the region, and each control acts', async () => {
    const { page, failures } = await open();
    await page.goto(`${address}lab/compare`, { waitUntil: 'networkidle' });
    for (const [index, dark] of [false, true].entries()) {
      const buffer = await png(pixels(dark));
      await page
        .locator(inputs)
        .nth(index)
        .setInputFiles({ name: `${index}.png`, mimeType: 'image/png', buffer });
    }
    const figures = (): Promise<string[]> => page.locator('.figures .number').allTextContents();
    await page.waitForSelector('.figures');
    const [x, y] = [false, true].map((dark) => ({ data: pixels(dark), width, height })) as [
      ImageArray,
      ImageArray,
    ];
    expect(await figures()).toEqual([
      ssim(x, y).toFixed(4),
      msSsim(x, y).toFixed(4),
      gmsd(x, y).toFixed(4),
      psnr(x, y).toFixed(2),
    ]);
    expect(await page.textContent('#regions')).toContain('1 region differs');
    expect(await page.textContent('.lab tbody')).toMatch(/1[12]\d, [56]\d/);

    await page.selectOption('.controls select >> nth=1', 'uniform');
    await expect
      .poll(async () => (await figures())[0])
      .toBe(ssim(x, y, { windowType: 'uniform' }).toFixed(4));
    await page.selectOption('.controls select >> nth=0', 'luminance');
    await expect.poll(() => page.textContent('.lab thead')).toContain('1 − luminance');
    // Where a window has no room, a sentence says so.
    await page.fill('.controls input[type="range"] >> nth=1', '33');
    await expect.poll(() => page.textContent('.figures')).toMatch(/window/);
    await page.close();
    expect(failures).toEqual([]);
  });

  test('what is no picture, and pictures of two sizes, are told; the second can be scaled', async () => {
    const { page, failures } = await open(390);
    await page.goto(`${address}lab/compare`, { waitUntil: 'networkidle' });
    const give = (index: number, name: string, buffer: Buffer): Promise<void> =>
      page.locator(inputs).nth(index).setInputFiles({ name, mimeType: 'image/png', buffer });
    await give(0, 'report.pdf', Buffer.from('%PDF-1.7'));
    await expect
      .poll(() => page.textContent('[role="alert"]'))
      .toMatch(/report\.pdf is no picture that this browser/);
    await give(0, 'a.png', await png(pixels(false)));
    await give(
      1,
      'b.png',
      await sharp(await png(pixels(true)))
        .resize(100, 90)
        .png()
        .toBuffer(),
    );
    await expect.poll(() => page.textContent('[role="alert"]')).toMatch(/200 × 180 and 100 × 90 pixels/);
    await page.click('text=Scale the second to the first');
    await page.waitForSelector('.figures');
    expect(await page.locator('[role="alert"]').count()).toBe(0);
    await page.close();
    expect(failures).toEqual([]);
  });
});

test.each(['', 'getting-started', 'reference/ssimLoss', 'lab/compare'])(
  'axe finds nothing serious on /%s, in light and dark, but what VitePress brings',
  async (path) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ colorScheme });
      await page.goto(address + path, { waitUntil: 'networkidle' });
      if (path === 'lab/compare') {
        await page.click('text=Take an example');
        await page.waitForSelector('.figures');
      }
      await page.addScriptTag({ content: axe.source });
      const violations = await page.evaluate(async () => {
        const { violations: found } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
          resultTypes: ['violations'],
          // Faults of the theme itself: its search button, and the groups of its sidebar.
          rules: {
            'label-content-name-mismatch': { enabled: false },
            'nested-interactive': { enabled: false },
          },
        });
        return found.map(({ id, impact, nodes }) => ({
          id,
          impact,
          nodes: nodes.map(({ html }) => html),
        }));
      });
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious, colorScheme).toEqual([]);
      await page.close();
    }
  },
);

test.runIf(screenshots !== undefined)('pictures, to be looked at', { timeout: 300_000 }, async () => {
  mkdirSync(screenshots!, { recursive: true });
  for (const width of [1280, 390]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      for (const path of ['', 'getting-started', 'reference/ssimLoss', 'lab/compare']) {
        await page.goto(address + path, { waitUntil: 'networkidle' });
        await page.screenshot({
          path: join(screenshots!, `${path.replace('/', '-') || 'home'}-${width}-${colorScheme}.png`),
        });
      }
      await page.close();
    }
  }
});
