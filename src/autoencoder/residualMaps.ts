import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { padForWindow } from '../filters/pad.js';
import { gaussianTaps } from '../filters/window.js';
import { windowFilter } from '../filters/windowFilter.js';
import { l1ResidualMap } from '../pixels/l1ResidualMap.js';
import { ssimResidualMap } from '../ssim/ssimResidualMap.js';

/** The residual maps that a detector is saved with by name. */
export type DetectorMap = 'smoothedL1' | 'ssim';

/** Any residual map [N, H, W, 1] of images and their reconstruction. */
export type ResidualMap = (yTrue: Tensor4D, yPred: Tensor4D) => Tensor;

export const detectorMaps: Readonly<Record<DetectorMap, ResidualMap>> = {
  smoothedL1: (yTrue, yPred) => tidy(() => smooth(l1ResidualMap(yTrue, yPred))),
  ssim: (yTrue, yPred) => ssimResidualMap(yTrue, yPred, { windowType: 'uniform' }),
};

const sigma = 3;

/** A Gaussian, cut off at three deviations, or at the size of the image if that is smaller, over a mirrored border. */
function smooth(map: Tensor4D): Tensor4D {
  const reach = Math.min(3 * sigma, map.shape[1], map.shape[2]);
  const taps = gaussianTaps(2 * reach + 1, sigma);
  return windowFilter(padForWindow(map, [taps, taps], 'symmetric'), [taps, taps]);
}
