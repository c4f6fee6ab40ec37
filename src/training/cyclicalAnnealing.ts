import { checkOneArgument, checkNumber, checkOptionNames, checkWhole } from '../checks/options.js';

/** Options of {@link cyclicalAnnealing}. */
export interface CyclicalAnnealingOptions {
  /** The number of training steps, > 0. */
  readonly steps: number;
  /**
   * The number of cycles, in each of which the value rises again; a whole number ≥ 1.
   * @default 4
   */
  readonly cycles?: number;
  /**
   * The share of a cycle in which the value rises, in (0, 1]; for the rest of the cycle it is constant.
   * @default 0.5
   */
  readonly ratio?: number;
  /**
   * The value at the beginning of a cycle.
   * @default 0
   */
  readonly from?: number;
  /**
   * The value at the end of a cycle, and after the last one.
   * @default 1
   */
  readonly to?: number;
}

/**
 * A weight that rises and starts again several times: use it as β for a VAE whose latents would otherwise collapse.
 *
 * β(t) = from + (to − from) · min(τ / ratio, 1), τ = (t mod (steps / cycles)) / (steps / cycles).
 *
 * Shapes: a function of the step, a number → a number.
 * Range: from … to; `to` from `steps` on.
 * Gradient: none; it takes and returns plain numbers.
 *
 * @param options steps, cycles and both ends: see {@link CyclicalAnnealingOptions}
 * @throws TypeError if an argument is not a number, or for an unknown option or argument
 * @throws RangeError for a value out of range
 * @see Fu et al. 2019, "Cyclical Annealing Schedule: A Simple Approach to Mitigating KL Vanishing", eqs 6 and 7
 *
 * @example
 * ```ts
 * import { cyclicalAnnealing } from 'ssim-ae';
 *
 * const beta = cyclicalAnnealing({ steps: 1000, cycles: 2 });
 * console.log([0, 125, 250, 400, 500, 625].map(beta)); // [0, 0.5, 1, 1, 0, 0.5]
 * ```
 */
export function cyclicalAnnealing(options: CyclicalAnnealingOptions): (step: number) => number {
  checkOneArgument('cyclicalAnnealing', arguments);
  const name = 'cyclicalAnnealing';
  checkOptionNames(name, options, ['steps', 'cycles', 'ratio', 'from', 'to']);
  const steps = checkNumber(`${name}: steps`, options.steps, { above: 0 });
  const cycles = checkWhole(`${name}: cycles`, options.cycles ?? 4, { least: 1 });
  const ratio = checkNumber(`${name}: ratio`, options.ratio ?? 0.5, { above: 0, most: 1 });
  const from = checkNumber(`${name}: from`, options.from ?? 0);
  const to = checkNumber(`${name}: to`, options.to ?? 1);
  const period = steps / cycles;
  return (step) => {
    if (step >= steps) return to;
    const share = Math.min((Math.max(step, 0) % period) / period / ratio, 1);
    return from + (to - from) * share;
  };
}
