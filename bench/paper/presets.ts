import { presets as ssimPresets } from '../../src/index.js';
import { unvaried } from '../../src/autoencoder/drawPatches.js';
import type { Settings } from './settings.js';

/** What a laptop trains in minutes. */
export const preset: Settings = {
  backend: 'wasm',
  size: 64,
  width: 0.5,
  latent: 100,
  steps: 1000,
  batch: 16,
  learningRate: 1e-3,
  schedule: 'cosine',
  standardise: true,
  initialiser: 'he',
  weightDecay: 1e-5,
  variation: unvaried,
  ssim: { windowType: 'uniform' },
  lambda: 'balanced',
  beta: 1,
  stride: 32,
  samples: 4,
  seed: 1,
};

/** Bergmann et al. 2019, section 4.1; 200 epochs over 10,000 patches in batches of 128 there. */
export const paper: Settings = {
  ...preset,
  size: 128,
  width: 1,
  steps: 15_600,
  batch: 128,
  learningRate: 2e-4,
  schedule: 'constant',
  standardise: false,
  initialiser: 'glorot',
  ssim: { windowType: 'uniform', ...ssimPresets.bergmann2018 },
  stride: 30,
};
