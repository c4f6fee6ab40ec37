// Every public function with arguments that it takes: what all of them must refuse is tested over this list.
import { ones, scalar, zeros } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as library from '../../src/index.js';
import * as kernels from '../../src/kernels.js';

type AnyFunction = (...args: unknown[]) => unknown;
type Options = Readonly<Record<string, unknown>>;

export interface PublicFunction {
  /** The name of the export, or of a method of what it makes. */
  readonly name: string;
  /** What its messages begin with. */
  readonly told: string;
  readonly call: AnyFunction;
  /** New arguments before the options. */
  readonly before: () => unknown[];
  /** Options that it takes, as many as one call may have; undefined if it takes none. */
  readonly options: (() => Options) | undefined;
  /** Where its tensors are among arguments and options, by the names that messages give them. */
  readonly tensors: Readonly<Record<string, readonly (number | string)[]>>;
  /** Those of its tensors that are pixels. */
  readonly pixels: readonly string[];
  /** Whether it takes `dataRange`. */
  readonly dataRange: boolean;
}

interface Row {
  readonly before?: () => unknown[];
  readonly options?: () => Options;
  readonly tensors?: PublicFunction['tensors'];
  readonly pixels?: readonly string[];
  readonly dataRange?: boolean;
  readonly told?: string;
  readonly call?: AnyFunction;
}

const image = (): Tensor4D => zeros([1, 12, 12, 1]);
const map = (): Tensor4D => ones([1, 12, 12, 1]);
const features = (x: Tensor4D): Tensor[] => [x];
const posterior = (): Options => ({ mean: zeros([1, 3]), logVariance: zeros([1, 3]) });

/** Of (yTrue, yPred, options?). */
const pair = (options?: () => Options, dataRange = false): Row => ({
  before: () => [image(), image()],
  ...(options !== undefined && { options }),
  tensors: {
    yTrue: [0],
    yPred: [1],
    ...(options !== undefined && 'weights' in options() && { weights: [2, 'weights'] }),
  },
  pixels: ['yTrue', 'yPred'],
  dataRange,
});
const window = { windowSize: 3, windowSigma: 1, checkRange: false };
const weights = (): Options => ({ weights: map() });

const size = { height: 2, width: 4 };
const scores = [0.1, 0.2, 0.3, 0.9, 0.8, 0.1, 0.1, 0.1];
const labels = [0, 0, 0, 1, 1, 0, 0, 0];
const ofScores: Row = { before: () => [scores, labels] };
const bounds: readonly [number, number] = [0.2, 0.8];
const images: Row = {
  before: () => [
    [scores, scores],
    [labels, labels.map(() => 0)],
  ],
  options: () => ({ ...size, falsePositiveRates: bounds }),
};
const model = (): unknown => ({
  layers: [{ name: 'first', output: { name: 'first/output' } }],
  inputs: [{ shape: [null, 12, 12, 1] }],
  execute: (x: Tensor) => x,
});

/** A method of an accumulator that has seen all of that. */
function method(make: () => object, name: string, row: Row): Row {
  return { ...row, call: (...args) => (make() as Record<string, AnyFunction>)[name]!(...args) };
}
const gathered = {
  scores: () => {
    const accumulator = library.scoreAccumulator();
    accumulator.add(scores, labels);
    return accumulator;
  },
  pro: () => {
    const accumulator = library.proAccumulator();
    accumulator.add(scores, labels, size);
    return accumulator;
  },
  pimo: () => {
    const accumulator = library.pimoAccumulator();
    accumulator.add([scores, scores], [labels, labels.map(() => 0)], ['bad', 'good'], size);
    return accumulator;
  },
};

