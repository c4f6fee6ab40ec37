/**
 * The lab's page that finds defects, as a reader uses it, in headless Chromium: `npx tsx bench/lab/main.ts`, with `--help` for its
 * options. It trains on drawn cloth, judges other pictures of it, and judges these again in Node by the files that the page writes.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { folderHandler, loadDetector } from '../../src/autoencoder.js';
import { figureText } from '../inspection/figureTable.js';
import { figuresOf, imageAucOf } from '../inspection/figures.js';
import type { Picture, TestPicture } from '../pictures/dataset.js';
import { weaveDataset } from '../pictures/weave.js';
import { launched } from '../running/chromium.js';
import { command } from '../running/command.js';
import { choice, readerOf, text, toggle, whole } from '../running/flags.js';
import type { Values } from '../running/flags.js';
import { outFolder } from '../running/outFolder.js';
import { serve } from '../running/serve.js';
import { visit } from './reader.js';
import type { Upload } from './reader.js';

const root = join(import.meta.dirname, '../..');
const site = join(root, 'docs/.vitepress/dist');

const backends = ['auto', 'webgpu', 'webgl', 'wasm', 'cpu'] as const;

const flags = {
  backend: choice('NAME', `${backends.join(', ')} (auto)`, backends),
  good: whole('N', 'good pictures (20)', 3),
  each: whole('N', 'pictures to judge of each kind of defect, and twice as many good ones (4)', 1),
  seed: whole('N', 'seed of the cloth (11)'),
  out: text('DIR', "where the detector's files go (lab-out)"),
  built: toggle('take the site that is built already'),
};

const introduction = `Builds the site, and lets headless Chromium train a detector on the lab's page from 20 drawn pictures of 256 × 256 pixels, with the
page's own settings. Says how long it took, and how well the detector ranks pixels and pictures.

  npx tsx bench/lab/main.ts -- [options]

`;

async function main(values: Values<typeof flags>): Promise<void> {
  const { backend = 'auto', good: train = 20, each: ofEachKind = 4, seed = 11 } = values;
  const out = outFolder(values.out ?? 'lab-out', 1 << 20);
  if (values.built !== true) execFileSync('npm', ['run', 'docs:build'], { cwd: root, stdio: 'inherit' });

  const set = weaveDataset(seed, { size: 256, train, good: 2 * ofEachKind, ofEachKind });
  const good = await Promise.all(set.train.map((picture, k) => upload(picture, `good ${k + 1}.png`)));
  const test = await Promise.all(
    set.test.map((picture) => upload(picture, `${picture.name.replace('/', ' ')}.png`)),
  );

  const { server, address } = await serve(site);
  const browser = await launched();
  try {
    const { files, ...trained } = await visit(browser, address, { good, test, backend });
    console.log(trained.outcome);
    console.log(`${trained.seconds.toFixed(1)} s from the button to the detector`);
    // The page shows the newest first, those given together in their order.
    const isRight = (verdict: string, k: number): boolean =>
      (verdict === 'defective') === (set.test[k]!.kind !== 'good');
    const right = trained.verdicts.filter(isRight).length;
    console.log(
      `${test.length} pictures judged in ${trained.judgingSeconds.toFixed(1)} s, ${right} of them rightly`,
    );
    writeFileSync(join(out, 'model.json'), files.model);
    writeFileSync(join(out, 'weights.bin'), files.weights);
    await inNode(out, set.test, test, trained.scores);
  } finally {
    await browser.close();
    server.close();
  }
}

/** The same pictures by the files that the page wrote. */
async function inNode(
  folder: string,
  pictures: readonly TestPicture[],
  uploads: readonly Upload[],
  pageScores: readonly number[],
): Promise<void> {
  await setBackend('wasm');
  const detector = await loadDetector(folderHandler(folder, fs));
  const maps: Float32Array[] = [];
  const scores: number[] = [];
  for (const { buffer } of uploads) {
    const { data, info } = await sharp(buffer).raw().toBuffer({ resolveWithObject: true });
    const { map, score } = await detector.inspect({ data, ...info });
    maps.push(map.data);
    scores.push(score);
  }
  const apart = Math.max(...scores.map((score, k) => Math.abs(score - pageScores[k]!)));
  const { pixels, within, kinds } = figuresOf(pictures, maps);
  console.log(
    `loaded in Node: scores differ by ${apart.toExponential(1)} at most from the page's, which have four digits`,
  );
  console.log(
    `ROC AUC: pixels ${figureText(pixels)}, within ${figureText(within)}, pictures ${figureText(imageAucOf(pictures, pageScores))}`,
  );
  for (const [kind, auc] of Object.entries(kinds)) console.log(`  ${kind}: pixels ${figureText(auc)}`);
}

async function upload({ data, width, height }: Picture, name: string): Promise<Upload> {
  const bytes = Uint8Array.from(data, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
  const buffer = await sharp(bytes, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
  return { name, mimeType: 'image/png', buffer };
}

await command('lab', readerOf(flags, introduction), main);
