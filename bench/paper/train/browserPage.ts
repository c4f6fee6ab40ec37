// Runs in the page that browserLearner.ts opens: a learner on webgl.
import '@tensorflow/tfjs-backend-webgl';
import { getBackend, setBackend } from '@tensorflow/tfjs-core';
import type { io } from '@tensorflow/tfjs-core';
import type { Picture } from '../../pictures/dataset.js';
import { fromBase64, toBase64 } from './base64.js';
import { LocalLearner } from './learner.js';
import type { Check } from '../judge/check.js';
import type { LearnerOptions, Step } from './learner.js';
import type { MapName } from '../judge/maps.js';

/** A picture with its numbers as text. */
export interface SentPicture {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: string;
}

/** A saved model with its weights as text. */
export interface SentModel {
  readonly artifacts: io.ModelArtifacts;
  readonly weights: string;
  readonly noDetector: string | null;
}

export interface PageLearner {
  /** The device, or why there is none. */
  readonly open: (
    backend: string,
    options: LearnerOptions,
    weights: string,
  ) => Promise<{ device?: string; error?: string }>;
  readonly step: (patches: string, step: Step) => Promise<number>;
  readonly state: () => Promise<string[]>;
  readonly restore: (state: string[]) => Promise<void>;
  readonly balance: (patches: string) => Promise<number>;
  readonly check: (patches: string) => Promise<Check>;
  readonly inspect: (
    picture: SentPicture,
  ) => Promise<{ reconstruction: string; maps: Record<MapName, string> }>;
  readonly saved: (good: SentPicture[]) => Promise<SentModel | undefined>;
}

declare global {
  interface Window {
    learner: PageLearner;
  }
}

let learner: LocalLearner;

window.learner = {
  async open(backend, options, weights) {
    try {
      if (!(await setBackend(backend)) || getBackend() !== backend) return { error: 'it does not start' };
    } catch (error) {
      return { error: (error as Error).message };
    }
    const { features } = options;
    const bytes = new Uint8Array(fromBase64(weights).buffer);
    learner = await LocalLearner.open(
      { ...options, features: features.kind === 'network' ? { ...features, weights: bytes } : features },
      renderer(),
    );
    return { device: learner.device };
  },
  step: (patches, step) => learner.step(fromBase64(patches), step),
  state: async () => (await learner.state()).map(toBase64),
  restore: (state) => learner.restore(state.map(fromBase64)),
  balance: (patches) => learner.balance(fromBase64(patches)),
  check: (patches) => learner.check(fromBase64(patches)),
  async inspect(picture) {
    const { reconstruction, maps } = await learner.inspect(received(picture));
    return {
      reconstruction: toBase64(reconstruction),
      maps: Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, toBase64(map)])) as Record<
        MapName,
        string
      >,
    };
  },
  async saved(good) {
    const saved = await learner.saved(good.map(received));
    if (saved === undefined) return undefined;
    const { weightData, ...artifacts } = saved.artifacts;
    const weights = toBase64(new Float32Array(weightData as ArrayBuffer));
    return { artifacts, weights, noDetector: saved.noDetector };
  },
};

const received = (picture: SentPicture): Picture => ({ ...picture, data: fromBase64(picture.data) });

/** The name of what computes: a GPU, or the software that stands in for one. */
function renderer(): string {
  const gl = document.createElement('canvas').getContext('webgl2');
  const debug = gl?.getExtension('WEBGL_debug_renderer_info');
  return String(gl?.getParameter(debug?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER) ?? 'unknown renderer');
}
