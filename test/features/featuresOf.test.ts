// Features of a layers model: one of its own here, and a pretrained one where it is present.
import { existsSync, readFileSync } from 'node:fs';
import { add, getBackend, grad, grads, memory, scalar, slice, tidy, zeros } from '@tensorflow/tfjs-core';
import type { io, Tensor } from '@tensorflow/tfjs-core';
import { layers, loadLayersModel, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { featureMatchingLoss, featureResidualMap, featureResidualMaps, featuresOf } from '../../src/index.js';
import { registerWasmTraining } from '../../src/kernels.js';
import { asTensor, imagesFrom, naturalImages, noisy } from '../support/images.js';
import { largestError } from '../support/reference.js';

beforeAll(() => {
  if (getBackend() === 'wasm') registerWasmTraining();
});

const network = () =>
  sequential({
    layers: [
      layers.conv2d({
        inputShape: [12, 12, 3],
        filters: 4,
        kernelSize: 3,
        name: 'first',
        activation: 'tanh',
      }),
      layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, name: 'second' }),
    ],
  });

describe('featuresOf', () => {
  const x = naturalImages([2, 12, 12, 3], 1);

  test('gives what the layers give, scaled and shifted first', () => {
    const model = network();
    tidy(() => {
      const images = asTensor(x);
      const [first, second] = featuresOf(model, ['first', 'second'])(images) as [Tensor, Tensor];
      expect([first.shape, second.shape]).toEqual([
        [2, 10, 10, 4],
        [2, 4, 4, 6],
      ]);
      expect(largestError(second.dataSync(), (model.predict(images) as Tensor).dataSync())).toBe(0);
      const [shifted] = featuresOf(model, ['second'], { scale: 2, offset: -1 })(images) as [Tensor];
      const signed = asTensor({ shape: x.shape, data: Array.from(x.data, (value) => 2 * value - 1) });
      expect(largestError(shifted.dataSync(), (model.predict(signed) as Tensor).dataSync())).toBeLessThan(
        1e-6,
      );
    });
    model.dispose();
  });

  test('repeats gray images over the channels, gradient included', () => {
    const model = network();
    const gray = naturalImages([1, 12, 12, 1], 2);
    const rgb = imagesFrom([1, 12, 12, 3], (k) => gray.data[Math.floor(k / 3)]!);
    const other = noisy(gray, 0.1, 3);
    const otherRgb = imagesFrom([1, 12, 12, 3], (k) => other.data[Math.floor(k / 3)]!);
    const features = featuresOf(model, ['first']);
    tidy(() => {
      const [a] = features(asTensor(gray)) as [Tensor];
      const [b] = features(asTensor(rgb)) as [Tensor];
      expect(largestError(a.dataSync(), b.dataSync())).toBe(0);
      const maps = (p: typeof gray, q: typeof gray): Tensor =>
        grad((given: Tensor) => featureResidualMap(asTensor(p), given, { features }))(asTensor(q));
      const [narrow, wide] = [maps(gray, other).dataSync(), maps(rgb, otherRgb).dataSync<'float32'>()];
      const summed = Array.from(
        { length: 144 },
        (_, k) => wide[3 * k]! + wide[3 * k + 1]! + wide[3 * k + 2]!,
      );
      expect(largestError(narrow, summed)).toBeLessThan(1e-5);
    });
    model.dispose();
  });

  test('a model that gives one tensor for one layer, and names its outputs otherwise', () => {
    const ran: unknown[] = [];
    const model = (output: unknown) => ({
      layers: [{ name: 'first', output }],
      inputs: [{ shape: [null, 12, 12, 3] }],
      execute: (images: Tensor, outputs: string[]): Tensor => {
        ran.push(outputs);
        return add(images, 1);
      },
    });
    const images = asTensor(x);
    for (const output of [{ name: 'first/Relu' }, [{ name: 'first/Relu' }, { name: 'first/State' }]]) {
      tidy(() => {
        const features = featuresOf(model(output), ['first'])(images);
        expect(features.map(({ shape }) => shape)).toEqual([[2, 12, 12, 3]]);
        expect(largestError(features[0]!.dataSync(), add(images, 1).dataSync())).toBe(0);
      });
    }
    expect(ran).toEqual([['first/Relu'], ['first/Relu']]);
    images.dispose();
  });

  test('leaves nothing behind but the features', () => {
    const model = network();
    const images = asTensor(x);
    const features = featuresOf(model, ['first', 'second'], { scale: 2 });
    const before = memory().numTensors;
    const results = features(images);
    expect(memory().numTensors).toBe(before + 2);
    for (const result of results) result.dispose();
    images.dispose();
    model.dispose();
  });

  test('rejects', () => {
    const model = network();
    const call =
      (...given: unknown[]) =>
      () =>
        featuresOf(...(given as Parameters<typeof featuresOf>));
    expect(call(undefined, ['first'])).toThrow('featuresOf: model must be a layers model');
    expect(call({ layers: [] }, ['first'])).toThrow(TypeError);
    expect(call(model, 'first')).toThrow('layerNames must be a list of names of layers, but got "first".');
    expect(call(model, [])).toThrow('layerNames is empty');
    expect(call(model, ['third'])).toThrow('the model has no layer "third"; it has first, second.');
    expect(call(model, ['first'], { scale: NaN })).toThrow('scale must be a finite number, but got NaN.');
    expect(call(model, ['first'], { mean: 0 })).toThrow('unknown option "mean"');
    model.dispose();
  });
});

