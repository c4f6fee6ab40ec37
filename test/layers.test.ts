import { dispose, memory, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import type { Sequential } from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import {
  dssimLoss,
  featureMatchingLoss,
  gmsLoss,
  l1Loss,
  l2Loss,
  mixLoss,
  msGmsLoss,
  msSsimLoss,
  ssim,
  ssimLoss,
  withOptions,
} from '../src/index.js';
import { registerWasmTraining } from '../src/kernels.js';
import { asTensor, naturalImages } from './support/images.js';

function denseAutoencoder(): Sequential {
  const init = (seed: number) => initializers.glorotUniform({ seed });
  const model = sequential();
  model.add(layers.flatten({ inputShape: [16, 16, 1] }));
  model.add(layers.dense({ units: 16, activation: 'relu', kernelInitializer: init(1) }));
  model.add(layers.dense({ units: 256, activation: 'sigmoid', kernelInitializer: init(2) }));
  model.add(layers.reshape({ targetShape: [16, 16, 1] }));
  return model;
}

// Layers compute the gradient of a frozen convolution's filter as well, which wasm lacks by itself.
registerWasmTraining();

describe('in a tfjs-layers model', () => {
  const images = asTensor(naturalImages([8, 16, 16, 1], 1));
  const frozen = sequential({
    layers: [
      layers.conv2d({
        filters: 2,
        kernelSize: 3,
        inputShape: [16, 16, 1],
        trainable: false,
        kernelInitializer: initializers.glorotUniform({ seed: 3 }),
      }),
    ],
  });
  const losses = {
    ssimLoss,
    dssimLoss,
    l1Loss,
    l2Loss,
    gmsLoss,
    msGmsLoss,
    msSsimLoss: withOptions(msSsimLoss, { windowSize: 5, levels: 2 }),
    mix: withOptions(mixLoss, { windowSize: 5, levels: 2 }, 'mix'),
    featureMatching: withOptions(
      featureMatchingLoss,
      { features: (image) => frozen.apply(image) as Tensor, lambda: 0.1 },
      'featureMatching',
    ),
    ssim7: withOptions(ssimLoss, { windowSize: 7, padding: 'reflect' }, 'ssim7'),
  } as const;

  test.each(Object.entries(losses))('compile({ loss: %s }) trains', async (name, loss) => {
    const model = denseAutoencoder();
    model.compile({ optimizer: 'adam', loss, metrics: [ssim] });
    const history = await model.fit(images, images, { epochs: 30, batchSize: 8, shuffle: false, verbose: 0 });
    const values = history.history['loss'] as number[];
    expect(values.at(-1)).toBeLessThan(values[0]! * 0.9);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(Object.keys(history.history).sort()).toEqual(['loss', 'ssim']);
    expect(loss.name).toBe(name);
    model.dispose();
  });

  test('a hundred steps leave no tensor behind', async () => {
    const model = denseAutoencoder();
    model.compile({ optimizer: 'sgd', loss: ssimLoss });
    const step = async (): Promise<void> => {
      await model.trainOnBatch(images, images);
    };
    await step();
    const before = memory().numTensors;
    for (let k = 0; k < 100; k++) await step();
    expect(memory().numTensors).toBe(before);
    model.dispose();
  });

  test('as a metric it has its own name in the history', async () => {
    const model = denseAutoencoder();
    model.compile({
      optimizer: 'sgd',
      loss: l2Loss,
      metrics: [ssim, withOptions(ssimLoss, { windowSize: 5 }, 'ssim5')],
    });
    const result = await model.fit(images, images, { epochs: 1, verbose: 0 });
    expect(Object.keys(result.history).sort()).toEqual(['loss', 'ssim', 'ssim5']);
    const prediction = model.predict(images) as Tensor;
    expect(tidy(() => ssim(images, prediction).shape)).toEqual([8]);
    dispose(prediction);
    model.dispose();
  });
});
