import { setBackend } from '@tensorflow/tfjs-core';
import { layers, loadLayersModel, sequential } from '@tensorflow/tfjs-layers';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNetwork } from '../../../bench/features/network.js';
import { readArguments, usage } from '../../../bench/paper/arguments.js';
import { paper, preset } from '../../../bench/paper/presets.js';
import { InputError } from '../../../bench/running/inputError.js';
import { folderHandler } from '../../../src/autoencoder.js';
import { command } from '../../support/command.js';
import { cloth, writeImage, writeSet } from '../../support/set.js';

const main = fileURLToPath(new URL('../../../bench/paper/main.ts', import.meta.url));
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ssim-ae-defects-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('arguments', () => {
  test('without any, the preset', () => {
    expect(readArguments([])).toMatchObject({ settings: preset, data: undefined, ablations: false });
  });
  test('--paper is the paper', () => {
    const { settings } = readArguments(['--paper'])!;
    expect(settings).toEqual(paper);
    expect(settings).toMatchObject({
      size: 128,
      width: 1,
      latent: 100,
      learningRate: 2e-4,
      weightDecay: 1e-5,
    });
    expect(settings).toMatchObject({ stride: 30, ssim: { windowType: 'uniform', c1: 0.01, c2: 0.03 } });
  });
  test('each of them arrives', () => {
    const given = readArguments(
      '--models SSIM,l2 --size 32 --width 1 --latent 7 --steps 5 --batch 3 --learning-rate 0.01 --schedule constant --initialiser glorot --raw-pixels --stretch-rows 0.2,1.2 --stretch-columns 0.5,2 --contrast 1.5 --flips --lambda 2 --beta 0.5 --window 7 --window-type gaussian --constants paper --stride 8 --samples 3 --backend webgl --seed 4 --threads 1 --least-defect 20 --ablations --implants --shrink 4 --out x --data y'.split(
        ' ',
      ),
    )!;
    expect(given.models).toEqual(['ℓ2', 'SSIM']);
    expect(given).toMatchObject({
      threads: 1,
      leastDefect: 20,
      ablations: true,
      implants: true,
      shrink: 4,
      out: 'x',
      data: 'y',
    });
    expect(given.settings).toEqual({
      ...preset,
      size: 32,
      width: 1,
      latent: 7,
      steps: 5,
      batch: 3,
      learningRate: 0.01,
      schedule: 'constant',
      initialiser: 'glorot',
      standardise: false,
      variation: { flips: true, rows: [0.2, 1.2], columns: [0.5, 2], contrast: 1.5 },
      lambda: 2,
      beta: 0.5,
      ssim: { windowSize: 7, c1: 0.01, c2: 0.03 },
      stride: 8,
      samples: 3,
      backend: 'webgl',
      seed: 4,
    });
  });
  test('--help tells every option', () => {
    expect(readArguments(['--help'])).toBeUndefined();
    const options = (
      'data shrink implants least-defect models size width latent steps batch learning-rate schedule initialiser raw-pixels ' +
      'stretch-rows stretch-columns contrast flips features layers scale offset lambda beta paper window window-type constants ' +
      'stride samples ablations backend threads seed out help'
    ).split(' ');
    const told = [...usage.matchAll(/^ {2}--([a-z-]+) .*\S/gm)].map(([, name]) => name);
    expect(told).toEqual(options);
  });
  test.each([
    ['--depth 3', /--depth/],
    ['fabric', /fabric/],
    ['--steps many', /--steps must be a whole number of at least 1, but got "many"/],
    ['--steps 2.5', /--steps must be a whole number/],
    ['--size 50', /--size must be a multiple of 16, but got 50; use 48 or 64/],
    ['--models l2,GAN', /--models takes l2, VAE, FM and SSIM, but got "gan"/],
    ['--backend cuda', /--backend must be wasm or webgl or webgpu or node or cpu, but got "cuda"/],
    ['--stride 100', /--stride 100 leaves gaps between tiles of 64; use at most 64/],
    ['--window 10', /--window must be odd, but got 10; use 9 or 11/],
    ['--window 65', /--window 65 does not fit patches of 64/],
    ['--stretch-rows 2', /--stretch-rows must be two numbers, as in 0.5,1.5, but got "2"/],
    ['--stretch-rows 2,1', /--stretch-rows must begin with the smaller number/],
    ['--contrast 0.5', /--contrast must be a number of at least 1/],
    ['--learning-rate 0', /--learning-rate must be a number/],
    ['--latent', /--latent/],
  ])('%s', (line, message) => {
    expect(() => readArguments(line.split(' '))).toThrow(InputError);
    expect(() => readArguments(line.split(' '))).toThrow(message);
  });
});

