/**
 * What options are called by scikit-image, tf.image, pytorch-msssim, piq, torchmetrics, kornia, ssim.js, sewar, MATLAB,
 * scikit-learn and matplotlib, in small letters and without underscores, beside their name here. With a text: what is said
 * of such names, by functions that take one of the options at the beginning. Lists are written as words with blanks, which
 * takes the fewest bytes, and the tables are several, so that a function brings only names of options that it may have.
 */
export type NamesElsewhere = readonly (readonly [options: string, elsewhere: string, text?: string])[];

/** For all functions. */
export const commonNames: NamesElsewhere = [
  ['dataRange', 'maxval max dynamicrange l'],
  ['padding', 'pad paddingmode boundary'],
  ['dataRange', 'bitdepth', 'give dataRange: 255 for 8 bits, 65535 for 16, 1 for pixels in [0, 1]'],
];

const measures = 'dataRange weights features aggregate';

/** For functions that compare tensors. */
export const tensorNames: NamesElsewhere = [
  ['weights', 'mask sampleweight'],
  [
    measures,
    'reduction sizeaverage',
    'each image of the batch has a value of its own: take tf.mean or tf.sum of what is returned',
  ],
  [
    measures,
    'channelaxis multichannel channel spatialdims dataformat',
    'channels are the last axis, [batch, height, width, channels], and each is compared separately',
  ],
  [measures, 'gradient', 'tf.grad gives the gradient'],
];

/** For functions with windows. */
export const windowNames: NamesElsewhere = [
  ['windowSize', 'winsize kernelsize filtersize ws window'],
  ['windowSigma', 'winsigma kernelsigma filtersigma sigma radius'],
  ['windowType', 'gaussianweights gaussiankernel', `give windowType: 'gaussian', the default, or 'uniform'`],
  ['covariance', 'usesamplecovariance', `give covariance: 'sample' or 'population', the default`],
  ['k1', 'k', 'k1 and k2 are two options'],
  ['gamma', 'exponents', 'alpha, beta and gamma are three options'],
  ['c1', 'regularizationconstants', 'c1 and c2 are two options'],
  ['c1', 'eps', 'c1 and c2 are what keeps the divisors above 0'],
  ['gamma', 'full returnfullimage returnindexmap', 'ssimMap returns the map'],
];

/** For SSIM of tensors. */
export const ssimNames: NamesElsewhere = [
  ['gamma', 'returncontrastsensitivity', 'ssimTerms returns contrast and structure'],
  ['gamma', 'nonnegativessim', 'take tf.relu of ssimMap for similarities of at least 0'],
];

/** For functions that compare pictures in arrays. */
export const pictureNames: NamesElsewhere = [
  ['color', 'channelaxis multichannel channel', `give color: 'channels' to compare each channel separately`],
  ['gamma', 'gradient', 'ssimWithGradient gives the gradient'],
];

/** For functions with any of the options that these begin with. */
export const furtherNames: NamesElsewhere = [
  ['c', 't'],
  ['levelWeights', 'powerfactors betas'],
  ['levels', 'scales'],
  ['lambda', 'lam'],
  ['beta', 'klweight'],
  ['seed', 'randomstate'],
  ['stride', 'overlap step'],
  ['tileSize', 'patchsize'],
  ['method', 'reduction mode'],
  ['colormap', 'cmap'],
  ['range', 'clim'],
  ['opacity', 'alpha'],
  ['minimumArea', 'minsize minarea'],
  ['maxFalsePositiveRate', 'maxfpr fprlimit integrationlimit limit'],
  ['range', 'vmin vmax', 'give range: [least, largest]'],
  ['k', 'topk', `give method: 'topK' and the number of pixels as k`],
  ['residualMap', 'residualmaps', 'tiledResidualMaps returns several maps'],
  ['residualMaps', 'residualmap', 'tiledResidualMap returns one map'],
];
