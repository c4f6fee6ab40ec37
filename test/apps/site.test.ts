// The site of docs/, built as `npm run docs:build` does it, in Chromium. A page without a docstring, and a link that leads
// nowhere, fail the build.
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
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
import { freshProject } from '../house/support/freshProject.js';
import { entries, exportedTypes, exportedValues, root } from '../house/support/source.js';
import { serve } from '../../bench/running/serve.js';

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

/** What axe finds serious, but for faults of the theme itself: its search button, and the groups of its sidebar. */
async function seriousFaults(page: Page): Promise<unknown[]> {
  await page.addScriptTag({ content: axe.source });
  const violations = await page.evaluate(async () => {
    const { violations: found } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      resultTypes: ['violations'],
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
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
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

describe('defects found in the lab', () => {
  /** Stripes that begin anywhere; a defective picture has a square without any. */
  const [width, height] = [72, 64];
  const png = (k: number, defective = false): Promise<Buffer> => {
    const pixels = Uint8Array.from({ length: width * height }, (_, i) => {
      const [y, x] = [Math.floor(i / width), i % width];
      const inside = defective && Math.abs(y - 30) < 8 && Math.abs(x - 40) < 8;
      return inside ? 235 : 128 + 70 * Math.sin(1.1 * x + 2.3 * k) + ((i * 37) % 11);
    });
    return sharp(pixels, { raw: { width, height, channels: 1 } })
      .png()
      .toBuffer();
  };
  interface Upload {
    readonly name: string;
    readonly mimeType: string;
    readonly buffer: Buffer;
  }
  const file = (name: string, buffer: Buffer): Upload => ({ name, mimeType: 'image/png', buffer });
  const goodOnes = (count: number): Promise<Upload[]> =>
    Promise.all(Array.from({ length: count }, async (_, k) => file(`good ${k}.png`, await png(k))));
  const [goodInput, testInput] = [0, 1].map((k) => `.lab input[type="file"] >> nth=${k}`) as [string, string];

  /** Small patches and a few steps, on wasm unless another backend is wanted. */
  async function begin(page: Page, steps: number, backend = 'wasm'): Promise<void> {
    await page.selectOption('.controls select >> nth=0', 'steps');
    await page.fill('.controls input[type="number"]', String(steps));
    await page.selectOption('.controls select >> nth=1', '32');
    await page.selectOption('.controls select >> nth=2', backend);
    await page.click('.lab button:text-is("Train")');
  }

  test('trains, judges, survives a reload, and its files say the same in Node', async () => {
    const { page, failures } = await open(390);
    await page.goto(`${address}lab/defects`, { waitUntil: 'networkidle' });
    await page.setInputFiles(goodInput, await goodOnes(30));
    await expect
      .poll(() => page.textContent('.plan'))
      .toMatch(/30 pictures, .*20 of them to learn from, 10 held/s);
    await begin(page, 150);
    await page.waitForSelector('.views canvas');
    await page.waitForSelector('.outcome', { timeout: 100_000 });
    expect(await page.textContent('.outcome')).toMatch(/150\s+steps with\s+WebAssembly/);

    await page.reload({ waitUntil: 'networkidle' });
    await page.waitForSelector('.outcome');
    expect(await page.locator('.watch svg').count()).toBe(1);
    const torn = await png(102, true);
    await page.setInputFiles(testInput, [file('fine.png', await png(101)), file('torn.png', torn)]);
    await page.waitForFunction(() => document.querySelectorAll('.cards .verdict').length === 2);
    expect(await page.locator('.cards .verdict').allTextContents()).toEqual(['good', 'defective']);
    expect(await page.textContent('.cards > li >> nth=1')).toMatch(/pixels: rows/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of screenshots === undefined ? [] : [1280, 390]) {
        await page.setViewportSize({ width, height: 900 });
        mkdirSync(screenshots!, { recursive: true });
        await page.screenshot({
          path: join(screenshots!, `lab-defects-judged-${width}-${colorScheme}.png`),
          fullPage: true,
        });
      }
      expect(await seriousFaults(page), colorScheme).toEqual([]);
    }

    // Another rate acts at once, also on the files.
    const before = await page.textContent('.cards .hint >> nth=0');
    await page.fill('.controls input[type="range"] >> nth=0', '5');
    await expect.poll(() => page.textContent('.cards .hint >> nth=0')).not.toBe(before);
    await page.click('text=Write its files');
    const project = freshProject();
    try {
      project.install((await page.textContent('.lab pre >> nth=1'))!.split('\n')[0]!.split(' ').slice(2));
      project.write('inspect.mjs', (await page.textContent('.lab pre >> nth=0'))!);
      mkdirSync(join(project.folder, 'detector'));
      for (const name of ['model.json', 'weights.bin']) {
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.click(`a:text-is("${name}")`),
        ]);
        await download.saveAs(join(project.folder, 'detector', name));
      }
      writeFileSync(join(project.folder, 'torn.png'), torn);
      const { out, error } = await project.run('node inspect.mjs torn.png');
      const [score, threshold, verdict] = out.split(' ');
      expect(verdict, error).toBe('defective');
      expect(await page.textContent('.cards > li >> nth=1')).toContain(
        `score ${Number(score).toFixed(4)}, threshold ${Number(threshold).toFixed(4)}`,
      );
    } finally {
      project.remove();
    }
    await page.click('text=Forget it');
    await page.reload({ waitUntil: 'networkidle' });
    expect(await page.locator('.outcome').count()).toBe(0);
    await page.close();
    expect(failures).toEqual([]);
  });

  test('pictures of several sizes, some in colour, on webgl', { timeout: 200_000 }, async () => {
    const { page, failures } = await open();
    await page.goto(`${address}lab/defects`, { waitUntil: 'networkidle' });
    const mixed = await Promise.all(
      (await goodOnes(6)).map(async ({ name, buffer }, k) => {
        const cut = sharp(buffer).extract({ left: 0, top: 0, width: width - k, height: height - 3 * k });
        return file(name, await (k % 2 === 0 ? cut : cut.tint({ r: 255, g: 200, b: 180 })).png().toBuffer());
      }),
    );
    await page.setInputFiles(goodInput, mixed);
    await expect
      .poll(() => page.textContent('.plan'))
      .toMatch(/6 pictures, sides of 49 to 72 pixels, 3 in colour, so that all are taken as colour pictures/);
    await begin(page, 8, 'webgl');
    await page.waitForSelector('.outcome', { timeout: 150_000 });
    expect(await page.textContent('.outcome')).toMatch(/8\s+steps with\s+WebGL/);
    await page.setInputFiles(testInput, [file('torn.png', await png(102, true))]);
    await page.waitForSelector('.cards .verdict');
    expect(await page.textContent('.cards .verdict')).toBe('defective');
    await page.close();
    expect(failures).toEqual([]);
  });

  test('a .wasm file that does not come: another backend computes, and the page says so', async () => {
    const { page } = await open();
    await page.route(/\.wasm/, (route) => route.fulfill({ status: 404, body: 'nothing here' }));
    await page.goto(`${address}lab/defects`, { waitUntil: 'networkidle' });
    await page.setInputFiles(goodInput, await goodOnes(3));
    await begin(page, 1);
    await page.waitForSelector('text=/WebAssembly cannot be used here: \\w+ computes instead/');
    await page.close();
  });

  test('what goes wrong is said; a training that is stopped, or whose worker dies, is not lost', async () => {
    const { page, failures } = await open();
    await page.goto(`${address}lab/defects`, { waitUntil: 'networkidle' });
    const alert = (): Promise<string[]> => page.locator('.lab [role="alert"]').allTextContents();
    await page.setInputFiles(goodInput, [file('report.pdf', Buffer.from('%PDF-1.7'))]);
    await expect.poll(alert).toEqual([expect.stringMatching(/report\.pdf is no picture/) as string]);
    await page.setInputFiles(goodInput, await goodOnes(2));
    await page.click('.lab button:text-is("Train")');
    await expect.poll(alert).toEqual([expect.stringMatching(/At least 3 good pictures/) as string]);
    await page.setInputFiles(goodInput, await goodOnes(4));
    await page.selectOption('.controls select >> nth=1', '128');
    await page.click('.lab button:text-is("Train")');
    await expect.poll(alert).toEqual([expect.stringMatching(/Smaller than a patch of 128/) as string]);

    await begin(page, 100_000);
    await page.waitForSelector('.views canvas');
    await page
      .workers()
      .at(-1)
      .evaluate(() => {
        setTimeout(() => {
          throw new Error('out of memory');
        });
      });
    await expect.poll(alert).toEqual([expect.stringMatching(/stopped unexpectedly/) as string]);
    await page.click('text=/Go on from step/');
    await page.waitForSelector('.progress :text("of 100000")');
    await page.click('.lab button:text-is("Stop")');
    await page.waitForSelector('.outcome, .lab .problem');
    expect(await page.textContent('.lab')).toMatch(/steps? of 100000 with|has not learnt enough/);
    await page.close();
    expect(failures.filter((text) => !text.includes('out of memory'))).toEqual([]);
  });
});

test.each(['', 'getting-started', 'reference/ssimLoss', 'lab/compare', 'lab/defects'])(
  'axe finds nothing serious on /%s, in light and dark, but what VitePress brings',
  async (path) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ colorScheme });
      await page.goto(address + path, { waitUntil: 'networkidle' });
      if (path === 'lab/compare') {
        await page.click('text=Take an example');
        await page.waitForSelector('.figures');
      }
      expect(await seriousFaults(page), colorScheme).toEqual([]);
      await page.close();
    }
  },
);

test.runIf(screenshots !== undefined)('pictures, to be looked at', { timeout: 300_000 }, async () => {
  mkdirSync(screenshots!, { recursive: true });
  for (const width of [1280, 390]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      for (const path of ['', 'getting-started', 'reference/ssimLoss', 'lab/compare', 'lab/defects']) {
        await page.goto(address + path, { waitUntil: 'networkidle' });
        await page.screenshot({
          path: join(screenshots!, `${path.replace('/', '-') || 'home'}-${width}-${colorScheme}.png`),
        });
      }
      await page.close();
    }
  }
});
