import { add, mul } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { gmsLoss, l1Loss, ssimLoss } from '../../src/index.js';
import type { Picture } from '../pictures/dataset.js';
import { pixelStatistics } from '../../src/autoencoder/standardise.js';

type Loss = (yTrue: Tensor4D, yPred: Tensor4D) => Tensor;

const uniform = { windowType: 'uniform' } as const;

/** Losses beside the default one, by name: what they take of the good images, and what comes of a batch. */
export const losses = {
  /** 1 − SSIM alone, with the window of the default. */
  ssim: (): Loss => (x, y) => ssimLoss(x, y, uniform),
  /** The default, and gradient magnitudes at four scales. */
  gms: (good: readonly Picture[]): Loss => {
    const { deviation } = pixelStatistics(good);
    return (x, y) => {
      const [, height, width, channels] = x.shape;
      const weight = 0.2 / (height * width * channels * deviation);
      return add(add(ssimLoss(x, y, uniform), mul(l1Loss(x, y), weight)), gmsLoss(x, y));
    };
  },
} as const;

export type LossName = 'default' | keyof typeof losses;
