import { memory, ones, tensor, zeros } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, test } from 'vitest';
import * as library from '../src/index.js';

type AnyFunction = (...args: unknown[]) => unknown;
const api = library as unknown as Readonly<Record<string, AnyFunction>>;

/** Every function of the library with arguments that it takes; each case below spoils one of them. */
const image = (): Tensor => zeros([2, 16, 16, 1]);
const posterior = (): unknown => ({ mean: zeros([2, 4]), logVariance: zeros([2, 4]) });
const identity = (x: Tensor): Tensor => x;

const pairFunctions: Readonly<Record<string, readonly unknown[]>> = {
  ssim: [],
  ssimMap: [],
  ssimTerms: [],
  msSsim: [],
  gmsMap: [],
  gmsd: [],
  msSsimLoss: [],
  mixLoss: [],
  gmsLoss: [],
  msGmsLoss: [],
  msGmsResidualMap: [],
  ssimLoss: [],
  dssimLoss: [],
  l1Loss: [],
  l2Loss: [],
  vaeLoss: [posterior()],
  featureMatchingLoss: [{ features: identity }],
  l1ResidualMap: [],
  l2ResidualMap: [],
  ssimResidualMap: [],
  featureResidualMap: [{ features: identity }],
};
const ssimFunctions = ['ssim', 'ssimMap', 'ssimTerms', 'ssimLoss', 'dssimLoss', 'ssimResidualMap'] as const;
/** These take volumes, [N, D, H, W, C], as well. */
const volumeFunctions = new Set<string>([
  ...ssimFunctions,
  ...['l1Loss', 'l2Loss', 'l1ResidualMap', 'l2ResidualMap'],
]);
/** These have no option `dataRange`. */
const withoutDataRange = /^(l[12]|vae|feature)/;
const weightedFunctions = ['ssim', 'ssimLoss', 'dssimLoss', 'l1Loss', 'l2Loss'] as const;
const featureFunctions = ['featureMatchingLoss', 'featureResidualMap'] as const;

let tried = 0;
afterAll(() => {
  // Counted, so that a table that lost its rows does not pass as a suite.
  expect(tried).toBeGreaterThan(400);
});

/** Throws an error of this class with this text, and leaves no tensor behind. */
function rejects(call: () => unknown, error: typeof RangeError | typeof TypeError, text: string): void {
  tried++;
  const before = memory().numTensors;
  let thrown: unknown;
  try {
    call();
  } catch (caught) {
    thrown = caught;
  }
  expect(thrown).toBeInstanceOf(error);
  expect((thrown as Error).message).toBe(text);
  expect(memory().numTensors).toBe(before);
}

