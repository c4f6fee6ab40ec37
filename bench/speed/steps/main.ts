/**
 * One Adam step of the autoencoder of Bergmann et al. 2019, batch 16, on wasm with `registerWasmTraining()`, by each loss; and in
 * PyTorch on one thread, by an MSE, where it is installed: `apt-get install python3-torch`. Milliseconds of CPU time, medians, all rows
 * taking turns.
 *
 *   npx tsx bench/speed/steps/main.ts [--rounds 9] [--out bench-out]
 */
import { fileURLToPath } from 'node:url';
import '@tensorflow/tfjs-backend-wasm';
import { dispose, mean, randomUniform, setBackend, tidy, train, variableGrads } from '@tensorflow/tfjs-core';
import type { Rank, Tensor, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { autoencoder } from '../../../src/autoencoder.js';
import { gmsLoss, l2Loss, mixLoss, msGmsLoss, msSsimLoss, ssimLoss } from '../../../src/index.js';
import { registerWasmTraining } from '../../../src/kernels.js';
import { command } from '../../running/command.js';
import { readerOf, text, whole } from '../../running/flags.js';
import type { Values } from '../../running/flags.js';
import { describeMachine, machineOf } from '../../running/machine.js';
import { outFolder } from '../../running/outFolder.js';
import { Peer } from '../rows/peer.js';
import { timingOf } from '../statistics.js';
import type { Timing } from '../statistics.js';
import { formatTime, publish } from '../tables.js';

const flags = {
  rounds: whole('N', 'steps of each row (9)', 1),
  out: text('DIR', 'where the results go (bench-out)'),
};

type Loss = (x: Tensor4D, y: Tensor4D) => Tensor;

const sizes = [
  { size: 64, width: 0.5 },
  { size: 64, width: 1 },
  { size: 128, width: 0.5 },
  { size: 128, width: 1 },
] as const;
const batch = 16;

const losses: Readonly<Record<string, Loss>> = {
  MSE: l2Loss,
  ssimLoss,
  'ssimLoss, uniform': (x, y) => ssimLoss(x, y, { windowType: 'uniform' }),
  'msSsimLoss, 3 levels': (x, y) => msSsimLoss(x, y, { levels: 3 }),
  'mixLoss, 3 levels': (x, y) => mixLoss(x, y, { levels: 3 }),
  gmsLoss,
  'msGmsLoss, 3 levels': (x, y) => msGmsLoss(x, y, { levels: 3 }),
};
const torchRow = 'PyTorch, MSE, 1 thread';

async function main({ rounds = 9, out = 'bench-out' }: Values<typeof flags>): Promise<void> {
  const folder = outFolder(out, 1 << 16);
  await setBackend('wasm');
  registerWasmTraining();
  const torch = await startTorch();
  const versions = await torch?.ask('versions');
  const machine = machineOf({ programs: versions ?? {} });
  console.log(describeMachine(machine));
  if (torch === undefined) console.log('PyTorch is not installed: its row is left out.');

  const columns: Record<string, Timing>[] = [];
  try {
    for (const given of sizes) {
      await torch?.ask('build', given.size, given.width);
      const rows = ownRows(given);
      const samples: Record<string, number[]> = {};
      for (let round = -1; round < rounds; round++) {
        for (const [name, step] of Object.entries(rows.steps)) {
          const time = await cpuTime(step);
          if (round >= 0) (samples[name] ??= []).push(time);
        }
        if (torch === undefined) continue;
        const { ms } = await torch.ask('step');
        if (round >= 0) (samples[torchRow] ??= []).push(ms as number);
      }
      rows.dispose();
      columns.push(Object.fromEntries(Object.entries(samples).map(([name, ms]) => [name, timingOf(ms, 1)])));
    }
  } finally {
    torch?.close();
  }
  publish({
    folder,
    name: 'steps',
    head: [
      `one Adam step, batch ${batch}`,
      ...sizes.map(({ size, width }) => `${size}², ${width === 1 ? 'full' : 'half'} width`),
    ],
    cells: Object.keys(columns[0]!).map((name) => [
      name,
      ...columns.map((column) => {
        const own = column[name]!;
        const times = column[torchRow];
        return times === undefined || name === torchRow
          ? formatTime(own.median)
          : `${formatTime(own.median)} (${(own.median / times.median).toFixed(2)}×)`;
      }),
    ]),
    data: { machine, batch, sizes, rows: columns },
  });
}

/** The first Python that has PyTorch: `PYTHON` names another. */
async function startTorch(): Promise<Peer | undefined> {
  for (const python of [process.env['PYTHON'] ?? 'python3', '/usr/bin/python3']) {
    const peer = new Peer(python, [fileURLToPath(new URL('torchSteps.py', import.meta.url))]);
    if (await peer.ask('versions').catch(() => undefined)) return peer;
  }
  return undefined;
}

/** A step by each loss, all of one network. */
function ownRows({ size, width }: { readonly size: number; readonly width: number }): {
  readonly steps: Readonly<Record<string, () => Promise<void>>>;
  readonly dispose: () => void;
} {
  const model = autoencoder({ architecture: 'paper', size, width, seed: 1 });
  const images = randomUniform<Rank.R4>([batch, size, size, 1], 0, 1, 'float32', 3);
  const optimizer = train.adam(1e-4);
  const variables = model.trainableWeights.map((weight) => weight.read()) as Variable[];
  const stepBy = (loss: Loss) => async (): Promise<void> => {
    const value = tidy(() => {
      const { value: mean_, grads } = variableGrads(
        () => mean(loss(images, model.apply(images, { training: true }) as Tensor4D)),
        variables,
      );
      optimizer.applyGradients(grads as Record<string, Variable>);
      return mean_;
    });
    await value.data();
    value.dispose();
  };
  return {
    steps: Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, stepBy(loss)])),
    dispose: () => {
      optimizer.dispose();
      model.dispose();
      dispose(images);
    },
  };
}

async function cpuTime(step: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await step();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

await command('steps', readerOf(flags), main);
