import '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';
import type { TestPicture } from '../pictures/dataset.js';
import { command } from '../running/command.js';
import { outFolder } from '../running/outFolder.js';
import { alarms, setAside } from './alarms.js';
import { readArguments, usage } from './arguments.js';
import type { Arguments } from './arguments.js';
import { figuresOf } from './figures.js';
import { mapOf, maps } from './maps.js';
import { reconstructions } from './reconstructions.js';
import { scores } from './scores.js';
import { openSet } from './sets.js';
import { trained } from './trained.js';

async function main(argv: readonly string[]): Promise<void> {
  const settings = readArguments(argv);
  if (settings === undefined) {
    console.log(usage);
    return;
  }
  outFolder(settings.out, 1 << 22);
  await setBackend('wasm');
  const all = await openSet(settings);
  const { aside, others } = setAside(all.train, settings.aside);
  const set = { ...all, train: others };
  const result = await trained(set, settings, console.log);
  const { said, seconds } = result;
  console.log(
    `${set.name}, seed ${settings.seed}: ${seconds} s of training; reproduced ${percent(said.reproduced)}` +
      `${said.repaired === undefined ? '' : `, repaired ${percent(said.repaired)}`}`,
  );
  for (const text of said.doubts) console.log(`! ${text}`);
  if (aside.length > 0) {
    console.log((await alarms(result.model, aside, set.test)).join('\n'));
    return;
  }
  const made = await reconstructions(result, set.test, settings.size, settings.tiling);
  const judged = [...set.test.keys()].filter((k) => isJudged(set.test[k]!, settings));
  const test = judged.map((k) => set.test[k]!);
  const kinds = [...new Set(test.map(({ kind }) => kind))].filter((kind) => kind !== 'good');
  console.log(`\n${row('map', ['pixels', 'within', 'AU-PRO', ...kinds])}`);
  const images: string[] = [];
  for (const name of settings.maps ?? Object.keys(maps)) {
    const ofTest: Float32Array[] = [];
    for (const k of judged) ofTest.push(await mapOf(name, set.test[k]!, made[k]!, settings));
    const figures = figuresOf(test, ofTest);
    console.log(
      row(name, [
        figures.pixels,
        figures.within,
        figures.auPro,
        ...kinds.map((kind) => figures.kinds[kind] ?? NaN),
      ]),
    );
    images.push(
      row(
        name,
        Object.keys(scores).map((score) => figures.images[score]!),
      ),
    );
  }
  console.log(`\nROC AUC of images, by score\n${row('map', Object.keys(scores))}\n${images.join('\n')}`);
}

/** Good images, and those with a mask that is large enough. */
const isJudged = ({ kind, mask }: TestPicture, { leastArea }: Arguments): boolean =>
  kind === 'good' || mask.reduce((sum, value) => sum + value, 0) >= leastArea;

const percent = (share: number): string => `${Math.round(100 * share)} %`;

const row = (name: string, values: readonly (string | number)[]): string =>
  [
    name.padEnd(18),
    ...values.map((value) => (typeof value === 'number' ? value.toFixed(3) : value).padStart(12)),
  ].join(' ');

await command('repair', main);
