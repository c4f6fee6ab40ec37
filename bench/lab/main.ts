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
import { aucOf, pixelAucOf } from '../inspection/pixelAuc.js';
import type { Picture, TestPicture } from '../pictures/dataset.js';
import { weaveDataset } from '../pictures/weave.js';
import { launched } from '../running/chromium.js';
import { command } from '../running/command.js';
import { InputError } from '../running/inputError.js';
import { numberOf, parseFlags } from '../running/flags.js';
import { outFolder } from '../running/outFolder.js';
import { serve } from '../running/serve.js';
import { visit } from './reader.js';
import type { Upload } from './reader.js';

const root = join(import.meta.dirname, '../..');
const site = join(root, 'docs/.vitepress/dist');

const usage = `Builds the site, and lets headless Chromium train a detector on the lab's page from 20 drawn pictures of 256 × 256 pixels, with the
page's own settings. Says how long it took, and how well the detector ranks pixels and pictures.

  npx tsx bench/lab/main.ts -- [options]

  --backend NAME    auto, webgpu, webgl, wasm or cpu (auto)
  --good N          good pictures (20)
  --each N          pictures to judge of each kind of defect, and twice as many good ones (4)
  --seed N          seed of the cloth (11)
  --out DIR         where the detector's files go (lab-out)
  --built           take the site that is built already
  --help            this text
`;

async function main(argv: readonly string[]): Promise<void> {
  const values = parseFlags(argv[0] === '--' ? argv.slice(1) : argv, {
    backend: { type: 'string', default: 'auto' },
    good: { type: 'string', default: '20' },
    each: { type: 'string', default: '4' },
    seed: { type: 'string', default: '11' },
    out: { type: 'string', default: 'lab-out' },
    built: { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (values.help === true) {
    console.log(usage);
    return;
  }
  const backends = ['auto', 'webgpu', 'webgl', 'wasm', 'cpu'];
  if (!backends.includes(values.backend)) {
    throw new InputError(`--backend must be one of ${backends.join(', ')}, but got "${values.backend}".`);
  }
  const [train, ofEachKind] = (['good', 'each'] as const).map((name) =>
    numberOf(name, values[name], name === 'good' ? 3 : 1, 'whole '),
  ) as [number, number];
  const seed = numberOf('seed', values.seed, 0, 'whole ');
  const out = outFolder(values.out, 1 << 20);
  if (values.built !== true) execFileSync('npm', ['run', 'docs:build'], { cwd: root, stdio: 'inherit' });

  const set = weaveDataset(seed, { size: 256, train, good: 2 * ofEachKind, ofEachKind });
  const good = await Promise.all(set.train.map((picture, k) => upload(picture, `good ${k + 1}.png`)));
  const test = await Promise.all(
    set.test.map((picture) => upload(picture, `${picture.name.replace('/', ' ')}.png`)),
  );

  const { server, address } = await serve(site);
  const browser = await launched();
  try {
    const { files, ...trained } = await visit(browser, address, { good, test, backend: values.backend });
    console.log(trained.outcome);
    console.log(`${trained.seconds.toFixed(1)} s from the button to the detector`);
    // The page shows the newest first, those given together in their order.
    const labels = Uint8Array.from(set.test, ({ kind }) => (kind === 'good' ? 0 : 1));
    const right = trained.verdicts.filter((text, k) => (text === 'defective') === (labels[k] === 1)).length;
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
  const { all, kinds } = pixelAucOf(pictures, maps);
  const labels = Uint8Array.from(pictures, ({ kind }) => (kind === 'good' ? 0 : 1));
  console.log(
    `loaded in Node: scores differ by ${apart.toExponential(1)} at most from the page's, which have four digits`,
  );
  const each = pictures.flatMap(({ mask }, k) => aucOf(maps[k]!, mask) ?? []);
  console.log(
    `ROC AUC: pixels ${all!.toFixed(3)}, within ${(each.reduce((sum, auc) => sum + auc, 0) / each.length).toFixed(3)}, ` +
      `pictures ${aucOf(Float32Array.from(pageScores), labels)!.toFixed(3)}`,
  );
  for (const [kind, auc] of Object.entries(kinds)) console.log(`  ${kind}: pixels ${auc!.toFixed(3)}`);
}

async function upload({ data, width, height }: Picture, name: string): Promise<Upload> {
  const bytes = Uint8Array.from(data, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
  const buffer = await sharp(bytes, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
  return { name, mimeType: 'image/png', buffer };
}

await command('lab', main);
