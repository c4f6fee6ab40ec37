import { checkOneArgument } from '../checks/options.js';

let inUse = true;

/**
 * Turns the fused kernels of SSIM, MS-SSIM, gradient magnitudes and differences of pixels on or off. They are on by default, and
 * every function of these families uses them where the backend has them.
 *
 * When they are off, all are composed of tfjs ops: slower, with the same formula on every backend. The kernels
 * are tested against this composition. The setting holds for all backends and for everything computed after the
 * call.
 *
 * @param use whether to use them
 * @throws TypeError if `use` is not a boolean, or for an unknown argument
 * @see The page docs/performance.md: how they work, and how fast they are
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { ssimLoss } from 'ssim-ae';
 * import { useFusedKernels } from 'ssim-ae/kernels';
 *
 * const x = tf.randomUniform([1, 64, 64, 1], 0, 1, 'float32', 1); // seeded
 * const y = tf.randomUniform([1, 64, 64, 1], 0, 1, 'float32', 2);
 * ssimLoss(x, y).print(); // [0.966703]
 * useFusedKernels(false);
 * ssimLoss(x, y).print(); // [0.966703]
 * useFusedKernels(true);
 * ```
 */
export function useFusedKernels(use: boolean): void {
  checkOneArgument('useFusedKernels', arguments);
  if (typeof use !== 'boolean') {
    throw new TypeError(
      `useFusedKernels: use must be true or false, but got ${String(use)}; true uses them, false composes.`,
    );
  }
  inUse = use;
}

/** The last setting of {@link useFusedKernels}. */
export function fusedKernelsAreInUse(): boolean {
  return inUse;
}
