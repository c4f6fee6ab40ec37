/**
 * One training step (forward, backward, Adam) of the convolutional autoencoder of Bergmann et al. 2019, on
 * tfjs's wasm backend with `registerWasmTraining()` against its cpu backend.
 *
 *   npx tsx bench/speed/trainingStep.ts [--size 64] [--width 0.5] [--batch 16] [--steps 10]
 *                                       [--backends wasm,cpu] [--cpu-steps 1] [--profile]
 *
 * `--width` scales the number of channels, the latent code of 100 stays. The first wasm step is warm-up and is
 * not counted; cpu steps take up to a minute each and have no warm-up. `--profile` adds where the time goes.
 */
import { parseArgs } from 'node:util';
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
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { autoencoder } from '../../src/autoencoder.js';
import { registerWasmTraining } from '../../src/kernels.js';
import { quantile } from './statistics.js';

const { values: flags } = parseArgs({
  options: {
    size: { type: 'string', default: '64' },
    width: { type: 'string', default: '0.5' },
    batch: { type: 'string', default: '16' },
    steps: { type: 'string', default: '10' },
    'cpu-steps': { type: 'string', default: '1' },
    backends: { type: 'string', default: 'wasm,cpu' },
    profile: { type: 'boolean', default: false },
  },
});
const size = Number(flags.size);
const width = Number(flags.width);
const batch = Number(flags.batch);
if (size % 16 !== 0 || size < 16)
  throw new RangeError(`--size must be a multiple of 16, but got ${flags.size}.`);

function paperModel(): LayersModel {
  const model = autoencoder({ architecture: 'paper', size, width, seed: 1 });
  model.compile({ optimizer: train.adam(2e-4), loss: 'meanSquaredError' });
  return model;
}

async function measure(
  steps: number,
  warmUp: number,
): Promise<{ readonly times: number[]; readonly loss: number }> {
  const model = paperModel();
  const images = randomUniform([batch, size, size, 1]);
  const times: number[] = [];
  let loss = NaN;
  for (let step = 0; step < warmUp + steps; step++) {
    const start = performance.now();
    loss = (await model.trainOnBatch(images, images)) as number;
    if (step >= warmUp) times.push(performance.now() - start);
  }
  if (flags.profile) await printProfile(() => model.trainOnBatch(images, images));
  model.dispose();
  dispose(images);
  return { times, loss };
}

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

registerWasmTraining();
const rows: { readonly backend: string; readonly milliseconds: number; readonly spread: string }[] = [];
for (const backend of flags.backends.split(',')) {
  if (!(await setBackend(backend))) throw new Error(`the ${backend} backend did not start`);
  const slow = backend === 'cpu';
  const { times, loss } = await measure(Number(slow ? flags['cpu-steps'] : flags.steps), slow ? 0 : 1);
  if (!Number.isFinite(loss)) throw new Error(`the loss on ${backend} is ${loss}`);
  rows.push({
    backend,
    milliseconds: quantile(times, 0.5),
    spread: `${Math.min(...times).toFixed(0)}–${Math.max(...times).toFixed(0)} (${times.length})`,
  });
}

const fastest = Math.min(...rows.map(({ milliseconds }) => milliseconds));
console.log(`\none Adam step, ${size}×${size}, width ${width}, batch ${batch}`);
console.log(
  `${'backend'.padEnd(10)}${'median ms'.padStart(12)}${'min–max (steps)'.padStart(20)}${'ratio'.padStart(9)}`,
);
for (const { backend, milliseconds, spread } of rows) {
  const ratio = (milliseconds / fastest).toFixed(1);
  console.log(
    `${backend.padEnd(10)}${milliseconds.toFixed(0).padStart(12)}${spread.padStart(20)}${ratio.padStart(9)}`,
  );
}
