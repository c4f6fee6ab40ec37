import { add, mean, mul, sqrt, sub, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { padForWindow } from '../filters/pad.js';
import { gaussianTaps } from '../filters/window.js';
import { windowFilter } from '../filters/windowFilter.js';
import { msGmsResidualMap } from '../gradientMagnitude/msGmsResidualMap.js';
import { l1ResidualMap } from '../pixels/l1ResidualMap.js';
import { ssimResidualMap } from '../ssim/ssimResidualMap.js';
import { alongLines } from './alongLines.js';

/** The residual maps that a detector is saved with by name. */
export type DetectorMap = 'l1AndGms' | 'smoothedL1' | 'ssim';

/** Any residual map [N, H, W, 1] of images and their reconstruction. */
export type ResidualMap = (yTrue: Tensor4D, yPred: Tensor4D) => Tensor;

export const detectorMaps: Readonly<Record<DetectorMap, ResidualMap>> = {
  // A geometric mean: near a defect the edges of coarse levels differ already, and the grey values do not. In the middle of a plain
  // stain no edge differs: a quarter of the grey values is added, so that it counts there all the same. What a model misses of grain
  // and weave differs up and down from pixel to pixel; what a defect changes keeps its sign along some line, and counts most. A
  // twentieth is left to what differs in colour alone.
  l1AndGms: (yTrue, yPred) =>
    tidy(() => {
      const l1 = mul(smooth(l1ResidualMap(yTrue, yPred)), 1 / yTrue.shape[3]);
      const difference = mean<Tensor4D>(sub(yTrue, yPred), 3, true);
      const lasting = smooth(alongLines(smooth(difference, 1.5)));
      const greyValues = add(mul(l1, 1 / 20), mul(lasting, 19 / 20));
      const gms = smooth(msGmsResidualMap(yTrue, yPred, { levels: levelsOf(yTrue) }));
      return sqrt(mul(greyValues, add(gms, mul(greyValues, 1 / 4))));
    }),
  smoothedL1: (yTrue, yPred) => tidy(() => smooth(l1ResidualMap(yTrue, yPred))),
  ssim: (yTrue, yPred) => ssimResidualMap(yTrue, yPred, { windowType: 'uniform' }),
};

/** Three sizes, or fewer, so that the smallest holds the 3 × 3 pixels of a gradient. */
const levelsOf = ({ shape: [, height, width] }: Tensor4D): number =>
  Math.max(1, Math.min(3, 1 + Math.floor(Math.log2(Math.min(height, width) / 3))));

/** A Gaussian, cut off at three deviations, or at the size of the image if that is smaller, over a mirrored border. */
export function smooth(map: Tensor4D, sigma = 3): Tensor4D {
  const reach = Math.min(Math.ceil(3 * sigma), map.shape[1], map.shape[2]);
  const taps = gaussianTaps(2 * reach + 1, sigma);
  return windowFilter(padForWindow(map, [taps, taps], 'symmetric'), [taps, taps]);
}
