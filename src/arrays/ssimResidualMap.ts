import { checkArguments } from '../checks/options.js';
import { checkMapSize } from '../filters/windowFits.js';
import { distancesOf } from './distances.js';
import type { ArrayMap, ImageArray } from './imageArray.js';
import { ssimRequest } from './ssimOptions.js';
import type { SsimOptions } from './ssimOptions.js';

/**
 * Where two pictures in arrays differ: 1 − SSIM of the windows around every pixel, without tfjs.
 *
 * R(x, y) = 1 − SSIM(x, y), its mean over the colours with `color: 'channels'`; the images are mirrored at their border
 * (padding `reflect`), so that the map has their size. `thresholdAtQuantile`, `segment` and `connectedRegions` take it as
 * it is.
 *
 * Shapes: two images of one size → one number for each pixel, by rows; of the downsampled image, if they are downsampled.
 * Range: [0, 2], higher = more different; above 1 the structure is inverted.
 *
 * @param x an image
 * @param y the image to compare with it, of the same size
 * @param options as for `ssim`; `padding` is any but `valid`, and `reflect` by default: see {@link SsimOptions}
 * @throws TypeError and RangeError as `ssim` does, and a RangeError for padding `valid`
 * @see Bergmann et al. 2019 (arXiv 1807.02011), eq. 8 and section 3.1.3
 *
 * @example
 * ```ts
 * import { connectedRegions, segment, ssimResidualMap } from 'ssim-ae/arrays';
 *
 * const x = { data: new Uint8Array(1024).fill(128), width: 32, height: 32 };
 * const y = { ...x, data: x.data.slice() };
 * y.data[16 * 32 + 20] = 255;
 * const { data, width, height } = ssimResidualMap(x, y);
 * const mask = segment(data, { width, height, threshold: 0.5, border: 0 });
 * console.log(connectedRegions(mask, { width, height }).regions.length); // 1
 * ```
 */
export function ssimResidualMap(x: ImageArray, y: ImageArray, options: SsimOptions = {}): ArrayMap {
  checkArguments('ssimResidualMap', arguments, 3);
  const request = ssimRequest('ssimResidualMap', x, y, options, 'reflect');
  checkMapSize('ssimResidualMap', request.options.padding, 'ssimMap');
  return distancesOf(request);
}
