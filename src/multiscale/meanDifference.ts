import type { Tensor1D } from '@tensorflow/tfjs-core';
import { halve } from '../filters/halve.js';
import { padForWindow } from '../filters/pad.js';
import { weightsOfWindows } from '../filters/weightsOfWindows.js';
import { windowOf } from '../filters/window.js';
import type { Window } from '../filters/window.js';
import { windowFilter } from '../filters/windowFilter.js';
import { absolute, difference, scaled } from '../operations/elementwise.js';
import { meanOverChannels, meanPerImage, weightedMeanPerImage } from '../operations/reductions.js';
import type { MsSsimRequest } from './msSsimDistance.js';

/** What `mixLoss` begins with. */
export interface MixRequest extends MsSsimRequest {
  /** The weight of 1 − MS-SSIM. */
  readonly alpha: number;
  /** The window of ℓ1 at the full size; else it is that of the smallest level. */
  readonly gaussian: Window | undefined;
}

/** The window of ℓ1, and how often differences are halved before they come under it. */
export function mixWindow({ gaussian, options }: Pick<MixRequest, 'gaussian' | 'options'>): {
  readonly window: Window;
  readonly halvings: number;
} {
  return gaussian === undefined
    ? { window: windowOf(options), halvings: options.levelWeights.length - 1 }
    : { window: gaussian, halvings: 0 };
}

/** mean(G ∗ |x − x̂|) / dataRange, [N]. */
export function meanDifference(request: MixRequest): Tensor1D {
  const { yTrue, yPred, options, weights } = request;
  const { dataRange, padding } = options;
  const { window, halvings } = mixWindow(request);
  let differences = scaled(absolute(difference(yTrue, yPred)), 1 / dataRange);
  let counts = weights;
  for (let k = 0; k < halvings; k++) {
    [differences, counts] = [halve(differences), counts && halve(counts)];
  }
  const filtered = windowFilter(padForWindow(differences, window, padding), window);
  if (counts === undefined) return meanPerImage(filtered);
  const size = window.map((taps) => taps.length);
  return weightedMeanPerImage(meanOverChannels(filtered), weightsOfWindows(counts, size, padding));
}
