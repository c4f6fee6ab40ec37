import {
  cast,
  equal,
  gather,
  mul,
  reshape,
  round,
  sum,
  tensor2d,
  tensor4d,
  tidy,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { withAxisOrder } from '../checks/axisOrder.js';
import { describeShape } from '../checks/describe.js';
import { furtherNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkChoice, checkOptionNames } from '../checks/options.js';
import { checkImages } from '../checks/tensors.js';
import { zeroUnlessNaN } from '../operations/bounds.js';
import { colormaps, colourTable } from './colormaps.js';
import type { Colormap } from './colormaps.js';
import { checkRangePair, normalized } from './normalizeMap.js';
import type { NormalizeMapOptions } from './normalizeMap.js';

/** Options of {@link heatmap}. */
export interface HeatmapOptions extends NormalizeMapOptions {
  /**
   * `viridis`, `inferno` and `cividis` are perceptually uniform; `gray` has no colours. `cividis` was designed
   * to look the same with and without colour blindness.
   * @default 'viridis'
   */
  readonly colormap?: Colormap;
}

/**
 * Maps as colour pictures.
 *
 * picture(p) = colours[round(255 · y(p))], where y is the map scaled to [0, 1] by `normalizeMap`.
 *
 * Shapes: [N, H, W, 1] → [N, H, W, 3], RGB, ready for `tf.browser.toPixels` image by image.
 * Range: [0, 1].
 * Gradient: none.
 *
 * @param map residual maps, float32; NaN shows as magenta, which no colour map has
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
  checkOptionNames('heatmap', options, ['range', 'colormap'], furtherNames);
  const range = checkRangePair('heatmap', options.range);
  const colormap = checkChoice('heatmap: colormap', options.colormap ?? 'viridis', colormaps);
  return tidy(() => magentaWhereNaN(coloured(map, range, colormap), map));
}

/** {@link heatmap} of a checked map; NaN has the lowest colour. */
export function coloured(
  map: Tensor4D,
  range: readonly [number, number] | undefined,
  colormap: Colormap,
): Tensor4D {
  const [batch, height, width] = map.shape;
  const scale = normalized(map, range);
  const level = cast(round(mul(where(isNumber(scale), scale, zerosLike(scale)), 255)), 'int32');
  const table: Tensor2D = tensor2d(colourTable(colormap), [256, 3]);
  return reshape(gather(table, reshape(level, [-1])), [batch, height, width, 3]);
}

/** The picture, magenta where a map or image [N, H, W, C] has NaN: that is neither a high value nor a low one. */
export function magentaWhereNaN(picture: Tensor4D, given: Tensor4D): Tensor4D {
  return where(isNumber(sum(zeroUnlessNaN(given), 3, true)), picture, tensor4d([1, 0, 1], [1, 1, 1, 3]));
}

/** tfjs 4.0's wasm backend has no isNaN. */
function isNumber(x: Tensor): Tensor {
  return equal(zeroUnlessNaN(x), 0);
}

export function checkMap(functionName: string, map: unknown): asserts map is Tensor4D {
  checkImages(`${functionName}: map`, map);
  if (map.shape[3] !== 1) {
    throw new RangeError(
      `${functionName}: map must have one channel, shape [batch, height, width, 1], ` +
        `but got ${describeShape(map.shape)}; ${withAxisOrder(map.shape, 'average the channels with tf.mean(x, -1, true)')}.`,
    );
  }
}
