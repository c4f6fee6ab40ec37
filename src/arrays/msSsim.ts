import { furtherNames, pictureNames, windowNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkOptionNames } from '../checks/options.js';
import { checkLevelsFit } from '../filters/windowFits.js';
import { msSsimOptionNames, resolveMsSsimOptions } from '../multiscale/msSsimOptions.js';
import type { ResolvedSsimOptions } from '../ssim/ssimOptions.js';
import { mapSize, plainSum, planesOf } from './distancePlanes.js';
import { halved } from './halved.js';
import { checkColor, checkImageArrays } from './imageArray.js';
import type { ImageArray } from './imageArray.js';
import { sumOfDistances } from './kernels/sumOfDistances.js';
import { pixelRows, planeRows } from './pixelRows.js';
import { checkPixelsOf } from './ssimOptions.js';
import type { ComparedRows, SsimOptions } from './ssimOptions.js';
import type { Plane } from './windowMoments.js';

/** How multi-scale SSIM is computed: window, constants, covariance and padding are the same at every level. */
export interface MsSsimOptions extends Omit<SsimOptions, 'alpha' | 'beta' | 'gamma' | 'downsample'> {
  /**
   * The number of levels, 1 to 5; use fewer for images too small for five. They take the first of the published
   * weights, which are divided by their sum if there are fewer than five.
   * @default 5
   */
  readonly levels?: number;
  /**
   * The exponents of the levels, ≥ 0, from the full size down. There are as many levels as weights, and the
   * weights are not normalised. Cannot be combined with `levels`.
   * @default [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]
   */
  readonly levelWeights?: readonly number[];
}

/**
 * The multi-scale structural similarity of two pictures in arrays, without tfjs.
 *
 * MS-SSIM(x, y) = mean(l_M · cs_M)^w_M · Π_{j<M} mean(cs_j)^w_j, where l and cs = c · s are the terms of SSIM at level j, and
 * each level is half the size of the previous one, with pixels averaged 2 × 2 in float64. With `color: 'channels'` the
 * product is computed for each colour and then averaged.
 *
 * Shapes: two images of one size → one number. RGB and RGBA are compared by their luma unless `color` says otherwise; alpha
 * never counts. The default window and levels need images of at least 161 × 161.
 * Range: [0, 1], higher = more alike; 1 if the images are equal. A mean t below 0.01 counts as 0.01 e^(t / 0.01 − 1), as for
 * tensors.
 *
 * @param x an image
 * @param y the image to compare with it, of the same size
 * @param options window, constants, covariance, padding, levels and colours: see {@link MsSsimOptions}
 * @throws TypeError if an argument is not an image, if one holds bytes and the other floats and no `dataRange` is given, for
 * an unknown option or argument, a wrong kind of value, or both `levels` and `levelWeights`
 * @throws RangeError for differing sizes, data of another length, a window that does not fit the smallest level, or a value
 * out of range
 * @see Wang, Simoncelli and Bovik 2003, "Multi-Scale Structural Similarity for Image Quality Assessment", eq. 7
 *
 * @example
 * ```ts
 * import { msSsim } from 'ssim-ae/arrays';
 *
 * const x = { data: Uint8Array.from({ length: 4096 }, (_, k) => (k * 37) % 256), width: 64, height: 64 };
 * console.log(msSsim(x, x, { levels: 3 })); // 1
 * ```
 */
export function msSsim(x: ImageArray, y: ImageArray, options: MsSsimOptions = {}): number {
  checkArguments('msSsim', arguments, 3);
  const images = checkImageArrays('msSsim', x, y, options);
  const names = [...msSsimOptionNames(), 'color'];
  checkOptionNames('msSsim', options, names, windowNames, pictureNames, furtherNames);
  const resolved = resolveMsSsimOptions('msSsim', options, 2, images.dataRange);
  const color = checkColor('msSsim', options.color);
  const { windowSize, padding, levelWeights, unit } = resolved;
  const size = [images.x.height, images.x.width];
  checkLevelsFit('msSsim', windowSize, size, padding, levelWeights.length, {
    levels: (most) => `levels ≤ ${most}`,
    window: 'a smaller windowSize',
  });
  if (resolved.checkRange) checkPixelsOf('msSsim', images, resolved.dataRange);

  const [ofX, ofY] = [planesOf(pixelRows(images.x, color), unit), planesOf(pixelRows(images.y, color), unit)];
  let sum = 0;
  ofX.forEach((plane, channel) => {
    let [a, b] = [plane, ofY[channel]!];
    let product = 1;
    levelWeights.forEach((weight, level) => {
      if (level > 0) [a, b] = [halved(a), halved(b)];
      if (weight === 0) return;
      // Luminance counts at the last level only.
      const alpha = level === levelWeights.length - 1 ? 1 : 0;
      product *= termPower(1 - meanDistance(a, b, { ...resolved, alpha, unit: 1 }), weight);
    });
    sum += product;
  });
  return sum / ofX.length;
}

/** The mean of 1 − SSIM of one channel. */
function meanDistance(x: Plane, y: Plane, options: ResolvedSsimOptions): number {
  const request: ComparedRows = { x: planeRows(x), y: planeRows(y), options };
  const { width, height } = mapSize(request);
  return (sumOfDistances(request) ?? plainSum(request)) / (width * height);
}

/** Where the logarithm of a term goes over into its tangent. */
const leastTerm = 0.01;

function termPower(term: number, weight: number): number {
  const base = term < leastTerm ? leastTerm * Math.exp(term / leastTerm - 1) : term;
  return base ** weight;
}
