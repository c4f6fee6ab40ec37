// Runs in the page that browserLearner.ts opens: a learner on webgl.
import '@tensorflow/tfjs-backend-webgl';
import { getBackend, setBackend } from '@tensorflow/tfjs-core';
import type { io } from '@tensorflow/tfjs-core';
import type { Picture } from '../../pictures/dataset.js';
import { renderer } from '../../running/renderer.js';
import { LocalLearner } from './learner.js';
import type { Learner, LearnerOptions } from './learner.js';

/** A saved model with its weights as an array that travels. */
export interface SentModel {
  readonly artifacts: io.ModelArtifacts;
  readonly weights: Uint8Array<ArrayBuffer>;
  readonly noDetector: string | null;
}

export interface PageLearner extends Omit<Learner, 'saved' | 'device' | 'close'> {
  /** The device, or why there is none. */
  readonly open: (backend: string, options: LearnerOptions) => Promise<{ device?: string; error?: string }>;
  readonly saved: (good: readonly Picture[]) => Promise<SentModel>;
}

declare global {
  interface Window {
    learner: PageLearner;
  }
}

let learner: LocalLearner;

window.learner = {
  async open(backend, options) {
    try {
      if (!(await setBackend(backend)) || getBackend() !== backend) return { error: 'it does not start' };
    } catch (error) {
      return { error: (error as Error).message };
    }
    learner = await LocalLearner.open(options, renderer());
    return { device: learner.device };
  },
  step: (patches, step) => learner.step(patches, step),
  state: () => learner.state(),
  restore: (state) => learner.restore(state),
  balance: (patches) => learner.balance(patches),
  check: (patches) => learner.check(patches),
  inspect: (picture) => learner.inspect(picture),
  async saved(good) {
    const { artifacts: all, noDetector } = await learner.saved(good);
    const { weightData, ...artifacts } = all;
    return { artifacts, weights: new Uint8Array(weightData as ArrayBuffer), noDetector };
  },
};
