import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { valueByKernels } from '../backends/kernelPair.js';
import type { ComparedImages } from '../backends/kernelPair.js';
import { difference, scaled } from '../operations/elementwise.js';
import { sumOverChannels, weightedSumPerImage } from '../operations/reductions.js';
import { reshaped } from '../operations/reshaped.js';
import { zeroAtWeightZero } from '../operations/weightZero.js';
import { pixelKernels } from './kernels/contract.js';
import type { PixelAttrs } from './kernels/contract.js';
import { hasPixelKernels } from './kernels/fusedPixels.js';
import { pixelDistances } from './pixelDistances.js';

/** The distance of pixels, and what goes with it. */
type Distance = Pick<PixelAttrs, 'distance'> & Partial<Pick<PixelAttrs, 'bound' | 'unit'>>;

/** The sum over pixels and channels of their distances, each by the weight of its pixel: [N, …, C] → [N]. */
export const pixelSum = (images: ComparedImages, distance: Distance): Tensor1D =>
  pixelValue(images, { form: 'sum', bound: 0, unit: 1, ...distance }) as Tensor1D;

/** The sum over channels at every pixel: [N, …, C] → [N, …, 1]. */
export const pixelMap = <T extends Tensor>(images: ComparedImages, distance: PixelAttrs['distance']): T =>
  pixelValue(images, { form: 'map', distance, bound: 0, unit: 1 }) as T;

/** By the active backend's kernels, else composed: the one place that chooses; the composition is the definition. */
function pixelValue(images: ComparedImages, attrs: PixelAttrs): Tensor {
  if (!hasPixelKernels(attrs)) return composed(images, attrs);
  const before = images.yTrue.shape.slice(0, -1) as [number, ...number[]];
  const pixels = before.slice(1).reduce((product, size) => product * size, 1);
  const flat = (x: Tensor): Tensor => reshaped(x, [x.shape[0], 1, pixels, x.shape[x.rank - 1]!]);
  const { yTrue, yPred, weights } = images;
  const value = valueByKernels(
    pixelKernels,
    { yTrue: flat(yTrue), yPred: flat(yPred), weights: weights && flat(weights) },
    attrs,
    (given) => composed(given, attrs),
  );
  return attrs.form === 'sum' ? value : reshaped(value, [...before, 1]);
}

function composed({ yTrue, yPred, weights }: ComparedImages, attrs: PixelAttrs): Tensor {
  const counted = zeroAtWeightZero(difference(yTrue, yPred), weights);
  const distances = pixelDistances(scaled(counted, 1 / attrs.unit), attrs);
  return attrs.form === 'sum' ? weightedSumPerImage(distances, weights) : sumOverChannels(distances);
}
