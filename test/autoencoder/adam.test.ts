import '@tensorflow/tfjs-layers'; // registers the gradients
import { dispose, square, sub, sum, tensor1d, train, variable, variableGrads } from '@tensorflow/tfjs-core';
import type { Scalar, Variable } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { adam } from '../../src/autoencoder/adam.js';

test("takes algorithm 1's steps, to more digits than tfjs's own", () => {
  const goal = [0.3, 0.1, -4];
  const target = tensor1d(goal);
  const [ours, theirs] = [0, 1].map(() => variable(tensor1d([1, -2, 0.5]))) as [Variable, Variable];
  const loss = (w: Variable) => (): Scalar => sum<Scalar>(square(sub(w, target)));
  const optimizer = adam([ours]);
  const tfjs = train.adam(0.05, 0.9, 0.999, 1e-7);
  // Kingma and Ba 2015, in float64.
  const [w, m, v] = [
    [1, -2, 0.5],
    [0, 0, 0],
    [0, 0, 0],
  ];
  for (let step = 1; step <= 20; step++) {
    const { grads, value } = variableGrads(loss(ours), [ours]);
    optimizer.apply(grads, step, 0.05);
    dispose([value, ...Object.values(grads)]);
    tfjs.minimize(loss(theirs), false, [theirs]);
    for (let k = 0; k < 3; k++) {
      const gradient = 2 * (w[k]! - goal[k]!);
      m[k] = 0.9 * m[k]! + 0.1 * gradient;
      v[k] = 0.999 * v[k]! + 0.001 * gradient ** 2;
      const [first, second] = [m[k]! / (1 - 0.9 ** step), v[k]! / (1 - 0.999 ** step)];
      w[k]! -= (0.05 * first) / (Math.sqrt(second) + 1e-7);
    }
  }
  ours.dataSync().forEach((value, k) => expect(value).toBeCloseTo(w[k]!, 6));
  theirs.dataSync().forEach((value, k) => expect(value).toBeCloseTo(w[k]!, 4));
  expect(w[0]).not.toBeCloseTo(1, 1);
  optimizer.dispose();
  tfjs.dispose();
  dispose([ours, theirs, target]);
});
