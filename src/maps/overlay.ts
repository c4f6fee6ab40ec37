import { add, mul, sub, tidy, tile } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { withAxisOrder } from '../checks/axisOrder.js';
import { describeShape } from '../checks/describe.js';
import { furtherNames } from '../checks/namesElsewhere.js';
import {
  checkArguments,
  checkChoice,
  checkDataRange,
  checkNumber,
  checkOptionNames,
} from '../checks/options.js';
import { checkImages } from '../checks/tensors.js';
import { clipped } from '../operations/bounds.js';
import { colormaps } from './colormaps.js';
import { checkMap, coloured, magentaWhereNaN } from './heatmap.js';
import type { HeatmapOptions } from './heatmap.js';
import { checkRangePair, normalized } from './normalizeMap.js';

/** Options of {@link overlay}. */
export interface OverlayOptions extends HeatmapOptions {
  /**
   * How much of the image the colours hide where the map is largest, 0 to 1.
   * @default 0.6
   */
  readonly opacity?: number;
  /**
   * How strong the colours are: with `rising`, the stronger the higher the map is, so that the image is
   * unchanged where the map is lowest; with `even`, the same everywhere.
   * @default 'rising'
   */
  readonly strength?: 'rising' | 'even';
  /**
   * The distance from the smallest to the largest value that a pixel of the image can have.
   * @default 1
   */
  readonly dataRange?: number;
}

/**
 * Draws a map over its image, to show where the map is high.
 *
 * (1 − a) image + a · heatmap, with a = opacity · map scaled to [0, 1] (`rising`), or a = opacity (`even`).
 * Pass a mask as the map to mark its pixels. NaN in the map or in the image shows as magenta.
 *
 * Shapes: image [N, H, W, 1 or 3] and map [N, H, W, 1] → [N, H, W, 3], RGB, ready for `tf.browser.toPixels`.
 * Range: [0, 1].
 * Gradient: none.
 *
 * @param image gray or RGB images, float32
 * @param map their residual maps, float32
 * @param options opacity, colour map, ranges: see {@link OverlayOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option, name or argument
 * @throws RangeError for wrong or differing shapes, an empty batch, or a value out of range
 * @see `heatmap`
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { overlay, ssimResidualMap } from 'ssim-ae';
 *
 * const [x, y] = [tf.randomUniform([1, 32, 32, 1]), tf.randomUniform([1, 32, 32, 1])];
 * console.log(overlay(x, ssimResidualMap(x, y), { range: [0, 1] }).shape); // [1, 32, 32, 3]
 * ```
 */
export function overlay(image: Tensor, map: Tensor, options: OverlayOptions = {}): Tensor4D {
  checkArguments('overlay', arguments, 3);
  checkImages('overlay: image', image, 'dataRange');
  checkMap('overlay', map);
  checkOptionNames(
    'overlay',
    options,
    ['range', 'colormap', 'opacity', 'strength', 'dataRange'],
    furtherNames,
  );
  const range = checkRangePair('overlay', options.range);
  const colormap = checkChoice('overlay: colormap', options.colormap ?? 'viridis', colormaps);
  const strength = checkChoice('overlay: strength', options.strength ?? 'rising', ['rising', 'even']);
  const dataRange = checkDataRange('overlay: dataRange', options.dataRange ?? 1);
  const opacity = checkNumber('overlay: opacity', options.opacity ?? 0.6, { least: 0, most: 1 });
  const channels = image.shape[3];
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(
      `overlay: image must have 1 or 3 channels, but got ${channels}; ` +
        `${withAxisOrder(image.shape, 'take those to show with tf.slice')}.`,
    );
  }
  if ([0, 1, 2].some((axis) => image.shape[axis] !== map.shape[axis])) {
    throw new RangeError(
      `overlay: image and map must be of one size, but got ${describeShape(image.shape)} and ` +
        `${describeShape(map.shape)}.`,
    );
  }
  return tidy(() => {
    const pixels = clipped(mul<Tensor4D>(image, 1 / dataRange), 0, 1);
    const picture = channels === 3 ? pixels : tile(pixels, [1, 1, 1, 3]);
    const share = strength === 'even' ? opacity : mul<Tensor4D>(normalized(map, range), opacity);
    const colours = coloured(map, range, colormap);
    const blended = clipped(add<Tensor4D>(mul(picture, sub(1, share)), mul(colours, share)), 0, 1);
    return magentaWhereNaN(magentaWhereNaN(blended, image), map);
  });
}
