import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../bench/data/inputError.js';
import { readMvtec } from '../../bench/data/mvtec.js';

let root = '';
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'ssim-ae-set-'));
  await picture('train/good/000.png', 40, 48, 51);
  await picture('train/good/001.png', 64, 33, 102);
  await picture('test/good/000.png', 40, 40, 51);
  await picture('test/tear/000.png', 36, 44, 51);
  await mask('ground_truth/tear/000_mask.png', 36, 44, 5);
});
afterEach(() => rmSync(root, { recursive: true }));

async function picture(
  path: string,
  height: number,
  width: number,
  grey: number,
  channels: 1 | 3 = 1,
): Promise<void> {
  await write(path, height, width, channels, Buffer.alloc(height * width * channels, grey));
}

async function mask(path: string, height: number, width: number, defective: number): Promise<void> {
  await write(path, height, width, 1, Buffer.alloc(height * width).fill(255, 0, defective));
}

async function write(
  path: string,
  height: number,
  width: number,
  channels: 1 | 3,
  data: Buffer,
): Promise<void> {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  const image = sharp(data, { raw: { height, width, channels } });
  await (channels === 1 ? image.toColourspace('b-w') : image).png().toFile(file);
}

describe('readMvtec', () => {
  test('reads images of different sizes, with their kinds and masks', async () => {
    const { train, test: tested } = await readMvtec(root, 32);
    expect(train.map(({ height, width, channels }) => [height, width, channels])).toEqual([
      [40, 48, 1],
      [64, 33, 1],
    ]);
    expect(train[1]!.data[7]).toBeCloseTo(0.4, 6);
    expect(tested.map(({ name }) => name)).toEqual(['good/000.png', 'tear/000.png']);
    expect(tested.map(({ mask }) => mask.reduce((sum, value) => sum + value, 0))).toEqual([0, 5]);
    expect([...tested[1]!.mask.subarray(0, 7)]).toEqual([1, 1, 1, 1, 1, 0, 0]);
  });

  test('keeps colour, and brings every image to the channels of the first', async () => {
    await picture('train/good/000.png', 40, 48, 51, 3);
    const { train, test: tested } = await readMvtec(root, 32);
    expect([...train, ...tested].map(({ channels }) => channels)).toEqual([3, 3, 3, 3]);
    expect([...tested[0]!.data.subarray(0, 3)].map((value) => value.toFixed(4))).toEqual([
      '0.2000',
      '0.2000',
      '0.2000',
    ]);
  });

  const mistakes: [string, () => void | Promise<void>, RegExp][] = [
    ['no folder', () => rmSync(root, { recursive: true }) ?? mkdirSync(root), /train\/good is missing/],
    ['no test folder', () => rmSync(join(root, 'test'), { recursive: true }), /test is missing/],
    [
      'no defects',
      () => rmSync(join(root, 'test/tear'), { recursive: true }),
      /no folder of defective images/,
    ],
    ['no masks', () => rmSync(join(root, 'ground_truth'), { recursive: true }), /000_mask\.png is missing/],
    ['an empty mask', () => mask('ground_truth/tear/000_mask.png', 36, 44, 0), /masks .* are all empty/],
    [
      'a mask of another size',
      () => mask('ground_truth/tear/000_mask.png', 44, 36, 5),
      /has 36×44 pixels, its image 44×36/,
    ],
    [
      'a broken image',
      () => writeFileSync(join(root, 'test/tear/000.png'), 'no image'),
      /000\.png cannot be read/,
    ],
    [
      'a small image',
      () => picture('test/good/000.png', 40, 20, 51),
      /has 20×40 pixels, less than a patch of 32/,
    ],
    ['no images', () => rmSync(join(root, 'test/good/000.png')), /test\/good holds no image/],
  ];
  test.each(mistakes)('tells of %s in one line', async (_, spoil, message) => {
    await spoil();
    const error: unknown = await readMvtec(root, 32).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('\n');
  });
});
