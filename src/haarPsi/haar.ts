import type { Tensor4D } from '@tensorflow/tfjs-core';
import { filterAxis } from '../filters/windowFilter.js';
import { linear } from '../operations/withGradient.js';

/**
 * The undecimated Haar coefficients of one scale k along one spatial axis, [N, H, W, C] → [N, H, W, C], each channel
 * separately: the sum of the later half of 2ᵏ × 2ᵏ pixels minus that of the earlier half, divided by 2ᵏ.
 *
 * The pixels of a place i are those from i − 2ᵏ⁻¹ + 1 to i + 2ᵏ⁻¹ on both axes, as in MATLAB's `conv2` of shape
 * 'same', and zeros beyond the border.
 */
export function haar(images: Tensor4D, axis: 1 | 2, scale: number): Tensor4D {
  return linear(
    images,
    (given) => filtered(given, axis, tapsOf(scale)),
    (dy) => haarTransposed(dy, axis, scale),
  );
}

/** The adjoint of {@link haar}. */
function haarTransposed(maps: Tensor4D, axis: 1 | 2, scale: number): Tensor4D {
  return linear(
    maps,
    (given) => {
      const { slope, mean } = tapsOf(scale);
      return filtered(given, axis, { slope: slope.reverse(), mean: mean.reverse() });
    },
    (dx) => haar(dx, axis, scale),
  );
}

interface Taps {
  readonly slope: Float64Array;
  readonly mean: Float64Array;
}

/** A tap of 0 comes first, so that the number is odd and the place in the middle. */
function tapsOf(scale: number): Taps {
  const size = 2 ** scale;
  const all = Array.from({ length: size + 1 }, (_, k) => k);
  return {
    slope: Float64Array.from(all, (k) => (k === 0 ? 0 : k <= size / 2 ? -1 : 1)),
    mean: Float64Array.from(all, (k) => (k === 0 ? 0 : 1 / size)),
  };
}

function filtered(x: Tensor4D, axis: 1 | 2, { slope, mean }: Taps): Tensor4D {
  const border = (slope.length - 1) / 2;
  return filterAxis(filterAxis(x, axis, slope, border), axis === 1 ? 2 : 1, mean, border);
}
