// Every function that compares an image with its reconstruction, once: what all of them must hold is tested over this list.
import { zeros } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as library from '../../src/index.js';
import type { MsSsimOptions, SsimOptions } from '../../src/index.js';

/** A way of calling a measure: options that lead through another part of the code. */
export interface Variant {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Whether fused kernels serve it on images, where the backend has them. */
  readonly fused?: boolean;
}

export interface Measure {
  /** The name of the export. */
  readonly name: string;
  /** What it gives: one number an image ('index' is higher for better, 'loss' is lower), or maps. */
  readonly kind: 'index' | 'loss' | 'map' | 'residual map' | 'terms';
  /** Calls it on images of 12 × 12 or larger (or volumes, where it takes them); `options` go over those it needs. */
  readonly call: (x: Tensor, y: Tensor, options?: Readonly<Record<string, unknown>>) => readonly Tensor[];
  /** What it gives everywhere for equal images. */
  readonly perfect: number;
  /** Whether it takes `weights`. */
  readonly weights: boolean;
  /** Whether it takes volumes [N, D, H, W, C] as well. */
  readonly volumes: boolean;
  /** Whether it takes `dataRange`. */
  readonly dataRange: boolean;
  /** The default first. */
  readonly variants: readonly Variant[];
}

type AnyFunction = (...args: unknown[]) => Tensor | Readonly<Record<string, Tensor>>;
const api = library as unknown as Readonly<Record<string, AnyFunction>>;

const plain: Variant = { name: 'default', options: {} };

/** A window that fits small images. */
const window = { windowSize: 5 } as const satisfies SsimOptions;
const ofSsim: readonly Variant[] = [
  { name: 'default', options: window, fused: true },
  { name: 'uniform window', options: { windowSize: 3, windowType: 'uniform' }, fused: true },
  { name: 'no luminance', options: { ...window, alpha: 0 }, fused: true },
  { name: 'broken γ', options: { ...window, gamma: 0.5 } },
  { name: 'broken exponents', options: { ...window, alpha: 0.5, beta: 0.7, gamma: 0.7 } },
  { name: 'β = γ = 2', options: { ...window, beta: 2, gamma: 2 } },
  { name: 'structure alone', options: { ...window, alpha: 0, beta: 0 } },
  { name: 'contrast alone', options: { ...window, alpha: 0, gamma: 0 } },
  { name: 'small c2', options: { ...window, c2: 1e-8 } },
];
const bordered = ofSsim.map((variant) => ({
  ...variant,
  name: `${variant.name}, edge`,
  options: { ...variant.options, padding: 'edge' },
}));

const levels = { windowSize: 3, levels: 2 } as const satisfies MsSsimOptions;
const ofMsSsim: readonly Variant[] = [
  { name: 'default', options: levels, fused: true },
  { name: 'reflect', options: { ...levels, padding: 'reflect' }, fused: true },
  { name: 'level weights', options: { windowSize: 3, levelWeights: [0, 2] }, fused: true },
  { name: 'small c2', options: { ...levels, c2: 1e-8 } },
];
const ofMix: readonly Variant[] = [
  ...ofMsSsim,
  { name: 'ℓ1 sigma', options: { ...levels, l1Sigma: 1 }, fused: true },
];
const ofGms: readonly Variant[] = [
  { ...plain, fused: true },
  { name: 'reflect', options: { padding: 'reflect' }, fused: true },
];
const ofMsGms: readonly Variant[] = [
  { name: 'default', options: { levels: 2 }, fused: true },
  { name: 'edge', options: { levels: 2, padding: 'edge' }, fused: true },
];
const ofHaarPsi: readonly Variant[] = [plain, { name: 'small c', options: { c: 1e-4, alpha: 2 } }];
const ofFeatures: readonly Variant[] = [plain, { name: 'unit length', options: { normalize: 'unit' } }];
const ofVae: readonly Variant[] = [
  plain,
  { name: 'capacity', options: { capacity: 0 } },
  { name: 'free bits', options: { freeBits: 0 } },
];

/** Features with places, so that they suit maps and weights as well. */
const features = (image: Tensor4D): Tensor[] => [image];

interface Traits {
  readonly kind: Measure['kind'];
  readonly variants: readonly Variant[];
  /** 0 for losses and residual maps, else 1, unless it is told. */
  readonly perfect?: number;
  readonly weights?: boolean;
  readonly volumes?: boolean;
  readonly dataRange?: boolean;
  /** Arguments between the images and the options, and options that must be there. */
  readonly before?: (x: Tensor) => readonly unknown[];
  readonly required?: Readonly<Record<string, unknown>>;
}

