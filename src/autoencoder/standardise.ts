import { tensor1d, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Picture } from './picture.js';

/** The layers that turn pixels into standardised ones and back. */
export type StandardisingLayer = 'standardised' | 'pixels';

/** Mean and standard deviation of pixels. */
export interface PixelStatistics {
  readonly mean: number;
  readonly deviation: number;
}

/** Those of a model that was not trained yet. */
export const unknownStatistics: PixelStatistics = { mean: 0.5, deviation: 0.25 };

/** Of all pixels of all pictures. */
export function pixelStatistics(pictures: readonly Picture[]): PixelStatistics {
  let [count, sum, squares] = [0, 0, 0];
  for (const { data } of pictures) {
    count += data.length;
    for (const value of data) {
      sum += value;
      squares += value * value;
    }
  }
  const mean = sum / count;
  // Blank images have no deviation; any scale will do there.
  return { mean, deviation: Math.max(Math.sqrt(Math.max(0, squares / count - mean ** 2)), 1e-2) };
}

/**
 * Gives the standardising layers, if the model has them, the statistics of the images: a step of the optimizer is then as large as
 * the contrast of the images allows.
 */
export function standardise(model: LayersModel, { mean, deviation }: PixelStatistics): void {
  setAffine(model, 'standardised', 1 / deviation, -mean / deviation);
  setAffine(model, 'pixels', deviation, mean);
}

/** Whether the model has standardising layers that no training has set. */
export async function isUntouched({ layers }: LayersModel): Promise<boolean> {
  const layer = layers.find(({ name }) => name === ('standardised' satisfies StandardisingLayer));
  const offsets = await layer?.getWeights()[1]?.data<'float32'>();
  const { mean, deviation } = unknownStatistics;
  return offsets?.every((offset) => offset === -mean / deviation) ?? false;
}

function setAffine(model: LayersModel, name: StandardisingLayer, scale: number, offset: number): void {
  const layer = model.layers.find((candidate) => candidate.name === name);
  if (layer === undefined || layer.trainableWeights.length > 0) return;
  tidy(() => {
    const channels = layer.getWeights()[1]!.size;
    const diagonal = Array.from({ length: channels ** 2 }, (_, k) => (k % (channels + 1) === 0 ? scale : 0));
    layer.setWeights([
      tensor4d(diagonal, [1, 1, channels, channels]),
      tensor1d(new Array<number>(channels).fill(offset)),
    ]);
  });
}
