/**
 * One training step (forward, backward, Adam) of the convolutional autoencoder of Bergmann et al. 2019, on
 * tfjs's wasm backend with `registerWasmTraining()` against its cpu backend: `npx tsx bench/speed/trainingStep.ts`.
 */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import {
  dispose,
  getBackend,
  memory,
  profile,
  randomUniform,
  setBackend,
  train,
} from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import { autoencoder } from '../../src/autoencoder.js';
import { registerWasmTraining } from '../../src/kernels.js';
import { command } from '../running/command.js';
import { checkPatchSize, number, readerOf, texts, toggle, whole } from '../running/flags.js';
import { quantile } from './statistics.js';

const flags = {
  size: whole('N', 'side of the patches, a multiple of 16 (64)', 16),
  width: number('X', 'what the numbers of filters are multiplied by, but for the code of 100 (0.5)', 0.01),
  batch: whole('N', 'patches in a step (16)', 1),
  steps: whole('N', 'steps that are timed, after one that is not (10)', 1),
  'cpu-steps': whole('N', 'steps on cpu, of up to a minute each, without a warm-up (1)', 1),
  backends: texts('LIST', 'of wasm,cpu (both)'),
  profile: toggle('where the time goes, by kernel'),
};

await command('trainingStep', readerOf(flags), async (values) => {
  const { size = 64, width = 0.5, batch = 16, backends = ['wasm', 'cpu'] } = values;
  checkPatchSize(size, 16, 16);
  registerWasmTraining();
  const table = new Table({
    head: [`one Adam step, ${size}×${size}, width ${width}, batch ${batch}`, 'median ms', 'min–max (steps)'],
    style: { head: [], border: [], compact: true },
  });
  for (const backend of backends) {
    if (!(await setBackend(backend))) throw new Error(`the ${backend} backend did not start`);
    const [steps, warmUp] = backend === 'cpu' ? [values['cpu-steps'] ?? 1, 0] : [values.steps ?? 10, 1];
    const model = autoencoder({ architecture: 'paper', size, width, seed: 1 });
    model.compile({ optimizer: train.adam(2e-4), loss: 'meanSquaredError' });
    const images = randomUniform([batch, size, size, 1]);
    const times: number[] = [];
    for (let step = 0; step < warmUp + steps; step++) {
      const start = performance.now();
      const loss = (await model.trainOnBatch(images, images)) as number;
      if (!Number.isFinite(loss)) throw new Error(`the loss on ${backend} is ${loss}`);
      if (step >= warmUp) times.push(performance.now() - start);
    }
    if (values.profile) await printProfile(() => model.trainOnBatch(images, images));
    model.dispose();
    dispose(images);
    const [least, median, most] = [0, 0.5, 1].map((q) => quantile(times, q).toFixed(0));
    table.push([backend, median, `${least}–${most} (${steps})`]);
  }
  console.log(table.toString());
});

/** Where a step's time goes, by kernel. */
async function printProfile(step: () => Promise<unknown>): Promise<void> {
  const before = memory().numBytes;
  const { kernels, peakBytes } = await profile(async () => {
    await step();
    return [];
  });
  const totals = new Map<string, number>();
  for (const { name, kernelTimeMs } of kernels) {
    const time = Number(await kernelTimeMs);
    totals.set(name, (totals.get(name) ?? 0) + time);
  }
  console.log(
    `\n${getBackend()}, by kernel (peak ${((peakBytes - before) / 2 ** 20).toFixed(0)} MiB above the weights):`,
  );
  for (const [name, time] of [...totals].sort((a, b) => b[1] - a[1]).slice(0, 12)) {
    console.log(`  ${name.padEnd(24)}${time.toFixed(1).padStart(9)} ms`);
  }
}
