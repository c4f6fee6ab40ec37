import { dispose, memory, ones, randomUniform } from '@tensorflow/tfjs-core';
import type { Rank, Tensor4D } from '@tensorflow/tfjs-core';
import { loadLayersModel, model as modelOf } from '@tensorflow/tfjs-layers';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { autoencoder } from '../../src/autoencoder.js';
import type { AutoencoderOptions } from '../../src/autoencoder.js';
import { io } from '@tensorflow/tfjs-core';

const cases: [string, AutoencoderOptions][] = [
  ['repair', { size: 16, seed: 1 }],
  ['repair, in colour and narrow', { size: 24, channels: 3, width: 0.25, seed: 1 }],
  ['paper', { architecture: 'paper', size: 32, seed: 1 }],
  ['paper, in colour and narrow', { architecture: 'paper', size: 16, channels: 3, width: 0.5, latent: 7 }],
];

describe.each(cases)('%s', (_, options) => {
  test('takes and returns patches, and is read without this package', async () => {
    const model = autoencoder(options);
    const { size = 64, channels = 1 } = options;
    const x = ones<Rank.R4>([2, size, size, channels]);
    const y = model.predict(x) as Tensor4D;
    expect(y.shape).toEqual([2, size, size, channels]);
    let saved: io.ModelArtifacts | undefined;
    await model.save(
      io.withSaveHandler((artifacts) => {
        saved = artifacts;
        return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } });
      }),
    );
    const loaded = await loadLayersModel(io.fromMemory(saved!));
    expect([...(loaded.predict(x) as Tensor4D).dataSync()]).toEqual([...y.dataSync()]);
  });

  test('begins near the mean grey, the same for a seed and another one for another', () => {
    const grey = (seed: number): number[] => {
      const { size = 64, channels = 1 } = options;
      const x = ones([1, size, size, channels]);
      return [...(autoencoder({ ...options, seed }).predict(x) as Tensor4D).dataSync()];
    };
    const first = grey(0);
    expect(Math.max(...first.map((value) => Math.abs(value - 0.5)))).toBeLessThan(0.5);
    expect(grey(0)).toEqual(first);
    expect(grey(0.5)).not.toEqual(first);
  });
});

test('the layers are those that the documentation names', () => {
  const filters = (architecture: 'repair' | 'paper'): unknown[] =>
    autoencoder({ architecture })
      .layers.filter((layer) => layer.getClassName().startsWith('Conv'))
      .map((layer) => layer.getConfig()['filters']);
  expect(filters('repair')).toEqual([1, 16, 16, 32, 32, 48, 48, 48, 32, 32, 32, 16, 16, 16, 1, 1]);
  expect(filters('paper')).toEqual(
    [1, 32, 32, 32, 64, 64, 128, 64, 32, 100].concat([32, 64, 128, 64, 64, 32, 32, 32, 1, 1]),
  );
});

test('at full width and 128 pixels, paper is the one of table 1', () => {
  const { layers } = autoencoder({ architecture: 'paper', size: 128 });
  const shapes = layers
    .filter((layer) => layer.getClassName() === 'Conv2D')
    .map(({ outputShape }) => (outputShape as number[]).slice(1));
  const [first, last] = [shapes.shift(), shapes.pop()]; // the standardising layers
  expect([first, last]).toEqual([
    [128, 128, 1],
    [128, 128, 1],
  ]);
  expect(shapes).toEqual([
    [64, 64, 32],
    [32, 32, 32],
    [32, 32, 32],
    [16, 16, 64],
    [16, 16, 64],
    [8, 8, 128],
    [8, 8, 64],
    [8, 8, 32],
    [1, 1, 100],
  ]);
});

test('the code of paper begins as wide as its input', () => {
  const made = autoencoder({ architecture: 'paper', size: 32, seed: 1 });
  const code = made.layers
    .map(({ output }) => output as SymbolicTensor)
    .find(({ shape }) => shape[3] === 100)!;
  const x = randomUniform([8, 32, 32, 1], 0.3, 0.7, 'float32', 5);
  const z = modelOf({ inputs: made.inputs, outputs: code }).predict(x) as Tensor4D;
  const values = z.dataSync<'float32'>();
  const deviation = Math.hypot(...values) / Math.sqrt(values.length);
  expect(deviation).toBeGreaterThan(0.1);
  expect(deviation).toBeLessThan(10);
  dispose([x, z]);
});

test.each<[AutoencoderOptions | undefined, ErrorConstructor, string]>([
  [{ size: 50 }, RangeError, 'autoencoder: size must be a multiple of 8, but got 50; use 48 or 56.'],
  [{ size: 40, architecture: 'paper' }, RangeError, 'use 32 or 48'],
  [{ size: 4 }, RangeError, 'autoencoder: size must be a whole number ≥ 8'],
  [{ channels: 0 }, RangeError, 'autoencoder: channels'],
  [{ width: 0 }, RangeError, 'autoencoder: width'],
  [{ latent: 10 }, TypeError, `'repair' has none`],
  [{ seed: NaN }, RangeError, 'autoencoder: seed'],
  [{ architecture: 'unet' as 'paper' }, TypeError, `one of 'repair', 'paper'`],
  [{ patchSize: 64 } as object, TypeError, 'unknown option "patchSize"'],
])('%o is refused', (options, kind, text) => {
  const before = memory().numTensors;
  expect(() => autoencoder(options)).toThrow(kind);
  expect(() => autoencoder(options)).toThrow(text);
  expect(memory().numTensors).toBe(before);
});
