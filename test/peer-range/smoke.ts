/**
 * Runs in a project that installed the package beside some version of tfjs, named in its argument: check.ts
 * makes that project, and lets these imports of src/ be imports of the package.
 */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import assert from 'node:assert/strict';
import {
  featureResidualMap,
  msGmsResidualMap,
  reparameterize,
  ssim,
  ssimLoss,
  ssimResidualMap,
  ssimTerms,
  vaeLoss,
  vaeResidualMap,
} from '../../src/index.js';
import { registerWasmTraining } from '../../src/kernels.js';
import { measures } from '../support/measures.js';

assert.equal(tf.version_core, process.argv[2]);

const pixels = (seed: number): Float32Array =>
  Float32Array.from({ length: 256 }, (_, i) => ((i * seed + 11) % 101) / 101);
const image = (values: Float32Array): Tensor4D => tf.tensor4d(values, [1, 16, 16, 1]);
const first = async (tensor: Tensor): Promise<number> => (await tensor.data())[0]!;

/** Equal and inverted images, the product of the terms, the shapes of the maps. */
async function checkValues(): Promise<void> {
  const [x, y] = [image(pixels(37)), image(pixels(23))];
  assert.equal(await first(ssimLoss(x, x)), 0);
  const index = await first(ssim(x, tf.sub(1, x)));
  assert.ok(index < -0.5 && index >= -1, `ssim of an inverted image: ${index}`);
  const { luminance, contrast, structure } = ssimTerms(x, y);
  const product = tf.mean(tf.mul(tf.mul(luminance, contrast), structure));
  assert.ok(Math.abs((await first(product)) - (await first(ssim(x, y)))) < 1e-5);
  const features = (given: Tensor4D): Tensor => tf.avgPool(given, 2, 2, 'valid');
  for (const map of [
    ssimResidualMap(x, y),
    msGmsResidualMap(x, y),
    featureResidualMap(x, y, { features }),
    vaeResidualMap(x, tf.stack([y, y])),
  ]) {
    assert.deepEqual(map.shape, [1, 16, 16, 1]);
    assert.ok((await map.data()).every(Number.isFinite));
  }
}

/** Every measure of one number an image, in each of its ways. */
const indices = measures
  .filter(({ kind }) => kind === 'index' || kind === 'loss')
  .flatMap(({ name, call, variants }) =>
    variants.map((variant) => ({
      name: `${name}, ${variant.name}`,
      measure: (x: Tensor4D, y: Tensor4D) => call(x, y, variant.options)[0] as Tensor1D,
    })),
  );

/** The noise that a VAE draws has a gradient too. */
function drawn(x: Tensor4D, y: Tensor4D): Tensor1D {
  const latents = tf.reshape(y, [1, 256]);
  const posterior = { mean: latents, logVariance: latents };
  const decoded = tf.reshape(reparameterize(posterior, { seed: 1 }), [1, 16, 16, 1]);
  return vaeLoss(x, decoded, posterior);
}

/** Gradients against differences of the values. */
async function checkGradient(loss: (x: Tensor4D, y: Tensor4D) => Tensor1D): Promise<void> {
  const [x, y] = [image(pixels(37)), image(pixels(23))];
  const gradient = await tf
    .grad((given) => loss(x, given as Tensor4D))(y)
    .data();
  const largest = Math.max(...gradient.map(Math.abs));
  assert.ok(largest > 0);
  for (const place of [2, 100, 253]) {
    const step = 3e-3;
    const [above, below] = await Promise.all(
      [step, -step].map((change) => {
        const changed = pixels(23);
        changed[place]! += change;
        return first(loss(x, image(changed)));
      }),
    );
    const slope = (above! - below!) / (2 * step);
    const text = `pixel ${place}: gradient ${gradient[place]}, slope ${slope}`;
    assert.ok(Math.abs(slope - gradient[place]!) < 0.03 * largest, text);
  }
}

/** A convolutional model learns. */
async function checkTraining(): Promise<void> {
  registerWasmTraining();
  const x = image(pixels(37));
  const half = { kernelSize: 4, strides: 2, padding: 'same' } as const;
  const model = sequential({
    layers: [
      layers.conv2d({ ...half, filters: 4, inputShape: [16, 16, 1], activation: 'relu' }),
      layers.conv2dTranspose({ ...half, filters: 1, activation: 'sigmoid' }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.01), loss: ssimLoss });
  const { history } = await model.fit(x, x, { epochs: 20, verbose: 0 });
  const [before, after] = [history['loss']![0] as number, history['loss']!.at(-1) as number];
  assert.ok(after < before, `the loss went from ${before} to ${after}`);
}

const failures: string[] = [];
for (const backend of ['cpu', 'wasm']) {
  assert.ok(await tf.setBackend(backend));
  const checks: [string, () => Promise<void>][] = [
    ['values', checkValues],
    ...[...indices, { name: 'vaeLoss, reparameterized', measure: drawn }].map(
      ({ name, measure }): [string, () => Promise<void>] => [
        `gradient of ${name}`,
        () => checkGradient(measure),
      ],
    ),
    ['training', checkTraining],
  ];
  for (const [name, check] of checks) {
    await check().catch((error: unknown) => {
      failures.push(`${backend}: ${name}: ${(error as Error).message}`);
    });
  }
}
if (failures.length > 0) {
  process.stderr.write(`${failures.join('\n')}\n`);
  process.exitCode = 1;
}
