import { clone, customGrad, keep, scalar, zeros, zerosLike } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** `value(x)` as a constant: no gradient flows back through it, and none of its ops needs one. */
export function detached<T extends Tensor, Value extends Tensor>(x: T, value: (x: T) => Value): Value {
  const { shape } = x;
  return customGrad<Value>((given) => ({
    value: value(given as T),
    gradFunc: () => zeros(shape),
  }))(x);
}

/**
 * Runs `compute` with nothing recorded for a gradient, and passes its result to `use`.
 * The constants live until `use` returns; what `use` records for its own gradient stays valid after it.
 */
export function withConstants<Value>(
  compute: () => readonly Tensor[],
  use: (constants: readonly Tensor[]) => Value,
): Value {
  const constants: Tensor[] = [];
  try {
    // tfjs records nothing inside a customGrad; its own result is beside the point here.
    customGrad((anchor) => {
      for (const tensor of compute()) constants.push(keep(clone(tensor)));
      return { value: zerosLike(anchor as Tensor), gradFunc: (dy) => zerosLike(dy) };
    })(scalar(0));
    return use(constants);
  } finally {
    for (const tensor of constants) tensor.dispose();
  }
}
