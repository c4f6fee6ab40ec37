import {
  add,
  dispose,
  div,
  keep,
  mul,
  sqrt,
  square,
  sub,
  tensor,
  tidy,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs-core';

/** The whole state of an optimizer beside the weights: two moments for each. */
export interface Adam {
  /** The `step`-th step, counted from 1. */
  readonly apply: (gradients: NamedTensorMap, step: number, learningRate: number) => void;
  /** Both moments of every weight, in the order of the variables. */
  readonly moments: () => Tensor[];
  readonly restore: (moments: readonly Float32Array[]) => void;
  readonly dispose: () => void;
}

interface Moments {
  readonly first: Tensor;
  readonly second: Tensor;
}

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-7;

/**
 * Adam (Kingma and Ba 2015, algorithm 1) whose state comes back to the last digit, so that what goes on from a checkpoint makes the
 * very same steps. tfjs's own keeps products of β that come back rounded differently.
 */
export function adam(variables: readonly Variable[]): Adam {
  let moments = variables.map((variable): Moments => ({
    first: keep(zerosLike(variable)),
    second: keep(zerosLike(variable)),
  }));
  const all = (): Tensor[] => moments.flatMap(({ first, second }) => [first, second]);
  return {
    apply: (gradients, step, learningRate) => {
      const scale = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
      const floor = epsilon * Math.sqrt(1 - beta2 ** step);
      variables.forEach((variable, k) => {
        const before = moments[k]!;
        moments[k] = tidy(() => {
          const gradient = gradients[variable.name]!;
          const first = add(mul(before.first, beta1), mul(gradient, 1 - beta1));
          const second = add(mul(before.second, beta2), mul(square(gradient), 1 - beta2));
          variable.assign(sub(variable, mul(div(first, add(sqrt(second), floor)), scale)));
          return { first: keep(first), second: keep(second) };
        });
        dispose([before.first, before.second]);
      });
    },
    moments: all,
    restore: (given) => {
      dispose(all());
      moments = variables.map(({ shape }, k) => ({
        first: keep(tensor(given[2 * k]!, shape)),
        second: keep(tensor(given[2 * k + 1]!, shape)),
      }));
    },
    dispose: () => dispose(all()),
  };
}
