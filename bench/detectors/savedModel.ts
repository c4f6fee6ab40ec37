import { io } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { defectDetector } from '../../src/autoencoder.js';
import { imageOf } from '../pictures/dataset.js';
import type { Picture } from '../pictures/dataset.js';

/** The share of good images that the detector may call defective; nine good images suffice for it. */
export const falseAlarmRate = 0.1;

/** A model as it is saved: with all that makes it a detector, or without, for a reason. */
export interface SavedModel {
  readonly artifacts: io.ModelArtifacts;
  readonly noDetector: string | null;
}

/** The model, as a detector with thresholds from good images that it was not trained on if there can be one. */
export async function savedModel(model: LayersModel, good: readonly Picture[]): Promise<SavedModel> {
  try {
    const detector = await defectDetector(model, good.map(imageOf), { residualMap: 'ssim', falseAlarmRate });
    return { artifacts: await artifactsOf(detector), noDetector: null };
  } catch (error) {
    // Too few good images, or a model that a few steps have taught nothing.
    if (!(error instanceof RangeError)) throw error;
    return { artifacts: await artifactsOf(model), noDetector: error.message };
  }
}

async function artifactsOf(given: {
  readonly save: (handler: io.IOHandler) => Promise<unknown>;
}): Promise<io.ModelArtifacts> {
  let saved: io.ModelArtifacts | undefined;
  await given.save(
    io.withSaveHandler((artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } });
    }),
  );
  return saved!;
}
