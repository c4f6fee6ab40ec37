// Names of options as other libraries have them, and near misses: what to write instead, of what the function knows.
import { memory, zeros } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import {
  commonNames,
  furtherNames,
  pictureNames,
  ssimNames,
  tensorNames,
  windowNames,
} from '../../src/checks/namesElsewhere.js';
import { checkDataRange, checkNumber, checkOddSize, checkWhole, unitOf } from '../../src/checks/options.js';
import * as library from '../../src/index.js';
import { arrayMeasures } from '../support/arrayMeasures.js';
import { publicFunctions, publicMethods } from '../support/publicFunctions.js';

type AnyFunction = (...args: unknown[]) => unknown;
type Api = Readonly<Record<string, AnyFunction>>;
const x = zeros([1, 12, 12, 1]);

/** Everything before the options. */
const before: Readonly<Record<string, readonly unknown[]>> = {
  vaeLoss: [x, x, { mean: zeros([1, 2]), logVariance: zeros([1, 2]) }],
  vaeResidualMap: [x, [x]],
  imageScore: [x],
  heatmap: [x],
  normalizeMap: [x],
  tiledResidualMap: [x, (tiles: unknown) => tiles],
  tiledResidualMaps: [x, (tiles: unknown) => tiles],
  reparameterize: [{ mean: zeros([1, 2]), logVariance: zeros([1, 2]) }],
  removeSmallRegions: [[0]],
  segment: [[0]],
  linearAnnealing: [],
};

async function told(name: string, option: string, of: unknown = library): Promise<string> {
  const count = memory().numTensors;
  let thrown: unknown;
  try {
    await (of as Api)[name]!(...(before[name] ?? [x, x]), { [option]: 1 });
  } catch (caught) {
    thrown = caught;
  }
  expect(thrown).toBeInstanceOf(TypeError);
  expect(memory().numTensors).toBe(count);
  const start = `${name}: unknown option "${option}"; `;
  const { message } = thrown as Error;
  expect(message.slice(0, start.length)).toBe(start);
  return message.slice(start.length);
}

const reduced = 'each image of the batch has a value of its own: take tf.mean or tf.sum of what is returned.';
const channels =
  'channels are the last axis, [batch, height, width, channels], and each is compared separately.';
const shape = "give windowType: 'gaussian', the default, or 'uniform'.";

describe('names of other libraries', () => {
  test.each([
    // scikit-image's structural_similarity
    ['ssim', 'data_range', 'dataRange'],
    ['ssim', 'win_size', 'windowSize'],
    ['ssim', 'K1', 'k1'],
    ['ssim', 'sigma', 'windowSigma'],
    // tf.image.ssim and ssim_multiscale
    ['ssim', 'max_val', 'dataRange'],
    ['ssimLoss', 'filter_size', 'windowSize'],
    ['ssimResidualMap', 'filter_sigma', 'windowSigma'],
    ['msSsim', 'power_factors', 'levelWeights'],
    // pytorch-msssim
    ['ssim', 'win_sigma', 'windowSigma'],
    // piq and torchmetrics
    ['ssim', 'kernel_size', 'windowSize'],
    ['ssim', 'kernel_sigma', 'windowSigma'],
    ['msSsim', 'scale_weights', 'levelWeights'],
    ['msSsimLoss', 'betas', 'levelWeights'],
    ['mixLoss', 'sigma', 'windowSigma'],
    ['gmsd', 't', 'c'],
    // MATLAB's ssim
    ['ssim', 'DynamicRange', 'dataRange'],
    ['ssim', 'Radius', 'windowSigma'],
    // scikit-learn, scikit-image's morphology, matplotlib, PyTorch
    ['rocAuc', 'max_fpr', 'maxFalsePositiveRate'],
    ['removeSmallRegions', 'min_size', 'minimumArea'],
    ['heatmap', 'cmap', 'colormap'],
    ['overlay', 'alpha', 'opacity'],
    ['reparameterize', 'random_state', 'seed'],
    // others
    ['l1Loss', 'mask', 'weights'],
    ['tiledResidualMap', 'patch_size', 'tileSize'],
    ['imageScore', 'reduction', 'method'],
  ])('%s, %s: %s', async (name, option, meant) => {
    expect(await told(name, option)).toBe(`did you mean "${meant}"?`);
  });

  test.each([
    ['ssim', 'reduction', reduced],
    ['l1Loss', 'reduction', reduced],
    ['featureResidualMap', 'reduction', reduced],
    ['vaeResidualMap', 'reduction', reduced],
    ['msSsim', 'size_average', reduced],
    ['ssim', 'channel_axis', channels],
    ['gmsLoss', 'multichannel', channels],
    ['ssim', 'gaussian_weights', shape],
    ['msSsim', 'gaussian_kernel', shape],
    ['ssim', 'use_sample_covariance', "give covariance: 'sample' or 'population', the default."],
    ['ssim', 'K', 'k1 and k2 are two options.'],
    ['ssim', 'Exponents', 'alpha, beta and gamma are three options.'],
    ['ssim', 'full', 'ssimMap returns the map.'],
    ['ssim', 'return_full_image', 'ssimMap returns the map.'],
    ['ssim', 'bitDepth', 'give dataRange: 255 for 8 bits, 65535 for 16, 1 for pixels in [0, 1].'],
    ['ssim', 'eps', 'c1 and c2 are what keeps the divisors above 0.'],
    ['heatmap', 'vmax', 'give range: [least, largest].'],
    ['imageScore', 'topK', "give method: 'topK' and the number of pixels as k."],
  ])('%s, %s: %s', async (name, option, advice) => {
    expect(await told(name, option)).toBe(advice);
  });
});

