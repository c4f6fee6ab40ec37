import { pictureNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkBoolean, checkDataRange, checkOptionNames } from '../checks/options.js';
import { checkColor, checkImageArrays } from './imageArray.js';
import type { ImageArray } from './imageArray.js';
import { pixelRows } from './pixelRows.js';
import { checkPixelsOf } from './ssimOptions.js';
import type { ImageArrayOptions } from './ssimOptions.js';

/** Options of {@link psnr}. */
export interface PsnrOptions extends ImageArrayOptions {
  /**
   * For development: throws a RangeError if pixels lie outside [0, dataRange], with their smallest and largest value.
   * @default false
   */
  readonly checkRange?: boolean;
}

/**
 * The peak signal-to-noise ratio of two pictures in arrays, in decibels, without tfjs.
 *
 * PSNR(x, y) = 10 log₁₀(L² / MSE), where MSE is the mean of (x − y)² over pixels, and over channels with `color: 'channels'`.
 *
 * Shapes: two images of one size → one number. RGB and RGBA are compared by their luma unless `color` says otherwise; alpha
 * never counts.
 * Range: all numbers, higher = more alike; infinite for equal images.
 *
 * @param x an image
 * @param y the image to compare with it, of the same size
 * @param options data range, its check, and how colours are compared: see {@link PsnrOptions}
 * @throws TypeError if an argument is not an image, if one holds bytes and the other floats and no `dataRange` is given, for
 * an unknown option or argument, or a wrong kind of value
 * @throws RangeError for differing sizes, data of another length, or a value out of range
 * @see Bovik 2009, The Essential Guide to Image Processing, ch. 21
 *
 * @example
 * ```ts
 * import { psnr } from 'ssim-ae/arrays';
 *
 * const x = { data: new Uint8Array(64), width: 8, height: 8 };
 * const y = { ...x, data: new Uint8Array(64).fill(51) };
 * console.log(psnr(x, y).toFixed(2)); // 13.98
 * ```
 */
export function psnr(x: ImageArray, y: ImageArray, options: PsnrOptions = {}): number {
  checkArguments('psnr', arguments, 3);
  const images = checkImageArrays('psnr', x, y, options);
  checkOptionNames('psnr', options, ['dataRange', 'color', 'checkRange'], pictureNames);
  const dataRange = checkDataRange('psnr: dataRange', options.dataRange ?? images.dataRange);
  const color = checkColor('psnr', options.color);
  if (checkBoolean('psnr: checkRange', options.checkRange ?? false)) {
    checkPixelsOf('psnr', images, dataRange);
  }
  const [first, second] = [pixelRows(images.x, color), pixelRows(images.y, color)];
  const { width, height } = first;
  const length = width * first.channels;
  const [ofX, ofY] = [new Float64Array(length), new Float64Array(length)];
  let sum = 0;
  for (let row = 0; row < height; row++) {
    first.read(row, 0, width, ofX, 0);
    second.read(row, 0, width, ofY, 0);
    for (let k = 0; k < length; k++) {
      const gap = (ofX[k]! - ofY[k]!) / dataRange;
      sum += gap * gap;
    }
  }
  return -10 * Math.log10(sum / (length * height));
}
