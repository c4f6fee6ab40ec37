import { dispose, randomUniform, train } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { autoencoder } from '../../../src/autoencoder.js';
import { ssimLoss } from '../../../src/index.js';
import { useFusedKernels } from '../../../src/kernels.js';
import type { Plan } from '../measure.js';
import { timingOf } from '../statistics.js';
import type { Timing } from '../statistics.js';

export interface TrainingResult {
  readonly loss: string;
  readonly step: Timing;
}

const losses: readonly { readonly loss: string; readonly fused: boolean }[] = [
  { loss: 'MSE', fused: true },
  { loss: 'SSIM, fused', fused: true },
  { loss: 'SSIM, composed', fused: false },
];

/** One step of Adam (forward, backward, update) of the paper's autoencoder; the losses take turns. */
export async function measureTraining(
  size: number,
  batch: number,
  { runs, seconds }: Plan,
): Promise<TrainingResult[]> {
  const images = randomUniform([batch, size, size, 1], 0, 1, 'float32', 1);
  const cases = losses.map((given) => ({
    ...given,
    model: modelOf(size, given.loss),
    samples: [] as number[],
  }));
  try {
    // The first two compile the programs.
    for (let round = -2; round < runs; round++) {
      for (const { fused, model, samples } of cases) {
        const spent = samples.reduce((sum, sample) => sum + sample, 0);
        if (round >= 3 && spent > 1000 * seconds) continue;
        useFusedKernels(fused);
        const start = performance.now();
        const loss = (await model.trainOnBatch(images, images)) as number; // reads the loss, and so waits for the step
        const milliseconds = performance.now() - start;
        if (!Number.isFinite(loss)) throw new Error(`the loss of a training step is ${loss}`);
        if (round >= 0) samples.push(milliseconds);
      }
    }
    return cases.map(({ loss, samples }) => ({ loss, step: timingOf(samples, 1) }));
  } finally {
    for (const { model } of cases) model.dispose();
    dispose(images);
  }
}

function modelOf(size: number, loss: string): LayersModel {
  const model = autoencoder({ architecture: 'paper', size, seed: 1 });
  const given = loss === 'MSE' ? 'meanSquaredError' : (a: Tensor, b: Tensor) => ssimLoss(a, b);
  model.compile({ optimizer: train.adam(2e-4), loss: given });
  return model;
}