const traits: Readonly<Record<string, Traits>> = {
  ssim: { kind: 'index', variants: ofSsim, weights: true, volumes: true, dataRange: true },
  ssimMap: { kind: 'map', variants: ofSsim, volumes: true, dataRange: true },
  ssimTerms: {
    kind: 'terms',
    variants: [
      { name: 'default', options: window },
      { name: 'small c2', options: { ...window, c2: 1e-8 } },
    ],
    volumes: true,
    dataRange: true,
  },
  psnr: {
    kind: 'index',
    variants: [plain],
    perfect: Infinity,
    weights: true,
    volumes: true,
    dataRange: true,
  },
  msSsim: { kind: 'index', variants: ofMsSsim, weights: true, dataRange: true },
  gmsMap: { kind: 'map', variants: ofGms, dataRange: true },
  gmsd: {
    kind: 'loss',
    variants: [
      { ...plain, fused: true },
      { name: 'full size', options: { downsample: false }, fused: true },
    ],
    weights: true,
    dataRange: true,
  },
  ssimLoss: { kind: 'loss', variants: ofSsim, weights: true, volumes: true, dataRange: true },
  dssimLoss: { kind: 'loss', variants: ofSsim, weights: true, volumes: true, dataRange: true },
  msSsimLoss: { kind: 'loss', variants: ofMsSsim, weights: true, dataRange: true },
  mixLoss: { kind: 'loss', variants: ofMix, weights: true, dataRange: true },
  gmsLoss: { kind: 'loss', variants: ofGms, weights: true, dataRange: true },
  msGmsLoss: { kind: 'loss', variants: ofMsGms, weights: true, dataRange: true },
  haarPsi: { kind: 'index', variants: ofHaarPsi, weights: true, dataRange: true },
  haarPsiLoss: { kind: 'loss', variants: ofHaarPsi, weights: true, dataRange: true },
  charbonnierLoss: {
    kind: 'loss',
    variants: [plain, { name: 'ε 0.5', options: { epsilon: 0.5 } }],
    weights: true,
    volumes: true,
  },
  huberLoss: {
    kind: 'loss',
    variants: [plain, { name: 'δ 0.03', options: { delta: 0.03 } }],
    weights: true,
    volumes: true,
  },
  l1Loss: { kind: 'loss', variants: [plain], weights: true, volumes: true },
  l2Loss: { kind: 'loss', variants: [plain], weights: true, volumes: true },
  featureMatchingLoss: { kind: 'loss', variants: ofFeatures, weights: true, required: { features } },
  vaeLoss: {
    kind: 'loss',
    variants: ofVae,
    weights: true,
    // A posterior equal to the prior: its divergence is 0.
    before: ({ shape: [batch] }) => [{ mean: zeros([batch, 3]), logVariance: zeros([batch, 3]) }],
  },
  ssimResidualMap: { kind: 'residual map', variants: bordered, volumes: true, dataRange: true },
  msGmsResidualMap: { kind: 'residual map', variants: ofMsGms, dataRange: true },
  haarPsiResidualMap: { kind: 'residual map', variants: [plain], dataRange: true },
  l1ResidualMap: { kind: 'residual map', variants: [plain], volumes: true },
  l2ResidualMap: { kind: 'residual map', variants: [plain], volumes: true },
  featureResidualMap: { kind: 'residual map', variants: ofFeatures, required: { features } },
  featureResidualMaps: { kind: 'residual map', variants: ofFeatures, required: { features } },
};

/** Takes (yTrue, yPred, …, options?) and gives tensors. */
export const measures: readonly Measure[] = Object.entries(traits).map(
  ([name, { kind, variants, perfect, weights, volumes, dataRange, before, required }]) => ({
    name,
    kind,
    variants,
    perfect: perfect ?? (kind === 'index' || kind === 'map' || kind === 'terms' ? 1 : 0),
    weights: weights ?? false,
    volumes: volumes ?? false,
    dataRange: dataRange ?? false,
    call: (x, y, options = {}) => {
      const result = api[name]!(x, y, ...(before?.(x) ?? []), { ...required, ...options });
      return 'dataId' in result ? [result as Tensor] : Object.values(result);
    },
  }),
);

/** Other exports that take tensors: each is called otherwise, and tested by its own tests. */
export const otherTensorFunctions = [
  'featuresOf',
  'heatmap',
  'imageScore',
  'klDivergence',
  'luma',
  'normalizeMap',
  'overlay',
  'reparameterize',
  'tiledResidualMap',
  'tiledResidualMaps',
  'vaeResidualMap',
  'withOptions',
] as const;