describe('the whole table of names of other libraries', () => {
  /** What each is called here, with a function that takes it; two where two functions call it differently. */
  const meant: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
    maxval: [['ssim', 'dataRange']],
    max: [['gmsMap', 'dataRange']],
    dynamicrange: [['ssimMap', 'dataRange']],
    l: [['ssimLoss', 'dataRange']],
    winsize: [['ssim', 'windowSize']],
    kernelsize: [['ssimTerms', 'windowSize']],
    filtersize: [['dssimLoss', 'windowSize']],
    ws: [['ssim', 'windowSize']],
    window: [['msSsim', 'windowSize']],
    winsigma: [['ssim', 'windowSigma']],
    kernelsigma: [['ssim', 'windowSigma']],
    filtersigma: [['ssimResidualMap', 'windowSigma']],
    sigma: [['mixLoss', 'windowSigma']],
    radius: [['ssim', 'windowSigma']],
    t: [['gmsMap', 'c']],
    powerfactors: [['msSsim', 'levelWeights']],
    betas: [['mixLoss', 'levelWeights']],
    scales: [['msSsim', 'levels']],
    pad: [['ssim', 'padding']],
    paddingmode: [['gmsMap', 'padding']],
    boundary: [['ssimMap', 'padding']],
    mask: [['l1Loss', 'weights']],
    sampleweight: [['l2Loss', 'weights']],
    lam: [['featureMatchingLoss', 'lambda']],
    klweight: [['vaeLoss', 'beta']],
    randomstate: [['reparameterize', 'seed']],
    overlap: [['tiledResidualMap', 'stride']],
    step: [['tiledResidualMaps', 'stride']],
    patchsize: [['tiledResidualMap', 'tileSize']],
    reduction: [['imageScore', 'method']],
    mode: [['imageScore', 'method']],
    cmap: [['heatmap', 'colormap']],
    clim: [['overlay', 'range']],
    alpha: [['overlay', 'opacity']],
    minsize: [['removeSmallRegions', 'minimumArea']],
    minarea: [['segment', 'minimumArea']],
    maxfpr: [
      ['rocAuc', 'maxFalsePositiveRate'],
      ['auPro', 'maxFalsePositiveRate'],
    ],
    fprlimit: [
      ['rocAuc', 'maxFalsePositiveRate'],
      ['auPro', 'maxFalsePositiveRate'],
    ],
    integrationlimit: [
      ['rocAuc', 'maxFalsePositiveRate'],
      ['proCurve', 'maxFalsePositiveRate'],
    ],
    limit: [['rocAuc', 'maxFalsePositiveRate']],
  };

  /** What is said instead, with functions that between them take each of the options that it is said beside. */
  const measures = ['gmsMap', 'l1Loss', 'featureResidualMap', 'vaeResidualMap'];
  const range = 'give range: [least, largest].';
  const returnsMap = 'ssimMap returns the map.';
  const said: Readonly<Record<string, readonly [string, readonly string[]]>> = {
    reduction: [reduced, measures],
    sizeaverage: [reduced, measures],
    channelaxis: [channels, measures],
    multichannel: [channels, measures],
    channel: [channels, measures],
    spatialdims: [channels, measures],
    dataformat: [channels, measures],
    gaussianweights: [shape, ['ssim']],
    gaussiankernel: [shape, ['msSsim']],
    usesamplecovariance: ["give covariance: 'sample' or 'population', the default.", ['ssim']],
    k: ['k1 and k2 are two options.', ['ssim']],
    exponents: ['alpha, beta and gamma are three options.', ['ssim']],
    regularizationconstants: ['c1 and c2 are two options.', ['ssim']],
    eps: ['c1 and c2 are what keeps the divisors above 0.', ['ssim']],
    bitdepth: ['give dataRange: 255 for 8 bits, 65535 for 16, 1 for pixels in [0, 1].', ['gmsMap']],
    full: [returnsMap, ['ssim']],
    returnfullimage: [returnsMap, ['ssim']],
    returnindexmap: [returnsMap, ['ssim']],
    returncontrastsensitivity: ['ssimTerms returns contrast and structure.', ['ssim']],
    gradient: ['tf.grad gives the gradient.', measures],
    nonnegativessim: ['take tf.relu of ssimMap for similarities of at least 0.', ['ssim']],
    vmin: [range, ['normalizeMap']],
    vmax: [range, ['heatmap']],
    topk: ["give method: 'topK' and the number of pixels as k.", ['imageScore']],
    residualmaps: ['tiledResidualMaps returns several maps.', ['tiledResidualMap']],
    residualmap: ['tiledResidualMap returns one map.', ['tiledResidualMaps']],
  };

  const all = [...furtherNames, ...windowNames, ...ssimNames, ...tensorNames, ...commonNames];

  test('is this one', () => {
    const listed = (isSaid: boolean): string[] =>
      all.filter(([, , text]) => (text !== undefined) === isSaid).flatMap(([, names]) => names.split(' '));
    expect(Object.keys(meant).sort()).toEqual(listed(false).sort());
    expect(Object.keys(said).sort()).toEqual(listed(true).sort());
  });

  test('is what functions say', async () => {
    // The tables are made as their file is loaded, which `npm run test:mutants` only sees within a test.
    vi.resetModules();
    const loaded = await import('../../src/index.js');
    for (const [option, rows] of Object.entries(meant)) {
      for (const [name, own] of rows) {
        expect.soft(await told(name, option, loaded)).toBe(`did you mean "${own}"?`);
      }
    }
    for (const [option, [advice, names]] of Object.entries(said)) {
      for (const name of names) {
        expect.soft(await told(name, option, loaded)).toBe(advice);
      }
    }
  });
});

