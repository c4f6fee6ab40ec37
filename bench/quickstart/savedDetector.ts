import { io } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { defectDetector } from '../../src/autoencoder.js';
import type { Picture } from '../pictures/dataset.js';

/** The share of good images that the detector may call defective; nine good images suffice for it. */
export const falseAlarmRate = 0.1;

/** What there is of a detector: all that is saved of it, or a reason why there is none. */
export type SavedDetector =
  | { readonly kind: 'made'; readonly artifacts: io.ModelArtifacts }
  | { readonly kind: 'none'; readonly reason: string };

/** A detector of the model with thresholds from good images that it was not trained on, as it is saved. */
export async function savedDetector(model: LayersModel, good: readonly Picture[]): Promise<SavedDetector> {
  try {
    const images = good.map(({ data, height, width }) => ({ data, height, width }));
    const detector = await defectDetector(model, images, { residualMap: 'ssim', falseAlarmRate });
    const saved: io.ModelArtifacts[] = [];
    await detector.save(
      io.withSaveHandler((artifacts) => {
        saved.push(artifacts);
        return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } });
      }),
    );
    return { kind: 'made', artifacts: saved[0]! };
  } catch (error) {
    // Too few good images, or a model that a few steps have taught nothing.
    if (error instanceof RangeError) return { kind: 'none', reason: error.message };
    throw error;
  }
}
