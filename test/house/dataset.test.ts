import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf } from './support/examples.js';
import { root } from './support/source.js';

// docs/dataset.md as its reader would use it, on real images where they are.
const data = join(root, '..', 'shared', 'data', 'aitex_fabric_02');
const folder = join(root, '.dataset');
const files = new Map(
  blocksOf(readFileSync(join(root, 'docs', 'dataset.md'), 'utf8')).flatMap(({ info, code }) => {
    const name = /^\/\/ (\w+\.mjs)\n/.exec(code)?.[1];
    return info === 'js' && name !== undefined ? [[name, code] as const] : [];
  }),
);

/** What scikit-learn says of the scores that the guide judged; undefined without it. */
function scikitLearn(): number | undefined {
  const script =
    'import numpy, sklearn.metrics; print(repr(sklearn.metrics.roc_auc_score(' +
    'numpy.fromfile("truth.u8", numpy.uint8), numpy.fromfile("scores.f32", numpy.float32))))';
  try {
    return Number(execFileSync('/usr/bin/python3', ['-c', script], { cwd: folder, stdio: 'pipe' }));
  } catch {
    return undefined;
  }
}

test('the way from an image to a verdict takes less than 30 lines', () => {
  expect([...files.keys()].sort()).toEqual(['images.mjs', 'judge.mjs', 'model.mjs']);
  const lines = files
    .get('judge.mjs')!
    .split('\n')
    .filter((line) => !/^\s*(\/\/.*)?$/.test(line));
  expect(lines.length).toBeLessThan(30);
});

describe.skipIf(!existsSync(data))('docs/dataset.md, on woven fabric', () => {
  let printed = '';
  beforeAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const [name, code] of files) writeFileSync(join(folder, name), code);
    // What is judged is written down at the end, for others to judge.
    const ending = [
      `const { writeFileSync } = await import('node:fs');`,
      `writeFileSync('scores.f32', new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength));`,
      `writeFileSync('truth.u8', truth);`,
    ];
    writeFileSync(join(folder, 'judge.mjs'), `${files.get('judge.mjs')}\n${ending.join('\n')}\n`);
    const { stdout } = await promisify(execFile)(process.execPath, ['judge.mjs', data], { cwd: folder });
    printed = stdout;
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const figure = (name: string): number => Number(new RegExp(`${name} ([\\d.]+)`).exec(printed)?.[1]);

  test('its figures are about those that the page has', () => {
    expect(figure('ROC AUC of the pixels')).toBeGreaterThan(0.97);
    expect(figure('ROC AUC of the images')).toBeGreaterThan(0.8);
    expect(figure('AU-PRO')).toBeGreaterThan(0.85);
    expect(printed).toMatch(/^\d+ found, of them good: \d$/m);
  });

  test('scikit-learn gives the same ROC AUC, where it is', ({ skip }) => {
    const theirs = scikitLearn();
    if (theirs === undefined) return skip('no scikit-learn');
    expect(Math.abs(figure('ROC AUC of the pixels') - theirs)).toBeLessThan(1e-9);
  });

  test('the picture is one', () => {
    expect(readFileSync(join(folder, 'overlay.png')).subarray(1, 4).toString()).toBe('PNG');
  });
});
