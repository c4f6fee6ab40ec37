import { riseAndFall } from '../../../src/autoencoder/riseAndFall.js';
import { linearAnnealing } from '../../../src/index.js';
import type { Settings } from '../settings.js';
import type { Step } from './learner.js';

/** How the `number`-th step is made, counted from 1. */
export function stepOf(number: number, settings: Settings, lambda: number): Step {
  return {
    number,
    learningRate: learningRateAt(number, settings),
    beta: betaAt(number, settings),
    lambda,
  };
}

const learningRateAt = (number: number, { schedule, steps, learningRate }: Settings): number =>
  learningRate * (schedule === 'constant' ? 1 : riseAndFall(number / steps));

/** A VAE reconstructs first: with the divergence from the start its latents die before they mean anything. */
function betaAt(number: number, { steps, beta }: Settings): number {
  if (steps < 10) return beta;
  return linearAnnealing({ start: 0.2 * steps, steps: 0.6 * steps, to: beta })(number);
}
