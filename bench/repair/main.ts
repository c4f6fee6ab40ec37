import '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';
import { figureTable } from '../inspection/figureTable.js';
import type { FigureRow } from '../inspection/figureTable.js';
import { figuresOf, imageAucOf, isCounted } from '../inspection/figures.js';
import { command } from '../running/command.js';
import { outFolder } from '../running/outFolder.js';
import { alarms, setAside } from './alarms.js';
import * as given from './arguments.js';
import type { Arguments } from './arguments.js';
import { mapOf, maps } from './maps.js';
import { reconstructions } from './reconstructions.js';
import { scores } from './scores.js';
import { openSet } from './sets.js';
import { trained } from './trained.js';

async function main(settings: Arguments): Promise<void> {
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
  const judged = [...set.test.keys()].filter((k) => isCounted(set.test[k]!, settings.leastArea));
  const test = judged.map((k) => set.test[k]!);
  const [ofPixels, ofImages]: [FigureRow[], FigureRow[]] = [[], []];
  for (const name of settings.maps ?? Object.keys(maps)) {
    const ofTest: Float32Array[] = [];
    for (const k of judged) ofTest.push(await mapOf(name, set.test[k]!, made[k]!, settings));
    const { pixels, within, auPro, kinds } = figuresOf(test, ofTest);
    const scored = Object.values(scores).map((score) => test.map((picture, k) => score(ofTest[k]!, picture)));
    const images = scored.map((ofScore) => imageAucOf(test, ofScore));
    ofPixels.push({ names: [name], figures: [pixels, within, auPro, ...Object.values(kinds)] });
    ofImages.push({ names: [name], figures: images });
  }
  const kinds = new Set(test.map(({ kind }) => kind).filter((kind) => kind !== 'good'));
  console.log(`\n${figureTable(['map', 'pixels', 'within', 'AU-PRO', ...kinds], ofPixels)}`);
  console.log(`\nROC AUC of images, by score\n${figureTable(['map', ...Object.keys(scores)], ofImages)}`);
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

await command('repair', given, main);