describe('every function has the tables with names of its options', () => {
  const image = { data: new Float32Array(256), width: 16, height: 16 };
  const functions = [
    ...[...publicFunctions, ...publicMethods]
      .filter(({ options }) => options !== undefined)
      .map(({ name, call, before, options }) => ({
        name,
        // overlay has a dataRange, but compares nothing.
        compared: name === 'overlay' ? [] : [...ssimNames, ...tensorNames],
        message: messageOf((option) => call(...before(), { ...options!(), [option]: 1 })),
      })),
    ...arrayMeasures.map(({ name, call, options }) => ({
      name: `${name} of arrays`,
      compared: pictureNames,
      message: messageOf((option) => call(image, image, { ...options, [option]: 1 })),
    })),
  ];

  test.each(functions)('$name', async ({ compared, message }) => {
    const known = /known are (.*)\.$/.exec(await message('unlikeAllOthers'))![1]!.split(', ');
    const takes = (options: string): boolean => options.split(' ').some((option) => known.includes(option));
    const rows = [...furtherNames, ...windowNames, ...compared, ...commonNames].filter(
      // The weight of a divergence is no exponent of SSIM.
      ([options]) => takes(options) && !(options === 'beta' && known.includes('gamma')),
    );
    const said = new Map<string, string>();
    for (const [meant, names, text] of rows) {
      for (const name of names.split(' ')) {
        const isOwn = known.some((option) => option.toLowerCase() === name);
        if (!isOwn && !said.has(name)) said.set(name, text ?? `did you mean "${meant}"?`);
      }
    }
    for (const [name, text] of said) expect.soft(await message(name), name).toContain(`"${name}"; ${text}`);
  });

  function messageOf(call: (option: string) => unknown): (option: string) => Promise<string> {
    return async (option) => {
      try {
        await call(option);
      } catch (error) {
        return (error as Error).message;
      }
      return 'nothing';
    };
  }
});

