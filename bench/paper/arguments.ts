import { cpus } from 'node:os';
import { presets } from '../../src/index.js';
import type { SsimOptions } from '../../src/index.js';
import type { NetworkFolder } from '../features/network.js';
import {
  checkPatchSize,
  choice,
  helpOf,
  number,
  range,
  readFlags,
  text,
  texts,
  toggle,
  whole,
} from '../running/flags.js';
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

const threadsOfThisMachine = Math.max(1, Math.min(4, cpus().length));

const images = {
  data: text(
    'DIR',
    `in the MVTec AD layout: DIR/train/good/*, DIR/test/<kind>/*, DIR/ground_truth/<kind>/*_mask.png
(PNG, JPEG, BMP, TIFF, WebP; docs/datasets.md); without it, woven fabric is drawn`,
  ),
  shrink: number('N', 'make the images N times smaller along each axis (1)', 1),
  implants: toggle(`judge on good images with defects put into them: to choose settings without a test image;
DIR/train/good is enough, with 8 images`),
  'least-defect': whole('N', 'a second table leaves out images with fewer defective pixels (100)'),
};

const training = {
  models: text('LIST', 'of l2,VAE,FM,SSIM (all)'),
  size: whole('N', `side of the patches, a multiple of ${sizeUnit} (${preset.size})`, sizeUnit),
  width: number('X', `what the paper's numbers of filters are multiplied by (${preset.width})`, 0.01),
  latent: whole('N', `number of latents (${preset.latent})`, 1),
  steps: whole('N', `of Adam, for each model (${preset.steps})`, 1),
  batch: whole('N', `patches in each step (${preset.batch})`, 1),
  'learning-rate': number('X', `at its highest (${preset.learningRate})`, 1e-9),
  schedule: choice('NAME', `cosine or constant (${preset.schedule})`, ['cosine', 'constant']),
  initialiser: choice('NAME', `he or glorot (${preset.initialiser})`, ['he', 'glorot']),
  'raw-pixels': toggle('the model sees pixels as they are, not standardised ones'),
  'stretch-rows': range('A,B', 'one row of a patch is made of A to B rows of the image (1,1)'),
  'stretch-columns': range('A,B', 'the same for columns (1,1)'),
  contrast: number('X', 'patches gain or lose contrast by up to this factor (1)', 1),
  flips: toggle('mirror patches at random'),
  features: text(
    'DIR',
    `a network as tfjs saves a layers model, for the FM loss and the feature map;
without it, a bank of Gabor filters`,
  ),
  layers: texts('LIST', 'its layers to take (the last)'),
  scale: number('X', 'the network sees scale * pixel + offset (2)'),
  offset: number('X', 'see --scale (-1)'),
  lambda: number(
    'X',
    'weight of the feature distance (so that it is as large as the l2 loss at plain grey)',
    0,
  ),
  beta: number('X', 'weight of the divergence (1)', 0),
  paper: toggle(`everything as in the paper: patches of 128, full width, 2e-4 without a schedule, batches of
128, 15,600 steps; days on a CPU`),
};

const ssim = {
  window: whole('N', 'side of the window (11)', 1),
  'window-type': choice('NAME', 'gaussian or uniform (uniform, as the paper defines it)', [
    'gaussian',
    'uniform',
  ]),
  constants: choice('NAME', 'wang, (K L)^2, or paper, 0.01 and 0.03 (wang)', ['wang', 'paper']),
};

const judging = {
  stride: whole('N', 'pixels from tile to tile (half of --size)', 1),
  samples: whole('N', `reconstructions that a VAE decodes for its map (${preset.samples})`, 1),
  ablations: toggle('also latents, window, patches, constants and terms, one SSIM model each'),
};

const running = {
  backend: choice(
    'NAME',
    `${backends.join(', ')} (wasm); webgpu is a GPU in this process, webgl one in
headless Chromium, node needs @tensorflow/tfjs-node (docs/gpu.md)`,
    backends,
  ),
  threads: whole('N', `models at the same time (${threadsOfThisMachine})`, 1),
  seed: whole('N', 'of the fabric, the weights and the patches (1)'),
  out: text(
    'DIR',
    'for the report and the checkpoints (bench-out/defects); those of other settings stay beside them',
  ),
};

export const usage = `The paper's four autoencoders on the same images: l2, VAE, feature matching and SSIM, each judged with every
residual map. Writes report.html and report.json; an interrupted run goes on where it stopped.

  npm run bench:defects -- [options]

${helpOf({ Images: images, 'Model and training': training, 'SSIM, in the loss and in the map': ssim, Judging: judging, Running: running })}`;

/** The arguments, checked; undefined when only help is asked for. */
export function readArguments(argv: readonly string[]): Arguments | undefined {
  const values = readFlags(argv, { ...images, ...training, ...ssim, ...judging, ...running });
  if (values === undefined) return undefined;
  const base = values.paper ? paper : preset;
  const { size = base.size } = values;
  checkPatchSize(size, sizeUnit, sizeUnit);
  const stride = values.stride ?? (values.paper ? base.stride : size / 2);
  if (stride > size)
    throw new InputError(`--stride ${stride} leaves gaps between tiles of ${size}; use at most ${size}.`);
  const settings: Settings = {
    ...base,
    backend: values.backend ?? base.backend,
    size,
    width: values.width ?? base.width,
    latent: values.latent ?? base.latent,
    steps: values.steps ?? base.steps,
    batch: values.batch ?? base.batch,
    learningRate: values['learning-rate'] ?? base.learningRate,
    schedule: values.schedule ?? base.schedule,
    initialiser: values.initialiser ?? base.initialiser,
    standardise: values['raw-pixels'] === undefined && base.standardise,
    variation: {
      flips: values.flips ?? base.variation.flips,
      rows: values['stretch-rows'] ?? base.variation.rows,
      columns: values['stretch-columns'] ?? base.variation.columns,
      contrast: values.contrast ?? base.variation.contrast,
    },
    ssim: ssimOf({
      window: values.window ?? 11,
      type: values['window-type'] ?? 'uniform',
      constants: values.constants ?? (values.paper ? 'paper' : 'wang'),
      size,
    }),
    lambda: values.lambda ?? base.lambda,
    beta: values.beta ?? base.beta,
    stride,
    samples: values.samples ?? base.samples,
    seed: values.seed ?? base.seed,
  };
  const { data, shrink = 1, features, layers, scale = 2, offset = -1 } = values;
  return {
    settings,
    models: modelsOf(values.models),
    data,
    shrink,
    implants: values.implants ?? false,
    network: features === undefined ? undefined : { folder: features, layers, scale, offset },
    ablations: values.ablations ?? false,
    leastDefect: values['least-defect'] ?? 100,
    threads: values.threads ?? threadsOfThisMachine,
    out: values.out ?? 'bench-out/defects',
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

function modelsOf(list: string | undefined): readonly ModelName[] {
  if (list === undefined) return modelNames;
  const plain = (name: string): string => name.trim().toLowerCase().replace('ℓ', 'l');
  const wanted = list.split(',').map(plain);
  const known = new Map(modelNames.map((name) => [plain(name), name]));
  const wrong = wanted.find((name) => !known.has(name));
  if (wrong !== undefined) {
    throw new InputError(`--models takes l2, VAE, FM and SSIM, but got "${wrong}".`);
  }
  return modelNames.filter((name) => wanted.includes(plain(name)));
}
