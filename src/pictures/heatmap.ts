import { cast, gather, mul, reshape, round, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { checkArguments, checkChoice, checkOptionNames } from '../checks/options.js';
import { checkImages, withAxisOrder } from '../checks/tensors.js';
import { colormaps, colourTable } from './colormaps.js';
import type { Colormap } from './colormaps.js';
import { checkRangePair, normalized } from './normalizeMap.js';
import type { NormalizeOptions } from './normalizeMap.js';

/** Options of {@link heatmap}. */
export interface HeatmapOptions extends NormalizeOptions {
  /**
   * `viridis`, `inferno` or `cividis`, perceptually uniform; or `gray`. `cividis` was made to look the same with and
   * without colour blindness.
   * @default 'viridis'
   */
  readonly colormap?: Colormap;
}

/**
 * Maps as colour pictures.
 *
 * picture(p) = colours[round(255 · y(p))], y the map on a scale from 0 to 1 as `normalizeMap` gives it.
 *
 * Shapes: [N, H, W, 1] → [N, H, W, 3], RGB, ready for `tf.browser.toPixels` image by image.
 * Range: [0, 1].
 * Gradient: none.
 *
 * @param map residual maps, float32; NaN shows as the lowest colour
 * @param options colour map and range: see {@link HeatmapOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, an unknown option, colour map or argument
 * @throws RangeError for a wrong shape, an empty batch, more than one channel, or a range whose ends are not in order
 * @see matplotlib's colour maps (viridis, inferno); Nuñez, Anderton and Renslow 2018 (cividis)
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { heatmap, ssimResidualMap } from 'ssim-ae';
 *
 * const [x, y] = [tf.randomUniform([1, 32, 32, 1]), tf.randomUniform([1, 32, 32, 1])];
 * const picture = heatmap(ssimResidualMap(x, y), { colormap: 'inferno', range: [0, 1] });
 * console.log(picture.shape); // [1, 32, 32, 3]
 * // In a browser: await tf.browser.toPixels(picture.squeeze([0]), canvas)
 * ```
 */
export function heatmap(map: Tensor, options: HeatmapOptions = {}): Tensor4D {
  checkArguments('heatmap', arguments, 2);
  checkMap('heatmap', map);
  checkOptionNames('heatmap', options, ['range', 'colormap']);
  const range = checkRangePair('heatmap', options.range);
  const colormap = checkChoice('heatmap: colormap', options.colormap ?? 'viridis', colormaps);
  return tidy(() => coloured(map, range, colormap));
}

/** {@link heatmap} of a checked map. */
export function coloured(
  map: Tensor4D,
  range: readonly [number, number] | undefined,
  colormap: Colormap,
): Tensor4D {
  const [batch, height, width] = map.shape;
  const level = cast(round(mul(normalized(map, range), 255)), 'int32');
  const table: Tensor2D = tensor2d(colourTable(colormap), [256, 3]);
  return reshape(gather(table, reshape(level, [-1])), [batch, height, width, 3]);
}

export function checkMap(functionName: string, map: unknown): asserts map is Tensor4D {
  checkImages(`${functionName}: map`, map);
  if (map.shape[3] !== 1) {
    throw new RangeError(
      `${functionName}: map must have one channel, shape [batch, height, width, 1], ` +
        `but got [${map.shape.join(', ')}]; ${withAxisOrder(map.shape, 'average the channels with tf.mean(x, -1, true)')}.`,
    );
  }
}
