import { readdirSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { falseAlarmRate } from '../detectors/savedModel.js';
import { howToLoad } from '../detectors/writeModel.js';
import { typicalPictures } from '../drawing/typicalPictures.js';
import type { FeatureSource } from '../features/features.js';
import { readNetwork } from '../features/network.js';
import type { Dataset } from '../pictures/dataset.js';
import { readMvtec, readTraining } from '../pictures/files/mvtec.js';
import { withImplants } from '../pictures/implants.js';
import { weaveDataset } from '../pictures/weave.js';
import { command } from '../running/command.js';
import { machineOf } from '../running/machine.js';
import { earlier, outFolder, placeFor, writeWhole } from '../running/outFolder.js';
import type { Owner } from '../running/outFolder.js';
import { runAll } from '../running/pool.js';
import { timeText } from '../running/progress.js';
import { ablationsOf } from './ablations.js';
import * as reader from './arguments.js';
import type { Arguments } from './arguments.js';
import type { Job } from './job.js';
import { originals } from './report/drawings.js';
import type { Outcome } from './report/outcome.js';
import type { Report } from './report/report.js';
import { reportPage } from './report/reportPage.js';
import { summary } from './report/summary.js';
import { ownerOfCheckpoint } from './train/checkpoint.js';
import { without } from './without.js';

async function main(given: Arguments): Promise<void> {
  const { settings, leastDefect } = given;
  const dataset = await datasetOf(given);
  const folder = outFolder(join(given.out, nameOf(given)), roomForResults);
  const features: FeatureSource =
    given.network === undefined ? { kind: 'gabor' } : await readNetwork(given.network);
  const shown = typicalPictures(dataset.test);
  const common = { features, folder, shown, leastDefect, checkpointSeconds: 20 };
  const jobs: Job[] = given.models.map((model) => ({ ...common, name: model, model, settings }));
  // Variants that are the run's own settings, or those of another question, are trained once.
  const ablations = (given.ablations ? ablationsOf(settings) : []).map(({ question, variants }) => ({
    question,
    variants: variants.map((variant) => {
      const wanted = JSON.stringify(variant.settings);
      const known = jobs.findIndex((job) => job.model === 'SSIM' && JSON.stringify(job.settings) === wanted);
      if (known >= 0) return { name: variant.name, job: known };
      jobs.push({ ...common, name: variant.name, model: 'SSIM', settings: variant.settings });
      return { name: variant.name, job: jobs.length - 1 };
    }),
  }));
  const machine = machineOf({
    packages: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-wasm'],
  });
  const defective = dataset.test.filter(({ kind }) => kind !== 'good').length;
  console.log(
    `${dataset.name}: ${dataset.train.length} good images, ${dataset.test.length} to test on, ${defective} of them defective\n` +
      `${jobs.length} models, ${settings.steps} steps each on patches of ${settings.size}×${settings.size}, on ${settings.backend}, ` +
      `${given.threads} at a time\n`,
  );
  for (const note of [...dataset.notes, ...damagedIn(folder)]) console.log(`! ${note}\n`);
  const outcomes = await runAll<Outcome>(jobs, {
    script: import.meta.resolve('./worker.ts'),
    task: { dataset },
    threads: given.threads,
    everySeconds: 60,
  });
  const report: Report = {
    name: dataset.name,
    data: given.data ?? 'seeded woven fabric',
    shrink: given.shrink,
    counts: { train: dataset.train.length, test: dataset.test.length, defective },
    settings,
    features: features.kind === 'gabor' ? 'Gabor filters' : `${features.name}, ${features.layers.join(', ')}`,
    leastDefect,
    machine,
    seconds: outcomes.reduce((sum, outcome) => sum + outcome.seconds + outcome.inspectionSeconds, 0),
    models: outcomes.slice(0, given.models.length),
    ablations: ablations.map(({ question, variants }) => ({
      question,
      variants: variants.map(({ name, job }) => ({ name, outcome: outcomes[job]! })),
    })),
    pictures: await Promise.all(
      shown.map(async (index) => {
        const picture = dataset.test[index]!;
        return { kind: picture.kind, name: picture.name, ...(await originals(picture)) };
      }),
    ),
  };
  console.log(summary(report));
  const place = placeFor(join(folder, 'report'), ['.html', '.json'], (stem) => ownerOf(stem, report));
  const [page, numbers] = [`${place}.html`, `${place}.json`];
  writeWhole(numbers, `${JSON.stringify(withoutDrawings(report), undefined, 1)}\n`);
  writeWhole(page, reportPage(report));
  console.log(
    `Look at ${relative('.', page)} (numbers: ${relative('.', numbers)}). ${timeText(report.seconds)} of training and judging.`,
  );
  for (const text of savedModels(folder, outcomes)) console.log(text);
}

/** Where the models lie, which of them are detectors, and why the others are none. */
function savedModels(folder: string, outcomes: readonly Outcome[]): string[] {
  const saved = outcomes.map((outcome) => outcome.saved).filter((one) => one !== null);
  if (saved.length === 0) return [];
  const listed = (reason?: string | null): string =>
    saved
      .filter(({ noDetector }) => reason === undefined || noDetector === reason)
      .map((one) => one.folder)
      .join(', ');
  const texts = [`Models for loadLayersModel of tfjs-layers, in ${relative('.', folder)}: ${listed()}.`];
  const detector = saved.filter(({ noDetector }) => noDetector === null).at(-1);
  if (detector !== undefined) {
    texts.push(
      `Also detectors by the SSIM map, which call ${100 * falseAlarmRate} % of such good images defective: ${listed(null)}. ` +
        howToLoad(join(folder, detector.folder)),
    );
  }
  for (const reason of new Set(saved.map(({ noDetector }) => noDetector))) {
    if (reason !== null) texts.push(`No detector was made of ${listed(reason)}: ${reason}`);
  }
  return texts;
}

/** A checkpoint of a model, or its outcome with all pictures. */
const roomForResults = 1 << 23;

async function datasetOf({ data, shrink, implants, settings }: Arguments): Promise<Dataset> {
  if (data === undefined) {
    const drawn = weaveDataset(settings.seed, { size: Math.max(128, settings.size) });
    return implants ? withImplants(drawn, settings.seed) : drawn;
  }
  // Implants need no test image, and look at none.
  return implants
    ? withImplants(await readTraining(data, settings.size, shrink), settings.seed)
    : readMvtec(data, settings.size, shrink);
}

const nameOf = ({ data, implants }: Arguments): string =>
  (data === undefined ? 'seeded-fabric' : basename(resolve(data))) + (implants ? '-implants' : '');

/** A sentence on each checkpoint that nobody can go on from. */
function damagedIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.checkpoint'))
    .map((name) => join(folder, name))
    .filter((file) => ownerOfCheckpoint(file, '') === 'nobody')
    .map((file) => `${relative('.', file)} is no whole checkpoint: its training begins anew.`);
}

/** An earlier report is this run's to replace if it comes from the same settings. */
function ownerOf(stem: string, report: Report): Owner {
  const settingsOf = (given: Report): string =>
    JSON.stringify([
      without(given, 'machine', 'seconds', 'models', 'ablations', 'pictures'),
      given.models.map(({ model }) => model),
      given.ablations.map(({ question }) => question),
    ]);
  try {
    const found = JSON.parse(String(earlier(`${stem}.json`))) as Report;
    return settingsOf(found) === settingsOf(report) ? 'mine' : 'other';
  } catch {
    return 'other';
  }
}

/** All numbers; the pictures are in the page. */
function withoutDrawings(report: Report): object {
  return {
    ...report,
    pictures: report.pictures.map(({ kind, name }) => ({ kind, name })),
    models: report.models.map((outcome) => without(outcome, 'drawings')),
    ablations: report.ablations.map(({ question, variants }) => ({
      question,
      variants: variants.map(({ name, outcome }) => ({ name, outcome: without(outcome, 'drawings') })),
    })),
  };
}

await command('bench:defects', reader, main);
