import { conv2d, reshape, tensor4d } from '@tensorflow/tfjs-core';
import type { Rank, Tensor } from '@tensorflow/tfjs-core';
import { linear } from '../operations/withGradient.js';
import { axisView, withLength } from './axisView.js';
import type { Window } from './window.js';

/**
 * The weighted mean under the window, wherever the window lies inside the image:
 * [N, H, W, C] → [N, H − kh + 1, W − kw + 1, C], each channel separately.
 */
export function windowFilter<T extends Tensor>(image: T, window: Window): T {
  return linear(
    image,
    (given) => filterAxes(given, window, () => 0),
    (dy) => windowFilterTransposed(dy, window),
  );
}

/** The adjoint of {@link windowFilter}: spreads every value over the pixels that its window saw. */
export function windowFilterTransposed<T extends Tensor>(map: T, window: Window): T {
  return linear(
    map,
    // The taps are symmetric, so the transposed filter is the filter itself over a border of zeros.
    (given) => filterAxes(given, window, (taps) => taps.length - 1),
    (dy) => windowFilter(dy, window),
  );
}

/** Σ_k taps_k · x_{i+k} along one axis, over `border` zeros on both sides. No gradient of its own. */
export function filterAxis<T extends Tensor>(x: T, axis: number, taps: Float64Array, border = 0): T {
  const size = taps.length;
  const length = x.shape[axis] ?? 1;
  const [before, , after] = axisView(x, axis).shape;
  const filtered = conv2d(
    reshape<Rank.R4>(x, [before, length, after, 1]),
    tensor4d(Float32Array.from(taps), [size, 1, 1, 1]),
    1,
    [
      [0, 0],
      [border, border],
      [0, 0],
      [0, 0],
    ],
  );
  return reshape(filtered, withLength(x.shape, axis, length + 2 * border - size + 1)) as T;
}

function filterAxes<T extends Tensor>(image: T, window: Window, border: (taps: Float64Array) => number): T {
  return window.reduce(
    // A single tap is 1 and changes nothing.
    (filtered, taps, index) =>
      taps.length === 1 ? filtered : filterAxis(filtered, index + 1, taps, border(taps)),
    image,
  );
}
