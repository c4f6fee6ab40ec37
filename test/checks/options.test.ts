// Names of options as other libraries have them, and near misses: what to write instead, of what the function knows.
import { memory, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import * as library from '../../src/index.js';

type AnyFunction = (...args: unknown[]) => unknown;
const api = library as unknown as Readonly<Record<string, AnyFunction>>;
const x = zeros([1, 12, 12, 1]);

/** Everything before the options. */
const before: Readonly<Record<string, readonly unknown[]>> = {
  vaeLoss: [x, x, { mean: zeros([1, 2]), logVariance: zeros([1, 2]) }],
  vaeResidualMap: [x, [x]],
  imageScore: [x],
  heatmap: [x],
  tiledResidualMap: [x, (tiles: unknown) => tiles],
  reparameterize: [{ mean: zeros([1, 2]), logVariance: zeros([1, 2]) }],
  removeSmallRegions: [[0]],
  linearAnnealing: [],
};

async function told(name: string, option: string): Promise<string> {
  const count = memory().numTensors;
  let thrown: unknown;
  try {
    await api[name]!(...(before[name] ?? [x, x]), { [option]: 1 });
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
  'channels are the last axis, [batch, height, width, channels], and each is compared by itself.';
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
    ['vaeResidualMap', 'gaussian_weights', 'likelihood, sigma, reading'],
    // Nothing is found among what every object has.
    ['l1Loss', 'constructor', 'weights'],
    ['l1Loss', 'k3', 'weights'],
    ['l1Loss', '', 'weights'],
  ])('%s, %s is like none', async (name, option, known) => {
    expect(await told(name, option)).toBe(`known are ${known}.`);
  });
});
