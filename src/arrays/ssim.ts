import { checkArguments } from '../checks/options.js';
import { mapSize, plainSum } from './distancePlanes.js';
import type { ImageArray } from './imageArray.js';
import { sumOfDistances } from './kernels/sumOfDistances.js';
import { ssimRequest } from './ssimOptions.js';
import type { SsimOptions } from './ssimOptions.js';

/**
 * The structural similarity index of two pictures in arrays, without tfjs.
 *
 * SSIM(x, y) = mean of (2 μx μy + c1)(2 σxy + c2) / ((μx² + μy² + c1)(σx² + σy² + c2)) over all windows.
 *
 * Shapes: two images of one size, an `ImageData`, sharp's raw buffer or floats → one number. RGB and RGBA are compared by
 * their luma unless `color` says otherwise; alpha never counts.
 * Range: [−1, 1], higher = more alike; 1 if the images are equal, and only then unless an exponent is 0.
 *
 * The values are those of `ssim` of `ssim-ae` on the luma. Images go row by row through a WebAssembly kernel, and nothing of
 * their size is allocated. Where WebAssembly is missing or forbidden, and for exponents other than 1, windows above
 * 257 pixels and constants below 1e-7 of the range squared, it is computed in plain float64, about ten times slower.
 *
 * @param x an image
 * @param y the image to compare with it, of the same size
 * @param options window, constants, exponents, covariance, padding, colours and downsampling: see {@link SsimOptions}
 * @throws TypeError if an argument is not an image, if one holds bytes and the other floats and no `dataRange` is given, for
 * an unknown option or argument, or a wrong kind of value
 * @throws RangeError for differing sizes, data of another length, a window that does not fit, or a value out of range
 * @see Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity"
 *
 * @example
 * ```ts
 * import { ssim } from 'ssim-ae/arrays';
 *
 * const x = { data: Uint8Array.from({ length: 256 }, (_, k) => (k * 37) % 256), width: 16, height: 16 };
 * const y = { ...x, data: x.data.map((value) => 255 - value) };
 * console.log(ssim(x, x)); // 1
 * console.log(ssim(x, y) < 0); // true
 * ```
 */
export function ssim(x: ImageArray, y: ImageArray, options: SsimOptions = {}): number {
  checkArguments('ssim', arguments, 3);
  const request = ssimRequest('ssim', x, y, options);
  const { width, height } = mapSize(request);
  return 1 - (sumOfDistances(request) ?? plainSum(request)) / (width * height * request.x.channels);
}
