import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { Reproduction } from '../../../src/autoencoder/reproduction.js';
import type { SavedModel } from '../../detectors/savedModel.js';
import type { Inspection } from '../../inspection/inspect.js';
import type { Picture } from '../../pictures/dataset.js';
import { openPage } from '../../running/chromium.js';
import { InputError } from '../../running/inputError.js';
import type { PageLearner, SentModel } from './browserPage.js'; // and what the page has in its window
import type { Learner, LearnerOptions, Step } from './learner.js';
import type { MapName } from '../judge/maps.js';

/** A learner in a page of headless Chromium. */
export class BrowserLearner implements Learner {
  static async open(backend: string, options: LearnerOptions): Promise<BrowserLearner> {
    const { page, close } = await openPage(fileURLToPath(new URL('./browserPage.ts', import.meta.url)));
    const { device, error } = await page.evaluate(([name, given]) => window.learner.open(name, given), [
      backend,
      options,
    ] as const);
    if (device === undefined) {
      await close();
      throw new InputError(
        `--backend ${backend} cannot be used in this browser: ${error}; use --backend wasm.`,
      );
    }
    return new BrowserLearner(page, close, device);
  }

  private constructor(
    private readonly page: Page,
    readonly close: () => Promise<void>,
    readonly device: string,
  ) {}

  readonly step = (patches: Float32Array, step: Step): Promise<number> => this.#ask('step', patches, step);
  readonly state = (): Promise<Float32Array[]> => this.#ask('state');
  readonly restore = (state: readonly Float32Array[]): Promise<void> => this.#ask('restore', state);
  readonly balance = (patches: Float32Array): Promise<number> => this.#ask('balance', patches);
  readonly check = (patches: Float32Array): Promise<Reproduction> => this.#ask('check', patches);
  readonly inspect = (picture: Picture): Promise<Inspection<MapName>> => this.#ask('inspect', picture);
  readonly saved = async (good: readonly Picture[]): Promise<SavedModel> => {
    const { artifacts, weights, noDetector } = await this.#ask<SentModel>('saved', good);
    return { artifacts: { ...artifacts, weightData: weights.slice().buffer }, noDetector };
  };

  /** Has the learner of the page do it; Playwright carries typed arrays there and back. */
  #ask<T>(method: Exclude<keyof PageLearner, 'open'>, ...given: readonly unknown[]): Promise<T> {
    return this.page.evaluate(
      ([name, values]) =>
        (window.learner[name] as (...values: readonly unknown[]) => Promise<unknown>)(...values),
      [method, given] as const,
    ) as Promise<T>;
  }
}
