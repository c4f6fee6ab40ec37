import type { DefectMap, TrainingState } from '../../../../../src/autoencoder.js';
import type { Picture } from '../pictures.js';

export const backends = ['webgpu', 'webgl', 'wasm', 'cpu'] as const;
export type Backend = (typeof backends)[number];
export const backendNames: Readonly<Record<Backend, string>> = {
  webgpu: 'WebGPU',
  webgl: 'WebGL',
  wasm: 'WebAssembly',
  cpu: 'plain JavaScript',
};

/** How long to train: as many steps as fit into a time, or a number of steps. */
export type Effort = { readonly seconds: number } | { readonly steps: number };

export interface TrainRequest {
  readonly kind: 'train';
  readonly pictures: readonly Picture[];
  readonly backend: Backend | 'auto';
  /** The side of a patch. */
  readonly size: number;
  readonly effort: Effort;
  /** Where a training stopped that goes on. */
  readonly resume: TrainingState | undefined;
}

/** What the page asks of its worker. */
export type Request =
  | TrainRequest
  | { readonly kind: 'judge'; readonly picture: Picture }
  | { readonly kind: 'files'; readonly rate: number }
  | { readonly kind: 'restore' }
  | { readonly kind: 'forget' };

export interface Answers {
  readonly train: Learnt;
  readonly judge: Judged;
  readonly files: DetectorFiles;
  readonly restore: Learnt | undefined;
  readonly forget: undefined;
}

/** All about a trained detector but its model; IndexedDB keeps it. */
export interface Learnt {
  readonly version: 1;
  readonly backend: Backend;
  readonly size: number;
  readonly channels: 1 | 3;
  /** The names of the pictures that it was trained on, and of those that were held back. */
  readonly trained: readonly string[];
  readonly heldBack: readonly string[];
  /** The score of each picture that was held back: thresholds come from these. */
  readonly scores: readonly number[];
  /** The mask of a defective picture reaches as far as its map is above this. */
  readonly pixelThreshold: number;
  readonly losses: readonly number[];
  /** The steps that were to be made; fewer were, if the reader stopped. */
  readonly steps: number;
  readonly seconds: number;
  readonly reproduced: number;
  readonly repaired: number;
  readonly doubts: readonly string[];
  /** Why it will be gone when the page is closed, if it will. */
  readonly notKept: string | undefined;
}

export interface Judged {
  readonly map: DefectMap;
  readonly score: number;
  readonly doubts: readonly string[];
}

export interface DetectorFiles {
  readonly model: string;
  readonly weights: Uint8Array<ArrayBuffer>;
}

/** An image in [0, 1] that the worker made. */
export interface Values {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** What the model makes, so far, of a picture that it does not train on. */
export interface Preview {
  readonly spoilt: Values;
  readonly repaired: Values;
  readonly good: Values;
  /** Where the reproduction of the good picture differs. */
  readonly map: Values;
}

/** What the worker says while it works. */
export type News =
  | { readonly kind: 'backend'; readonly backend: Backend; readonly instead: Backend | undefined }
  | { readonly kind: 'measured'; readonly steps: number; readonly stepSeconds: number }
  | {
      readonly kind: 'step';
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      readonly secondsLeft: number;
    }
  | { readonly kind: 'preview'; readonly preview: Preview }
  | { readonly kind: 'checkpoint'; readonly state: TrainingState }
  | { readonly kind: 'thresholds'; readonly done: number; readonly total: number };

export type FromWorker =
  | { readonly kind: 'news'; readonly news: News }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'problem'; readonly id: number; readonly text: string };

export type ToWorker =
  { readonly kind: 'stop' } | { readonly kind: 'ask'; readonly id: number; readonly request: Request };
