import { checkOneArgument, checkNumber, checkOptionNames } from '../checks/options.js';

/** Options of {@link linearAnnealing}. */
export interface LinearAnnealingOptions {
  /** The step at which `to` is reached, > `start`. */
  readonly steps: number;
  /**
   * The value up to `start`.
   * @default 0
   */
  readonly from?: number;
  /**
   * The value from `steps` on.
   * @default 1
   */
  readonly to?: number;
  /**
   * The step at which it begins to rise.
   * @default 0
   */
  readonly start?: number;
}

/**
 * A weight that rises linearly and then stays constant: use it as β for a VAE, so that the network learns to
 * reconstruct first.
 *
 * β(t) = from + (to − from) · clip((t − start) / (steps − start), 0, 1).
 *
 * Shapes: a function of the step, a number → a number.
 * Range: from … to.
 * Gradient: none; it takes and returns plain numbers.
 *
 * @param options the steps and both ends: see {@link LinearAnnealingOptions}
 * @throws TypeError if an argument is not a number, or for an unknown option or argument
 * @throws RangeError for steps that are not above start
 * @see Bowman et al. 2016, "Generating Sentences from a Continuous Space", section 3.1
 *
 * @example
 * ```ts
 * import { linearAnnealing } from 'ssim-ae';
 *
 * const beta = linearAnnealing({ steps: 1000 });
 * console.log([0, 250, 1000, 5000].map(beta)); // [0, 0.25, 1, 1]
 * ```
 */
export function linearAnnealing(options: LinearAnnealingOptions): (step: number) => number {
  checkOneArgument('linearAnnealing', arguments);
  const name = 'linearAnnealing';
  checkOptionNames(name, options, ['steps', 'from', 'to', 'start']);
  const start = checkNumber(`${name}: start`, options.start ?? 0, { least: 0 });
  const steps = checkNumber(`${name}: steps`, options.steps, { above: start });
  const from = checkNumber(`${name}: from`, options.from ?? 0);
  const to = checkNumber(`${name}: to`, options.to ?? 1);
  return (step) => {
    const share = Math.min(Math.max((step - start) / (steps - start), 0), 1);
    return from + (to - from) * share;
  };
}