describe.each(Object.entries(pairFunctions))('%s, images', (name, rest) => {
  const call = (...images: unknown[]): unknown => api[name]!(...images, ...rest);
  const shapes = 'must have shape [batch, height, width, channels], but got';

  test.each(['yTrue', 'yPred'] as const)('%s', (argument) => {
    const rejectsAs = (bad: unknown, error: typeof RangeError | typeof TypeError, text: string): void => {
      const good = image();
      rejects(
        () => (argument === 'yTrue' ? call(bad, good) : call(good, bad)),
        error,
        `${name}: ${argument} ${text}`,
      );
    };
    rejectsAs(undefined, TypeError, 'must be a tensor, but got undefined.');
    rejectsAs(null, TypeError, 'must be a tensor, but got null.');
    rejectsAs(3, TypeError, 'must be a tensor, but got 3.');
    rejectsAs('image', TypeError, 'must be a tensor, but got "image".');
    rejectsAs([[1]], TypeError, 'must be a tensor, but got an array of 1.');
    rejectsAs({ shape: [1] }, TypeError, 'must be a tensor, but got an object.');
    rejectsAs(
      zeros([2, 16, 16, 1], 'int32'),
      TypeError,
      "must be of dtype float32, but got int32; convert it with tf.cast(x, 'float32'), and divide 8-bit pixels by 255" +
        (withoutDataRange.test(name) ? '.' : ', or give { dataRange: 255 }.'),
    );
    rejectsAs(
      zeros([2, 16, 16, 1], 'bool'),
      TypeError,
      "must be of dtype float32, but got bool; convert it with tf.cast(x, 'float32').",
    );
    rejectsAs(
      zeros([0, 16, 16, 1]),
      RangeError,
      'is empty: its shape is [0, 16, 16, 1]; its batch and every other axis must hold something.',
    );
    rejectsAs(
      zeros([2, 0, 16, 1]),
      RangeError,
      'is empty: its shape is [2, 0, 16, 1]; its batch and every other axis must hold something.',
    );
    rejectsAs(
      zeros([16, 16, 1]),
      RangeError,
      `${shapes} [16, 16, 1]; add the batch axis with tf.expandDims(x, 0).`,
    );
    rejectsAs(
      zeros([16, 16]),
      RangeError,
      `${shapes} [16, 16]; bring it to that form with tf.reshape(x, [1, height, width, 1]).`,
    );
    rejectsAs(zeros([256]), RangeError, `${shapes} [256].`);
    if (!volumeFunctions.has(name)) {
      rejectsAs(zeros([1, 2, 16, 16, 1]), RangeError, `${shapes} [1, 2, 16, 16, 1].`);
    }
    rejectsAs(zeros([1, 1, 2, 16, 16, 1]), RangeError, `${shapes} [1, 1, 2, 16, 16, 1].`);
    rejectsAs(tensor(1), RangeError, `${shapes} [].`);
  });

  test.each([[[1, 16, 16, 1]], [[2, 15, 16, 1]], [[2, 16, 17, 1]], [[2, 16, 16, 3]]])(
    'differing shapes, %j',
    (shape) => {
      const [good, bad] = [image(), zeros(shape as [number, number, number, number])];
      const text = (first: string, second: string): string =>
        `${name}: yTrue and yPred must have the same shape, but got ${first} and ${second}.`;
      const list = `[${shape.join(', ')}]`;
      rejects(() => call(good, bad), RangeError, text('[2, 16, 16, 1]', list));
      rejects(() => call(bad, good), RangeError, text(list, '[2, 16, 16, 1]'));
    },
  );
});

describe.each(weightedFunctions)('%s, weights', (name) => {
  const withWeights = (weights: unknown) => {
    const [x, y] = [zeros([2, 16, 16, 3]), ones([2, 16, 16, 3])];
    return () => api[name]!(x, y, { weights });
  };

  test('must be a float32 tensor of the images’ size with one channel', () => {
    rejects(withWeights(1), TypeError, `${name}: weights must be a tensor, but got 1.`);
    rejects(
      withWeights(ones([2, 16, 16, 1], 'bool')),
      TypeError,
      `${name}: weights must be of dtype float32, but got bool; convert it with tf.cast(x, 'float32').`,
    );
    const channels = '; channels are the last axis: bring them there with tf.transpose(x, [0, 2, 3, 1])';
    for (const [shape, hint] of [
      [[2, 15, 16, 1], ''],
      [[2, 16, 16, 3], ''],
      [[2, 16, 16], '; add the last axis with tf.expandDims(x, -1)'],
      [[2, 1, 16, 16], channels],
      [[16, 16, 1], '; add the batch axis with tf.expandDims(x, 0)'],
      [[16, 16], '; bring it to that form with tf.reshape(x, [1, 16, 16, 1])'],
      [[3, 16, 16, 1], ''],
    ] as const) {
      rejects(
        withWeights(ones([...shape])),
        RangeError,
        `${name}: weights must have one number for each pixel, shape [2, 16, 16, 1], ` +
          `or [1, 16, 16, 1] for every image alike, but got [${shape.join(', ')}]${hint}.`,
      );
    }
  });
});

