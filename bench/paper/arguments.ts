import { cpus } from 'node:os';
import { presets } from '../../src/index.js';
import type { SsimOptions } from '../../src/index.js';
import type { NetworkFolder } from '../features/network.js';
import { checkPatchSize, numberOf, parseFlags } from '../running/flags.js';
import { InputError } from '../running/inputError.js';
import { modelNames, sizeUnit } from './models.js';
import type { ModelName } from './models.js';
import { paper, preset } from './presets.js';
import { backends } from './settings.js';
import type { Settings } from './settings.js';

export interface Arguments {
  readonly settings: Settings;
  readonly models: readonly ModelName[];
  readonly data: string | undefined;
  /** How many times smaller the images are made. */
  readonly shrink: number;
  /** Judge on good images with defects put into them, not on the test images. */
  readonly implants: boolean;
  /** Where a pretrained network lies, and how it is used. */
  readonly network: NetworkFolder | undefined;
  readonly ablations: boolean;
  readonly leastDefect: number;
  readonly threads: number;
  readonly out: string;
}

export const usage = `The paper's four autoencoders on the same images: l2, VAE, feature matching and SSIM, each judged with every
residual map. Writes report.html and report.json; an interrupted run goes on where it stopped.

  npm run bench:defects -- [options]

Images
  --data DIR            in the MVTec AD layout: DIR/train/good/*, DIR/test/<kind>/*, DIR/ground_truth/<kind>/*_mask.png
                        (PNG, JPEG, BMP, TIFF, WebP; docs/datasets.md); without it, woven fabric is drawn
  --shrink N            make the images N times smaller along each axis (1)
  --implants            judge on good images with defects put into them: to choose settings without a test image;
                        DIR/train/good is enough, with 8 images
  --least-defect N      a second table leaves out images with fewer defective pixels (100)

Model and training
  --models LIST         of l2,VAE,FM,SSIM (all)
  --size N              side of the patches, a multiple of ${sizeUnit} (${preset.size})
  --width X             what the paper's numbers of filters are multiplied by (${preset.width})
  --latent N            number of latents (${preset.latent})
  --steps N             of Adam, for each model (${preset.steps})
  --batch N             patches in each step (${preset.batch})
  --learning-rate X     at its highest (${preset.learningRate})
  --schedule NAME       cosine or constant (${preset.schedule})
  --initialiser NAME    he or glorot (${preset.initialiser})
  --raw-pixels          the model sees pixels as they are, not standardised ones
  --stretch-rows A,B    one row of a patch is made of A to B rows of the image (1,1)
  --stretch-columns A,B the same for columns (1,1)
  --contrast X          patches gain or lose contrast by up to this factor (1)
  --flips               mirror patches at random
  --features DIR        a network as tfjs saves a layers model, for the FM loss and the feature map;
                        without it, a bank of Gabor filters
  --layers LIST         its layers to take (the last)
  --scale X --offset X  the network sees scale * pixel + offset (2 and -1)
  --lambda X            weight of the feature distance (so that it is as large as the l2 loss at plain grey)
  --beta X              weight of the divergence (1)
  --paper               everything as in the paper: patches of 128, full width, 2e-4 without a schedule, batches of
                        128, 15,600 steps; days on a CPU

SSIM, in the loss and in the map
  --window N            side of the window (11)
  --window-type NAME    gaussian or uniform (uniform, as the paper defines it)
  --constants NAME      wang, (K L)^2, or paper, 0.01 and 0.03 (wang)

Judging
  --stride N            pixels from tile to tile (half of --size)
  --samples N           reconstructions that a VAE decodes for its map (${preset.samples})
  --ablations           also latents, window, patches, constants and terms, one SSIM model each

Running
  --backend NAME        ${backends.join(', ')} (wasm); webgpu is a GPU in this process, webgl one in
                        headless Chromium, node needs @tensorflow/tfjs-node (docs/gpu.md)
  --threads N           models at the same time (${threadsOfThisMachine()})
  --seed N              of the fabric, the weights and the patches (1)
  --out DIR             for the report and the checkpoints (bench-out/defects); those of other settings stay beside them
  --help                this text
`;

function threadsOfThisMachine(): number {
  return Math.max(1, Math.min(4, cpus().length));
}

