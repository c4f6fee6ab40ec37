import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { io } from '@tensorflow/tfjs-core';
import { layers, loadLayersModel, sequential } from '@tensorflow/tfjs-layers';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMvtec } from '../../bench/pictures/files/mvtec.js';
import { readArguments } from '../../bench/quickstart/arguments.js';
import { savedModel } from '../../bench/detectors/savedModel.js';
import { InputError } from '../../bench/running/inputError.js';
import { outFolder } from '../../bench/running/outFolder.js';
import { loadDetector } from '../../src/autoencoder.js';
import { command } from '../support/command.js';

const main = fileURLToPath(new URL('../../bench/quickstart/main.ts', import.meta.url));
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ssim-ae-quickstart-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const quickstart = (args: readonly string[], env?: NodeJS.ProcessEnv) => command(main, args, folder, env);

describe('wrong input ends in one line and exit code 1', () => {
  test.each([
    [['--depth', '3'], /--depth/],
    [['fabric'], /fabric/],
    [['--steps'], /--steps/],
    [['--steps', 'many'], /--steps must be a whole number of at least 1, but got "many"/],
    [['--steps', '0'], /--steps must be a whole number/],
    [['--steps', '2.5'], /--steps must be a whole number/],
    [['--seed', '-1'], /--seed/],
    [['--size', '50'], /--size must be a multiple of 8, but got 50; use 48 or 56/],
  ])('%j', (args, message) => {
    expect(() => readArguments(args)).toThrow(InputError);
    expect(() => readArguments(args)).toThrow(message);
  });

  test('a folder that is no data set, or that nothing can be written to', async () => {
    mkdirSync(join(folder, 'empty'));
    writeFileSync(join(folder, 'file'), '');
    await expect(readMvtec(join(folder, 'nowhere'), 64)).rejects.toThrow(/nowhere is no folder/);
    await expect(readMvtec(join(folder, 'empty'), 64)).rejects.toThrow(/train.good is missing/);
    for (const out of [join(folder, 'file', 'below'), '/dev/full']) {
      expect(() => outFolder(out, 1)).toThrow(/--out: .* cannot be used as a folder/);
    }
  });

  const mistakes: [string[], RegExp][] = [
    [['--steps', '0'], /--steps must be a whole number/],
    [['--data', 'broken'], /000\.png cannot be read as an image/],
    [['--steps', '1', '--out', '/proc'], /--out: nothing can be written to \/proc: /],
  ];
  beforeAll(() => {
    for (const path of ['train/good', 'test/good', 'test/tear', 'ground_truth/tear']) {
      mkdirSync(join(folder, 'broken', path), { recursive: true });
    }
    writeFileSync(join(folder, 'broken/train/good/000.png'), 'no image');
  });

  // Together, since most of the time goes into starting.
  test('of the program', { timeout: 120_000 }, async () => {
    const waiting = [...mistakes.entries()];
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [, [args, message]] = next;
        const { code, out, error } = await quickstart(args);
        expect.soft(code, args.join(' ')).toBe(1);
        expect.soft(out, args.join(' ')).toBe('');
        expect.soft(error, args.join(' ')).toMatch(message);
        expect.soft(error.trimEnd().split('\n'), args.join(' ')).toHaveLength(1);
      }
    };
    await Promise.all([worker(), worker()]);
  });
});

