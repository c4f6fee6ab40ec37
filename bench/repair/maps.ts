import { maximum, mul, pow, sqrt, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { l1ResidualMap, l2ResidualMap, msGmsResidualMap, ssimResidualMap } from '../../src/index.js';
import { evenEdges } from '../../src/autoencoder/edges.js';
import { detectorMaps, smooth } from '../../src/autoencoder/residualMaps.js';
import { padForWindow } from '../../src/filters/pad.js';
import { gaussianTaps } from '../../src/filters/window.js';
import { windowFilter } from '../../src/filters/windowFilter.js';
import type { Picture } from '../pictures/dataset.js';

type MapOfPair = (x: Tensor4D, y: Tensor4D) => Tensor4D;

function directed(map: Tensor4D, alongRows: boolean): Tensor4D {
  const [long, short] = [gaussianTaps(31, 6), gaussianTaps(7, 1)];
  const taps = alongRows ? ([short, long] as const) : ([long, short] as const);
  return windowFilter(padForWindow(map, taps, 'symmetric'), taps);
}

const uniform = { windowType: 'uniform' } as const;

/** The residual maps that are compared: those of the detector, and others by which defaults were chosen. */
export const maps: Readonly<Record<string, MapOfPair>> = {
  l1AndGms: detectorMaps.l1AndGms as MapOfPair,
  smoothedL1: detectorMaps.smoothedL1 as MapOfPair,
  ssim: detectorMaps.ssim as MapOfPair,
  'ℓ1, σ 1.5': (x, y) => smooth(l1ResidualMap(x, y), 1.5),
  'ℓ1, σ 2': (x, y) => smooth(l1ResidualMap(x, y), 2),
  'ℓ1, σ 4': (x, y) => smooth(l1ResidualMap(x, y), 4),
  'ℓ2, σ 2': (x, y) => sqrt(smooth(l2ResidualMap(x, y), 2)),
  'ℓ2, σ 3': (x, y) => sqrt(smooth(l2ResidualMap(x, y), 3)),
  'ℓ1 along axes': (x, y) => {
    const map = l1ResidualMap(x, y);
    return maximum<Tensor4D>(directed(map, true), directed(map, false));
  },
  'GMS, σ 2': (x, y) => smooth(msGmsResidualMap(x, y), 2),
  'ssim, σ 2': (x, y) => smooth(ssimResidualMap(x, y, uniform), 2),
  'ssim · ℓ1': (x, y) =>
    sqrt(mul<Tensor4D>(smooth(ssimResidualMap(x, y, uniform), 1.5), smooth(l1ResidualMap(x, y), 2))),
  'GMS · ℓ1': (x, y) =>
    sqrt(mul<Tensor4D>(smooth(msGmsResidualMap(x, y), 3), smooth(l1ResidualMap(x, y), 3))),
  'GMS⅓ · ℓ1⅔': (x, y) =>
    mul(pow(smooth(msGmsResidualMap(x, y), 3), 1 / 3), pow(smooth(l1ResidualMap(x, y), 3), 2 / 3)),
};

/** One map of one picture, even along the edges unless it is to be left as it is. */
export async function mapOf(
  name: string,
  { height, width, channels, data }: Picture,
  made: Float32Array,
  { size, uneven }: { readonly size: number; readonly uneven: boolean },
): Promise<Float32Array> {
  const map = tidy(() => {
    const [x, y] = [data, made].map((values) => tensor4d(values, [1, height, width, channels])) as [
      Tensor4D,
      Tensor4D,
    ];
    return maps[name]!(x, y);
  });
  const values = (await map.data<'float32'>()).slice();
  map.dispose();
  return uneven ? values : evenEdges(values, { height, width }, size / 4);
}
