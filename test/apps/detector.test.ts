import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumOptions } from '../../bench/running/chromiumOptions.js';
import { freshProject } from '../house/support/freshProject.js';
import type { FreshProject } from '../house/support/freshProject.js';
import { partsOf } from '../house/support/pasted.js';
import { root } from '../house/support/source.js';
import { serve } from '../../bench/running/serve.js';

// The web page of docs/detector.md, built by Vite, with smaller patches and fewer steps; and a detector from Node in it.
const read = (name: string): string => readFileSync(join(root, 'docs', name), 'utf8');
const page = partsOf(read('detector.md'));
const codeOf = (parts: typeof page, name: string): string =>
  parts.files.find((file) => file.name === name)!.code;

const size = { height: 44, width: 40 };
/** Stripes that begin anywhere; a defective picture has a square without any. */
const pixels = (k: number, defective = false): Uint8Array =>
  Uint8Array.from({ length: size.height * size.width }, (_, i) => {
    const [y, x] = [Math.floor(i / size.width), i % size.width];
    const inside = defective && Math.abs(y - 22) < 7 && Math.abs(x - 20) < 7;
    return inside ? 230 : 128 + 70 * Math.sin(1.1 * x + 2.3 * k) + ((i * 37) % 11);
  });
const file = async (name: string, data: Uint8Array) => ({
  name,
  mimeType: 'image/png',
  buffer: await sharp(data, { raw: { ...size, channels: 1 } })
    .png()
    .toBuffer(),
});

/** In Node: trains, saves, and prints what the detector says of an image. */
const made = `
import fs from 'node:fs/promises';
import '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';
import { autoencoder, defectDetector, folderHandler, trainAutoencoder } from 'ssim-ae/autoencoder';
await setBackend('wasm');
const { good, test } = JSON.parse(await fs.readFile('images.json', 'utf8'));
const image = (data) => ({ data: Uint8Array.from(data), height: 44, width: 40 });
const model = autoencoder({ size: 32, seed: 1 });
await trainAutoencoder(model, good.map(image), { steps: 20, batchSize: 4, seed: 1 });
const detector = await defectDetector(model, good.map(image), { falseAlarmRate: 0.1 });
await detector.save(folderHandler('dist/detector', fs));
const { map, score, threshold, mask } = await detector.inspect(image(test));
console.log(JSON.stringify({ map: [...map.data], score, threshold, mask: [...mask] }));
`;
const asked = `
globalThis.inspected = async (address, data) => {
  await setBackend('wasm');
  const detector = await loadDetector(address);
  const image = { data: Uint8Array.from(data), height: 44, width: 40 };
  const { map, score, threshold, mask } = await detector.inspect(image);
  return { map: [...map.data], score, threshold, mask: [...mask] };
};
`;

interface Said {
  readonly map: number[];
  readonly score: number;
  readonly threshold: number;
  readonly mask: number[];
}

let project: FreshProject;
let server: Server;
let browser: Browser;
let opened: Page;
let inNode: Said;
const failures: string[] = [];
beforeAll(async () => {
  project = freshProject();
  project.install(page.packages);
  project.write('wasm.mjs', codeOf(partsOf(read('browser.md')), 'wasm.mjs'));
  project.write('index.html', codeOf(page, 'index.html'));
  const shorter = codeOf(page, 'main.mjs')
    .replace('size: 64', 'size: 32')
    .replace('    seed: 1,\n    onProgress', '    seed: 1, steps: 400, batchSize: 8,\n    onProgress');
  project.write('main.mjs', shorter + asked);
  const built = await project.run('npx vite build');
  expect(built.code, built.out + built.error).toBe(0);
  const images = { good: Array.from({ length: 10 }, (_, k) => [...pixels(k)]), test: [...pixels(50, true)] };
  project.write('images.json', JSON.stringify(images));
  project.write('make.mjs', made);
  const ran = await project.run('node make.mjs');
  expect(ran.code, ran.error).toBe(0);
  inNode = JSON.parse(ran.out) as Said;
  const served = await serve(join(project.folder, 'dist'));
  server = served.server;
  browser = await chromium.launch(chromiumOptions);
  opened = await browser.newPage();
  opened.on('console', (message) => message.type() === 'error' && failures.push(message.text()));
  opened.on('pageerror', ({ message }) => failures.push(message));
  await opened.goto(served.address);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  server?.close();
  project?.remove();
});

const says = (pattern: RegExp): Promise<unknown> =>
  opened.waitForFunction(
    (source) => new RegExp(source).test(document.querySelector('output')!.textContent),
    pattern.source,
    { timeout: 150_000 },
  );

test('a detector that was trained in Node says the same in Chromium', async () => {
  const inChromium = (await opened.evaluate(
    ([address, data]) =>
      (globalThis as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)['inspected']!(
        address,
        data,
      ),
    ['detector/model.json', [...pixels(50, true)]] as const,
  )) as Said;
  const furthest = inNode.map.reduce(
    (most, value, k) => Math.max(most, Math.abs(value - inChromium.map[k]!)),
    0,
  );
  expect(furthest).toBeLessThan(1e-4);
  expect(inChromium.map).toHaveLength(inNode.map.length);
  expect(inChromium.threshold).toBe(inNode.threshold);
  expect(Math.abs(inChromium.score - inNode.score)).toBeLessThan(1e-4);
});

test('the page trains on chosen images, keeps the detector, and judges others', async () => {
  const good = await Promise.all(Array.from({ length: 50 }, (_, k) => file(`${k}.png`, pixels(k))));
  await opened.setInputFiles('#good', good.slice(0, 20));
  // Four are held back: too few for a tenth.
  await says(/takes at least 9 good images/);
  await opened.setInputFiles('#good', good);
  await says(/^Trained\./);
  await opened.reload();
  await opened.setInputFiles('#test', [
    await file('fine.png', pixels(101)),
    await file('torn.png', pixels(102, true)),
  ]);
  await says(/^Judged: /);
  expect(await opened.textContent('output')).toBe('Judged: good, defective.');
  expect(failures).toEqual([]);
}, 240_000);
