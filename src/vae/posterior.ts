import type { Tensor } from '@tensorflow/tfjs-core';
import { describeShape, describeValue } from '../checks/describe.js';
import { checkSecondOrder } from '../checks/secondOrder.js';
import { checkFloatTensor, checkSameShape } from '../checks/tensors.js';

/** The diagonal Gaussian Q(z|x) that a variational encoder gives, both [N, …], of one shape. */
export interface Posterior {
  /** Mean of every latent. */
  readonly mean: Tensor;
  /** log σ² of every latent. */
  readonly logVariance: Tensor;
}

/** Above this log-variance e^v counts as e^60: beyond it, sums over the latents leave float32. */
export const largestLogVariance = 60;

/** A posterior with both fields, float32, of one shape that begins with the batch axis. */
export function checkPosterior(functionName: string, posterior: unknown): Posterior {
  checkSecondOrder(functionName);
  if (typeof posterior !== 'object' || posterior === null) {
    throw new TypeError(
      `${functionName}: the posterior must be { mean, logVariance }, as the encoder gives them, but got ${describeValue(posterior)}.`,
    );
  }
  const { mean, logVariance, ...others } = posterior as Record<string, unknown>;
  if ((mean === undefined || logVariance === undefined) && Object.keys(others).length > 0) {
    throw new TypeError(
      `${functionName}: the posterior must be { mean, logVariance }, as the encoder gives them, ` +
        `but got { ${Object.keys(posterior).join(', ')} }.`,
    );
  }
  checkFloatTensor(`${functionName}: mean`, mean);
  checkFloatTensor(`${functionName}: logVariance`, logVariance);
  checkSameShape(functionName, { name: 'mean', tensor: mean }, { name: 'logVariance', tensor: logVariance });
  if (mean.rank < 2) {
    throw new RangeError(
      `${functionName}: mean and logVariance must have shape [batch, …latents], but got ${describeShape(mean.shape)}.`,
    );
  }
  return { mean, logVariance };
}