const options = {
  data: { type: 'string' },
  shrink: { type: 'string' },
  implants: { type: 'boolean' },
  'least-defect': { type: 'string' },
  models: { type: 'string' },
  size: { type: 'string' },
  width: { type: 'string' },
  latent: { type: 'string' },
  steps: { type: 'string' },
  batch: { type: 'string' },
  'learning-rate': { type: 'string' },
  schedule: { type: 'string' },
  initialiser: { type: 'string' },
  'raw-pixels': { type: 'boolean' },
  'stretch-rows': { type: 'string' },
  'stretch-columns': { type: 'string' },
  contrast: { type: 'string' },
  flips: { type: 'boolean' },
  features: { type: 'string' },
  layers: { type: 'string' },
  scale: { type: 'string' },
  offset: { type: 'string' },
  lambda: { type: 'string' },
  beta: { type: 'string' },
  paper: { type: 'boolean' },
  window: { type: 'string' },
  'window-type': { type: 'string' },
  constants: { type: 'string' },
  stride: { type: 'string' },
  samples: { type: 'string' },
  ablations: { type: 'boolean' },
  backend: { type: 'string' },
  threads: { type: 'string' },
  seed: { type: 'string' },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;
type Name = keyof typeof options;

/** The arguments, checked; undefined when only help is asked for. */
export function readArguments(argv: readonly string[]): Arguments | undefined {
  const values = parseFlags(argv, options);
  if (values.help === true) return undefined;
  const text = (name: Name): string | undefined => values[name] as string | undefined;
  const number = (name: Name, fallback: number, least: number): number => {
    const given = text(name);
    return given === undefined ? fallback : numberOf(name, given, least);
  };
  const whole = (name: Name, fallback: number, least: number): number => {
    const given = text(name);
    return given === undefined ? fallback : numberOf(name, given, least, 'whole ');
  };
  const choice = <T extends string>(name: Name, fallback: T, among: readonly T[]): T => {
    const given = text(name) ?? fallback;
    if (!(among as readonly string[]).includes(given)) {
      throw new InputError(`--${name} must be ${among.join(' or ')}, but got "${given}".`);
    }
    return given as T;
  };
  const range = (name: Name, fallback: readonly [number, number]): readonly [number, number] => {
    const given = text(name);
    if (given === undefined) return fallback;
    const parts = given.split(',');
    if (parts.length !== 2)
      throw new InputError(`--${name} must be two numbers, as in 0.5,1.5, but got "${given}".`);
    const [least, most] = parts.map((part) => numberOf(name, part, 0.05)) as [number, number];
    if (least > most)
      throw new InputError(`--${name} must begin with the smaller number, but got "${given}".`);
    return [least, most];
  };

  const base = values.paper === true ? paper : preset;
  const size = whole('size', base.size, sizeUnit);
  checkPatchSize(size, sizeUnit, sizeUnit);
  const stride = whole('stride', values.paper === true ? base.stride : size / 2, 1);
  if (stride > size)
    throw new InputError(`--stride ${stride} leaves gaps between tiles of ${size}; use at most ${size}.`);
  const settings: Settings = {
    ...base,
    backend: choice('backend', base.backend, backends),
    size,
    width: number('width', base.width, 0.01),
    latent: whole('latent', base.latent, 1),
    steps: whole('steps', base.steps, 1),
    batch: whole('batch', base.batch, 1),
    learningRate: number('learning-rate', base.learningRate, 1e-9),
    schedule: choice('schedule', base.schedule, ['cosine', 'constant']),
    initialiser: choice('initialiser', base.initialiser, ['he', 'glorot']),
    standardise: values['raw-pixels'] === undefined ? base.standardise : !values['raw-pixels'],
    variation: {
      flips: values.flips ?? base.variation.flips,
      rows: range('stretch-rows', base.variation.rows),
      columns: range('stretch-columns', base.variation.columns),
      contrast: number('contrast', base.variation.contrast, 1),
    },
    ssim: ssimOf({
      window: whole('window', 11, 1),
      type: choice('window-type', 'uniform', ['gaussian', 'uniform']),
      constants: choice('constants', values.paper === true ? 'paper' : 'wang', ['wang', 'paper']),
      size,
    }),
    lambda: text('lambda') === undefined ? base.lambda : number('lambda', 1, 0),
    beta: number('beta', base.beta, 0),
    stride,
    samples: whole('samples', base.samples, 1),
    seed: whole('seed', base.seed, 0),
  };
  return {
    settings,
    models: modelsOf(text('models')),
    data: text('data'),
    shrink: number('shrink', 1, 1),
    implants: values.implants ?? false,
    network:
      values.features === undefined
        ? undefined
        : {
            folder: values.features,
            layers: text('layers')?.split(','),
            scale: number('scale', 2, -Infinity),
            offset: number('offset', -1, -Infinity),
          },
    ablations: values.ablations ?? false,
    leastDefect: whole('least-defect', 100, 0),
    threads: whole('threads', threadsOfThisMachine(), 1),
    out: text('out') ?? 'bench-out/defects',
  };
}

interface SsimFlags {
  readonly window: number;
  readonly type: 'gaussian' | 'uniform';
  readonly constants: 'wang' | 'paper';
  /** Of the patches. */
  readonly size: number;
}

/** Of the loss and of the map; the options that have their defaults are left out. */
function ssimOf({ window, type, constants, size }: SsimFlags): SsimOptions {
  if (window % 2 === 0)
    throw new InputError(`--window must be odd, but got ${window}; use ${window - 1} or ${window + 1}.`);
  if (window > size)
    throw new InputError(`--window ${window} does not fit patches of ${size}; use at most ${size - 1}.`);
  return {
    ...(window === 11 ? {} : { windowSize: window }),
    ...(type === 'gaussian' ? {} : { windowType: type }),
    ...(constants === 'wang' ? {} : presets.bergmann2018),
  };
}

function modelsOf(text: string | undefined): readonly ModelName[] {
  if (text === undefined) return modelNames;
  const plain = (name: string): string => name.trim().toLowerCase().replace('ℓ', 'l');
  const wanted = text.split(',').map(plain);
  const known = new Map(modelNames.map((name) => [plain(name), name]));
  const wrong = wanted.find((name) => !known.has(name));
  if (wrong !== undefined) {
    throw new InputError(`--models takes l2, VAE, FM and SSIM, but got "${wrong}".`);
  }
  return modelNames.filter((name) => wanted.includes(plain(name)));
}
