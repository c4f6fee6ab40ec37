/** What is said of an option by the name that another library gives it. */
interface Advice {
  readonly text: string;
  /** Where it makes sense: in functions that take one of these. */
  readonly with: readonly string[];
}

/**
 * Options of scikit-image, tf.image, pytorch-msssim, piq, torchmetrics, kornia, ssim.js, sewar, MATLAB, scikit-learn
 * and matplotlib, in small letters and without underscores, and what they are called here: the first that a function
 * takes is meant.
 */
export const namesElsewhere: Readonly<Record<string, readonly string[]>> = {
  maxval: ['dataRange'],
  max: ['dataRange'],
  dynamicrange: ['dataRange'],
  l: ['dataRange'],
  winsize: ['windowSize'],
  kernelsize: ['windowSize'],
  filtersize: ['windowSize'],
  ws: ['windowSize'],
  window: ['windowSize'],
  winsigma: ['windowSigma'],
  kernelsigma: ['windowSigma'],
  filtersigma: ['windowSigma'],
  sigma: ['windowSigma'],
  radius: ['windowSigma'],
  t: ['c'],
  powerfactors: ['levelWeights'],
  betas: ['levelWeights'],
  scales: ['levels'],
  pad: ['padding'],
  paddingmode: ['padding'],
  boundary: ['padding'],
  mask: ['weights'],
  sampleweight: ['weights'],
  lam: ['lambda'],
  klweight: ['beta'],
  randomstate: ['seed'],
  overlap: ['stride'],
  step: ['stride'],
  patchsize: ['tileSize'],
  reduction: ['method'],
  mode: ['method'],
  cmap: ['colormap'],
  clim: ['range'],
  alpha: ['opacity'],
  minsize: ['minimumArea'],
  minarea: ['minimumArea'],
  maxfpr: ['maxFalsePositiveRate'],
  fprlimit: ['maxFalsePositiveRate'],
  integrationlimit: ['maxFalsePositiveRate'],
  limit: ['maxFalsePositiveRate'],
};

const measures: readonly string[] = ['dataRange', 'weights', 'features', 'aggregate'];
const reduced: Advice = {
  text: 'each image of the batch has a value of its own: take tf.mean or tf.sum of what is returned',
  with: measures,
};
const channels: Advice = {
  text: 'channels are the last axis, [batch, height, width, channels], and each is compared separately',
  with: measures,
};
const shape: Advice = {
  text: `give windowType: 'gaussian', the default, or 'uniform'`,
  with: ['windowType'],
};
const ofMap: Advice = { text: 'ssimMap returns the map', with: ['gamma'] };
const range: Advice = { text: 'give range: [least, largest]', with: ['range'] };

/** Options that are something else here. */
export const adviceElsewhere: Readonly<Record<string, Advice>> = {
  reduction: reduced,
  sizeaverage: reduced,
  channelaxis: channels,
  multichannel: channels,
  channel: channels,
  spatialdims: channels,
  dataformat: channels,
  gaussianweights: shape,
  gaussiankernel: shape,
  usesamplecovariance: {
    text: `give covariance: 'sample' or 'population', the default`,
    with: ['covariance'],
  },
  k: { text: 'k1 and k2 are two options', with: ['k1'] },
  exponents: { text: 'alpha, beta and gamma are three options', with: ['gamma'] },
  regularizationconstants: { text: 'c1 and c2 are two options', with: ['c1'] },
  eps: { text: 'c1 and c2 are what keeps the divisors above 0', with: ['c1'] },
  bitdepth: {
    text: 'give dataRange: 255 for 8 bits, 65535 for 16, 1 for pixels in [0, 1]',
    with: ['dataRange'],
  },
  full: ofMap,
  returnfullimage: ofMap,
  returnindexmap: ofMap,
  returncontrastsensitivity: { text: 'ssimTerms returns contrast and structure', with: ['gamma'] },
  gradient: { text: 'tf.grad gives the gradient', with: measures },
  nonnegativessim: { text: 'take tf.relu of ssimMap for similarities of at least 0', with: ['gamma'] },
  vmin: range,
  vmax: range,
  topk: { text: `give method: 'topK' and the number of pixels as k`, with: ['k'] },
  residualmaps: { text: 'tiledResidualMaps returns several maps', with: ['residualMap'] },
  residualmap: { text: 'tiledResidualMap returns one map', with: ['residualMaps'] },
};