test('the detector that a run keeps loads again, with its thresholds', async () => {
  const copy = sequential({
    layers: [
      layers.conv2d({ filters: 1, kernelSize: 1, kernelInitializer: 'ones', inputShape: [16, 16, 1] }),
    ],
  });
  const picture = (k: number) => ({
    ...{ height: 20, width: 24, channels: 1 },
    data: Float32Array.from({ length: 480 }, (_, i) => ((i * k) % 7) / 7),
  });
  const good = Array.from({ length: 9 }, (_, k) => picture(k + 1));
  const made = await savedModel(copy, good);
  expect(made.noDetector).toBeNull();
  const detector = await loadDetector(io.fromMemory(made.artifacts));
  expect(detector.falseAlarmRate).toBe(0.1);
  const image = { height: 20, width: 24, data: good[0]!.data };
  expect((await detector.inspect(image)).defective).toBe(false);

  const few = await savedModel(copy, good.slice(1));
  expect(few.noDetector).toMatch(/takes at least 9 good images .* but got 8/);
  expect((await loadLayersModel(io.fromMemory(few.artifacts))).outputShape).toEqual([null, 16, 16, 1]);
  await expect(loadDetector(io.fromMemory(few.artifacts))).rejects.toThrow('a model without the thresholds');
});

test('--help tells every option', async () => {
  const { code, out } = await quickstart(['--help']);
  expect(code).toBe(0);
  for (const option of ['--data', '--steps', '--size', '--seed', '--out']) expect(out).toContain(option);
});

test(
  'a short run prints the table and writes the picture, labels too without any font',
  { timeout: 120_000 },
  async () => {
    const data = join(folder, 'set');
    const image = async (path: string, value: (k: number) => number): Promise<void> => {
      mkdirSync(join(data, path, '..'), { recursive: true });
      await sharp(Buffer.from(Uint8Array.from({ length: 40 * 40 }, (_, k) => value(k))), {
        raw: { width: 40, height: 40, channels: 1 },
      })
        .png()
        .toFile(join(data, path));
    };
    const cloth = (k: number): number => 100 + 50 * ((k + Math.floor(k / 40)) % 4);
    await image('train/good/000.png', cloth);
    await image('test/good/000.png', cloth);
    await image('test/tear/000.png', (k) => (k < 200 ? 0 : cloth(k)));
    await image('ground_truth/tear/000_mask.png', (k) => (k < 200 ? 255 : 0));
    writeFileSync(join(folder, 'fonts.conf'), '<?xml version="1.0"?><fontconfig></fontconfig>');

    writeFileSync(join(data, 'test/tear/notes.txt'), 'not an image');

    const line = ['--data', data, '--steps', '2', '--size', '32', '--seed', '3', '--out', 'pictures'];
    const { code, out, error } = await quickstart(line, { FONTCONFIG_FILE: join(folder, 'fonts.conf') });
    expect(code, error).toBe(0);
    expect(out).toMatch(/! .*tear: not read, .*: notes\.txt\./);
    expect(out).toMatch(/No detector was made of the SSIM-AE: .* takes at least 9 good images/);
    for (const text of ['ℓ2-AE', 'SSIM-AE', 'all pixels', 'tear', '*', 'quickstart.png'])
      expect(out).toContain(text);
    const file = join(folder, 'pictures', 'quickstart.png');
    expect(existsSync(file)).toBe(true);
    const { width, height } = await sharp(file).metadata();
    expect(width).toBeGreaterThan(600);
    expect(height).toBeGreaterThan(300);
    // The title: some pixels in the first rows are dark.
    const { channels } = await sharp(
      await sharp(file).extract({ left: 0, top: 0, width, height: 36 }).png().toBuffer(),
    ).stats();
    expect(channels[0]!.min).toBeLessThan(80);

    // Other settings leave these results where they are; and a disk that is full comes after the table.
    symlinkSync('/dev/full', join(folder, 'pictures/quickstart-2.png.new'));
    const before = readFileSync(file);
    const other = await quickstart(line.map((word) => (word === '3' ? '4' : word)));
    expect(other.code).toBe(1);
    expect(other.out).toContain('As in the paper, each model with its own map');
    expect(other.error.trimEnd().split('\n').at(-1)).toMatch(
      /^quickstart: .*quickstart-2\.png cannot be written: ENOSPC/,
    );
    expect(readFileSync(file).equals(before)).toBe(true);
  },
);
