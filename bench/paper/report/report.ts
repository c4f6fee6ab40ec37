import type { Machine } from '../../running/machine.js';
import type { Settings } from '../settings.js';
import type { Outcome } from './outcome.js';

/** All that a report says. */
export interface Report {
  readonly name: string;
  /** The folder as it was given. */
  readonly data: string;
  readonly shrink: number;
  readonly counts: { readonly train: number; readonly test: number; readonly defective: number };
  readonly settings: Settings;
  /** Whose features, in words. */
  readonly features: string;
  readonly leastDefect: number;
  readonly machine: Machine;
  /** Of training and judging, interrupted or not; models that ran side by side count one by one. */
  readonly seconds: number;
  readonly models: readonly Outcome[];
  readonly ablations: readonly {
    readonly question: string;
    readonly variants: readonly { readonly name: string; readonly outcome: Outcome }[];
  }[];
  /** The pictures that are drawn, in the order of each outcome's drawings. */
  readonly pictures: readonly {
    readonly kind: string;
    readonly name: string;
    readonly input: string;
    readonly truth: string;
  }[];
}
