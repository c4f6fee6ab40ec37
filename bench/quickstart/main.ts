import type { SingleBar } from 'cli-progress';
import { join, relative } from 'node:path';
import { falseAlarmRate } from '../detectors/savedModel.js';
import { howToLoad, writeModel } from '../detectors/writeModel.js';
import type { Dataset } from '../pictures/dataset.js';
import { readMvtec } from '../pictures/files/mvtec.js';
import { weaveDataset } from '../pictures/weave.js';
import { command } from '../running/command.js';
import { earlier, outFolder, placeFor, writeWhole } from '../running/outFolder.js';
import type { Owner } from '../running/outFolder.js';
import { progressBars } from '../running/progress.js';
import { startThread } from '../running/startThread.js';
import { readArguments, usage } from './arguments.js';
import type { Arguments } from './arguments.js';
import { figure } from './figure.js';
import { aucText, scoreOf, scoresOf, tableOf } from './report.js';
import type { Result } from './report.js';
import type { Message, Task } from './worker.js';

async function main(argv: readonly string[]): Promise<void> {
  const settings = readArguments(argv);
  if (settings === undefined) {
    console.log(usage);
    return;
  }
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

  const results = await trainBoth(dataset, settings);
  const scores = scoresOf(dataset, results);
  const [l2, ssim] = [scoreOf(scores, 'ℓ2-AE', 'ℓ2'), scoreOf(scores, 'SSIM-AE', 'SSIM')];
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `\nPixel ROC AUC: how well a residual map ranks defective pixels above good ones (1 perfect, 0.5 chance, * best)\n`,
  );
  console.log(tableOf(scores));
  console.log(
    `\nAs in the paper, each model with its own map: ℓ2-AE ${aucText(l2.all)}, SSIM-AE ${aucText(ssim.all)}.`,
  );

  const { data, steps, size, seed } = settings;
  const run = { data: data ?? 'seeded woven fabric', steps, size, seed };
  const place = placeFor(join(out, 'quickstart'), ['.png', '.json'], (stem) => ownerOf(stem, run));
  const [picture, numbers] = [`${place}.png`, `${place}.json`];
  writeWhole(numbers, `${JSON.stringify({ ...run, seconds, scores }, undefined, 2)}\n`);
  writeWhole(
    picture,
    await figure(
      `Defects in ${dataset.name}: autoencoders trained on good images only`,
      dataset.test,
      [l2, ssim].map(({ model, map, all }) => ({
        name: model,
        map,
        auc: all,
        inspections: results.find((result) => result.model === model)!.inspections,
      })),
    ),
  );
  console.log(`Look at ${relative('.', picture)} (numbers: ${relative('.', numbers)}). ${seconds} s in all.`);
  console.log(
    await keepDetector(
      results.find(({ model }) => model === 'SSIM-AE')!,
      `${place}-detector`,
    ),
  );
}

/** Writes the detector of a model into a folder, and says how to use it. */
async function keepDetector({ model, saved }: Result, folder: string): Promise<string> {
  if (saved.noDetector !== null) return `No detector was made of the ${model}: ${saved.noDetector}`;
  await writeModel(folder, saved.artifacts);
  return (
    `A detector made of the ${model}, which calls ${100 * falseAlarmRate} % of such good images defective, is in ${relative('.', folder)}. ` +
    howToLoad(folder)
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

/** Both models at once, each on its own thread, with a progress bar each. */
async function trainBoth(dataset: Dataset, { steps, size, seed }: Arguments): Promise<Result[]> {
  const bars = progressBars(15);
  try {
    return await Promise.all(
      (['ℓ2', 'SSIM'] as const).map((loss) => {
        const model = `${loss}-AE`;
        const bar = bars.create(steps, 0, { name: model.padEnd(7), loss: '–', left: 'starting' });
        return trainOne({ loss, dataset, steps, size, seed }, model, bar);
      }),
    );
  } finally {
    bars.stop();
  }
}

function trainOne(task: Task, model: string, bar: SingleBar): Promise<Result> {
  const began = performance.now();
  const worker = startThread(import.meta.resolve('./worker.ts'), task);
  return new Promise<Result>((resolve, reject) => {
    worker.on('message', (message: Message) => {
      switch (message.kind) {
        case 'step': {
          const left = ((performance.now() - began) / 1000 / message.step) * (task.steps - message.step);
          bar.update(message.step, { loss: message.loss.toPrecision(4), left: `${Math.ceil(left)} s left` });
          break;
        }
        case 'tested':
          bar.update(task.steps, { left: `testing ${message.pictures}/${task.dataset.test.length}` });
          break;
        case 'done':
          bar.update(task.steps, { left: 'done' });
          resolve({
            model,
            trainingSeconds: message.trainingSeconds,
            inspections: message.inspections,
            saved: message.saved,
          });
          break;
      }
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code !== 0) reject(new Error(`the thread of the ${model} ended with code ${code}`));
    });
  });
}

await command('quickstart', main);
