import {
  add,
  conv2d,
  matMul,
  mean,
  mul,
  neg,
  reshape,
  square,
  sub,
  tensor2d,
  tensor4d,
} from '@tensorflow/tfjs-core';
import type { Rank, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { scaled, shifted } from '../operations/elementwise.js';
import { withGradient } from '../operations/withGradient.js';
import { axisView, withLength } from './axisView.js';
import type { Window } from './window.js';
import { filterAxis, windowFilter, windowFilterTransposed } from './windowFilter.js';

/** Mean μ and variance σ² under the window, [N, H', W', C]. */
export interface LocalMoments<T extends Tensor> {
  readonly mean: T;
  readonly variance: T;
}

/** μ = Σ w x and σ² = Σ w (x − μ)² · varianceScale, at every position of the window. */
export function localMoments<T extends Tensor>(
  image: T,
  window: Window,
  varianceScale: number,
): LocalMoments<T> {
  // Neither moment's gradient depends on a constant added to a plane. Around its mean, float32 loses least.
  const pivot = planeMeans(image, window);
  const centred = shifted(image, neg(pivot));
  const centredMean = windowFilter(centred, window);
  return {
    mean: shifted(centredMean, pivot),
    variance: scaled(localVariance(centred, centredMean, window), varianceScale),
  };
}

/** σxy = Σ w (x − μx)(y − μy) · varianceScale: a value only, it has no gradient. */
export function localCovariance<T extends Tensor>(x: T, y: T, window: Window, varianceScale: number): T {
  const centred = (image: T): T => sub<T>(image, planeMeans(image, window));
  return mul<T>(covarianceOverAxes(centred(x), centred(y), window), varianceScale);
}

/** The mean of every channel of every image. */
function planeMeans(image: Tensor, window: Window): Tensor {
  return mean(
    image,
    window.map((_, index) => index + 1),
    true,
  );
}

/**
 * Σ w (x − μ)², where `localMean` is μ.
 *
 * The value comes from differences within the window, so it is ≥ 0 and precise where E[x²] − μ² cancels to
 * nothing. The gradient is that of E[x²] − μ², the same function of x and μ: 2 x wᵀdy and −2 μ dy, of which the
 * second is added to the other gradients with respect to μ.
 */
function localVariance<T extends Tensor>(image: T, localMean: T, window: Window): T {
  return withGradient(
    [image, localMean] as const,
    ([x]) => covarianceOverAxes(x, x, window),
    (dy, [x, mu]) => [mul(mul(x, 2), windowFilterTransposed(dy, window)), mul(mul(mu, -2), dy)],
  );
}

/** Axis by axis: the mean of the covariances along one axis, plus the covariance of the means along it. */
function covarianceOverAxes<T extends Tensor>(x: T, y: T, window: Window): T {
  let means: readonly [T, T] = [x, y];
  let covariance: T | undefined;
  window.forEach((taps, index) => {
    if (taps.length === 1) return;
    const axis = index + 1;
    const along = covarianceAlongAxis(...means, axis, taps);
    covariance = covariance === undefined ? along : add<T>(filterAxis(covariance, axis, taps), along);
    const meanX = filterAxis(means[0], axis, taps);
    means = [meanX, means[0] === means[1] ? meanX : filterAxis(means[1], axis, taps)];
  });
  // Of a single pixel: 0, or NaN where it is not finite.
  return covariance ?? mul<T>(mul(x, 0), mul(y, 0));
}

/**
 * Σ_k taps_k (x_{i+k} − μx_i)(y_{i+k} − μy_i) along one axis, from the differences d to the pixel in the
 * middle: E[d e] − E[d] E[e].
 *
 * Flat windows give exactly 0. Elsewhere little cancels: (x_i − μ)² is at most σ² over the middle tap, so
 * E[d²] is at most σ² times a few.
 */
function covarianceAlongAxis<T extends Tensor>(x: T, y: T, axis: number, taps: Float64Array): T {
  const size = taps.length;
  const length = x.shape[axis] ?? 1;
  const [before, , after] = axisView(x, axis).shape;
  const filters = tensor4d(differenceFilters(size), [size, 1, 1, size]);
  const weights = tensor2d(Float32Array.from(taps), [size, 1]);
  const differences = (image: T): Tensor2D =>
    reshape(conv2d(reshape<Rank.R4>(image, [before, length, after, 1]), filters, 1, 'valid'), [-1, size]);
  const expectation = (values: Tensor2D): Tensor2D => matMul(values, weights);

  const d = differences(x);
  const covariance = (): Tensor => {
    const e = differences(y);
    return sub(expectation(mul(d, e)), mul(expectation(d), expectation(e)));
  };
  const variance = (): Tensor => sub(expectation(square(d)), square(expectation(d)));
  return reshape(x === y ? variance() : covariance(), withLength(x.shape, axis, length - size + 1)) as T;
}

/** One filter for each pixel of the window: that pixel less the one in the middle. */
function differenceFilters(size: number): Float32Array {
  const filters = new Float32Array(size * size);
  const middle = (size - 1) / 2;
  for (let k = 0; k < size; k++) {
    filters[k * size + k]! += 1;
    filters[middle * size + k]! -= 1;
  }
  return filters;
}
