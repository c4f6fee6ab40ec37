import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshProject } from '../house/support/freshProject.js';
import { partsOf } from '../house/support/pasted.js';
import { disagreements } from '../house/support/examples.js';
import { root } from '../house/support/source.js';

// docs/detector.md as its reader would use it in Node, on stripes, with smaller patches and fewer steps than the page has. Its web
// page is tested in test/apps/detector.test.ts.
const page = partsOf(readFileSync(join(root, 'docs', 'detector.md'), 'utf8'));
const project = freshProject();

/** Stripes that begin anywhere; a defective picture has a square without any. */
async function draw(path: string, k: number, defective = false): Promise<void> {
  const [height, width] = [44, 40 + (k % 5)];
  const data = Uint8Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    const inside = defective && Math.abs(y - 22) < 7 && Math.abs(x - 20) < 7;
    return inside ? 230 : 128 + 70 * Math.sin(1.1 * x + 2.3 * k) + ((i * 37) % 11);
  });
  await sharp(data, { raw: { width, height, channels: 1 } })
    .png()
    .toFile(join(project.folder, path));
}

beforeAll(async () => {
  project.install(page.packages);
  for (const { name, code } of page.files) {
    const shorter = code
      .replace('size: 64', 'size: 32')
      .replace('    seed: 1,\n    onProgress', '    seed: 1, steps: 400, batchSize: 8,\n    onProgress');
    project.write(name, name === 'train.mjs' ? shorter : code);
  }
  mkdirSync(join(project.folder, 'good'));
  for (let k = 0; k < 60; k++) await draw(`good/${100 + k}.png`, k);
  await draw('fine.png', 101);
  await draw('torn.png', 102, true);
});
afterAll(() => project.remove());

test('from a folder of images to a saved detector, and from there to verdicts', async () => {
  const trained = await project.run('node train.mjs good');
  expect(trained.code, trained.error).toBe(0);
  expect(trained.out).toMatch(/^reproduced: \d+ %$/m);
  expect(trained.out).toMatch(/^threshold: [\d.]+$/m);
  expect(trained.error).toMatch(/100 of 400, loss [\d.]+, \d+ s left/);
  expect(
    ['model.json', 'weights.bin'].every((name) => existsSync(join(project.folder, 'detector', name))),
  ).toBe(true);

  const judged = await project.run('node inspect.mjs fine.png torn.png');
  expect(judged.code, judged.error).toBe(0);
  expect(judged.out).toMatch(/^fine\.png: good\ntorn\.png: defective\n {2}\d+ pixels, rows \d+ to \d+/);
  const [, top, bottom] = /rows (\d+) to (\d+)/.exec(judged.out)!;
  expect(Number(top)).toBeLessThan(22);
  expect(Number(bottom)).toBeGreaterThan(22);
});

test('resume.mjs prints what the page says', async () => {
  const ran = await project.run('node resume.mjs');
  expect(ran.code, ran.error).toBe(0);
  const { code } = page.files.find(({ name }) => name === 'resume.mjs')!;
  expect(disagreements('resume.mjs', code, ran)).toEqual([]);
});
