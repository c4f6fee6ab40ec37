import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { SavedModel } from '../../detectors/savedModel.js';
import type { Inspection } from '../../inspection/inspect.js';
import type { Picture } from '../../pictures/dataset.js';
import { openPage } from '../../running/chromium.js';
import { InputError } from '../../running/inputError.js';
import { fromBase64, toBase64 } from './base64.js';
import type { SentPicture } from './browserPage.js'; // and what the page has in its window
import type { Check } from '../judge/check.js';
import type { Learner, LearnerOptions, Step } from './learner.js';
import type { MapName } from '../judge/maps.js';

/** A learner in a page of headless Chromium. */
export class BrowserLearner implements Learner {
  static async open(backend: string, options: LearnerOptions): Promise<BrowserLearner> {
    const { page, close } = await openPage(fileURLToPath(new URL('./browserPage.ts', import.meta.url)));
    const { features } = options;
    const weights = features.kind === 'network' ? Buffer.from(features.weights).toString('base64') : '';
    const sent = {
      ...options,
      features: features.kind === 'network' ? { ...features, weights: new Uint8Array() } : features,
    };
    const { device, error } = await page.evaluate(
      ([name, given, numbers]) => window.learner.open(name, given, numbers),
      [backend, sent, weights] as const,
    );
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

  step(patches: Float32Array, step: Step): Promise<number> {
    return this.page.evaluate(([text, given]) => window.learner.step(text, given), [
      toBase64(patches),
      step,
    ] as const);
  }

  async state(): Promise<Float32Array[]> {
    return (await this.page.evaluate(() => window.learner.state())).map(fromBase64);
  }

  restore(state: readonly Float32Array[]): Promise<void> {
    return this.page.evaluate((texts) => window.learner.restore(texts), state.map(toBase64));
  }

  balance(patches: Float32Array): Promise<number> {
    return this.page.evaluate((text) => window.learner.balance(text), toBase64(patches));
  }

  check(patches: Float32Array): Promise<Check> {
    return this.page.evaluate((text) => window.learner.check(text), toBase64(patches));
  }

  async inspect(picture: Picture): Promise<Inspection<MapName>> {
    const { reconstruction, maps } = await this.page.evaluate(
      (given) => window.learner.inspect(given),
      sent(picture),
    );
    return {
      reconstruction: fromBase64(reconstruction),
      maps: Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, fromBase64(map)])) as Record<
        MapName,
        Float32Array
      >,
    };
  }

  async saved(good: readonly Picture[]): Promise<SavedModel | undefined> {
    const saved = await this.page.evaluate((pictures) => window.learner.saved(pictures), good.map(sent));
    if (saved === undefined) return undefined;
    const { artifacts, weights, noDetector } = saved;
    return { artifacts: { ...artifacts, weightData: fromBase64(weights).buffer as ArrayBuffer }, noDetector };
  }
}

const sent = ({ height, width, channels, data }: Picture): SentPicture => ({
  ...{ height, width, channels },
  data: toBase64(data),
});