describe('--features', () => {
  const network = (more: object = {}) => ({ folder, layers: undefined, scale: 2, offset: -1, ...more });
  test('what is no layers model is told in one line', async () => {
    await expect(readNetwork(network({ folder: join(folder, 'none') }))).rejects.toThrow(
      /holds no model.json/,
    );
    const broken = join(folder, 'broken');
    mkdirSync(broken);
    for (const text of ['{"modelTopology": {}}', 'no JSON']) {
      writeFileSync(join(broken, 'model.json'), text);
      const error: unknown = await readNetwork(network({ folder: broken })).catch(
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).toMatch(/^--features .*broken cannot be used: [^\n]*$/);
    }
    await setBackend('wasm');
  });
});

describe('npm run bench:defects', () => {
  beforeAll(async () => {
    await writeSet(join(folder, 'set'));
    // A network of two layers, as tfjs saves it.
    const model = sequential({
      layers: [
        layers.conv2d({
          inputShape: [null, null, 3],
          filters: 4,
          kernelSize: 3,
          padding: 'same',
          name: 'first',
        }),
        layers.separableConv2d({
          filters: 4,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
          name: 'second',
        }),
      ],
    });
    mkdirSync(join(folder, 'network'));
    await model.save({
      save: ({ modelTopology, weightSpecs, weightData }) => {
        writeFileSync(join(folder, 'network', 'weights.bin'), new Uint8Array(weightData as ArrayBuffer));
        writeFileSync(
          join(folder, 'network', 'model.json'),
          JSON.stringify({
            modelTopology,
            weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
          }),
        );
        return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } });
      },
    });
  });
  const bench = (line: string) => command(main, line.split(' '), folder);

  test('a mistake ends in one line', async () => {
    const { code, out, error } = await bench('--data nowhere');
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(error.trimEnd()).toMatch(/^bench:defects: nowhere is no folder\.$/);
  });

  test('so does a layer that the network does not have', async () => {
    const { code, error } = await bench('--data set --size 16 --features network --layers third');
    expect(code).toBe(1);
    expect(error.trimEnd()).toMatch(/--features network cannot be used: .*"third"; it has first, second\.$/);
  });

  test('what only a thread can find, too', async () => {
    const { code, error } = await bench(
      '--data set --size 16 --steps 1 --models l2 --backend node --out node',
    );
    expect(code).toBe(1);
    expect(error.trimEnd().split('\n').at(-1)).toMatch(
      /ℓ2: --backend node needs the package @tensorflow\/tfjs-node/,
    );
  });

  test(
    'four models, every map, the ablations, and a page that needs nothing else',
    { timeout: 300_000 },
    async () => {
      mkdirSync(join(folder, 'out/set'), { recursive: true });
      writeFileSync(join(folder, 'out/set/SSIM.checkpoint'), '{}');
      const line =
        '--data set --size 16 --width 0.1 --latent 4 --steps 3 --batch 2 --samples 2 --ablations --features network --out out';
      const { code, out, error } = await bench(line);
      expect(code, error).toBe(0);
      expect(out).toMatch(/^! out.set.SSIM\.checkpoint is no whole checkpoint: its training begins anew\.$/m);
      for (const text of [
        'ℓ2-AE',
        'VAE',
        'FM-AE',
        'SSIM-AE',
        'GMS',
        'features',
        'tear',
        'speck',
        'fewer than 100',
        'How large a window?',
        's alone',
      ])
        expect(out).toContain(text);
      expect(out).toMatch(/! SSIM-AE: The model reproduces \d+ % of good images/); // three steps
      // One of six training images is held back.
      expect(out).toMatch(
        /No detector was made of ℓ2-model, VAE-model, FM-model, SSIM-model, .*: .* takes at least 9 good images/,
      );
      expect(out).not.toContain('loadDetector(');
      for (const name of ['SSIM-model', 'VAE-model']) {
        const saved = await loadLayersModel(folderHandler(join(folder, 'out/set', name), fs));
        expect(saved.outputShape).toEqual([null, 16, 16, 1]);
      }
      const page = readFileSync(join(folder, 'out/set/report.html'), 'utf8');
      expect(page).not.toMatch(/(src|href)="(?!data:)/);
      // Bytes of a picture in base64 may spell NaN.
      expect(page.replace(/data:[^"]*/g, '')).not.toMatch(/NaN|undefined|\[object/);
      expect(page.match(/<img/g)!.length).toBeGreaterThan(3 * 4 * 8);
      for (const text of ['network, second', 'Training', 'ROC curves', 'tfjs-core', 'learningRate'])
        expect(page).toContain(text);
      const report = JSON.parse(readFileSync(join(folder, 'out/set/report.json'), 'utf8')) as {
        models: {
          model: string;
          losses: number[];
          maps: Record<string, { all: { pixels: number }; large: object | null }>;
        }[];
        ablations: { variants: { outcome: { settings: { size: number } } }[] }[];
      };
      expect(report.models.map(({ model }) => model)).toEqual(['ℓ2', 'VAE', 'FM', 'SSIM']);
      for (const { losses, maps } of report.models) {
        expect(losses).toHaveLength(3);
        expect(Object.keys(maps)).toEqual(['ℓ1', 'ℓ2', 'SSIM', 'GMS', 'features', 'VAE']);
        for (const { all, large } of Object.values(maps)) {
          expect(all.pixels).toBeGreaterThan(0);
          expect(large).not.toBeNull();
        }
      }
      expect(report.ablations).toHaveLength(6);
      expect(existsSync(join(folder, 'out/set/SSIM.checkpoint'))).toBe(true);

      // Again: nothing is trained or judged, the same table.
      const again = await bench(line);
      expect(again.code).toBe(0);
      const tables = (text: string): string =>
        text.slice(text.indexOf('ROC AUC'), text.indexOf('Look at')).replace(/ +\d+ │\n/g, '');
      expect(tables(again.out)).toBe(tables(out));

      // Judged in another way: beside the first report, and after the table if the disk is full.
      const report1 = readFileSync(join(folder, 'out/set/report.json'));
      symlinkSync('/dev/full', join(folder, 'out/set/report-2.json.new'));
      const other = await bench(line.replace('--ablations', '--models SSIM'));
      expect(other.code).toBe(1);
      expect(other.out).toContain('AU-PRO');
      expect(other.error.trimEnd().split('\n').at(-1)).toMatch(
        /^bench:defects: .*report-2\.json cannot be written: ENOSPC: no space left on device\.$/,
      );
      expect(readFileSync(join(folder, 'out/set/report.json')).equals(report1)).toBe(true);
    },
  );

  test('--implants needs eight images', async () => {
    for (const index of [0, 1, 2]) await writeImage(join(folder, `few/train/good/${index}.png`), cloth);
    const { code, out, error } = await bench('--data few --implants --size 16');
    expect([code, out]).toEqual([1, '']);
    expect(error.trimEnd()).toMatch(
      /^bench:defects: --implants needs at least 8 good images, [^\n]* but few has 3\.$/,
    );
  });

  test('--implants needs no test image, and shows one of each kind', { timeout: 120_000 }, async () => {
    for (const part of ['test', 'ground_truth']) rmSync(join(folder, 'set', part), { recursive: true });
    const { code, out, error } = await bench(
      '--data set --implants --size 16 --width 0.1 --latent 4 --steps 2 --batch 2 --models SSIM --out out',
    );
    expect(code, error).toBe(0);
    expect(out).toMatch(/set, good images with implants: 6 good images, 2 to test on, 1 of them defective/);
    expect(out).toContain('moved');
  });
});
