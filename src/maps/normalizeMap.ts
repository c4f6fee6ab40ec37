import { abs, add, cast, div, lessEqual, max, min, minimum, sub, tidy, where } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describeValue } from '../checks/describe.js';
import { furtherNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkNumber, checkOptionNames } from '../checks/options.js';
import { checkImages } from '../checks/tensors.js';
import { clipped } from '../operations/bounds.js';

/** Options of {@link normalizeMap}. */
export interface NormalizeMapOptions {
  /**
   * The values that become 0 and 1. To compare maps, give all of them the same range: the smallest and largest
   * value of maps of good images, for example.
   * @default the least and largest finite value of each map, so that each map has its own scale
   */
  readonly range?: readonly [least: number, largest: number];
}

/**
 * Scales maps to [0, 1], to display or store them.
 *
 * y = (x − least) / (largest − least), clipped to [0, 1]; 0 everywhere if all values of a map are equal. NaN
 * stays NaN; infinite values become 0 or 1.
 *
 * Shapes: [N, H, W, C] → the same.
 * Range: [0, 1]. Thresholds and metrics do not need this: they take unscaled maps.
 * Gradient: none.
 *
 * @param map residual maps, float32
 * @param options the range: see {@link NormalizeMapOptions}
 * @throws TypeError for a tensor that is not float32 or was disposed, or an unknown option or argument
 * @throws RangeError for a wrong shape, an empty batch, or a range whose ends are not in order
 * @see `heatmap`, which uses it
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { normalizeMap } from 'ssim-ae';
 *
 * const map = tf.tensor4d([0, 1, 2, 4], [1, 1, 4, 1]);
 * tf.squeeze(normalizeMap(map)).print(); // [0, 0.25, 0.5, 1]
 * tf.squeeze(normalizeMap(map, { range: [0, 2] })).print(); // [0, 0.5, 1, 1]
 * ```
 */
export function normalizeMap(map: Tensor, options: NormalizeMapOptions = {}): Tensor4D {
  checkArguments('normalizeMap', arguments, 2);
  checkImages('normalizeMap: map', map);
  checkOptionNames('normalizeMap', options, ['range'], furtherNames);
  const range = checkRangePair('normalizeMap', options.range);
  return tidy(() => normalized(map, range));
}

const largestFloat32 = 3.4028234663852886e38;

/** {@link normalizeMap} of a checked map. */
export function normalized(map: Tensor4D, range: readonly [number, number] | undefined): Tensor4D {
  if (range !== undefined) {
    const [least, largest] = range;
    return clipped(div<Tensor4D>(sub(map, least), largest - least), 0, 1);
  }
  const pixels = [1, 2, 3];
  const isFinite = lessEqual(abs(map), largestFloat32);
  const largest = max(where(isFinite, map, -largestFloat32), pixels, true);
  // Of a map without a finite value the least is the largest too.
  const least = minimum(min(where(isFinite, map, largestFloat32), pixels, true), largest);
  // A map of one value is divided by 1.
  const extent = add(sub(largest, least), cast(lessEqual(largest, least), 'float32'));
  return clipped(div<Tensor4D>(sub(map, least), extent), 0, 1);
}

export function checkRangePair(functionName: string, range: unknown): readonly [number, number] | undefined {
  if (range === undefined) return undefined;
  if (!Array.isArray(range) || range.length !== 2) {
    throw new TypeError(`${functionName}: range must be [least, largest], but got ${describeValue(range)}.`);
  }
  const [least, largest] = [0, 1].map((k) =>
    checkNumber(`${functionName}: range[${k}]`, (range as unknown[])[k]),
  ) as [number, number];
  if (!(largest > least)) {
    throw new RangeError(
      `${functionName}: range must be [least, largest], but its largest value, ${largest}, ` +
        `is not above its least, ${least}.`,
    );
  }
  return [least, largest];
}