const rows: Readonly<Record<string, Row>> = {
  luma: { before: () => [zeros([1, 12, 12, 3])], tensors: { images: [0] }, pixels: ['images'] },

  featuresOf: { before: () => [model(), ['first']], options: () => ({ scale: 2, offset: 1 }) },
  gmsd: pair(() => ({ downsample: false, ...weights() }), true),
  gmsMap: pair(() => ({ c: 0.1 }), true),
  haarPsi: pair(() => ({ c: 0.1, alpha: 2, subsample: false, ...weights() }), true),
  msSsim: pair(() => ({ ...window, levels: 2, ...weights() }), true),
  ssim: pair(() => ({ ...window, ...weights() }), true),
  ssimMap: pair(() => window, true),
  ssimTerms: pair(() => window, true),

  cyclicalAnnealing: { options: () => ({ steps: 10, cycles: 2 }) },
  dssimLoss: pair(() => ({ ...window, ...weights() }), true),
  featureMatchingLoss: pair(() => ({ features, lambda: 1, layerWeights: [1], ...weights() })),
  gmsLoss: pair(() => ({ c: 0.1, ...weights() }), true),
  haarPsiLoss: pair(() => ({ c: 0.1, alpha: 2, subsample: false, ...weights() }), true),
  klDivergence: {
    before: () => [posterior(), posterior()],
    tensors: {
      mean: [0, 'mean'],
      logVariance: [0, 'logVariance'],
      'prior: mean': [1, 'mean'],
      'prior: logVariance': [1, 'logVariance'],
    },
  },
  charbonnierLoss: pair(() => ({ epsilon: 0.1, ...weights() })),
  huberLoss: pair(() => ({ delta: 0.1, ...weights() })),
  psnr: pair(weights, true),
  l1Loss: pair(weights),
  l2Loss: pair(weights),
  linearAnnealing: { options: () => ({ steps: 10, start: 2 }) },
  mixLoss: pair(() => ({ ...window, levels: 2, alpha: 0.5, l1Sigma: 1, ...weights() }), true),
  msGmsLoss: pair(() => ({ levels: 2, ...weights() }), true),
  msSsimLoss: pair(() => ({ ...window, levels: 2, ...weights() }), true),
  reparameterize: {
    before: () => [posterior()],
    options: () => ({ seed: 1 }),
    tensors: { mean: [0, 'mean'], logVariance: [0, 'logVariance'] },
  },
  ssimLoss: pair(() => ({ ...window, ...weights() }), true),
  vaeLoss: {
    before: () => [image(), image(), posterior()],
    options: () => ({ beta: 2, logSigma: scalar(0), ...weights() }),
    tensors: {
      yTrue: [0],
      yPred: [1],
      mean: [2, 'mean'],
      logVariance: [2, 'logVariance'],
      logSigma: [3, 'logSigma'],
      weights: [3, 'weights'],
    },
    pixels: ['yTrue', 'yPred'],
  },
  withOptions: { before: () => [library.ssimLoss, { windowSize: 7 }, 'loss'] },

  featureResidualMap: pair(() => ({ features, layerWeights: [1] })),
  featureResidualMaps: pair(() => ({ features, layerWeights: [1] })),
  haarPsiResidualMap: pair(() => ({ c: 0.1, subsample: false }), true),
  l1ResidualMap: pair(),
  l2ResidualMap: pair(),
  msGmsResidualMap: pair(() => ({ levels: 2 }), true),
  ssimResidualMap: pair(() => window, true),
  tiledResidualMap: {
    before: () => [image(), (x: Tensor) => x],
    options: () => ({ tileSize: 6, stride: 3, residualMap: library.l2ResidualMap }),
    tensors: { image: [0] },
    pixels: ['image'],
  },
  tiledResidualMaps: {
    before: () => [image(), (x: Tensor) => x],
    options: () => ({ tileSize: 6, stride: 3, residualMaps: { l1: library.l1ResidualMap } }),
    tensors: { image: [0] },
    pixels: ['image'],
  },
  vaeResidualMap: {
    before: () => [image(), [image(), image()]],
    options: () => ({ sigma: 2, aggregate: 'logOfMean' }),
    tensors: { yTrue: [0], 'samples[0]': [1, 0], 'samples[1]': [1, 1] },
    pixels: ['yTrue', 'samples[0]', 'samples[1]'],
  },

  connectedRegions: { before: () => [labels], options: () => ({ ...size, connectivity: 4, scores }) },
  imageScore: {
    before: () => [map()],
    options: () => ({ method: 'topK', k: 2 }),
    tensors: { map: [0] },
  },
  openMask: { before: () => [labels], options: () => ({ ...size, radius: 1 }) },
  removeSmallRegions: { before: () => [labels], options: () => ({ ...size, minimumArea: 2 }) },
  segment: { before: () => [scores], options: () => ({ ...size, threshold: 0.5, border: 0 }) },
  thresholdAtF1: ofScores,
  thresholdAtFalseAlarmRate: { before: () => [scores, 0.5] },
  thresholdAtMinimumArea: { before: () => [scores], options: () => ({ ...size, minimumArea: 2 }) },
  thresholdAtQuantile: { before: () => [scores, 0.5] },

  auPimo: images,
  auPro: { ...images, options: () => size },
  averagePrecision: ofScores,
  bestF1: ofScores,
  dice: { before: () => [labels, labels] },
  iou: { before: () => [labels, labels] },
  pimoAccumulator: { options: () => ({ exactUpTo: 10 }) },
  pimoAccumulatorFromJSON: { before: () => [gathered.pimo().toJSON()] },
  pimoCurve: images,
  precisionRecallCurve: ofScores,
  proAccumulator: { options: () => ({ exactUpTo: 10 }) },
  proAccumulatorFromJSON: { before: () => [gathered.pro().toJSON()] },
  proCurve: { ...images, options: () => size },
  rocAuc: { ...ofScores, options: () => ({ maxFalsePositiveRate: 0.5 }) },
  rocCurve: ofScores,
  scoreAccumulator: { options: () => ({ exactUpTo: 10 }) },
  scoreAccumulatorFromJSON: { before: () => [gathered.scores().toJSON()] },

  heatmap: {
    before: () => [map()],
    options: () => ({ colormap: 'gray', range: [0, 1] }),
    tensors: { map: [0] },
  },
  normalizeMap: { before: () => [map()], options: () => ({ range: [0, 1] }), tensors: { map: [0] } },
  overlay: {
    before: () => [image(), map()],
    options: () => ({ opacity: 1, range: [0, 1] }),
    tensors: { image: [0], map: [1] },
    pixels: ['image'],
    dataRange: true,
  },

  registerWasmTraining: {},
  useFusedKernels: { before: () => [true] },
};

