import { encode } from 'bmp-ts';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readMvtec, readTraining } from '../../../bench/pictures/files/mvtec.js';
import { withImplants } from '../../../bench/pictures/implants.js';
import { InputError } from '../../../bench/running/inputError.js';

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

/** 255 becomes 65535, where sharp would make 65280 of it. */
async function sixteenBits(image: Sharp): Promise<Buffer> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return sharp(
    Uint16Array.from(data, (value) => 257 * value),
    { raw: { width, height, channels } },
  )
    .toColourspace('rgb16')
    .png()
    .toBuffer();
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
    ['png', sixteenBits],
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

  describe('values and masks that Pillow, tifffile and numpy wrote', () => {
    const { pictures, masks, refused } = JSON.parse(
      readFileSync(new URL('../../fixtures/pictures.json', import.meta.url), 'utf8'),
    ) as {
      pictures: (Written & { channels: number; values: number[]; tolerance: number })[];
      masks: (Written & { mask: string })[];
      refused: { name: string; data: string; message: string }[];
    };
    interface Written {
      name: string;
      data: string;
      width: number;
      height: number;
    }
    /** A set of only this picture, or of only this mask. */
    const alone = async ({ name, data, width, height }: Written, is: 'picture' | 'mask'): Promise<void> => {
      rmSync(join(root, 'train/good'), { recursive: true });
      rmSync(join(root, 'ground_truth/tear/000_mask.png'));
      const ending = name.slice(name.lastIndexOf('.'));
      const bytes = Buffer.from(data, 'base64');
      if (is === 'picture') {
        await mask('ground_truth/tear/000_mask.png', 36, 44, 5);
        mkdirSync(join(root, 'train/good'));
        writeFileSync(join(root, `train/good/000${ending}`), bytes);
      } else {
        await picture('train/good/000.png', height, width, 51);
        await picture('test/tear/000.png', height, width, 51);
        writeFileSync(join(root, `ground_truth/tear/000_mask${ending}`), bytes);
      }
    };

    test.each(pictures)('$name', async (written) => {
      await alone(written, 'picture');
      const [read] = (await readMvtec(root, 4)).train;
      const { width, height, channels, values, tolerance } = written;
      expect([read!.width, read!.height, read!.channels]).toEqual([width, height, channels]);
      values.forEach((value, k) => expect(Math.abs(read!.data[k]! - value)).toBeLessThan(tolerance + 1e-6));
    });

    test.each(refused)('$name is refused in one line', async ({ name, data, message }) => {
      const ending = name.slice(name.lastIndexOf('.'));
      writeFileSync(join(root, `train/good/009${ending}`), Buffer.from(data, 'base64'));
      const error: unknown = await readMvtec(root, 4).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).toMatch(
        new RegExp(`^[^\\n]*009\\${ending} [^\\n]*${message}[^\\n]*$`),
      );
    });

    test.each(masks.filter(({ mask: given }) => given.includes('1')))('mask: $name', async (written) => {
      await alone(written, 'mask');
      const tested = (await readMvtec(root, 4)).test.find(({ kind }) => kind === 'tear')!;
      expect([tested.width, tested.height]).toEqual([written.width, written.height]);
      expect(tested.mask.join('')).toBe(written.mask);
    });
  });

  describe('what lies in the folders', () => {
    const file = (path: string, text = 'x'): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    const count = async (): Promise<string> => {
      const { train, test: tested } = await readMvtec(root, 32);
      return `${train.length} ${tested.map(({ name }) => name).join()}`;
    };

    test.each([
      'train/.ipynb_checkpoints/000.png',
      'train/good/._000.png',
      'train/good/.DS_Store',
      'train/good/Thumbs.db',
      'test/.ipynb_checkpoints/000.png',
      'test/__MACOSX/000.png',
      'test/.DS_Store',
      'test/tear/._000.png',
      'test/tear/.hidden/000.png',
      'test/good/desktop.ini',
      'ground_truth/tear/._000_mask.png',
      'ground_truth/.DS_Store',
    ])('%s does not exist', async (path) => {
      file(path);
      expect(await count()).toBe('2 good/000.png,tear/000.png');
      expect((await readMvtec(root, 32)).notes).toEqual([]);
    });

    test('kinds, images and masks may be links', async () => {
      for (const kind of ['test', 'ground_truth']) {
        renameSync(join(root, kind, 'tear'), join(root, `${kind}-elsewhere`));
        symlinkSync(join(root, `${kind}-elsewhere`), join(root, kind, 'tear'));
      }
      renameSync(join(root, 'train/good'), join(root, 'elsewhere'));
      symlinkSync(join(root, 'elsewhere'), join(root, 'train/good'));
      symlinkSync(join(root, 'elsewhere/000.png'), join(root, 'elsewhere/002.png'));
      expect(await count()).toBe('3 good/000.png,tear/000.png');
    });

    test.each<[string, () => void | Promise<void>, RegExp]>([
      ['a format', () => file('train/good/002.gif'), /train\/good: not read, since only .*: 002\.gif\.$/],
      [
        'formats',
        () => 'abcde'.split('').forEach((name) => file(`test/tear/${name}.npy`)),
        /a\.npy, b\.npy, c\.npy and 2 more/,
      ],
      [
        'a folder in a kind',
        () => picture('test/tear/more/001.png', 36, 44, 51),
        /test\/tear: folders in it are not read: more/,
      ],
      [
        'an image beside the kinds',
        () => picture('test/001.png', 36, 44, 51),
        /test: not read, .*: 001\.png/,
      ],
      [
        'another folder of training images',
        () => picture('train/bad/001.png', 36, 44, 51),
        /train: not read, since only train\/good is: bad/,
      ],
      [
        'a link that leads nowhere',
        () => symlinkSync('/nowhere/1.png', join(root, 'test/tear/001.png')),
        /links that lead nowhere: 001\.png/,
      ],
      [
        'a mask of no image',
        () => mask('ground_truth/tear/007_mask.png', 36, 44, 5),
        /the mask of no image: 007_mask\.png/,
      ],
      [
        'dark images',
        () => Promise.all(['0', '1'].map((k) => picture(`train/good/00${k}.png`, 40, 48, 4))).then(() => {}),
        /no pixel is brighter than 1\.6 % of white/,
      ],
    ])('%s is told', async (_, add, note) => {
      await add();
      expect(await count()).toBe('2 good/000.png,tear/000.png');
      const { notes } = await readMvtec(root, 32);
      expect(notes).toHaveLength(1);
      expect(notes[0]).toMatch(note);
    });

    test('masks that are black all over, or nowhere, are told', async () => {
      for (const [name, defective] of [
        ['001', 0],
        ['002', 36 * 44],
      ] as const) {
        await picture(`test/tear/${name}.png`, 36, 44, 51);
        await mask(`ground_truth/tear/${name}_mask.png`, 36, 44, defective);
      }
      const { notes } = await readMvtec(root, 32);
      expect(notes).toHaveLength(2);
      expect(notes[0]).toMatch(/black all over, .*: tear\/001\.png\.$/);
      expect(notes[1]).toMatch(/black nowhere, .*: tear\/002\.png\.$/);
    });

    test.each(['000_mask.PNG', '000.png', '000.PNG', '000_label.png', '000_LABEL.Png', '000_Mask.png'])(
      'a mask may be called %s',
      async (name) => {
        renameSync(join(root, 'ground_truth/tear/000_mask.png'), join(root, 'ground_truth/tear', name));
        const { test: tested, notes } = await readMvtec(root, 32);
        expect(tested[1]!.mask.indexOf(0)).toBe(5);
        expect(notes).toEqual([]);
      },
    );

    test('of two masks that of the longer name is taken, and the other told', async () => {
      await mask('ground_truth/tear/000.png', 36, 44, 9);
      const { test: tested, notes } = await readMvtec(root, 32);
      expect(tested[1]!.mask.indexOf(0)).toBe(5);
      expect(notes).toEqual([expect.stringMatching(/mask of no image: 000\.png/)]);
    });

    test('the mask of 00 is not that of 000', async () => {
      renameSync(join(root, 'test/tear/000.png'), join(root, 'test/tear/00.png'));
      await expect(readMvtec(root, 32)).rejects.toThrow(/00_mask\.png is missing/);
    });

    test('only train/good, where that is enough', async () => {
      rmSync(join(root, 'test'), { recursive: true });
      rmSync(join(root, 'ground_truth'), { recursive: true });
      const { train, test: tested } = await readTraining(root, 32);
      expect([train.length, tested.length]).toEqual([2, 0]);
    });

    test.each([1, 2, 3, 7])('implants into %i images: one line', async (images) => {
      rmSync(join(root, 'train/good'), { recursive: true });
      for (let k = 0; k < images; k++) await picture(`train/good/${k}.png`, 40, 40, 51);
      const set = await readTraining(root, 32);
      expect(() => withImplants(set, 1)).toThrow(InputError);
      expect(() => withImplants(set, 1)).toThrow(
        new RegExp(`^--implants needs at least 8 good images, .* has ${images}\\.$`),
      );
    });
  });

  describe('shrinking', () => {
    test.each([1.5, 2, 3, 4, 7.3])('by %f loses no defect of one pixel', async (shrink) => {
      for (let k = 0; k < 36 * 44; k += 97) {
        const bytes = Buffer.alloc(36 * 44);
        bytes[k] = 1;
        await write('ground_truth/tear/000_mask.png', 36, 44, 1, bytes);
        const { test: tested } = await readMvtec(root, 4, shrink);
        const { mask: small, width, height } = tested[1]!;
        expect([width, height]).toEqual([Math.round(44 / shrink), Math.round(36 / shrink)]);
        expect(small.reduce((sum, value) => sum + value, 0)).toBe(1);
        // Where it was, as near as a larger pixel can be.
        const place = small.indexOf(1);
        expect(
          Math.abs(((Math.floor(place / width) + 0.5) * 36) / height - Math.floor(k / 44) - 0.5),
        ).toBeLessThanOrEqual(36 / height / 2);
        expect(Math.abs((((place % width) + 0.5) * 44) / width - (k % 44) - 0.5)).toBeLessThanOrEqual(
          44 / width / 2,
        );
      }
    });

    test('keeps the levels of 16 bits', async () => {
      const values = Uint16Array.from({ length: 40 * 48 }, (_, k) => 300 + 3 * (k % 48));
      const file = join(root, 'train/good/000.png');
      const image = sharp(values, { raw: { height: 40, width: 48, channels: 1 } });
      writeFileSync(file, await image.toColourspace('grey16').png().toBuffer());
      const { train } = await readMvtec(root, 16, 2);
      // The mean of the two pixels that each is made of, but at the edges.
      for (let column = 3; column < 21; column++) {
        expect(65535 * train[0]!.data[5 * 24 + column]!).toBeCloseTo(300 + 3 * (2 * column + 0.5), -0.5);
      }
    });
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
    [
      'a folder named as an image',
      () => rmSync(join(root, 'test/good/000.png')) ?? mkdirSync(join(root, 'test/good/000.png')),
      /test\/good holds no image/,
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
