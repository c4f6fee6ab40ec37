// Trains one model and puts it to the test, on a thread of its own.
import '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { autoencoder, trainAutoencoder } from '../../src/autoencoder.js';
import type { Doubt, PatchVariation } from '../../src/autoencoder.js';
import { l2Loss, ssimLoss, withOptions } from '../../src/index.js';
import { savedModel } from '../detectors/savedModel.js';
import type { SavedModel } from '../detectors/savedModel.js';
import { inspect } from '../inspection/inspect.js';
import type { Inspection } from '../inspection/inspect.js';
import { imageOf } from '../pictures/dataset.js';
import type { Dataset } from '../pictures/dataset.js';
import { doJobs } from '../running/jobs.js';
import { residualMaps, ssimOptions } from './maps.js';
import type { MapName } from './maps.js';

export interface Job {
  readonly name: string;
  readonly loss: keyof typeof losses;
  readonly settings: { readonly steps: number; readonly size: number; readonly seed: number };
}

export interface Outcome {
  readonly inspections: readonly Inspection<MapName>[];
  readonly doubts: readonly Doubt[];
  readonly saved: SavedModel;
}

const losses = { ℓ2: l2Loss, SSIM: withOptions(ssimLoss, ssimOptions) } as const;
/** Patches as they lie: few steps are to show what a loss does. */
const drawn: PatchVariation = { rows: [1, 1] };
/** As cloth varies from photograph to photograph. */
const photographed: PatchVariation = { ...drawn, flips: true, contrast: 1.5 };

doJobs(
  async ({ loss, settings }: Job, { dataset }: { readonly dataset: Dataset }, tell): Promise<Outcome> => {
    const { steps, size, seed } = settings;
    await setBackend('wasm');
    const { channels } = dataset.train[0]!;
    const model = autoencoder({ size, channels, seed });
    const good = dataset.train.map(imageOf);
    // Both models see the same patches in the same order. A single image is trained on and checked with.
    const { doubts } = await trainAutoencoder(model, good.length === 1 ? [...good, ...good] : good, {
      loss: losses[loss],
      steps,
      vary: dataset.photographs ? photographed : drawn,
      seed,
      onProgress: (progress) =>
        tell({ kind: 'step', step: progress.step, loss: progress.loss, resumedAt: 0 }),
    });
    const inspections: Inspection<MapName>[] = [];
    for (const picture of dataset.test) {
      const reconstruct = (tiles: Tensor4D): Tensor4D => model.predict(tiles) as Tensor4D;
      // As a detector does.
      const tiling = { size, stride: size / 2, weighting: 'gaussian' } as const;
      inspections.push(await inspect(picture, { ...tiling, reconstruct, residualMaps }));
      tell({ kind: 'tested', pictures: inspections.length });
    }
    const sound = dataset.test.filter(({ kind }) => kind === 'good');
    return { inspections, doubts, saved: await savedModel(model, sound) };
  },
);
