import { mean, mul, onesLike, stack, tidy } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { l2Loss, ssimLoss } from '../../../src/index.js';

/** What comes back of good patches, against the mean grey of each of them. */
export interface Check {
  /** 1 − (mean of 1 − SSIM) / (that of the mean grey): 1 if the texture comes back whole, 0 if nothing of it does. */
  readonly structure: number;
  /** 1 − (sum of squares) / (that of the mean grey): the share of the variance. */
  readonly variance: number;
}

export async function checkOf(x: Tensor4D, reconstruction: Tensor4D): Promise<Check> {
  const sums = tidy(() =>
    stack([ssimLoss, l2Loss].flatMap((loss) => [reconstruction, meanGreyOf(x)].map((y) => mean(loss(x, y))))),
  );
  const [ssim, ssimOfGrey, l2, l2OfGrey] = (await sums.data<'float32'>()) as unknown as [
    number,
    number,
    number,
    number,
  ];
  sums.dispose();
  const share = (own: number, grey: number): number => (grey > 0 ? 1 - own / grey : 0);
  return { structure: share(ssim, ssimOfGrey), variance: share(l2, l2OfGrey) };
}

/** The mean of each image and channel, in every pixel. */
export const meanGreyOf = (x: Tensor4D): Tensor4D => mul<Tensor4D>(onesLike(x), mean(x, [1, 2], true));
