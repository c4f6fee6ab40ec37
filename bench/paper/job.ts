import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { version } from '../../package.json';
import { thresholdAtQuantile } from '../../src/index.js';
import type { FeatureSource } from '../features/features.js';
import type { Inspection } from '../inspection/inspect.js';
import { joined } from '../inspection/joined.js';
import type { Dataset, Picture, TestPicture } from '../pictures/dataset.js';
import { drawPatch } from '../pictures/drawPatch.js';
import { greyValues } from '../pictures/greyValues.js';
import { InputError } from '../running/inputError.js';
import { earlier, placeFor, writeWhole } from '../running/outFolder.js';
import { randomFrom } from '../running/random.js';
import { countOf } from './countOf.js';
import { doubtsAbout } from './judge/doubts.js';
import type { Doubt } from './judge/doubts.js';
import { curveOf, figuresOf } from './judge/figures.js';
import type { Figures } from './judge/figures.js';
import { mapNames } from './judge/maps.js';
import type { MapName } from './judge/maps.js';
import { drawings } from './report/drawings.js';
import type { Drawing } from './report/drawings.js';
import type { Settings } from './settings.js';
import { ownerOfCheckpoint, readCheckpoint, writeCheckpoint } from './train/checkpoint.js';
import type { Check, Learner, LearnerOptions } from './train/learner.js';
import type { ModelName } from './train/objectives.js';
import { stepOf } from './train/schedule.js';
import { without } from './without.js';

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

/** What became of it. */
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
  readonly check: Check;
  readonly doubts: readonly Doubt[];
  /** Every map over all test images, and without those whose defects are tiny; null if there are none. */
  readonly maps: Readonly<Record<MapName, { readonly all: Figures; readonly large: Figures | null }>>;
  readonly curves: Readonly<Record<MapName, readonly [number, number][]>>;
  readonly drawings: readonly Drawing[];
}

export type Progress =
  | { readonly kind: 'step'; readonly step: number; readonly loss: number; readonly resumedAt: number }
  | { readonly kind: 'tested'; readonly pictures: number }
  /** Something could not be written; the run goes on. */
  | { readonly kind: 'unwritten'; readonly text: string };

export async function run(
  job: Job,
  dataset: Dataset,
  open: (options: LearnerOptions) => Promise<Learner>,
  tell: (progress: Progress) => void,
): Promise<Outcome> {
  const { settings, name, folder } = job;
  const file = join(folder, name.replace(/[^\p{L}\p{N}]+/gu, '-'));
  const trained = trainingOf(job, dataset.train);
  const judged = judgementOf(job, trained, dataset.test);
  // What another training or judgement has left stays where it is.
  const outcomeFile = `${placeFor(file, ['.json'], (stem) => (readOutcome(`${stem}.json`, judged) === undefined ? 'other' : 'mine'))}.json`;
  const known = readOutcome(outcomeFile, judged);
  if (known !== undefined) return known;
  const checkpoint = `${placeFor(file, ['.checkpoint'], (stem) => ownerOfCheckpoint(`${stem}.checkpoint`, trained))}.checkpoint`;

  const { seen, heldOut } = split(dataset.train);
  const channels = seen[0]!.channels;
  const statistics = settings.standardise ? greyValues(seen) : { mean: 0, deviation: 1 };
  const learner = await open({
    ...settings,
    ...statistics,
    channels,
    model: job.model,
    features: job.features,
  });
  try {
    const lambda = await lambdaOf(learner, job, seen);
    const { losses, seconds } = await train(learner, job, lambda, seen, checkpoint, trained, tell);
    const check = await learner.check(patchesOf(heldOut, 64, channels, settings, 0));

    const began = performance.now();
    const good: Inspection<MapName>[] = [];
    for (const picture of heldOut) good.push(await learner.inspect(picture));
    const test: Inspection<MapName>[] = [];
    for (const picture of dataset.test) {
      test.push(await learner.inspect(picture));
      tell({ kind: 'tested', pictures: test.length });
    }
    const inspectionSeconds = (performance.now() - began) / 1000;

    const outcome: Outcome = {
      name,
      model: job.model,
      settings,
      device: learner.device,
      lambda,
      losses,
      seconds,
      inspectionSeconds,
      check,
      doubts: doubtsAbout(job.model, losses, check, good, test),
      ...(await judge(job, dataset.test, good, test)),
    };
    written(() => writeWhole(outcomeFile, JSON.stringify({ fingerprint: judged, outcome })), tell);
    return outcome;
  } finally {
    await learner.close();
  }
}

async function train(
  learner: Learner,
  { settings, checkpointSeconds }: Job,
  lambda: number,
  seen: readonly Picture[],
  file: string,
  fingerprint: string,
  tell: (progress: Progress) => void,
): Promise<{ losses: number[]; seconds: number }> {
  const channels = seen[0]!.channels;
  const before = readCheckpoint(file, fingerprint);
  if (before !== undefined) await learner.restore(before.state);
  const resumedAt = before?.step ?? 0;
  const losses = [...(before?.losses ?? [])];
  const began = performance.now() - 1000 * (before?.seconds ?? 0);
  const secondsSoFar = (): number => (performance.now() - began) / 1000;
  const save = async (step: number): Promise<void> => {
    const state = await learner.state();
    written(() => writeCheckpoint(file, { fingerprint, step, losses, seconds: secondsSoFar(), state }), tell);
  };
  let saved = performance.now();
  let smoothed = losses.at(-1) ?? NaN;
  for (let step = resumedAt + 1; step <= settings.steps; step++) {
    const patches = patchesOf(seen, settings.batch, channels, settings, step);
    const loss = await learner.step(patches, stepOf(step, settings, lambda));
    if (!Number.isFinite(loss)) {
      throw new InputError(`the loss became ${loss} at step ${step}; use a smaller --learning-rate.`);
    }
    losses.push(loss);
    smoothed = Number.isNaN(smoothed) ? loss : 0.9 * smoothed + 0.1 * loss;
    tell({ kind: 'step', step, loss: smoothed, resumedAt });
    if (step === settings.steps || performance.now() - saved > 1000 * checkpointSeconds) {
      await save(step);
      saved = performance.now();
    }
  }
  return { losses, seconds: secondsSoFar() };
}

