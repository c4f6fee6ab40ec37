import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { autoencoder, folderHandler, trainAutoencoder } from '../../src/autoencoder.js';
import type { TrainAutoencoderOptions } from '../../src/autoencoder.js';
import { imageOf } from '../pictures/dataset.js';
import type { Dataset } from '../pictures/dataset.js';
import { writeWhole } from '../running/outFolder.js';
import { losses } from './losses.js';
import type { Arguments } from './arguments.js';

/** A model and what its training said of it. */
export interface Trained {
  readonly model: LayersModel;
  readonly folder: string;
  readonly said: {
    readonly reproduced: number;
    readonly repaired?: number;
    readonly doubts: readonly string[];
  };
  readonly seconds: number;
}

/** Trains a model on the good images of the set; one that `--out` holds from these very settings is loaded instead. */
export async function trained(
  { train }: Dataset,
  { set, seed, steps, batchSize, size, loss, corrupt, vary, aside, out }: Arguments,
  tell: (text: string) => void,
): Promise<Trained> {
  const settings = { set, seed, steps, batchSize, size, loss, corrupt, vary, aside };
  const name = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12);
  const folder = join(out, name);
  const record = join(folder, 'training.json');
  const handler = folderHandler(folder, fs);
  if (existsSync(record)) {
    const { said, seconds } = JSON.parse(await fs.readFile(record, 'utf8')) as Trained;
    return { model: await loadLayersModel(handler), folder, said, seconds };
  }
  const { channels } = train[0]!;
  const model = autoencoder({ size, channels: channels, seed });
  const began = performance.now();
  const options: TrainAutoencoderOptions = {
    steps,
    batchSize,
    seed,
    corrupt,
    vary,
    ...(loss !== 'default' && { loss: losses[loss](train) }),
    onProgress({ step, loss: mean, secondsLeft }) {
      if (step % 50 === 0)
        tell(`step ${step} of ${steps}, loss ${mean.toFixed(4)}, ${Math.ceil(secondsLeft)} s left`);
    },
  };
  const { reproduced, repaired, doubts } = await trainAutoencoder(model, train.map(imageOf), options);
  const seconds = Math.round((performance.now() - began) / 1000);
  const said = {
    reproduced,
    ...(repaired !== undefined && { repaired }),
    doubts: doubts.map(({ text }) => text),
  };
  await model.save(handler);
  writeWhole(record, `${JSON.stringify({ settings, said, seconds }, undefined, 2)}\n`);
  return { model, folder, said, seconds };
}
