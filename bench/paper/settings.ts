import type { PatchVariation } from '../../src/autoencoder.js';
import type { SsimOptions } from '../../src/index.js';

/** All run in this process, except for webgl, which runs in headless Chromium. */
export const backends = ['wasm', 'webgl', 'webgpu', 'node', 'cpu'] as const;
export type Backend = (typeof backends)[number];

/** What a run is made of, but for its images. */
export interface Settings {
  readonly backend: Backend;

  /** Side of the patches, in pixels. */
  readonly size: number;
  /** What the paper's numbers of filters are multiplied by. */
  readonly width: number;
  /** Number of latents. */
  readonly latent: number;

  readonly steps: number;
  readonly batch: number;
  /** Adam's at its highest. */
  readonly learningRate: number;
  readonly schedule: 'cosine' | 'constant';
  /** Are pixels standardised inside of the model? */
  readonly standardise: boolean;
  readonly initialiser: 'he' | 'glorot';
  readonly weightDecay: number;
  readonly variation: Required<PatchVariation>;

  /** Of the loss and of the map. */
  readonly ssim: SsimOptions;
  /** Weight of the feature distance in the FM loss. */
  readonly lambda: number | 'balanced';
  /** Weight of the divergence in the VAE loss. */
  readonly beta: number;

  /** Pixels from tile to tile when images are judged. */
  readonly stride: number;
  /** Reconstructions of each tile that a VAE decodes. */
  readonly samples: number;
  readonly seed: number;
}
