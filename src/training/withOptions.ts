import type { Tensor } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';

/**
 * A loss with its options bound, for `model.compile`.
 *
 * f(x, x̂) = loss(x, x̂, options). The function is called `name`, or like the loss if you give no name;
 * tfjs-layers uses this name as the key in the training history. Give a name if a minifier renames functions.
 *
 * The loss checks the options when it is called. The new function takes no further options: bind them all.
 *
 * Shapes, range and gradient: as the loss.
 *
 * @param loss any function of (yTrue, yPred, options)
 * @param options the third argument of the loss, type-checked against it
 * @param name the name of the new function
 * @throws TypeError if `loss` is not a function or `name` is not a string, or for an unknown argument
 * @see the loss itself
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { ssimLoss, withOptions } from 'ssim-ae';
 *
 * const loss = withOptions(ssimLoss, { dataRange: 255, windowSize: 7 });
 * console.log(loss.name); // ssimLoss
 * const x = tf.randomUniform([1, 32, 32, 1], 0, 255);
 * loss(x, x).print(); // [0]
 * ```
 */
export function withOptions<Loss extends (yTrue: Tensor, yPred: Tensor, options: never) => Tensor>(
  loss: Loss,
  options: Parameters<Loss>[2],
  name?: string,
): (yTrue: Tensor, yPred: Tensor) => ReturnType<Loss> {
  checkArguments('withOptions', arguments, 3);
  if (typeof loss !== 'function') {
    throw new TypeError(
      `withOptions: loss must be a function of (yTrue, yPred, options), but got ${typeof loss}.`,
    );
  }
  const ownName: unknown = name ?? loss.name;
  if (typeof ownName !== 'string') {
    throw new TypeError(`withOptions: name must be a string, but got ${typeof ownName}.`);
  }
  const bound = function (yTrue: Tensor, yPred: Tensor): ReturnType<Loss> {
    checkArguments(ownName === '' ? 'withOptions' : ownName, arguments, 2);
    return loss(yTrue, yPred, options) as ReturnType<Loss>;
  };
  return Object.defineProperty(bound, 'name', { value: ownName });
}
