import { furtherNames, pictureNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkBoolean, checkOptionNames } from '../checks/options.js';
import { uniformTaps } from '../filters/window.js';
import { checkLevelsFit } from '../filters/windowFits.js';
import { gmsOptionNames, resolveGmsOptions } from '../gradientMagnitude/gmsOptions.js';
import type { GmsOptions } from '../gradientMagnitude/gmsOptions.js';
import { planesOf } from './distancePlanes.js';
import { halved } from './halved.js';
import { checkColor, checkImageArrays } from './imageArray.js';
import type { ImageArray } from './imageArray.js';
import { pixelRows } from './pixelRows.js';
import { checkPixelsOf } from './ssimOptions.js';
import type { ImageArrayOptions } from './ssimOptions.js';
import { padded } from './windowMoments.js';
import type { Plane } from './windowMoments.js';

/** Options of {@link gmsd}. */
export interface GmsdOptions extends Omit<GmsOptions, 'dataRange' | 'checkRange'>, ImageArrayOptions {
  /**
   * Whether both images are halved first, pixels averaged 2 × 2, as the paper does.
   * @default true
   */
  readonly downsample?: boolean;
  /**
   * For development: throws a RangeError if pixels lie outside [0, dataRange], with their smallest and largest value.
   * @default false
   */
  readonly checkRange?: boolean;
}

/**
 * The gradient magnitude similarity deviation of two pictures in arrays, without tfjs: how unevenly their edges differ.
 *
 * GMSD(x, y) = √(mean (GMS − mean GMS)²), with GMS = (2 m₁ m₂ + c) / (m₁² + m₂² + c) of the magnitudes m of Prewitt's
 * gradients; with `color: 'channels'` its mean over the colours.
 *
 * Shapes: two images of one size → one number. RGB and RGBA are compared by their luma unless `color` says otherwise; alpha
 * never counts.
 * Range: [0, 0.5), lower = more alike; 0 if the images are equal.
 *
 * @param x an image
 * @param y the image to compare with it, of the same size
 * @param options constant, padding, halving and colours: see {@link GmsdOptions}
 * @throws TypeError if an argument is not an image, if one holds bytes and the other floats and no `dataRange` is given, for
 * an unknown option or argument, or a wrong kind of value
 * @throws RangeError for differing sizes, data of another length, images that 3 × 3 pixels do not fit, or a value out of
 * range
 * @see Xue, Zhang, Mou and Bovik 2014, "Gradient Magnitude Similarity Deviation", eq. 6
 *
 * @example
 * ```ts
 * import { gmsd } from 'ssim-ae/arrays';
 *
 * const x = { data: Uint8Array.from({ length: 4096 }, (_, k) => (k * 37) % 256), width: 64, height: 64 };
 * console.log(gmsd(x, x)); // 0
 * ```
 */
export function gmsd(x: ImageArray, y: ImageArray, options: GmsdOptions = {}): number {
  checkArguments('gmsd', arguments, 3);
  const images = checkImageArrays('gmsd', x, y, options);
  checkOptionNames('gmsd', options, [...gmsOptionNames, 'downsample', 'color'], pictureNames, furtherNames);
  const { padding, unit, c, checkRange, dataRange } = resolveGmsOptions(
    'gmsd',
    options,
    'zero',
    images.dataRange,
  );
  const color = checkColor('gmsd', options.color);
  const downsample = checkBoolean('gmsd: downsample', options.downsample ?? true);
  checkLevelsFit('gmsd', [3, 3], [images.x.height, images.x.width], padding, downsample ? 2 : 1, {
    levels: () => 'downsample: false',
    window: `padding 'zero'`,
  });
  if (checkRange) checkPixelsOf('gmsd', images, dataRange);
  const [ofX, ofY] = [planesOf(pixelRows(images.x, color), unit), planesOf(pixelRows(images.y, color), unit)];
  const taps = uniformTaps(3);
  const prepared = (plane: Plane): Plane => padded(downsample ? halved(plane) : plane, [taps, taps], padding);
  const deviations = ofX.map((plane, channel) => deviationOf(prepared(plane), prepared(ofY[channel]!), c));
  return deviations.reduce((sum, deviation) => sum + deviation, 0) / deviations.length;
}

/** The standard deviation of 1 − GMS = (m₁ − m₂)² / (m₁² + m₂² + c). */
function deviationOf(x: Plane, y: Plane, c: number): number {
  const { width, height } = x;
  const map = new Float64Array((width - 2) * (height - 2));
  let at = 0;
  for (let row = 1; row < height - 1; row++) {
    for (let place = row * width + 1; place < (row + 1) * width - 1; place++, at++) {
      const [first, second] = [magnitude(x.data, place, width), magnitude(y.data, place, width)];
      map[at] = (first - second) ** 2 / (first * first + second * second + c);
    }
  }
  const mean = map.reduce((sum, value) => sum + value, 0) / map.length;
  return Math.sqrt(map.reduce((sum, value) => sum + (value - mean) ** 2, 0) / map.length);
}

/** Of Prewitt's slopes along both axes, each divided by 3. */
function magnitude(data: Float64Array, place: number, width: number): number {
  const [above, below] = [place - width, place + width];
  const down =
    data[below - 1]! -
    data[above - 1]! +
    (data[below]! - data[above]!) +
    (data[below + 1]! - data[above + 1]!);
  const right =
    data[above + 1]! -
    data[above - 1]! +
    (data[place + 1]! - data[place - 1]!) +
    (data[below + 1]! - data[below - 1]!);
  return Math.sqrt(down * down + right * right) / 3;
}
