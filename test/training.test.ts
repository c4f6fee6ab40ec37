// Only tfjs-core and a backend are loaded here: no gradient is registered and no chained method exists.
import {
  add,
  customGrad,
  dispose,
  grads,
  matMul,
  memory,
  mul,
  ones,
  randomUniform,
  reshape,
  square,
  sub,
  tidy,
  train,
  variable,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  featureMatchingLoss,
  gmsLoss,
  l1Loss,
  l2Loss,
  mixLoss,
  msGmsLoss,
  msSsimLoss,
  reparameterize,
  ssimLoss,
  dssimLoss,
  vaeLoss,
  withOptions,
} from '../src/index.js';
import { asTensor, naturalImages } from './support/images.js';

/** x · W with its own gradient: what a user without tfjs's gradients would write. */
const linearLayer = customGrad((x, w, save) => {
  (save as (t: Tensor[]) => void)([x as Tensor, w as Tensor]);
  return {
    value: matMul(x as Tensor2D, w as Tensor2D),
    gradFunc: (dy, saved) => [
      matMul(dy as Tensor2D, saved[1] as Tensor2D, false, true),
      matMul(saved[0] as Tensor2D, dy as Tensor2D, true, false),
    ],
  };
});
const reshaped = (shape: number[]) =>
  customGrad((x) => {
    const from = (x as Tensor).shape;
    return { value: reshape(x as Tensor, shape), gradFunc: (dy) => reshape(dy, from) };
  });

const images = asTensor(naturalImages([4, 12, 12, 1], 1));
const pixels = 144;
const latent = { mean: zerosLike(ones([4, 3])), logVariance: zerosLike(ones([4, 3])) };

const losses: Readonly<Record<string, (x: Tensor, y: Tensor) => Tensor>> = {
  l2Loss,
  l1Loss,
  ssimLoss,
  dssimLoss,
  msSsimLoss: withOptions(msSsimLoss, { windowSize: 5, levels: 2 }),
  mixLoss: withOptions(mixLoss, { windowSize: 5, levels: 2 }),
  gmsLoss,
  msGmsLoss,
  featureMatchingLoss: (x, y) =>
    featureMatchingLoss(x, y, { features: (image: Tensor4D) => reshaped([4, pixels])(image) }),
  vaeLoss: (x, y) => vaeLoss(x, y, latent),
};

describe('with only tfjs-core and a backend', () => {
  test('no gradient of tfjs’s own is registered', () => {
    expect(() => tidy(() => grads((x: Tensor) => square(x))([images]))).toThrow(
      /gradient function not found/,
    );
  });

  test.each(Object.entries(losses))(
    '%s trains a small autoencoder, and 100 steps leave nothing behind',
    (_, loss) => {
      const encoder = variable(randomUniform([pixels, 8], -0.1, 0.1, 'float32', 1));
      const decoder = variable(randomUniform([8, pixels], -0.1, 0.1, 'float32', 2));
      const optimizer = train.adam(0.02);
      const reconstruct = (e: Tensor, d: Tensor): Tensor =>
        reshaped([4, 12, 12, 1])(linearLayer(linearLayer(reshaped([4, pixels])(images), e), d));
      const value = (): number =>
        tidy(() => {
          const perImage = loss(images, reconstruct(encoder, decoder)).dataSync<'float32'>();
          return perImage.reduce((sum, v) => sum + v, 0);
        });
      const step = (): void =>
        tidy(() => {
          const [ge, gd] = grads((e: Tensor, d: Tensor) => loss(images, reconstruct(e, d)))(
            [encoder, decoder],
            ones([4]),
          );
          optimizer.applyGradients([
            { name: encoder.name, tensor: ge! },
            { name: decoder.name, tensor: gd! },
          ]);
        });
      const before = value();
      step();
      const { numTensors, numBytes } = memory();
      for (let k = 0; k < 100; k++) step();
      expect(memory()).toMatchObject({ numTensors, numBytes });
      expect(value()).toBeLessThan(0.5 * before);
      optimizer.dispose();
      dispose([encoder, decoder]);
    },
  );

  test('a VAE trains through its sample: gradients reach mean and log-variance', () => {
    tidy(() => {
      const decode = reshaped([4, 12, 12, 1]);
      const mean = randomUniform([4, pixels], 0, 1, 'float32', 3);
      const logVariance = sub(zerosLike(mean), 2);
      const loss = (m: Tensor, v: Tensor): Tensor =>
        vaeLoss(images, decode(reparameterize({ mean: m, logVariance: v }, { seed: 4 })), {
          mean: m,
          logVariance: v,
        });
      const total = (m: Tensor, v: Tensor): number =>
        loss(m, v)
          .dataSync<'float32'>()
          .reduce((sum, value) => sum + value, 0);
      const [gm, gv] = grads(loss)([mean, logVariance], ones([4]));
      const moved = total(sub(mean, mul(gm!, 0.01)), add(logVariance, mul(gv!, -0.01)));
      expect(moved).toBeLessThan(total(mean, logVariance));
    });
  });
});