describe.each(ssimFunctions)('%s, options', (name) => {
  const withOptions = (options: unknown, shape: [number, number, number, number] = [2, 16, 16, 1]) => {
    const [x, y] = [zeros(shape), ones(shape)];
    return () => api[name]!(x, y, options);
  };

  test('what is no options object', () => {
    rejects(withOptions(null), TypeError, `${name}: options must be an object, but got null.`);
    rejects(withOptions(11), TypeError, `${name}: options must be an object, but got 11.`);
    rejects(withOptions([]), TypeError, `${name}: options must be an object, but got an array of 0.`);
  });

  test('unknown names', () => {
    const known =
      'dataRange, windowType, windowSize, windowSigma, k1, k2, c1, c2, alpha, beta, gamma, covariance, padding, checkRange' +
      ((weightedFunctions as readonly string[]).includes(name) ? ', weights' : '');
    rejects(withOptions({ colour: 1 }), TypeError, `${name}: unknown option "colour"; known are ${known}.`);
    rejects(
      withOptions({ datarange: 1 }),
      TypeError,
      `${name}: unknown option "datarange"; did you mean "dataRange"?`,
    );
    rejects(withOptions({ K1: 1 }), TypeError, `${name}: unknown option "K1"; did you mean "k1"?`);
  });

  test.each(['dataRange', 'windowSigma', 'k1', 'k2', 'c1', 'c2'])('%s: finite and above 0', (option) => {
    const expected = `${name}: ${option} must be a finite number > 0, but got`;
    for (const bad of [0, -1, NaN, Infinity, -Infinity]) {
      rejects(withOptions({ [option]: bad }), RangeError, `${expected} ${bad}.`);
    }
    rejects(withOptions({ [option]: '1' }), TypeError, `${expected} "1".`);
    rejects(withOptions({ [option]: true }), TypeError, `${expected} true.`);
  });

  test.each(['alpha', 'beta', 'gamma'])('%s: finite and at least 0', (option) => {
    const expected = `${name}: ${option} must be a finite number ≥ 0, but got`;
    for (const bad of [-1, NaN, Infinity]) {
      rejects(withOptions({ [option]: bad }), RangeError, `${expected} ${bad}.`);
    }
    rejects(withOptions({ [option]: {} }), TypeError, `${expected} an object.`);
  });

  test('exponents that leave nothing', () => {
    rejects(
      withOptions({ alpha: 0, beta: 0, gamma: 0 }),
      RangeError,
      `${name}: alpha, beta and gamma are all 0, which leaves nothing to compare.`,
    );
  });

  test('windowSize: odd, whole, above 0, one or two of them', () => {
    rejects(
      withOptions({ windowSize: 10 }),
      RangeError,
      `${name}: windowSize must be odd, so that the window has a centre, but got 10; use 9 or 11.`,
    );
    rejects(
      withOptions({ windowSize: [7, 4] }),
      RangeError,
      `${name}: windowSize[1] must be odd, so that the window has a centre, but got 4; use 3 or 5.`,
    );
    rejects(
      withOptions({ windowSize: 7.5 }),
      RangeError,
      `${name}: windowSize must be a whole number ≥ 1, but got 7.5.`,
    );
    rejects(
      withOptions({ windowSize: 0 }),
      RangeError,
      `${name}: windowSize must be a whole number ≥ 1, but got 0.`,
    );
    rejects(
      withOptions({ windowSize: NaN }),
      RangeError,
      `${name}: windowSize must be a whole number ≥ 1, but got NaN.`,
    );
    rejects(
      withOptions({ windowSize: '11' }),
      TypeError,
      `${name}: windowSize must be a whole number ≥ 1, but got "11".`,
    );
    rejects(
      withOptions({ windowSize: [7, 7, 7] }),
      RangeError,
      `${name}: windowSize must be one number or [height, width], but got an array of 3.`,
    );
    rejects(
      withOptions({ windowSigma: [1] }),
      RangeError,
      `${name}: windowSigma must be one number or [height, width], but got an array of 1.`,
    );
    rejects(
      withOptions({ windowSigma: [1, -1] }),
      RangeError,
      `${name}: windowSigma[1] must be a finite number > 0, but got -1.`,
    );
  });

  test('choices', () => {
    rejects(
      withOptions({ windowType: 'box' }),
      TypeError,
      `${name}: windowType must be one of 'gaussian', 'uniform', but got "box".`,
    );
    rejects(
      withOptions({ covariance: 1 }),
      TypeError,
      `${name}: covariance must be one of 'population', 'sample', but got 1.`,
    );
    rejects(
      withOptions({ padding: 'same' }),
      TypeError,
      `${name}: padding must be one of 'valid', 'reflect', 'symmetric', 'edge', 'zero', 'wrap', but got "same".`,
    );
  });

  test('a sample covariance of one pixel', () => {
    rejects(
      withOptions({ windowSize: 1, covariance: 'sample' }),
      RangeError,
      `${name}: covariance 'sample' needs a window of more than one pixel; use windowSize ≥ 3.`,
    );
  });

  test('constants that float32 takes for 0 or infinity', () => {
    const tail = 'beyond what float32 holds; flat windows would divide by 0.';
    rejects(
      withOptions({ k1: 1e-20 }),
      RangeError,
      `${name}: k1 makes a constant of ${1e-20 ** 2} for images divided by dataRange, ${tail}`,
    );
    rejects(
      withOptions({ c2: 1e-37, dataRange: 255 }),
      RangeError,
      `${name}: c2 makes a constant of ${1e-37 / 255 ** 2} for images divided by dataRange, ${tail}`,
    );
  });

  test('windows that do not fit', () => {
    const edge = name === 'ssimResidualMap' ? ` with padding 'reflect'` : '';
    const tooLarge = (size: number, limit: string) =>
      `${name}: window of ${size} pixels does not fit images of 8×8${edge}; use windowSize ≤ ${limit}.`;
    if (edge === '') rejects(withOptions({}, [1, 8, 8, 1]), RangeError, tooLarge(11, '7'));
    rejects(
      withOptions({ windowSize: 17 }, [1, 8, 8, 1]),
      RangeError,
      tooLarge(17, edge === '' ? '7' : '15'),
    );
    rejects(
      withOptions({ windowSize: [3, 21], padding: 'symmetric' }, [1, 8, 9, 1]),
      RangeError,
      `${name}: window of 3×21 pixels does not fit images of 8×9 with padding 'symmetric'; use windowSize ≤ [17, 19].`,
    );
    if (name !== 'ssimResidualMap') return;
    rejects(
      withOptions({ padding: 'valid' }),
      RangeError,
      `ssimResidualMap: padding 'valid' gives a map smaller than the image; ` +
        `use 'reflect', 'symmetric', 'edge', 'zero' or 'wrap' here, or ssimMap for the smaller map.`,
    );
  });
});

