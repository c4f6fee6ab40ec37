import type { Tensor4D } from '@tensorflow/tfjs-core';
import { uniformTaps } from '../filters/window.js';
import { filterAxis } from '../filters/windowFilter.js';
import { linear } from '../operations/withGradient.js';

/**
 * Prewitt's slope along one spatial axis: the difference of the pixels on both sides, averaged over three
 * lines; [N, H, W, C] → [N, H − 2, W − 2, C], each channel for itself.
 *
 * The difference comes first: it is exactly 0 where the image is flat.
 */
export function prewitt(images: Tensor4D, axis: 1 | 2): Tensor4D {
  return linear(
    images,
    (given) => filtered(given, axis, [-1, 0, 1], 0),
    (dy) => prewittTransposed(dy, axis),
  );
}

/** The adjoint of {@link prewitt}. */
export function prewittTransposed(maps: Tensor4D, axis: 1 | 2): Tensor4D {
  return linear(
    maps,
    (given) => filtered(given, axis, [1, 0, -1], 2),
    (dx) => prewitt(dx, axis),
  );
}

function filtered(x: Tensor4D, axis: 1 | 2, slope: readonly number[], border: number): Tensor4D {
  const across = axis === 1 ? 2 : 1;
  return filterAxis(filterAxis(x, axis, Float64Array.from(slope), border), across, uniformTaps(3), border);
}
