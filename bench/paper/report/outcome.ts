import type { Doubt } from '../../../src/autoencoder.js';
import type { Reproduction } from '../../../src/autoencoder/reproduction.js';
import type { Figures } from '../../inspection/figures.js';
import { earlier } from '../../running/outFolder.js';
import type { MapName } from '../judge/maps.js';
import type { ModelName } from '../models.js';
import type { Settings } from '../settings.js';
import type { Drawing } from './drawings.js';

/** What became of one model. */
export interface Outcome {
  readonly name: string;
  readonly model: ModelName;
  readonly settings: Settings;
  readonly device: string;
  /** Weight of the feature distance in the loss, where there is one. */
  readonly lambda: number;
  readonly losses: readonly number[];
  readonly seconds: number;
  readonly inspectionSeconds: number;
  /** Of good images that were not trained on. */
  readonly check: Reproduction;
  readonly doubts: readonly Doubt[];
  /** The folder of the model beside the report, and why it is no detector; null where nothing could be written. */
  readonly saved: { readonly folder: string; readonly noDetector: string | null } | null;
  /** Every map over all test images, and without those whose defects are tiny; null if there are none. */
  readonly maps: Readonly<Record<MapName, { readonly all: Figures; readonly large: Figures | null }>>;
  readonly curves: Readonly<Record<MapName, readonly [number, number][]>>;
  readonly drawings: readonly Drawing[];
}

/** Undefined where there is none, or one of another training or judgement. */
export function readOutcome(file: string, fingerprint: string): Outcome | undefined {
  try {
    const found = JSON.parse(String(earlier(file))) as { fingerprint: string; outcome: Outcome };
    return found.fingerprint === fingerprint ? found.outcome : undefined;
  } catch {
    return undefined;
  }
}
