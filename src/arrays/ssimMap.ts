import { checkArguments } from '../checks/options.js';
import { distancesOf } from './distances.js';
import type { ArrayMap, ImageArray } from './imageArray.js';
import { ssimRequest } from './ssimOptions.js';
import type { SsimOptions } from './ssimOptions.js';

/**
 * The structural similarity of two pictures in arrays at every position of the window, without tfjs.
 *
 * SSIM = l(x, y)^α · c(x, y)^β · s(x, y)^γ; with all exponents 1,
 * (2 μx μy + c1)(2 σxy + c2) / ((μx² + μy² + c1)(σx² + σy² + c2)). With `color: 'channels'` its mean over the colours.
 *
 * Shapes: two images of one size → one number for each position, by rows. With the default padding `valid` the map has
 * H − windowHeight + 1 rows and W − windowWidth + 1 columns; with any other, it has the images' size, downsampled if they are.
 * Range: [−1, 1], higher = more alike.
 *
 * @param x an image
 * @param y the image to compare with it, of the same size
 * @param options as for `ssim`: see {@link SsimOptions}
 * @throws TypeError and RangeError as `ssim` does
 * @see Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity"
 *
 * @example
 * ```ts
 * import { ssimMap } from 'ssim-ae/arrays';
 *
 * const x = { data: new Float32Array(400), width: 20, height: 20 };
 * const map = ssimMap(x, { ...x, data: new Float32Array(400).fill(1) });
 * console.log(map.width, map.height, map.data[0]?.toFixed(4)); // 10 10 0.0001
 * ```
 */
export function ssimMap(x: ImageArray, y: ImageArray, options: SsimOptions = {}): ArrayMap {
  checkArguments('ssimMap', arguments, 3);
  const map = distancesOf(ssimRequest('ssimMap', x, y, options));
  for (let k = 0; k < map.data.length; k++) map.data[k] = 1 - map.data[k]!;
  return map;
}