describe('near misses', () => {
  test.each([
    ['ssim', 'windowsize', 'windowSize'],
    ['ssim', 'window-size', 'windowSize'],
    ['ssim', 'windowSizes', 'windowSize'],
    ['ssim', 'windwoSize', 'windowSize'],
    ['ssim', 'datRange', 'dataRange'],
    ['ssim', 'weight', 'weights'],
    ['vaeLoss', 'Sigma', 'sigma'],
    ['vaeLoss', 'freebit', 'freeBits'],
    ['msSsim', 'level', 'levels'],
    ['linearAnnealing', 'step', 'steps'],
    ['tiledResidualMap', 'batch_size', 'batchSize'],
  ])('%s, %s: %s', async (name, option, meant) => {
    expect(await told(name, option)).toBe(`did you mean "${meant}"?`);
  });

  test.each([
    // None that the function lacks is suggested.
    ['gmsLoss', 'win_size', 'dataRange, c, padding, checkRange, weights'],
    ['l1Loss', 'data_range', 'weights'],
    ['gmsMap', 'mask', 'dataRange, c, padding, checkRange'],
    ['imageScore', 'channel_axis', 'method, k'],
    ['vaeResidualMap', 'gaussian_weights', 'likelihood, sigma, aggregate'],
    // Nothing is found among what every object has.
    ['l1Loss', 'constructor', 'weights'],
    ['l1Loss', 'k3', 'weights'],
    ['l1Loss', '', 'weights'],
  ])('%s, %s is like none', async (name, option, known) => {
    expect(await told(name, option)).toBe(`known are ${known}.`);
  });
});

describe('bounds of numbers', () => {
  test('least and most are within, above is not', () => {
    for (const [kind, check] of Object.entries({ finite: checkNumber, whole: checkWhole })) {
      expect(check('f: n', -3)).toBe(-3);
      expect(check('f: n', 2, { least: 2, most: 2 })).toBe(2);
      expect(check('f: n', 3, { above: 2 })).toBe(3);
      for (const [value, bound, text] of [
        [1, { least: 2 }, ' ≥ 2'],
        [2, { above: 2 }, ' > 2'],
        [3, { most: 2 }, ' ≤ 2'],
        [0, { least: 1, most: 2 }, ' from 1 to 2'],
        [3, { least: 1, most: 2 }, ' from 1 to 2'],
        [1, { above: 1, most: 2 }, ' > 1 and ≤ 2'],
        [3, { above: 1, most: 2 }, ' > 1 and ≤ 2'],
        [Infinity, {}, ''],
        [-Infinity, {}, ''],
        [NaN, {}, ''],
        [NaN, { least: 0 }, ' ≥ 0'],
      ] as const) {
        const expected = `f: n must be a ${kind} number${text}, but got ${value}`;
        expect(() => check('f: n', value, bound)).toThrow(new RangeError(`${expected}.`));
        const hint = 'try another';
        expect(() => check('f: n', value, { ...bound, hint })).toThrow(
          new RangeError(`${expected}; ${hint}.`),
        );
      }
      expect(() => check('f: n', '1', { least: 0, hint: 'try another' })).toThrow(
        new TypeError(`f: n must be a ${kind} number ≥ 0, but got "1".`),
      );
    }
    expect(checkNumber('f: n', 2.5)).toBe(2.5);
    expect(() => checkWhole('f: n', 2.5)).toThrow('f: n must be a whole number, but got 2.5.');
  });

  test('a window of one pixel is the smallest, and an even one is told both neighbours', () => {
    expect(checkOddSize('f: size', 1)).toBe(1);
    expect(() => checkOddSize('f: size', 0)).toThrow('f: size must be a whole number ≥ 1, but got 0.');
    expect(() => checkOddSize('f: size', 2)).toThrow('but got 2; use 1 or 3.');
    expect(() => checkOddSize('f: size', 2.5)).toThrow('f: size must be a whole number ≥ 1, but got 2.5.');
  });

  test('data ranges from 2⁻¹⁰⁰ to 2¹²⁶, both within', () => {
    const [least, most] = [2 ** -100, 2 ** 126];
    for (const range of [least, 1, most]) expect(checkDataRange('f: dataRange', range)).toBe(range);
    for (const range of [least * (1 - 2 ** -53), most * (1 + 2 ** -52)]) {
      expect(() => checkDataRange('f: dataRange', range)).toThrow(RangeError);
      expect(() => checkDataRange('f: dataRange', range)).toThrow(`but got ${range}; bring the pixels`);
    }
  });

  test('the unit is the power of 2 at or below, also just below the next one', () => {
    const exponents = fc.integer({ min: -100, max: 125 });
    const shares = fc.double({ min: 1, max: 2, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(exponents, shares, (exponent, share) => {
        expect(unitOf(share * 2 ** exponent)).toBe(2 ** exponent);
      }),
      {
        examples: [-100, -1, 0, 7, 100, 125].flatMap((k) =>
          [1, 2 - 2 ** -52].map((s) => [k, s] as [number, number]),
        ),
      },
    );
  });
});
