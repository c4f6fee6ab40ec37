import {
  add,
  conv2d,
  matMul,
  mean,
  mul,
  neg,
  reshape,
  square,
  tensor2d,
  tensor4d,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type { Rank, Tensor } from '@tensorflow/tfjs-core';
import { axisView, withLength } from '../filters/axisView.js';
import { filterAxis, windowFilter, windowFilterTransposed } from '../filters/windowFilter.js';
import { scaled, shifted } from '../operations/elementwise.js';
import { withGradient } from '../operations/withGradient.js';
import type { Window } from '../windows/window.js';

/** Mean μ and variance σ² under the window, [N, H', W', C]. */
export interface LocalMoments<T extends Tensor> {
  readonly mean: T;
  readonly variance: T;
}

/** μ = Σ w x and σ² = Σ w (x − μ)² · varianceScale, at every place of the window. */
export function localMoments<T extends Tensor>(
  image: T,
  window: Window,
  varianceScale: number,
): LocalMoments<T> {
  // Neither moment's gradient depends on a constant added to a plane. Around its mean, float32 loses least.
  const spatialAxes = window.map((_, index) => index + 1);
  const pivot = mean(image, spatialAxes, true);
  const centred = shifted(image, neg(pivot));
  const centredMean = windowFilter(centred, window);
  return {
    mean: shifted(centredMean, pivot),
    variance: scaled(localVariance(centred, centredMean, window), varianceScale),
  };
}

/**
 * Σ w (x − μ)², where `localMean` is μ.
 *
 * The value comes from the deviations themselves, so it is ≥ 0 and precise where E[x²] − μ² cancels to
 * nothing. The gradient is that of E[x²] − μ², the same function of x and μ: 2 x wᵀdy and −2 μ dy, of
 * which the second joins what flows into μ from elsewhere.
 */
function localVariance<T extends Tensor>(image: T, localMean: T, window: Window): T {
  return withGradient(
    [image, localMean] as const,
    ([x]) => varianceOverAxes(x, window),
    (dy, [x, mu]) => [mul(mul(x, 2), windowFilterTransposed(dy, window)), mul(mul(mu, -2), dy)],
  );
}

/** Axis by axis: the variance is the mean of the variances along one axis, plus the variance of its means. */
function varianceOverAxes<T extends Tensor>(image: T, window: Window): T {
  let mu = image;
  let variance: T | undefined;
  window.forEach((taps, index) => {
    if (taps.length === 1) return;
    const axis = index + 1;
    const along = varianceAlongAxis(mu, axis, taps);
    variance = variance === undefined ? along : add<T>(filterAxis(variance, axis, taps), along);
    mu = filterAxis(mu, axis, taps);
  });
  return variance ?? zerosLike(mu);
}

/** Σ_k taps_k (x_{i+k} − μ_i)² along one axis. */
function varianceAlongAxis<T extends Tensor>(x: T, axis: number, taps: Float32Array): T {
  const size = taps.length;
  const length = x.shape[axis] ?? 1;
  const [before, , after] = axisView(x, axis).shape;
  const deviations = conv2d(
    reshape<Rank.R4>(x, [before, length, after, 1]),
    tensor4d(deviationFilters(taps), [size, 1, 1, size]),
    1,
    'valid',
  );
  const variance = matMul(reshape(square(deviations), [-1, size]), tensor2d(taps, [size, 1]));
  return reshape(variance, withLength(x.shape, axis, length - size + 1)) as T;
}

/** One filter for each pixel of the window: that pixel less the weighted mean, x_{i+k} − Σ_j taps_j x_{i+j}. */
function deviationFilters(taps: Float32Array): Float32Array {
  const size = taps.length;
  return Float32Array.from({ length: size * size }, (_, index) => {
    const j = Math.floor(index / size);
    const k = index % size;
    return (j === k ? 1 : 0) - (taps[j] ?? 0);
  });
}
