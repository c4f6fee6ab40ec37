import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { setBackend, tensor4d, tidy, train, valueAndGrad } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { autoencoder } from '../../src/autoencoder.js';
import { ssimLoss } from '../../src/index.js';
import { registerWasmTraining, useFusedKernels } from '../../src/kernels.js';
import type { Arguments } from './arguments.js';
import { workloadOf } from './rows/workload.js';
import { describeMachine, machineOf } from '../running/machine.js';
import { formatTime, publish } from './tables.js';
import { formatShape } from './rows/shapes.js';
import type { Shape } from './rows/shapes.js';
import { timingOf } from './statistics.js';
import type { Timing } from './statistics.js';

type LossName = 'MSE' | 'SSIM, fused' | 'SSIM, composed';
const lossNames: readonly LossName[] = ['MSE', 'SSIM, fused', 'SSIM, composed'];

interface Case {
  readonly model: 'dense' | 'convolutional';
  readonly backend: 'cpu' | 'wasm';
  readonly loss: LossName;
}

interface Result extends Case {
  readonly step: Timing;
  /** The loss and its gradient alone, on the same images. */
  readonly alone?: Timing;
}

interface Runner extends Case {
  readonly step: () => Promise<number>;
  readonly alone: (() => Promise<number>) | undefined;
  readonly steps: number[];
  readonly alones: number[];
}

const cases: readonly Case[] = [
  ...lossNames.map((loss) => ({ model: 'dense', backend: 'wasm', loss }) as const),
  ...lossNames.map((loss) => ({ model: 'dense', backend: 'cpu', loss }) as const),
  ...lossNames.map((loss) => ({ model: 'convolutional', backend: 'wasm', loss }) as const),
];

/** What share of a training step the loss takes: one Adam step of two autoencoders, cases taking turns. */
export async function measureTraining(settings: Arguments): Promise<void> {
  registerWasmTraining();
  const { shape, x, y } = workloadOf(settings.quick ? [4, 32, 32, 1] : [16, 64, 64, 1]);
  const machine = machineOf();
  console.log(describeMachine(machine));

  const runners: Runner[] = [];
  for (const given of cases) {
    await activate(given);
    const [input, output] = [x, y].map((data) => tensor4d(data, [...shape])) as [Tensor4D, Tensor4D];
    const model = modelOf(given, shape);
    runners.push({
      ...given,
      steps: [],
      alones: [],
      step: () => milliseconds(() => model.trainOnBatch(input, input)),
      alone: given.loss === 'MSE' ? undefined : () => milliseconds(() => lossAndGradient(input, output)),
    });
  }
  const rounds = Math.max(3, Math.min(settings.plan.runs, Math.round(settings.plan.seconds * 20)));
  for (let round = -2; round < rounds; round++) {
    for (const runner of runners) {
      await activate(runner);
      const [step, alone] = [await runner.step(), await runner.alone?.()];
      if (round < 0) continue; // warm-up
      runner.steps.push(step);
      if (alone !== undefined) runner.alones.push(alone);
    }
  }

  const results: Result[] = runners.map(({ model, backend, loss, steps, alones }) => ({
    model,
    backend,
    loss,
    step: timingOf(steps, 1),
    ...(alones.length > 0 ? { alone: timingOf(alones, 1) } : {}),
  }));
  const head = [
    `one Adam step, ${formatShape(shape)}`,
    'loss',
    'step ms',
    'quartiles',
    'more than with MSE',
    'loss and gradient alone ms',
    'share of the step',
  ];
  publish({
    folder: settings.out,
    name: 'training',
    head,
    cells: results.map((result) => cellsOf(result, results)),
    data: { machine, shape, results },
  });
}

function cellsOf({ model, backend, loss, step, alone }: Result, results: readonly Result[]): string[] {
  const plain = results.find(
    (other) => other.model === model && other.backend === backend && other.loss === 'MSE',
  );
  const more = plain === undefined ? 0 : 100 * (step.median / plain.step.median - 1);
  return [
    `${model}, ${backend}`,
    loss,
    formatTime(step.median),
    `${formatTime(step.q1)}–${formatTime(step.q3)} (${step.runs})`,
    loss === 'MSE' ? '' : `${more.toFixed(0)} %`,
    alone === undefined ? '' : formatTime(alone.median),
    alone === undefined ? '' : `${((100 * alone.median) / step.median).toFixed(0)} %`,
  ];
}

async function activate({ backend, loss }: Case): Promise<void> {
  if (!(await setBackend(backend))) throw new Error(`the ${backend} backend did not start`);
  useFusedKernels(loss === 'SSIM, fused');
}

function modelOf({ model: kind, loss }: Case, [, height, width, channels]: Shape): LayersModel {
  const model =
    kind === 'dense'
      ? dense(height * width * channels, [height, width, channels])
      : autoencoder({ architecture: 'paper', size: height, channels, width: 0.5, seed: 1 });
  const given = loss === 'MSE' ? 'meanSquaredError' : (a: Tensor, b: Tensor) => ssimLoss(a, b);
  model.compile({ optimizer: train.adam(1e-3), loss: given });
  return model;
}

function dense(pixels: number, inputShape: number[]): LayersModel {
  return sequential({
    layers: [
      layers.flatten({ inputShape }),
      layers.dense({ units: 128, activation: 'relu' }),
      layers.dense({ units: pixels, activation: 'sigmoid' }),
      layers.reshape({ targetShape: inputShape }),
    ],
  });
}

async function lossAndGradient(x: Tensor4D, y: Tensor4D): Promise<void> {
  const { value, grad } = tidy(() => valueAndGrad((given: Tensor) => ssimLoss(x, given))(y));
  await value.data();
  value.dispose();
  grad.dispose();
}

async function milliseconds(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await call();
  return performance.now() - start;
}
