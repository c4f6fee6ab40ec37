// One model, trained and put to the test on a thread of its own: two of them keep two cores busy.
import '@tensorflow/tfjs-backend-wasm';
import { parentPort, workerData } from 'node:worker_threads';
import { setBackend, tensor4d, train } from '@tensorflow/tfjs-core';
import { l2Loss, ssimLoss } from '../../src/index.js';
import { registerWasmTraining } from '../../src/kernels.js';
import { autoencoder } from '../autoencoders/small.js';
import type { Dataset } from '../pictures/dataset.js';
import { inspect } from './evaluate.js';
import type { Inspection } from './evaluate.js';
import { savedModel } from '../detectors/savedModel.js';
import type { SavedModel } from '../detectors/savedModel.js';
import { drawPatches, unvaried } from '../../src/autoencoder/drawPatches.js';
import { pixelStatistics } from '../../src/autoencoder/standardise.js';
import { randomFrom } from '../running/random.js';

export interface Task {
  readonly loss: 'ℓ2' | 'SSIM';
  readonly dataset: Dataset;
  readonly steps: number;
  readonly size: number;
  readonly seed: number;
}

export type Message =
  | { readonly kind: 'step'; readonly step: number; readonly loss: number }
  | { readonly kind: 'tested'; readonly pictures: number }
  | {
      readonly kind: 'done';
      readonly inspections: readonly Inspection[];
      readonly trainingSeconds: number;
      readonly saved: SavedModel;
    };

const batch = 16;
const latent = 100;
const learningRate = 1e-3;
/** As cloth varies from photograph to photograph. */
const photographed = { ...unvaried, flips: true, contrast: 1.5 };
const losses = { ℓ2: l2Loss, SSIM: ssimLoss } as const;

async function work(
  { loss, dataset, steps, size, seed }: Task,
  tell: (message: Message) => void,
): Promise<void> {
  await setBackend('wasm');
  registerWasmTraining();
  const channels = dataset.train[0]!.channels;
  const model = autoencoder({ size, channels, latent, ...pixelStatistics(dataset.train), seed });
  const optimizer = train.adam(learningRate);
  model.compile({ optimizer, loss: losses[loss] });

  // Both models see the same patches in the same order.
  const variation = dataset.photographs ? photographed : unvaried;
  const random = randomFrom(seed);
  const began = performance.now();
  let smoothed: number | undefined;
  for (let step = 1; step <= steps; step++) {
    setLearningRate(optimizer, learningRate * riseAndFall(step / steps));
    const patches = drawPatches(dataset.train, { count: batch, size, variation }, random);
    const x = tensor4d(patches, [batch, size, size, channels]);
    const value = (await model.trainOnBatch(x, x)) as number;
    x.dispose();
    if (!Number.isFinite(value)) throw new Error(`the ${loss} loss became ${value} at step ${step}`);
    smoothed = smoothed === undefined ? value : 0.9 * smoothed + 0.1 * value;
    tell({ kind: 'step', step, loss: smoothed });
  }
  const trainingSeconds = (performance.now() - began) / 1000;

  const inspections: Inspection[] = [];
  for (const picture of dataset.test) {
    inspections.push(await inspect(model, picture, size));
    tell({ kind: 'tested', pictures: inspections.length });
  }
  const saved = await savedModel(
    model,
    dataset.test.filter(({ kind }) => kind === 'good'),
  );
  tell({ kind: 'done', inspections, trainingSeconds, saved });
}

/** Of the learning rate, by the share of the training: up for a twentieth of it, then down along a cosine to a hundredth. */
const riseAndFall = (share: number): number =>
  Math.min(1, 20 * share) * (0.505 + 0.495 * Math.cos(Math.PI * share));

/** tfjs reads it at every step, though its type hides it. */
function setLearningRate(optimizer: ReturnType<typeof train.adam>, value: number): void {
  (optimizer as unknown as { learningRate: number }).learningRate = value;
}

if (parentPort !== null) {
  const port = parentPort;
  await work((workerData as { readonly task: Task }).task, (message) => port.postMessage(message));
}