/** Methods of objects that functions make. */
const methods: Readonly<Record<string, Row>> = {
  'scoreAccumulator.add': method(gathered.scores, 'add', ofScores),
  'scoreAccumulator.merge': method(gathered.scores, 'merge', { before: () => [gathered.scores()] }),
  'scoreAccumulator.rocCurve': method(gathered.scores, 'rocCurve', {}),
  'scoreAccumulator.precisionRecallCurve': method(gathered.scores, 'precisionRecallCurve', {}),
  'scoreAccumulator.averagePrecision': method(gathered.scores, 'averagePrecision', {}),
  'scoreAccumulator.bestF1': method(gathered.scores, 'bestF1', {}),
  'scoreAccumulator.iou': method(gathered.scores, 'iou', { before: () => [0.5] }),
  'scoreAccumulator.dice': method(gathered.scores, 'dice', { before: () => [0.5] }),
  'scoreAccumulator.rocAuc': method(gathered.scores, 'rocAuc', { options: () => ({}) }),
  'proAccumulator.merge': method(gathered.pro, 'merge', { before: () => [gathered.pro()] }),
  'proAccumulator.add': method(gathered.pro, 'add', { before: () => [scores, labels], options: () => size }),
  'proAccumulator.auPro': method(gathered.pro, 'auPro', { options: () => ({}) }),
  'proAccumulator.proCurve': method(gathered.pro, 'proCurve', { options: () => ({}) }),
  'pimoAccumulator.add': method(gathered.pimo, 'add', {
    before: () => [scores, labels, ['other']],
    options: () => size,
  }),
  'pimoAccumulator.merge': method(gathered.pimo, 'merge', {
    before: () => [library.pimoAccumulator()],
  }),
  'pimoAccumulator.auPimo': method(gathered.pimo, 'auPimo', {
    options: () => ({ falsePositiveRates: bounds }),
  }),
};

const exported: Readonly<Record<string, unknown>> = { ...library, ...kernels };

const asFunction = ([name, row]: [string, Row]): PublicFunction => ({
  name,
  told: row.told ?? name,
  call: row.call ?? ((...args) => (exported[name] as AnyFunction)(...args)),
  before: row.before ?? (() => []),
  options: row.options,
  tensors: row.tensors ?? {},
  pixels: row.pixels ?? [],
  dataRange: row.dataRange ?? false,
});

/** The exports of both entries that are functions. */
export const publicFunctions: readonly PublicFunction[] = Object.entries(rows).map(asFunction);

/** All methods but toJSON, which JSON.stringify calls with more. */
export const publicMethods: readonly PublicFunction[] = Object.entries(methods).map(asFunction);

/** Exports that are no functions. */
export const publicValues = ['presets'] as const;
