// What every function says of tensors that it cannot take: disposed ones, other dtypes, channels before rows.
import {
  cast,
  complex,
  getBackend,
  getKernel,
  memory,
  mul,
  ones,
  tensor,
  transpose,
  zeros,
} from '@tensorflow/tfjs-core';
import type { DataType, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import * as library from '../../src/index.js';
import { otherTensorFunctions, measures } from '../support/measures.js';
import { publicFunctions } from '../support/publicFunctions.js';
import type { PublicFunction } from '../support/publicFunctions.js';

const ofTensors = publicFunctions.filter(({ tensors }) => Object.keys(tensors).length > 0);

test('the list has the tensors of every function that takes some', () => {
  // These take functions that give tensors.
  const byFunctions = ['featuresOf', 'withOptions'];
  const expected = [...measures.map(({ name }) => name), ...otherTensorFunctions];
  expect([...ofTensors.map(({ name }) => name), ...byFunctions].sort()).toEqual(expected.sort());
});

const argumentsOf = ({ before, options }: PublicFunction): unknown[] => [
  ...before(),
  ...(options === undefined ? [] : [options()]),
];

type Container = Record<number | string, unknown>;

function at(args: unknown, path: readonly (number | string)[]): Tensor {
  return path.reduce((container: unknown, key) => (container as Container)[key], args) as Tensor;
}

/** The arguments with another tensor at one place. */
function replaced(args: unknown[], path: readonly (number | string)[], value: unknown): unknown[] {
  const holder = path.slice(0, -1).reduce((container: unknown, key) => (container as Container)[key], args);
  (holder as Container)[path.at(-1)!] = value;
  return args;
}

async function errorOf(call: () => unknown): Promise<unknown> {
  const before = memory().numTensors;
  let thrown: unknown;
  try {
    await call();
  } catch (caught) {
    thrown = caught;
  }
  expect(memory().numTensors - before, 'tensors left').toBe(0);
  return thrown;
}

/** tfjs's wasm backend has no complex numbers. */
const hasComplex = (getKernel('Complex', getBackend()) as unknown) !== undefined;
const ofComplex: readonly [DataType, string][] = [['complex64', 'take tf.real(x) or tf.abs(x) of it']];

const cases = ofTensors.flatMap((given) =>
  Object.entries(given.tensors).map(([name, path]) => ({ told: given.told, name, given, path })),
);

describe.each(cases)('$told: $name', ({ told, name, given, path }) => {
  test('disposed', async () => {
    const args = argumentsOf(given);
    at(args, path).dispose();
    const thrown = await errorOf(() => given.call(...args));
    expect(thrown).toBeInstanceOf(TypeError);
    expect((thrown as Error).message).toBe(
      `${told}: ${name} was disposed before, so its values are gone; dispose of it later, or let the ` +
        'tf.tidy that it comes from return it.',
    );
  });

  const isImage = given.pixels.includes(name);
  const castIt = "convert it with tf.cast(x, 'float32')";
  const divide = ', and divide 8-bit pixels by 255';
  test.each<[DataType, string]>([
    [
      'int32',
      castIt + (isImage ? divide : '') + (isImage && given.dataRange ? ', or give { dataRange: 255 }' : ''),
    ],
    ['bool', castIt],
    ...(hasComplex ? ofComplex : []),
    ['string', 'it must hold numbers'],
  ])('%s', async (dtype, wayOut) => {
    const args = argumentsOf(given);
    const { shape } = at(args, path);
    const wrong =
      dtype === 'complex64'
        ? complex(zeros(shape), zeros(shape))
        : dtype === 'string'
          ? tensor(new Array<string>(shape.reduce((a, b) => a * b, 1)).fill('a'), shape, dtype)
          : zeros(shape, dtype);
    const thrown = await errorOf(() => given.call(...replaced(args, path, wrong)));
    expect(thrown).toBeInstanceOf(TypeError);
    expect((thrown as Error).message).toBe(
      `${told}: ${name} must be of dtype float32, but got ${dtype}; ${wayOut}.`,
    );
  });
});

test('the ways out lead out', () => {
  const bytes = cast(mul(ones<Tensor4D['rankType']>([1, 12, 12, 1]), 200), 'int32');
  const pixels = cast(bytes, 'float32');
  expect(library.ssim(pixels, pixels, { dataRange: 255 }).dataSync()[0]).toBe(1);
  const picture = library.overlay(pixels, zeros([1, 12, 12, 1]), { dataRange: 255, opacity: 0 });
  expect(picture.dataSync()[0]).toBeCloseTo(200 / 255, 6);
});

describe('tensors that functions of the caller give', () => {
  const x = zeros<Tensor4D['rankType']>([1, 12, 12, 1]);
  const posterior = { mean: zeros([1, 3]), logVariance: zeros([1, 3]) };
  const gone = (): Tensor4D => {
    const made = zeros<Tensor4D['rankType']>([1, 12, 12, 1]);
    made.dispose();
    return made;
  };
  test.each<[string, () => unknown]>([
    ['featureMatchingLoss: layer 0 of features', () => library.featureMatchingLoss(x, x, { features: gone })],
    [
      'featureMatchingLoss: layer 1 of features',
      () => library.featureMatchingLoss(x, x, { features: () => [zeros([1, 3]), gone()] }),
    ],
    ['featureResidualMap: layer 0 of features', () => library.featureResidualMap(x, x, { features: gone })],
    ['featureResidualMaps: layer 0 of features', () => library.featureResidualMaps(x, x, { features: gone })],
    [
      'vaeLoss: what reconstruction returns',
      () => library.vaeLoss(x, x, posterior, { reconstruction: gone }),
    ],
    ['tiledResidualMap: what reconstruct returns', () => library.tiledResidualMap(x, gone, { tileSize: 12 })],
    [
      'tiledResidualMap: what residualMap returns',
      () => library.tiledResidualMap(x, (y) => y, { tileSize: 12, residualMap: gone }),
    ],
    [
      'featuresOf: image',
      () => {
        const model = {
          layers: [{ name: 'first', output: { name: 'first' } }],
          inputs: [{ shape: [null, 12, 12, 1] }],
          execute: (image: Tensor) => image,
        };
        return library.featuresOf(model, ['first'])(gone());
      },
    ],
    ['ssimLoss: yPred', () => library.withOptions(library.ssimLoss, {})(x, gone())],
  ])('%s', async (where, call) => {
    const thrown = await errorOf(call);
    expect(thrown).toBeInstanceOf(TypeError);
    expect((thrown as Error).message.slice(0, where.length + 14)).toBe(`${where} was disposed `);
  });
});

describe('channels before rows', () => {
  const [wrong, right]: readonly [Tensor4D, Tensor4D] = [zeros([2, 3, 64, 64]), zeros([2, 64, 64, 3])];
  const looks =
    '[2, 3, 64, 64] looks like [batch, channels, height, width], but the order is [batch, height, width, channels]: ' +
    'bring it there with tf.transpose(x, [0, 2, 3, 1]); otherwise ';
  const map = zeros<Tensor4D['rankType']>([2, 1, 64, 64]);

  test.each<[string, () => unknown, string]>([
    ['ssim', () => library.ssim(wrong, wrong), `images of 3×64; ${looks}use windowSize ≤ 3.`],
    [
      'ssimResidualMap',
      () => library.ssimResidualMap(wrong, wrong),
      `images of 3×64 with padding 'reflect'; ${looks}use windowSize ≤ 5.`,
    ],
    ['ssimLoss', () => library.ssimLoss(wrong, wrong), looks],
    ['dssimLoss', () => library.dssimLoss(wrong, wrong), looks],
    ['ssimMap', () => library.ssimMap(wrong, wrong), looks],
    ['ssimTerms', () => library.ssimTerms(wrong, wrong), looks],
    ['msSsim', () => library.msSsim(wrong, wrong), `${looks}use images of at least 161×161`],
    ['msSsimLoss', () => library.msSsimLoss(wrong, wrong), looks],
    ['mixLoss', () => library.mixLoss(wrong, wrong), looks],
    [
      'mixLoss, l1Sigma',
      () => library.mixLoss(wrong, wrong, { levels: 1, windowSize: 3, l1Sigma: 8 }),
      `${looks}use l1Sigma ≤ 0.5.`,
    ],
    ['msGmsResidualMap', () => library.msGmsResidualMap(wrong, wrong), looks],
    ['msGmsLoss', () => library.msGmsLoss(wrong, wrong, { padding: 'valid' }), looks],
    ['gmsd', () => library.gmsd(wrong, wrong, { padding: 'valid' }), looks],
    [
      'tiledResidualMap',
      () => library.tiledResidualMap(wrong, (x) => x, { tileSize: 32 }),
      `${looks}use a smaller tileSize, or pad the images.`,
    ],
    ['luma', () => library.luma(wrong), `3 channels, red, green and blue, but got 64; ${looks}`],
    ['overlay', () => library.overlay(wrong, zeros([2, 64, 64, 1])), looks],
    ['heatmap', () => library.heatmap(map), looks.replace('3, 64', '1, 64')],
    ['overlay, map', () => library.overlay(right, map), looks.replace('3, 64', '1, 64')],
    [
      'l2Loss of both orders',
      () => library.l2Loss(right, wrong),
      'but got [2, 64, 64, 3] and [2, 3, 64, 64]; channels are the last axis: bring them there with ' +
        'tf.transpose(x, [0, 2, 3, 1]).',
    ],
    [
      'l1Loss of volumes of both orders',
      () => library.l1Loss(zeros([1, 16, 16, 16, 2]), zeros([1, 2, 16, 16, 16])),
      'channels are the last axis: bring them there with tf.transpose(x, [0, 2, 3, 4, 1]).',
    ],
    [
      'ssim of volumes',
      () => library.ssim(zeros([1, 2, 16, 16, 16]), zeros([1, 2, 16, 16, 16])),
      '[1, 2, 16, 16, 16] looks like [batch, channels, depth, height, width], but the order is ' +
        '[batch, depth, height, width, channels]: bring it there with tf.transpose(x, [0, 2, 3, 4, 1]); otherwise ',
    ],
    [
      'ssim of one image',
      () => library.ssim(zeros([3, 64, 64]), zeros([3, 64, 64])),
      'transpose and add the batch axis with tf.expandDims(tf.transpose(x, [1, 2, 0]), 0).',
    ],
  ])('%s', async (_, call, text) => {
    let thrown: unknown;
    try {
      await call();
    } catch (caught) {
      thrown = caught;
    }
    expect(thrown).toBeInstanceOf(RangeError);
    expect((thrown as Error).message).toContain(text);
  });

  test('small images are not taken for such', () => {
    expect(() => library.ssim(zeros([1, 3, 3, 64]), zeros([1, 3, 3, 64]))).toThrow(
      'ssim: window of 11 pixels does not fit images of 3×3; use windowSize ≤ 3.',
    );
  });

  test('the way out leads out', () => {
    const turned = transpose(wrong, [0, 2, 3, 1]);
    expect([...library.ssim(turned, right).dataSync()]).toEqual([1, 1]);
  });
});
