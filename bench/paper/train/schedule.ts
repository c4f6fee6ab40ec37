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

/** Unless constant, it rises for a twentieth of the training, then falls along a cosine to a hundredth. */
function learningRateAt(number: number, { schedule, steps, learningRate }: Settings): number {
  const share = number / steps;
  return schedule === 'constant'
    ? learningRate
    : learningRate * (Math.min(1, 20 * share) * (0.505 + 0.495 * Math.cos(Math.PI * share)));
}

/** A VAE reconstructs first: with the divergence from the start its latents die before they mean anything. */
function betaAt(number: number, { steps, beta }: Settings): number {
  if (steps < 10) return beta;
  return linearAnnealing({ start: 0.2 * steps, steps: 0.6 * steps, to: beta })(number);
}
