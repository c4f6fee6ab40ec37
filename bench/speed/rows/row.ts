import type { Shape } from './shapes.js';
import type { Workload } from './workload.js';

/** The value alone, or the value and its gradient with respect to the reconstruction. */
export const modes = ['value', 'gradient'] as const;
export type Mode = (typeof modes)[number];

/** A row that holds its images and is ready to be timed. */
export interface Prepared {
  /** The mean SSIM, or the norm of the loss's gradient; undefined where that is not comparable. */
  readonly check: (mode: Mode) => Promise<number | undefined>;
  /** Milliseconds that so many calls take, results read. */
  readonly run: (mode: Mode, repeats: number) => Promise<number>;
}

/** One line of the benchmark. */
export interface Row {
  readonly id: string;
  readonly label: string;
  /** What it computes, where that is not SSIM with the Gaussian 11×11 window at every place inside the image. */
  readonly note?: string;
  /** Whether its SSIM must be that of all other rows so marked. */
  readonly exact: boolean;
  /** Why it cannot run on this machine. */
  readonly missing?: string;
  /** Numbers in a batch beyond which it runs out of memory, where that would take other rows with it. */
  readonly most?: Readonly<Partial<Record<Mode, number>>>;
  readonly modes: (shape: Shape) => readonly Mode[];
  /** Undefined where the row cannot take such images. */
  readonly prepare: (workload: Workload) => Promise<Prepared | undefined>;
}
