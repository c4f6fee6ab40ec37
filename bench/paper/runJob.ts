import { basename, join } from 'node:path';
import { writeModel } from '../detectors/writeModel.js';
import type { Inspection } from '../inspection/inspect.js';
import type { Dataset, Picture } from '../pictures/dataset.js';
import { pixelStatistics } from '../../src/autoencoder/standardise.js';
import { InputError } from '../running/inputError.js';
import { placeFor, writeWhole } from '../running/outFolder.js';
import type { Progress } from '../running/progress.js';
import { fingerprintsOf } from './fingerprints.js';
import type { Job } from './job.js';
import { doubtsAbout } from './judge/doubts.js';
import { curveOf, figuresByDefectSize } from './judge/figures.js';
import { ofEachMap } from './judge/maps.js';
import type { MapName } from './judge/maps.js';
import { drawings } from './report/drawings.js';
import { readOutcome } from './report/outcome.js';
import type { Outcome } from './report/outcome.js';
import { ownerOfCheckpoint } from './train/checkpoint.js';
import type { Learner, LearnerOptions } from './train/learner.js';
import { patchesOf, train } from './train/train.js';

/** Trains a model, judges it and writes down what became of it; what an earlier run has done is not done again. */
export async function runJob(
  job: Job,
  dataset: Dataset,
  open: (options: LearnerOptions) => Promise<Learner>,
  tell: (progress: Progress) => void,
): Promise<Outcome> {
  const { settings, name, model, features, folder, leastDefect } = job;
  const { training, judgement } = fingerprintsOf(job, dataset);
  const file = join(folder, name.replace(/[^\p{L}\p{N}]+/gu, '-'));
  // What another training or judgement has left stays where it is.
  const outcomeFile = `${placeFor(file, ['.json'], (stem) => (readOutcome(`${stem}.json`, judgement) === undefined ? 'other' : 'mine'))}.json`;
  const known = readOutcome(outcomeFile, judgement);
  if (known !== undefined) return known;
  const place = placeFor(file, ['.checkpoint'], (stem) => ownerOfCheckpoint(`${stem}.checkpoint`, training));
  /** A disk that fills up costs no training: it is told, and the run goes on. */
  const attempt = async (write: () => void | Promise<void>): Promise<boolean> => {
    try {
      await write();
      return true;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      tell({ kind: 'unwritten', text: error.message });
      return false;
    }
  };

  const { seen, heldOut } = split(dataset.train);
  const statistics = settings.standardise ? pixelStatistics(seen) : { mean: 0, deviation: 1 };
  const learner = await open({ ...settings, ...statistics, channels: seen[0]!.channels, model, features });
  try {
    const lambda = await lambdaOf(learner, job, seen);
    const { losses, seconds } = await train(
      learner,
      {
        pictures: seen,
        settings,
        lambda,
        checkpoint: {
          file: `${place}.checkpoint`,
          fingerprint: training,
          everySeconds: job.checkpointSeconds,
        },
      },
      tell,
      attempt,
    );
    const check = await learner.check(patchesOf(heldOut, 64, settings, 0));

    const began = performance.now();
    const good: Inspection<MapName>[] = [];
    for (const picture of heldOut) good.push(await learner.inspect(picture));
    const test: Inspection<MapName>[] = [];
    for (const picture of dataset.test) {
      test.push(await learner.inspect(picture));
      tell({ kind: 'tested', pictures: test.length });
    }
    const inspectionSeconds = (performance.now() - began) / 1000;

    const made = await learner.saved(heldOut);
    const savedIn = `${place}-model`;
    const saved = (await attempt(() => writeModel(savedIn, made.artifacts)))
      ? { folder: basename(savedIn), noDetector: made.noDetector }
      : null;

    const mapsOf = (map: MapName): Float32Array[] => test.map(({ maps }) => maps[map]);
    const outcome: Outcome = {
      name,
      model,
      settings,
      device: learner.device,
      lambda,
      losses,
      seconds,
      inspectionSeconds,
      check,
      doubts: doubtsAbout(model, { losses, check, good, test }),
      saved,
      maps: ofEachMap((map) => figuresByDefectSize(dataset.test, mapsOf(map), leastDefect)),
      curves: ofEachMap((map) => curveOf(dataset.test, mapsOf(map))),
      drawings: await drawings(
        job.shown.map((index) => ({ picture: dataset.test[index]!, inspection: test[index]! })),
        good,
      ),
    };
    await attempt(() => writeWhole(outcomeFile, JSON.stringify({ fingerprint: judgement, outcome })));
    return outcome;
  } finally {
    await learner.close();
  }
}

/** The same whether a training goes on or begins. */
function lambdaOf(learner: Learner, { model, settings }: Job, seen: readonly Picture[]): Promise<number> {
  if (settings.lambda !== 'balanced') return Promise.resolve(settings.lambda);
  if (model !== 'FM') return Promise.resolve(1);
  return learner.balance(patchesOf(seen, 16, settings, 0));
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
