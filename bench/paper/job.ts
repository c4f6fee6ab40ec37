import type { FeatureSource } from '../features/features.js';
import type { ModelName } from './models.js';
import type { Settings } from './settings.js';

/** One model to train and to judge. */
export interface Job {
  /** Its name in tables and file names, such as `SSIM` or `window 7`. */
  readonly name: string;
  readonly model: ModelName;
  readonly settings: Settings;
  readonly features: FeatureSource;
  /** Where checkpoint and outcome lie. */
  readonly folder: string;
  /** Test pictures to draw, by their index. */
  readonly shown: readonly number[];
  /** From one checkpoint to the next. */
  readonly checkpointSeconds: number;
  /** Defects with fewer pixels are left out of the second set of figures. */
  readonly leastDefect: number;
}
