import { div, mean as meanOf, mul, ones, reshape, sum } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { checkNumber } from '../checks/options.js';
import { atLeast, isAbove } from '../operations/bounds.js';
import { absolute, scaled, shifted } from '../operations/elementwise.js';
import { sumPerImage } from '../operations/reductions.js';
import { withGradient } from '../operations/withGradient.js';
import type { VaeLossOptions } from './vaeLossOptions.js';

/** From the KL of every latent, [N, …], to the KL of the images, [N]. */
export function divergenceOf(options: VaeLossOptions): (perLatent: Tensor) => Tensor1D {
  const beta = checkNumber('vaeLoss: beta', options.beta ?? 1, { least: 0 });
  const { capacity, freeBits } = options;
  if (capacity !== undefined && freeBits !== undefined) {
    throw new RangeError('vaeLoss: capacity and freeBits exclude each other; leave one of them out.');
  }
  if (capacity !== undefined) {
    checkNumber('vaeLoss: capacity', capacity, { least: 0 });
    return (perLatent) => scaled(absolute(shifted(sumPerImage(perLatent), -capacity)), beta);
  }
  if (freeBits !== undefined) {
    checkNumber('vaeLoss: freeBits', freeBits, { least: 0 });
    return (perLatent) => scaled(withFreeBits(perLatent, freeBits), beta);
  }
  return (perLatent) => scaled(sumPerImage(perLatent), beta);
}

/** Σ_j max(λ, mean of KL_j over the batch), the same for every image. */
function withFreeBits(perLatent: Tensor, least: number): Tensor1D {
  const [batch, ...latents] = perLatent.shape as [number, ...number[]];
  return withGradient<[Tensor], Tensor1D>(
    [perLatent],
    ([kl]) => mul(sum(atLeast(meanOf(kl, 0), least)), ones([batch])),
    (dy, [kl]) => {
      const counts = isAbove(meanOf(kl, 0), least);
      const share = mul(reshape(sum(dy), new Array<number>(latents.length).fill(1)), div(counts, batch));
      return [mul(ones(perLatent.shape), reshape(share, [1, ...latents]))];
    },
  );
}