describe('posteriors', () => {
  const calls: Readonly<Record<string, (bad: unknown) => () => unknown>> = {
    klDivergence: (bad) => () => api['klDivergence']!(bad),
    reparameterize: (bad) => () => api['reparameterize']!(bad),
    vaeLoss: (bad) => {
      const [x, y] = [image(), image()];
      return () => api['vaeLoss']!(x, y, bad);
    },
  };
  test.each(Object.entries(calls))('%s', (name, call) => {
    const missing = `${name}: the posterior must be { mean, logVariance }, as the encoder gives them, but got`;
    rejects(call(undefined), TypeError, `${missing} undefined.`);
    rejects(call(null), TypeError, `${missing} null.`);
    rejects(call(1), TypeError, `${missing} 1.`);
    const good = zeros([2, 4]);
    rejects(call({ mean: good }), TypeError, `${name}: logVariance must be a tensor, but got undefined.`);
    rejects(call({ logVariance: good }), TypeError, `${name}: mean must be a tensor, but got undefined.`);
    rejects(call({ mean: good, logvar: good }), TypeError, `${missing} { mean, logvar }.`);
    rejects(call({ beta: 1 }), TypeError, `${missing} { beta }.`);
    rejects(
      call({ mean: good, logVariance: zeros([2, 4], 'int32') }),
      TypeError,
      `${name}: logVariance must be of dtype float32, but got int32; convert it with tf.cast(x, 'float32').`,
    );
    rejects(
      call({ mean: good, logVariance: zeros([2, 5]) }),
      RangeError,
      `${name}: mean and logVariance must have the same shape, but got [2, 4] and [2, 5].`,
    );
    rejects(
      call({ mean: zeros([4]), logVariance: zeros([4]) }),
      RangeError,
      `${name}: mean and logVariance must have shape [batch, …latents], but got [4].`,
    );
    rejects(
      call({ mean: zeros([0, 4]), logVariance: zeros([0, 4]) }),
      RangeError,
      `${name}: mean is empty: its shape is [0, 4]; its batch and every other axis must hold something.`,
    );
  });

  test('vaeLoss, batch and options', () => {
    const [x, y] = [image(), image()];
    const loss = (latent: unknown, options?: unknown) => () => api['vaeLoss']!(x, y, latent, options);
    rejects(
      loss({ mean: zeros([3, 4]), logVariance: zeros([3, 4]) }),
      RangeError,
      'vaeLoss: the posterior must have one row for each of the 2 images, but its shape is [3, 4].',
    );
    const good = posterior();
    for (const bad of [-1, NaN, Infinity]) {
      rejects(
        loss(good, { beta: bad }),
        RangeError,
        `vaeLoss: beta must be a finite number ≥ 0, but got ${bad}.`,
      );
    }
    rejects(loss(good, { beta: '1' }), TypeError, 'vaeLoss: beta must be a finite number ≥ 0, but got "1".');
    rejects(loss(good, { Beta: 1 }), TypeError, 'vaeLoss: unknown option "Beta"; did you mean "beta"?');
  });

  test('reparameterize, options', () => {
    const good = posterior();
    rejects(
      () => api['reparameterize']!(good, { seed: NaN }),
      RangeError,
      'reparameterize: seed must be a finite number, but got NaN.',
    );
    rejects(
      () => api['reparameterize']!(good, { seed: 'a' }),
      TypeError,
      'reparameterize: seed must be a finite number, but got "a".',
    );
    rejects(
      () => api['reparameterize']!(good, { Seed: 1 }),
      TypeError,
      'reparameterize: unknown option "Seed"; did you mean "seed"?',
    );
  });
});

