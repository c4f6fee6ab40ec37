import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshProject } from '../house/support/freshProject.js';
import { partsOf } from '../house/support/pasted.js';
import { root } from '../house/support/source.js';

// docs/dataset.md as its reader would use it, on real images where they are.
const data = join(root, '..', 'shared', 'data', 'aitex_fabric_02');
const page = partsOf(readFileSync(join(root, 'docs', 'dataset.md'), 'utf8'));
const files = new Map(page.files.map(({ name, code }) => [name, code] as const));
const project = freshProject();
const { folder } = project;

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

beforeAll(() => {
  project.install(page.packages);
  for (const [name, code] of files) project.write(name, code);
});
afterAll(() => project.remove());

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
    // What is judged is written down at the end, for others to judge.
    const ending = [
      `const { writeFileSync } = await import('node:fs');`,
      `writeFileSync('scores.f32', new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength));`,
      `writeFileSync('truth.u8', truth);`,
    ];
    writeFileSync(join(folder, 'judge.mjs'), `${files.get('judge.mjs')}\n${ending.join('\n')}\n`);
    const { stdout } = await promisify(execFile)(process.execPath, ['judge.mjs', data], { cwd: folder });
    printed = stdout;
  }, 600_000);

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

// Nothing is trained here: the page's reader against what Pillow, tifffile and numpy wrote, test/fixtures/pictures.py.
describe('the reader of docs/dataset.md', () => {
  interface Written {
    readonly name: string;
    readonly data: string;
    readonly width: number;
    readonly height: number;
  }
  const fixtures = JSON.parse(readFileSync(join(root, 'test/fixtures/pictures.json'), 'utf8')) as {
    readonly pictures: (Written & {
      readonly channels: number;
      readonly values: number[];
      readonly tolerance: number;
    })[];
    readonly masks: (Written & { readonly mask: string })[];
    readonly refused: { readonly name: string; readonly data: string }[];
  };
  const endingOf = ({ name }: { readonly name: string }): string => name.slice(name.lastIndexOf('.'));
  const put = (path: string, data: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), Buffer.from(data, 'base64'));
  };
  const same = ({ width, height }: Written): boolean => width === 8 && height === 5;
  /** What the reader makes of a set. */
  const reading = [
    `import '@tensorflow/tfjs-backend-cpu';`,
    `import { namesIn, read, readMasks, size } from './images.mjs';`,
    `const train = await read('train/good', namesIn('train/good'));`,
    `const names = namesIn('test');`,
    `const test = await read('test', names);`,
    `console.log(JSON.stringify({ size, names, train: [...train.dataSync()], masks: (await readMasks(names)).join('') }));`,
  ].join('\n');
  interface Read {
    readonly names: string[];
    readonly train: number[];
    readonly masks: string;
  }
  const node = (args: readonly string[]): Promise<{ code: number; out: string; error: string }> =>
    new Promise((resolve) => {
      execFile(process.execPath, args, { cwd: folder, maxBuffer: 1 << 26 }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, error: err }),
      );
    });
  /** But for tfjs's greeting. */
  const linesOf = (error: string): string[] =>
    error.split('\n').filter((line) => line !== '' && !/^(=+$|Hi, looks like you are running)/.test(line));
  const grey = fixtures.pictures.find(({ name }) => name === 'grey.png')!;
  const white = fixtures.masks.find(({ name }) => name === 'white.png')!;
  const black = fixtures.masks.find(({ name }) => name === 'black.png')!;
  beforeAll(() => {
    project.install(['@tensorflow/tfjs-backend-cpu']); // for this test's own file alone
    project.write('reading.mjs', reading);
  });

  test('node judge.mjs without a folder says how to call it', async () => {
    const { code, out, error } = await node(['judge.mjs']);
    expect([code, out]).toEqual([1, '']);
    expect(error).toBe('judge.mjs: which images? Call it as: node judge.mjs path/to/dataset\n');
  });

  test('reads pictures and masks of every kind, but BMP', async () => {
    const pictures = fixtures.pictures.filter(
      (picture) => same(picture) && picture.channels === 1 && endingOf(picture) !== '.bmp',
    );
    const masks = fixtures.masks.filter((mask) => same(mask) && mask !== black && endingOf(mask) !== '.bmp');
    const number = (k: number): string => String(k).padStart(3, '0');
    pictures.forEach((picture, k) => put(`set/train/good/${number(k)}${endingOf(picture)}`, picture.data));
    put('set/test/good/000.png', grey.data);
    const suffixes = ['_mask', '', '_label', '_MASK'];
    masks.forEach((mask, k) => {
      put(`set/test/tear/${number(k)}.png`, grey.data);
      const ending = k % 3 === 0 ? endingOf(mask).toUpperCase() : endingOf(mask);
      put(`set/ground_truth/tear/${number(k)}${suffixes[k % 4]}${ending}`, mask.data);
    });
    for (const path of ['train/good/._000.png', 'test/.ipynb_checkpoints/000.png', 'test/tear/Thumbs.db'])
      put(`set/${path}`, '');
    put('set/test/__MACOSX/000.png', '');
    put('set/test/tear/notes.txt', '');
    put('set/test/tear/999.bmp', '');
    put('set/test/tear/more/000.png', '');
    put('elsewhere/000.png', grey.data);
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'set/test/crease'));
    put('set/ground_truth/crease/000.png', black.data);

    const { code, out, error } = await node(['reading.mjs', 'set']);
    expect(code, error).toBe(0);
    expect(linesOf(error)).toEqual([
      expect.stringMatching(/^! set.test.tear: not read: 999\.bmp, more, notes\.txt\.$/),
      '! the mask of crease/000.png is all black.',
    ]);
    const read = JSON.parse(out) as Read;
    expect(read.names).toHaveLength(2 + masks.length);
    expect(read.train).toHaveLength(40 * pictures.length);
    pictures.forEach(({ name, values, tolerance }, k) => {
      values.forEach((value, i) =>
        expect(Math.abs(read.train[40 * k + i]! - value), name).toBeLessThan(tolerance + 1e-6),
      );
    });
    const seen = (k: number): string => read.masks.slice(40 * k, 40 * (k + 1));
    expect([seen(0), seen(1)]).toEqual(['0'.repeat(40), '0'.repeat(40)]);
    masks.forEach(({ name, mask }, k) => expect(seen(2 + k), name).toBe(mask));
  });

  test('turns pictures and masks', async () => {
    const turned = fixtures.masks.find(({ name }) => name === 'turned.png')!;
    const picture = fixtures.pictures.find(({ name }) => name === 'turned sixteen bits.png')!;
    for (const path of ['train/good', 'test/tear']) put(`turned/${path}/0.png`, picture.data);
    put('turned/ground_truth/tear/0.png', turned.data);
    const { out, error } = await node(['reading.mjs', 'turned']);
    const read = JSON.parse(out || error) as Read & { size: object };
    expect(read.size).toEqual({ width: 5, height: 8 });
    expect(read.masks).toBe(turned.mask);
    picture.values.forEach((value, k) => expect(read.train[k]).toBeCloseTo(value, 6));
  });

  test('every mistake is one line', async () => {
    const set = (name: string, parts: Readonly<Record<string, string>>): string => {
      const whole = {
        'train/good/0.png': grey.data,
        'test/tear/0.png': grey.data,
        'ground_truth/tear/0.png': white.data,
      };
      for (const [path, data] of Object.entries({ ...whole, ...parts }))
        if (data !== 'none') put(`${name}/${path}`, data);
      return name;
    };
    const turned = fixtures.pictures.find(({ name }) => name === 'turned.png')!;
    const mistakes: [string, RegExp][] = [
      ['nowhere', /nowhere.train.good cannot be read: ENOENT/],
      [
        set('no-mask', { 'ground_truth/tear/0.png': 'none', 'ground_truth/tear/1.png': white.data }),
        /tear\/0_mask\.png is missing/,
      ],
      [
        set('black', { 'ground_truth/tear/0.png': black.data }),
        /the masks in black.ground_truth are all empty/,
      ],
      [set('sizes', { 'test/tear/0.png': turned.data }), /0\.png has 5×8 pixels, not 8×5/],
      [set('no-image', { 'test/tear/0.png': 'none', 'test/tear/0.gif': '' }), /test.tear holds no image/],
      ...fixtures.refused
        .filter(({ name }) => ['NaN.tif', 'whole numbers of 32 bits.tif', 'truncated.png'].includes(name))
        .map((refused, k): [string, RegExp] => [
          set(`refused-${k}`, { [`train/good/1${endingOf(refused)}`]: refused.data }),
          /train.good.1\.(png|tif)/,
        ]),
    ];
    for (const [name, message] of mistakes) {
      const { code, error } = await node(['reading.mjs', name]);
      expect.soft(code, name).toBe(1);
      const told = linesOf(error).filter((line) => !line.startsWith('! '));
      expect.soft(told, name).toEqual([expect.stringMatching(message)]);
    }
  });
});
