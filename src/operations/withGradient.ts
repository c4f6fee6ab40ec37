import { clone, customGrad } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * `value(inputs)` with an analytic gradient.
 *
 * tfjs-core registers no gradient of any op until tfjs-layers or `@tensorflow/tfjs` is loaded, and some
 * backends lack some. What runs inside `customGrad` needs none, so every step of this library's
 * differentiated paths goes through here. `gradient` gets the inputs again, connected to an outer tape:
 * where tfjs has the gradients of the ops it uses, second order works.
 */
export function withGradient<Inputs extends readonly Tensor[], Value extends Tensor>(
  inputs: Inputs,
  value: (inputs: NoInfer<Inputs>) => Value,
  gradient: (dy: Value, inputs: NoInfer<Inputs>) => readonly Tensor[],
): Value {
  return customGrad<Value>((...given) => {
    const save = given.pop() as (tensors: Tensor[]) => void;
    save(given as Tensor[]);
    return {
      value: fresh(value(given as unknown as Inputs), given as Tensor[]),
      gradFunc: (dy, saved) => gradient(dy, saved as unknown as Inputs).map((result) => fresh(result, [dy])),
    };
  })(...inputs);
}

/** A linear map: its gradient is its adjoint (the transposed map), whatever the input. */
export function linear<Input extends Tensor, Value extends Tensor>(
  input: Input,
  apply: (input: Input) => Value,
  adjoint: (dy: Value) => Input,
): Value {
  return customGrad<Value>((given) => ({
    value: fresh(apply(given as Input), [given as Tensor]),
    gradFunc: (dy) => fresh(adjoint(dy), [dy]),
  }))(input);
}

/** tfjs disposes of tensors and follows them by identity: a result must not be one of the arguments. */
function fresh<T extends Tensor>(result: T, given: readonly Tensor[]): T {
  return given.some((tensor) => tensor === result) ? clone(result) : result;
}