describe.each(featureFunctions)('%s, features', (name) => {
  const withOptions = (options: unknown) => {
    const [x, y] = [image(), image()];
    return () => api[name]!(x, y, options);
  };

  test('the extractor', () => {
    const missing =
      `${name}: features must be a function from images to a tensor or a list of tensors, ` +
      'such as (image) => model.apply(image), but got';
    rejects(withOptions({}), TypeError, `${missing} undefined.`);
    rejects(withOptions({ features: 'vgg' }), TypeError, `${missing} "vgg".`);
    rejects(withOptions(undefined), TypeError, `${name}: options must be an object, but got undefined.`);
  });

  test('what it gives', () => {
    const layer = `${name}: layer 0 of features`;
    rejects(withOptions({ features: () => [] }), RangeError, `${name}: features gave an empty list.`);
    rejects(withOptions({ features: () => 1 }), TypeError, `${layer} must be a tensor, but got 1.`);
    rejects(
      withOptions({ features: () => zeros([2, 3], 'int32') }),
      TypeError,
      `${layer} must be of dtype float32, but got int32; convert it with tf.cast(x, 'float32').`,
    );
    rejects(
      withOptions({ features: () => zeros([3, 4]) }),
      RangeError,
      `${layer} must have shape [2, …], one row for each image, but got [3, 4].`,
    );
    let calls = 0;
    rejects(
      withOptions({ features: () => zeros([2, 3 + calls++]) }),
      RangeError,
      `${name}: layer 0 of yTrue and layer 0 of yPred must have the same shape, but got [2, 3] and [2, 4].`,
    );
    calls = 0;
    rejects(
      withOptions({ features: (x: Tensor) => (calls++ === 0 ? [x] : [x, x]) }),
      RangeError,
      `${name}: features gave 1 layers for yTrue, but 2 for yPred.`,
    );
  });

  test('weights and normalisation', () => {
    const features = identity;
    rejects(
      withOptions({ features, layerWeights: 1 }),
      TypeError,
      `${name}: layerWeights must be a list of numbers, but got 1.`,
    );
    rejects(
      withOptions({ features, layerWeights: [1, 2] }),
      RangeError,
      `${name}: layerWeights has 2 entries, but features gave 1 layers.`,
    );
    rejects(
      withOptions({ features, layerWeights: [-1] }),
      RangeError,
      `${name}: layerWeights[0] must be a finite number ≥ 0, but got -1.`,
    );
    rejects(
      withOptions({ features, normalize: 'l2' }),
      TypeError,
      `${name}: normalize must be one of 'none', 'unit', but got "l2".`,
    );
    rejects(
      withOptions({ features, Normalize: 'unit' }),
      TypeError,
      `${name}: unknown option "Normalize"; did you mean "normalize"?`,
    );
  });
});

