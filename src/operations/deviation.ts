import { add, div, mul, sqrt } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from './withGradient.js';

/** Below this variance, of images divided by the data range, a window counts as flat. */
const flatVariance = 1e-12;

/**
 * σ = √σ².
 *
 * dσ/dσ² = 1 / (2σ) is infinite where the window is flat, though σ as a function of the pixels has the
 * bounded slope w (x − μ) / σ. Here it is σ / (2 (σ² + 1e-12)): the same elsewhere, and 0 where flat; in every order.
 */
export function deviation<T extends Tensor>(variance: T): T {
  return withGradient(
    [variance] as const,
    ([v]) => sqrt(v),
    (dy, [v]) => [mul(dy, div(mul(deviation(v), 0.5), add(v, flatVariance)))],
  );
}
