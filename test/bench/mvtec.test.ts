import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encode } from 'bmp-ts';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
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

async function bitmap(image: Sharp): Promise<Buffer> {
  const { data: rgb, info } = await image.raw().toBuffer({ resolveWithObject: true });
  const data = Buffer.alloc(info.width * info.height * 4);
  for (let k = 0; k < info.width * info.height; k++) {
    data.set([255, rgb[3 * k + 2]!, rgb[3 * k + 1]!, rgb[3 * k]!], 4 * k); // alpha, blue, green, red
  }
  return encode({ data, width: info.width, height: info.height, bitPP: 24 }).data;
}

/** 8 bits with a palette of greys, byte by byte, as cameras write it. */
function greyBitmap(height: number, width: number, grey: number): Buffer {
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(54 + 1024 + height * width, 2);
  header.writeUInt32LE(54 + 1024, 10); // where the pixels begin
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(8, 28);
  header.writeUInt32LE(height * width, 34);
  header.writeUInt32LE(256, 46);
  const palette = Buffer.from(Uint8Array.from({ length: 1024 }, (_, k) => (k % 4 === 3 ? 0 : k >> 2)));
  return Buffer.concat([header, palette, Buffer.alloc(height * width, grey)]);
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

  test.each([
    ['jpg', (image: Sharp) => image.jpeg({ quality: 100 }).toBuffer()],
    ['tiff', (image: Sharp) => image.tiff({ compression: 'lzw' }).toBuffer()],
    ['webp', (image: Sharp) => image.webp({ lossless: true }).toBuffer()],
    ['png', (image: Sharp) => image.toColourspace('rgb16').png().toBuffer()],
    ['bmp', bitmap],
  ])('reads %s, the pixels that were written', async (ending, encoded) => {
    rmSync(join(root, 'train/good/000.png'));
    const pixels = Buffer.from(Uint8Array.from({ length: 40 * 48 * 3 }, (_, k) => (k % 3) * 40 + 60));
    const image = sharp(pixels, { raw: { height: 40, width: 48, channels: 3 } });
    writeFileSync(join(root, `train/good/000.${ending}`), await encoded(image));
    const { train } = await readMvtec(root, 32);
    expect([train[0]!.height, train[0]!.width, train[0]!.channels]).toEqual([40, 48, 3]);
    train[0]!.data.forEach((value, k) => {
      expect(Math.abs(255 * value - ((k % 3) * 40 + 60))).toBeLessThan(ending === 'jpg' ? 4 : 0.5);
    });
  });

  test('reads a grey BMP as grey, and 16 bits of grey', async () => {
    const grey = sharp(Buffer.alloc(40 * 48, 77), { raw: { height: 40, width: 48, channels: 1 } });
    rmSync(join(root, 'train/good/000.png'));
    writeFileSync(join(root, 'train/good/000.bmp'), greyBitmap(40, 48, 77));
    writeFileSync(
      join(root, 'train/good/001.tif'),
      await grey.toColourspace('grey16').tiff({ compression: 'lzw' }).toBuffer(),
    );
    rmSync(join(root, 'train/good/001.png'));
    const { train } = await readMvtec(root, 32);
    expect(train.map(({ channels }) => channels)).toEqual([1, 1]);
    for (const { data: values } of train) values.forEach((value) => expect(value).toBeCloseTo(77 / 255, 2));
  });

  test('makes images and masks smaller', async () => {
    const { train, test: tested } = await readMvtec(root, 16, 2);
    expect(train.map(({ height, width }) => [height, width])).toEqual([
      [20, 24],
      [32, 17],
    ]);
    expect(train[0]!.data[0]).toBeCloseTo(0.2, 2);
    expect(tested[1]!.mask).toHaveLength(18 * 22);
  });

  test('reads a BMP with a palette of colours', async () => {
    const bytes = greyBitmap(40, 48, 200);
    bytes.set([10, 20, 30], 54 + 4 * 200); // blue, green, red
    rmSync(join(root, 'train/good/000.png'));
    writeFileSync(join(root, 'train/good/000.bmp'), bytes);
    const { train } = await readMvtec(root, 32);
    expect(train[0]!.channels).toBe(3);
    expect([...train[0]!.data.subarray(0, 3)].map((value) => Math.round(255 * value))).toEqual([30, 20, 10]);
  });

  test('a mask may be named as its image is, have another ending, and be 0 and 1', async () => {
    rmSync(join(root, 'ground_truth/tear/000_mask.png'));
    const mask = sharp(Buffer.alloc(36 * 44).fill(1, 0, 7), { raw: { height: 36, width: 44, channels: 1 } });
    writeFileSync(
      join(root, 'ground_truth/tear/000.tif'),
      await mask.toColourspace('b-w').tiff({ compression: 'lzw' }).toBuffer(),
    );
    const { test: tested } = await readMvtec(root, 32);
    expect(tested[1]!.mask.reduce((sum, value) => sum + value, 0)).toBe(7);
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
      'a broken BMP',
      () => writeFileSync(join(root, 'train/good/000.bmp'), 'BM, but no more'),
      /000\.bmp cannot be read as an image/,
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
