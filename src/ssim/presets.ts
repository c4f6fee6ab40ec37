import type { SsimOptions } from './ssimOptions.js';

/**
 * The conventions of the literature as {@link SsimOptions}.
 *
 * - `wang2004`: Gaussian 11 × 11, σ 1.5, K₁ = 0.01, K₂ = 0.03, population covariance, no padding:
 *   the defaults of indices and losses here, and the conventions of tf.image.ssim and pytorch-msssim.
 * - `bergmann2018`: c1 = 0.01 and c2 = 0.03, as printed in the paper on SSIM autoencoders (a preprint of 2018,
 *   published in 2019).
 * - `skimage`: scikit-image's defaults, a uniform 7 × 7 window and the sample covariance.
 *
 * @see Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity";
 * Bergmann et al. 2019 (arXiv 1807.02011), section 3.1.3.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { presets, ssim } from 'ssim-ae';
 *
 * const x = tf.randomUniform([1, 32, 32, 1], 0, 255, 'float32', 1); // seeded
 * const y = tf.randomUniform([1, 32, 32, 1], 0, 255, 'float32', 2);
 * ssim(x, y, { ...presets.skimage, dataRange: 255 }).print(); // [-0.0140]
 * ```
 */
export const presets = {
  /** Wang et al. 2004; the defaults of this library. */
  wang2004: {
    windowType: 'gaussian',
    windowSize: 11,
    windowSigma: 1.5,
    k1: 0.01,
    k2: 0.03,
    covariance: 'population',
    padding: 'valid',
  },
  /** As printed in Bergmann et al. 2019. */
  bergmann2018: { c1: 0.01, c2: 0.03 },
  /** The defaults of scikit-image. */
  skimage: { windowType: 'uniform', windowSize: 7, covariance: 'sample' },
} as const satisfies Readonly<Record<string, SsimOptions>>;
