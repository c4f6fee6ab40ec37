import { add, dispose, div, keep, mul, sqrt, square, sub, tidy, zerosLike } from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs-core';

const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-7];

/**
 * Adam (Kingma and Ba 2015, algorithm 1) whose whole state is two moments for each weight: what goes on from a
 * checkpoint makes the very same steps. tfjs's own keeps products of β that come back rounded differently.
 * Weight decay is the ℓ2 penalty that the paper's framework adds to the gradient.
 */
export class Adam {
  readonly #moments: Map<string, { first: Tensor; second: Tensor }>;

  constructor(
    private readonly variables: readonly Variable[],
    private readonly weightDecay: number,
  ) {
    this.#moments = new Map(
      variables.map((variable) => [
        variable.name,
        { first: keep(zerosLike(variable)), second: keep(zerosLike(variable)) },
      ]),
    );
  }

  /** The `step`-th step, counted from 1. */
  apply(gradients: NamedTensorMap, step: number, learningRate: number): void {
    const scale = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
    const floor = epsilon * Math.sqrt(1 - beta2 ** step);
    for (const variable of this.variables) {
      const moments = this.#moments.get(variable.name)!;
      const [first, second] = tidy(() => {
        const given = gradients[variable.name]!;
        const gradient = this.weightDecay > 0 ? add(given, mul(variable, this.weightDecay)) : given;
        const m = add(mul(moments.first, beta1), mul(gradient, 1 - beta1));
        const v = add(mul(moments.second, beta2), mul(square(gradient), 1 - beta2));
        variable.assign(sub(variable, mul(div(m, add(sqrt(v), floor)), scale)));
        return [keep(m), keep(v)];
      });
      dispose([moments.first, moments.second]);
      this.#moments.set(variable.name, { first, second });
    }
  }

  /** Both moments of every weight, in the order of the variables. */
  get moments(): Tensor[] {
    return this.variables.flatMap(({ name }) => {
      const { first, second } = this.#moments.get(name)!;
      return [first, second];
    });
  }

  set moments(given: readonly Tensor[]) {
    dispose(this.moments);
    this.variables.forEach(({ name }, k) => {
      this.#moments.set(name, { first: keep(given[2 * k]!), second: keep(given[2 * k + 1]!) });
    });
  }

  dispose(): void {
    dispose(this.moments);
  }
}