/** A disk that fills up costs no training: it is told, and the run goes on. */
function written(write: () => void, tell: (progress: Progress) => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    tell({ kind: 'unwritten', text: error.message });
  }
}

/** The same whether a training goes on or begins. */
function lambdaOf(learner: Learner, { model, settings }: Job, seen: readonly Picture[]): Promise<number> {
  if (settings.lambda !== 'balanced') return Promise.resolve(settings.lambda);
  if (model !== 'FM') return Promise.resolve(1);
  return learner.balance(patchesOf(seen, 16, seen[0]!.channels, settings, 0));
}

/** The patches of one step: each step has a seed of its own, so that any of them can be the first. */
function patchesOf(
  pictures: readonly Picture[],
  count: number,
  channels: number,
  { size, variation, seed }: Settings,
  step: number,
): Float32Array {
  const random = randomFrom(Math.imul(seed + 1, 0x9e3779b1) + step);
  const batch = new Float32Array(count * size * size * channels);
  for (let index = 0; index < count; index++) drawPatch(pictures, size, variation, random, batch, index);
  return batch;
}

/** Every eighth good image is not trained on: thresholds and doubts come from those. A single image serves for both. */
function split(train: readonly Picture[]): { seen: readonly Picture[]; heldOut: readonly Picture[] } {
  if (train.length === 1) return { seen: train, heldOut: train };
  const held = (index: number): boolean => index % 8 === 0;
  return {
    seen: train.filter((_, index) => !held(index)),
    heldOut: train.filter((_, index) => held(index)),
  };
}

async function judge(
  { leastDefect, shown }: Job,
  test: readonly TestPicture[],
  good: readonly Inspection<MapName>[],
  inspections: readonly Inspection<MapName>[],
): Promise<Pick<Outcome, 'maps' | 'curves' | 'drawings'>> {
  const each = <T>(make: (name: MapName) => T): Record<MapName, T> =>
    Object.fromEntries(mapNames.map((name) => [name, make(name)])) as Record<MapName, T>;
  const large = [...test.keys()].filter((index) => {
    const { kind, mask } = test[index]!;
    return kind === 'good' || countOf(mask) >= leastDefect;
  });
  const some = large.length < test.length && large.some((index) => test[index]!.kind !== 'good');
  const mapsOf = (name: MapName): Float32Array[] => inspections.map(({ maps }) => maps[name]);
  return {
    maps: each((name) => ({
      all: figuresOf(test, mapsOf(name)),
      large: some
        ? figuresOf(
            large.map((index) => test[index]!),
            large.map((index) => mapsOf(name)[index]!),
          )
        : null,
    })),
    curves: each((name) => curveOf(test, mapsOf(name))),
    drawings: await drawings(
      shown.map((index) => ({ picture: test[index]!, inspection: inspections[index]! })),
      each((name) => {
        const scores = joined(good.map(({ maps }) => maps[name]));
        const [dark, high, threshold] = [0.5, 0.99, 0.999].map((share) =>
          thresholdAtQuantile(scores, share),
        ) as [number, number, number];
        return { dark, bright: dark + 1.5 * Math.max(high - dark, 1e-9), threshold };
      }),
    ),
  };
}

/**
 * Of all that decides about a training, the version of this code too; what other models are made of is nothing to
 * this one.
 */
function trainingOf({ model, settings, features }: Job, pictures: readonly Picture[]): string {
  const others = [
    ...(model === 'FM' ? [] : ['lambda' as const]),
    ...(model === 'VAE' ? [] : ['beta' as const]),
  ];
  return digest([
    JSON.stringify([version, model, without(settings, 'stride', 'samples', ...others)]),
    ...(model === 'FM' ? textsOf(features) : []),
    ...pictures.flatMap(bytesOf),
  ]);
}

/** And about what is said of it. */
function judgementOf(
  { settings, features, shown, leastDefect }: Job,
  trained: string,
  pictures: readonly Picture[],
): string {
  return digest([
    JSON.stringify([trained, shown, leastDefect, settings.stride, settings.samples]),
    ...textsOf(features),
    ...pictures.flatMap(bytesOf),
  ]);
}

const textsOf = (features: FeatureSource): (string | Uint8Array)[] =>
  features.kind === 'network'
    ? [JSON.stringify(without(features, 'weights')), features.weights]
    : [features.kind];

const bytesOf = ({ data, height, width, channels }: Picture): (string | Uint8Array)[] => [
  `${height}×${width}×${channels}`,
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
];

function digest(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

function readOutcome(file: string, fingerprint: string): Outcome | undefined {
  try {
    const found = JSON.parse(String(earlier(file))) as { fingerprint: string; outcome: Outcome };
    return found.fingerprint === fingerprint ? found.outcome : undefined;
  } catch {
    return undefined;
  }
}
