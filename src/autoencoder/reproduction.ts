import { cast, dispose, mean, mul, notEqual, onesLike, stack, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { l2Loss } from '../pixels/l2Loss.js';
import { ssimLoss } from '../ssim/ssimLoss.js';
import { reconstruct } from './imageModel.js';
import type { ImageModel } from './imageModel.js';

/** How much of good patches is reproduced, against the mean grey of each of them; and how much of what was spoilt is repaired. */
export interface Reproduction {
  /** 1 − (mean of 1 − SSIM) / (that of the mean grey): 1 if the texture is reproduced whole, 0 if nothing of it is. */
  readonly structure: number;
  /** 1 − (sum of squares) / (that of the mean grey): the share of the variance. */
  readonly variance: number;
  /** 1 − (sum of squares) / (that of the spoilt patches), over spoilt pixels: 1 if all is repaired, 0 if nothing is. */
  readonly repaired: number;
}

/** Of patches that are reconstructed from `given`, which may be spoilt. */
export async function reproductionOf(
  { model, size, channels }: ImageModel,
  patches: Float32Array,
  given: Float32Array,
): Promise<Reproduction> {
  const [x, spoilt] = [patches, given].map((values) =>
    tensor4d(values, [values.length / (size * size * channels), size, size, channels]),
  ) as [Tensor4D, Tensor4D];
  const windowSize = Math.min(11, size - 1 + (size % 2));
  const sums = tidy(() => {
    const y = reconstruct(model, spoilt);
    const grey = mul<Tensor4D>(onesLike(x), mean(x, [1, 2], true));
    const structure = (z: Tensor4D) => mean(ssimLoss(x, z, { windowSize }));
    const variance = (z: Tensor4D) => mean(l2Loss(x, z));
    // 0 everywhere but where patches are spoilt.
    const place = cast(notEqual(x, spoilt), 'float32');
    const ofPlaces = mean(l2Loss(mul(x, place), mul(y, place)));
    return stack([structure(y), structure(grey), variance(y), variance(grey), ofPlaces, variance(spoilt)]);
  });
  const values = await sums.data<'float32'>();
  dispose([x, spoilt, sums]);
  const share = (own: number, whole: number): number => (whole > 0 ? 1 - own / whole : 0);
  const [structure, variance, repaired] = [0, 2, 4].map((k) => share(values[k]!, values[k + 1]!)) as [
    number,
    number,
    number,
  ];
  return { structure, variance, repaired };
}
