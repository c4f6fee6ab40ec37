import type { Picture } from '../../pictures/dataset.js';
import { drawPatches } from '../../../src/autoencoder/drawPatches.js';
import { InputError } from '../../running/inputError.js';
import { randomFrom } from '../../running/random.js';
import type { Progress } from '../../running/progress.js';
import type { Settings } from '../settings.js';
import { readCheckpoint, writeCheckpoint } from './checkpoint.js';
import type { Learner } from './learner.js';
import { stepOf } from './schedule.js';

/** What a learner is trained on, and how. */
export interface Training {
  readonly pictures: readonly Picture[];
  readonly settings: Settings;
  /** Weight of the feature distance in the loss. */
  readonly lambda: number;
  readonly checkpoint: {
    readonly file: string;
    readonly fingerprint: string;
    /** From one checkpoint to the next. */
    readonly everySeconds: number;
  };
}

/** From its checkpoint, if there is one, to the last step; `write` may fail, and the training goes on. */
export async function train(
  learner: Learner,
  { pictures, settings, lambda, checkpoint: { file, fingerprint, everySeconds } }: Training,
  tell: (progress: Progress) => void,
  attempt: (write: () => void) => Promise<unknown>,
): Promise<{ losses: number[]; seconds: number }> {
  const before = readCheckpoint(file, fingerprint);
  if (before !== undefined) await learner.restore(before.state);
  const resumedAt = before?.step ?? 0;
  const losses = [...(before?.losses ?? [])];
  const began = performance.now() - 1000 * (before?.seconds ?? 0);
  const secondsSoFar = (): number => (performance.now() - began) / 1000;
  const save = async (step: number): Promise<void> => {
    const state = await learner.state();
    await attempt(() => writeCheckpoint(file, { fingerprint, step, losses, seconds: secondsSoFar(), state }));
  };
  let saved = performance.now();
  let smoothed = losses.at(-1) ?? NaN;
  for (let step = resumedAt + 1; step <= settings.steps; step++) {
    const patches = patchesOf(pictures, settings.batch, settings, step);
    const loss = await learner.step(patches, stepOf(step, settings, lambda));
    if (!Number.isFinite(loss)) {
      throw new InputError(`the loss became ${loss} at step ${step}; use a smaller --learning-rate.`);
    }
    losses.push(loss);
    smoothed = Number.isNaN(smoothed) ? loss : 0.9 * smoothed + 0.1 * loss;
    tell({ kind: 'step', step, loss: smoothed, resumedAt });
    if (step === settings.steps || performance.now() - saved > 1000 * everySeconds) {
      await save(step);
      saved = performance.now();
    }
  }
  return { losses, seconds: secondsSoFar() };
}

/** The patches of one step: each step has a seed of its own, so that any of them can be the first. */
export function patchesOf(
  pictures: readonly Picture[],
  count: number,
  { size, variation, seed }: Settings,
  step: number,
): Float32Array {
  const random = randomFrom(Math.imul(seed + 1, 0x9e3779b1) + step);
  return drawPatches(pictures, { count, size, variation }, random);
}