test('the maps of the layers add up to the map of all', () => {
  const model = network();
  const x = naturalImages([2, 12, 12, 3], 4);
  const y = noisy(x, 0.1, 5);
  const features = featuresOf(model, ['first', 'second']);
  const options = { features, layerWeights: [1, 0.3], normalize: 'unit' } as const;
  const before = memory().numTensors;
  tidy(() => {
    const maps = featureResidualMaps(asTensor(x), asTensor(y), options);
    expect(maps.map(({ shape }) => shape)).toEqual([
      [2, 12, 12, 1],
      [2, 12, 12, 1],
    ]);
    const total = add(maps[0]!, maps[1]!).dataSync();
    expect(
      largestError(total, featureResidualMap(asTensor(x), asTensor(y), options).dataSync()),
    ).toBeLessThan(1e-6);
  });
  expect(memory().numTensors).toBe(before);
  model.dispose();
});

const folder = new URL('../../../shared/models/mobilenet_v1_1.0_until_pw3/', import.meta.url);

describe.skipIf(!existsSync(folder))('a pretrained MobileNet', () => {
  const load = () => {
    const { modelTopology, weightsManifest } = JSON.parse(
      readFileSync(new URL('model.json', folder), 'utf8'),
    ) as io.ModelJSON;
    const bytes = readFileSync(new URL('weights.bin', folder));
    const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
    return loadLayersModel({ load: () => Promise.resolve({ modelTopology, weightSpecs, weightData }) });
  };

  test('sees a scratch', async () => {
    const model = await load();
    model.trainable = false;
    const last = model.layers[model.layers.length - 1]!.name;
    const x = naturalImages([1, 64, 64, 1], 6);
    const scratched = imagesFrom([1, 64, 64, 1], (k, row, column) =>
      row >= 28 && row < 36 && column >= 20 && column < 44 && (row + column) % 4 < 2 ? 0.9 : x.data[k]!,
    );
    const features = featuresOf(model, ['conv_pw_1_relu', last], { scale: 2, offset: -1 });
    const map = tidy(() =>
      featureResidualMap(asTensor(scratched), asTensor(x), { features, normalize: 'unit' })
        .dataSync<'float32'>()
        .slice(),
    );
    const mean = (inside: boolean): number => {
      const values = map.filter((_, k) => {
        const [row, column] = [Math.floor(k / 64), k % 64];
        return (row >= 28 && row < 36 && column >= 20 && column < 44) === inside;
      });
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    expect(map.every(Number.isFinite)).toBe(true);
    expect(mean(true) / mean(false)).toBeGreaterThan(5);
  });

  test('gradient of the paper’s loss', async () => {
    const model = await load();
    const x = naturalImages([1, 32, 32, 1], 7);
    const y = noisy(x, 0.05, 8);
    const features = featuresOf(model, ['conv1_relu'], { scale: 2, offset: -1 });
    const loss = (b: Tensor): Tensor => featureMatchingLoss(asTensor(x), b, { features, lambda: 0.01 });
    const slope = tidy(() => grad(loss)(asTensor(y)).dataSync<'float32'>().slice());
    expect(slope.every(Number.isFinite)).toBe(true);
    expect(slope.some((value) => value !== 0)).toBe(true);
  });
});

test('gradients reach a model that is trained, too', () => {
  const model = network();
  const features = featuresOf(model, ['first']);
  const x = asTensor(naturalImages([1, 12, 12, 3], 9));
  const [gx] = tidy(() =>
    grads((a: Tensor, s: Tensor) => featureMatchingLoss(slice(x, 0, x.shape), add(a, s), { features }))([
      zeros([1, 12, 12, 3]),
      scalar(0),
    ]).map((g) => g.dataSync<'float32'>().slice()),
  );
  expect(gx!.some((value) => value !== 0)).toBe(true);
  x.dispose();
  model.dispose();
});
