import { checkChoice, checkNumber } from '../checks/options.js';

/** The distribution whose parameter the decoder gives. */
export type Likelihood = 'gaussian' | 'laplace' | 'bernoulli';

/** The distribution of a pixel, given its reconstruction. */
export interface LikelihoodOptions {
  /**
   * `gaussian`: x̂ is the mean of a normal pixel. `laplace`: the median of a Laplace pixel. `bernoulli`: the
   * logit of the probability that a pixel in [0, 1] is 1, so the decoder ends without a sigmoid.
   * @default 'gaussian'
   */
  readonly likelihood?: Likelihood;
  /**
   * The deviation σ of a normal pixel, or the scale b of a Laplace pixel, in pixel units, > 0. Bernoulli pixels
   * have no such parameter.
   * @default see the function
   */
  readonly sigma?: number;
}

const likelihoods: readonly Likelihood[] = ['gaussian', 'laplace', 'bernoulli'];

export function checkLikelihood(functionName: string, likelihood: unknown): Likelihood {
  return checkChoice(`${functionName}: likelihood`, likelihood ?? 'gaussian', likelihoods);
}

export function checkSigma(functionName: string, sigma: unknown, likelihood: Likelihood): number | undefined {
  if (sigma === undefined) return undefined;
  if (likelihood === 'bernoulli') {
    throw new RangeError(
      `${functionName}: likelihood 'bernoulli' has no sigma; leave it out, or use 'gaussian' or 'laplace'.`,
    );
  }
  return checkNumber(`${functionName}: sigma`, sigma, { above: 0 });
}
