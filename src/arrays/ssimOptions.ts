import { describeValue } from '../checks/describe.js';
import { pictureNames, windowNames } from '../checks/namesElsewhere.js';
import { checkOptionNames, checkWhole } from '../checks/options.js';
import { checkPixels } from '../checks/pixels.js';
import type { Padding } from '../filters/paddings.js';
import { checkWindowFits } from '../filters/windowFits.js';
import { resolveSsimOptions, ssimOptionNames } from '../ssim/ssimOptions.js';
import type { ResolvedSsimOptions, SsimOptions as SharedOptions } from '../ssim/ssimOptions.js';
import { checkColor, checkImageArrays } from './imageArray.js';
import type { CheckedImage, Color, ImagePair } from './imageArray.js';
import { pixelRows, readAll } from './pixelRows.js';
import type { PixelRows } from './pixelRows.js';

/** What all functions that compare two image arrays take. */
export interface ImageArrayOptions {
  /**
   * L, the distance from the smallest to the largest value that a pixel can have.
   * @default 255 for 8 bits, 65535 for 16, 1 for floats
   */
  readonly dataRange?: number;
  /**
   * Whether images with colours are compared by their luma, 0.299 R + 0.587 G + 0.114 B, or red, green and blue each for
   * itself, of which the mean is taken. Alpha never counts, and gray images stay as they are.
   * @default 'luma'
   */
  readonly color?: Color;
}

/** How SSIM of two image arrays is computed. Every field has a default; an unknown name throws. */
export interface SsimOptions extends Omit<SharedOptions, 'dataRange' | 'checkRange'>, ImageArrayOptions {
  /**
   * By how much both images are downsampled first, with a box filter, as the authors' MATLAB script `ssim.m` does:
   * `'auto'` takes its factor, max(1, round(min(height, width) / 256)), for a picture that is seen as a whole.
   * @default false
   */
  readonly downsample?: false | 'auto' | number;
  /**
   * For development: throws a RangeError if pixels lie outside [0, dataRange], with their smallest and largest value.
   * @default false
   */
  readonly checkRange?: boolean;
}

/** Two images as rows of the numbers that are compared, and how. */
export interface ComparedRows {
  readonly x: PixelRows;
  readonly y: PixelRows;
  readonly options: ResolvedSsimOptions;
}

/** What every function of SSIM here begins with. */
export interface SsimRequest extends ComparedRows {
  /** The images themselves, and how they became those rows. */
  readonly images: ImagePair;
  readonly color: Color;
  readonly factor: number;
}

/** Checks both images and the options, and that the window fits. */
export function ssimRequest(
  functionName: string,
  x: unknown,
  y: unknown,
  options: SsimOptions,
  padding: Padding = 'valid',
): SsimRequest {
  const images = checkImageArrays(functionName, x, y, options);
  const names = [...ssimOptionNames, 'color', 'downsample'];
  checkOptionNames(functionName, options, names, windowNames, pictureNames);
  const resolved = resolveSsimOptions(functionName, options, {
    padding,
    spatialAxes: 2,
    dataRange: images.dataRange,
  });
  const color = checkColor(functionName, options.color);
  const factor = factorOf(functionName, images.x, options.downsample ?? false);
  if (resolved.checkRange) checkPixelsOf(functionName, images, resolved.dataRange);
  const rows = { x: pixelRows(images.x, color, factor), y: pixelRows(images.y, color, factor) };
  const told = factor === 1 ? functionName : `${functionName}: downsampled by ${factor}`;
  checkWindowFits(told, resolved.windowSize, [rows.x.height, rows.x.width], resolved.padding);
  return { ...rows, images, color, factor, options: resolved };
}

function factorOf(functionName: string, { width, height }: CheckedImage, downsample: unknown): number {
  const least = Math.min(width, height);
  if (downsample === false) return 1;
  if (downsample === 'auto') return Math.max(1, Math.round(least / 256));
  if (typeof downsample !== 'number') {
    throw new TypeError(
      `${functionName}: downsample must be false, 'auto' or a whole number, but got ${describeValue(downsample)}.`,
    );
  }
  return checkWhole(`${functionName}: downsample`, downsample, { least: 1, most: least });
}

/** The option `checkRange`; alpha is not looked at. */
export function checkPixelsOf(functionName: string, { x, y }: ImagePair, dataRange: number): void {
  for (const [name, image] of Object.entries({ x, y })) {
    const rows = pixelRows(image, 'channels');
    const pixels = readAll(rows, new Float64Array(rows.width * rows.height * rows.channels));
    checkPixels(functionName, name, pixels, dataRange);
  }
}