test('featureMatchingLoss, lambda', () => {
  const [x, y] = [image(), image()];
  const call = (lambda: unknown) => () => api['featureMatchingLoss']!(x, y, { features: identity, lambda });
  for (const bad of [-1, NaN, Infinity]) {
    rejects(
      call(bad),
      RangeError,
      `featureMatchingLoss: lambda must be a finite number ≥ 0, but got ${bad}.`,
    );
  }
  rejects(call('1'), TypeError, 'featureMatchingLoss: lambda must be a finite number ≥ 0, but got "1".');
});

test('featureResidualMap, features without places', () => {
  const [x, y] = [image(), image()];
  rejects(
    () => api['featureResidualMap']!(x, y, { features: () => zeros([2, 7]) }),
    RangeError,
    'featureResidualMap: layer 0 of features must have shape [batch, height, width, channels], but got [2, 7]; ' +
      'bring it to that form with tf.reshape(x, [1, height, width, 1]).',
  );
});

test('vaeResidualMap', () => {
  const x = image();
  const call = (samples: unknown, options?: unknown) => () => api['vaeResidualMap']!(x, samples, options);
  rejects(
    call([]),
    RangeError,
    'vaeResidualMap: samples is empty; decode at least one sample of the posterior.',
  );
  rejects(call(undefined), TypeError, 'vaeResidualMap: samples must be a tensor, but got undefined.');
  rejects(call([1]), TypeError, 'vaeResidualMap: samples[0] must be a tensor, but got 1.');
  rejects(
    call([image(), zeros([2, 16, 15, 1])]),
    RangeError,
    'vaeResidualMap: yTrue and samples[1] must have the same shape, but got [2, 16, 16, 1] and [2, 16, 15, 1].',
  );
  rejects(
    call(image()),
    RangeError,
    'vaeResidualMap: samples must be a list of tensors [batch, height, width, channels], or one tensor ' +
      '[samples, batch, height, width, channels], but got a float32 tensor of shape [2, 16, 16, 1].',
  );
  rejects(
    call(zeros([3, 2, 16, 15, 1])),
    RangeError,
    'vaeResidualMap: yTrue and samples[0] must have the same shape, but got [2, 16, 16, 1] and [2, 16, 15, 1].',
  );
  for (const bad of [0, -1, NaN]) {
    rejects(
      call([image()], { sigma: bad }),
      RangeError,
      `vaeResidualMap: sigma must be a finite number > 0, but got ${bad}.`,
    );
  }
  rejects(
    call([image()], { Sigma: 1 }),
    TypeError,
    'vaeResidualMap: unknown option "Sigma"; did you mean "sigma"?',
  );
  const single = zeros([16, 16, 1]);
  rejects(
    () => api['vaeResidualMap']!(single, [x]),
    RangeError,
    'vaeResidualMap: yTrue must have shape [batch, height, width, channels], but got [16, 16, 1]; ' +
      'add the batch axis with tf.expandDims(x, 0).',
  );
});

test('withOptions', () => {
  rejects(
    () => api['withOptions']!('ssimLoss', {}),
    TypeError,
    'withOptions: loss must be a function of (yTrue, yPred, options), but got string.',
  );
  rejects(
    () => api['withOptions']!(identity, {}, 7),
    TypeError,
    'withOptions: name must be a string, but got number.',
  );
});
