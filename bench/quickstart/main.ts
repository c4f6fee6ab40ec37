import { join, relative } from 'node:path';
import { falseAlarmRate } from '../detectors/savedModel.js';
import type { SavedModel } from '../detectors/savedModel.js';
import { howToLoad, writeModel } from '../detectors/writeModel.js';
import { figureTable, figureText } from '../inspection/figureTable.js';
import { pixelAucOf } from '../inspection/figures.js';
import { readMvtec } from '../pictures/files/mvtec.js';
import { weaveDataset } from '../pictures/weave.js';
import { command } from '../running/command.js';
import { earlier, outFolder, placeFor, writeWhole } from '../running/outFolder.js';
import type { Owner } from '../running/outFolder.js';
import { runAll } from '../running/pool.js';
import * as given from './arguments.js';
import type { Arguments } from './arguments.js';
import { figure } from './figure.js';
import { mapNames } from './maps.js';
import type { Job, Outcome } from './worker.js';

async function main(settings: Arguments): Promise<void> {
  const began = performance.now();
  const dataset =
    settings.data === undefined
      ? weaveDataset(settings.seed, { size: Math.max(128, settings.size) })
      : await readMvtec(settings.data, settings.size);
  const out = outFolder(settings.out, roomForResults);
  const defective = dataset.test.filter(({ kind }) => kind !== 'good').length;
  console.log(
    `${dataset.name}: ${dataset.train.length} images to train on, ${dataset.test.length} to test on, ${defective} of them defective\n` +
      `two autoencoders, ${settings.steps} steps each on patches of ${settings.size}×${settings.size}, on tfjs's wasm backend\n`,
  );
  for (const note of dataset.notes) console.log(`! ${note}\n`);

  // Each on its own thread: two of them keep two cores busy.
  const jobs = (['ℓ2', 'SSIM'] as const).map((loss): Job => ({ name: `${loss}-AE`, loss, settings }));
  const outcomes = await runAll<Outcome>(jobs, {
    script: import.meta.resolve('./worker.ts'),
    task: { dataset },
    threads: jobs.length,
    everySeconds: 15,
  });
  const models = jobs.map(({ name, loss }, k) => ({ name, loss, ...outcomes[k]! }));
  const scores = models.flatMap(({ name, inspections }) =>
    mapNames.map((map) => {
      const maps = inspections.map((inspection) => inspection.maps[map]);
      return { model: name, map, ...pixelAucOf(dataset.test, maps) };
    }),
  );
  const shown = models.map(({ name, loss, inspections }) => {
    const { pixels } = scores.find((score) => score.model === name && score.map === loss)!;
    return { name, map: loss, auc: pixels, inspections };
  });
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `\nPixel ROC AUC: how well a residual map ranks defective pixels above good ones (1 perfect, 0.5 chance, * best)\n`,
  );
  console.log(
    figureTable(
      ['model', 'residual map', 'all pixels', ...Object.keys(scores[0]!.kinds)],
      scores.map(({ model, map, pixels, kinds }) => ({
        names: [model, map],
        figures: [pixels, ...Object.values(kinds)],
      })),
    ),
  );
  const own = shown.map(({ name, auc }) => `${name} ${figureText(auc)}`).join(', ');
  console.log(`\nAs in the paper, each model with its own map: ${own}.`);
  for (const { name, doubts } of models) for (const { text } of doubts) console.log(`! ${name}: ${text}`);

  const { data, steps, size, seed } = settings;
  const run = { data: data ?? 'seeded woven fabric', steps, size, seed };
  const place = placeFor(join(out, 'quickstart'), ['.png', '.json'], (stem) => ownerOf(stem, run));
  const [picture, numbers] = [`${place}.png`, `${place}.json`];
  writeWhole(numbers, `${JSON.stringify({ ...run, seconds, scores }, undefined, 2)}\n`);
  const title = `Defects in ${dataset.name}: autoencoders trained on good images only`;
  writeWhole(picture, await figure(title, dataset.test, shown));
  console.log(`Look at ${relative('.', picture)} (numbers: ${relative('.', numbers)}). ${seconds} s in all.`);
  console.log(await keepDetector('SSIM-AE', models[1]!.saved, `${place}-detector`));
}

/** Writes the detector of a model into a folder, and says how to use it. */
async function keepDetector(
  name: string,
  { artifacts, noDetector }: SavedModel,
  to: string,
): Promise<string> {
  if (noDetector !== null) return `No detector was made of the ${name}: ${noDetector}`;
  await writeModel(to, artifacts);
  return (
    `A detector made of the ${name}, which calls ${100 * falseAlarmRate} % of such good images defective, is in ${relative('.', to)}. ` +
    howToLoad(to)
  );
}

/** More than the picture, the numbers and the detector take. */
const roomForResults = 1 << 22;

/** Earlier results are this run's to replace if they come from the same settings. */
function ownerOf(stem: string, run: object): Owner {
  try {
    const found = JSON.parse(String(earlier(`${stem}.json`))) as Record<string, unknown>;
    return Object.entries(run).every(([name, value]) => found[name] === value) ? 'mine' : 'other';
  } catch {
    return 'other';
  }
}

await command('quickstart', given, main);
