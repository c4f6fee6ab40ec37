/**
 * The library's maths once more in float64, in plain loops and the textbook form (eqs 5 to 8), with a
 * two-pass variance: what the tests measure the library against. It shares no code with src/.
 *
 * Images are flat arrays in NHWC order beside their shape.
 */
import type { SsimOptions } from '../../src/index.js';

export type Shape4D = readonly [batch: number, height: number, width: number, channels: number];

export interface Images {
  readonly shape: Shape4D;
  readonly data: ArrayLike<number>;
}

export interface ReferenceTerms {
  readonly shape: Shape4D;
  readonly luminance: Float64Array;
  readonly contrast: Float64Array;
  readonly structure: Float64Array;
  readonly ssim: Float64Array;
  /** The smaller of σ_x and σ_y. */
  readonly deviation: Float64Array;
}

function perAxis(value: SsimOptions['windowSize'], fallback: number): [number, number] {
  if (value === undefined) return [fallback, fallback];
  return typeof value === 'number' ? [value, value] : [value[0], value[1]];
}

function taps(type: string, size: number, sigma: number): number[] {
  const raw = Array.from({ length: size }, (_, i) =>
    type === 'uniform' ? 1 : Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma * sigma)),
  );
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return raw.map((weight) => weight / total);
}

/** Where a position beyond the border takes its pixel from; −1 for a zero. */
function sourceIndex(index: number, size: number, padding: string): number {
  if (index >= 0 && index < size) return index;
  switch (padding) {
    case 'reflect':
      return index < 0 ? -index : 2 * (size - 1) - index;
    case 'symmetric':
      return index < 0 ? -index - 1 : 2 * size - 1 - index;
    case 'edge':
      return index < 0 ? 0 : size - 1;
    case 'zero':
      return -1;
    case 'wrap':
      return (index + size) % size;
    default:
      throw new Error(`no such padding: ${padding}`);
  }
}

/** x^p as the library defines it: below 1e-6, for a p that is no whole number, as at 1e-6. */
function power(base: number, exponent: number): number {
  return (Number.isInteger(exponent) ? base : Math.max(base, 1e-6)) ** exponent;
}

/** l, c, s and SSIM at every place of the window. */
export function referenceTerms(x: Images, y: Images, options: SsimOptions = {}): ReferenceTerms {
  const [batch, height, width, channels] = x.shape;
  const range = options.dataRange ?? 1;
  const [kh, kw] = perAxis(options.windowSize, 11);
  const [sh, sw] = perAxis(options.windowSigma, 1.5);
  const type = options.windowType ?? 'gaussian';
  const rows = taps(type, kh, sh);
  const columns = taps(type, kw, sw);
  const c1 = options.c1 ?? ((options.k1 ?? 0.01) * range) ** 2;
  const c2 = options.c2 ?? ((options.k2 ?? 0.03) * range) ** 2;
  const scale = options.covariance === 'sample' ? (kh * kw) / (kh * kw - 1) : 1;
  const padding = options.padding ?? 'valid';
  const [outHeight, outWidth] = padding === 'valid' ? [height - kh + 1, width - kw + 1] : [height, width];
  const [top, left] = padding === 'valid' ? [0, 0] : [(kh - 1) / 2, (kw - 1) / 2];
  const shape = [batch, outHeight, outWidth, channels] as const;
  const size = batch * outHeight * outWidth * channels;
  const maps = (): Float64Array => new Float64Array(size);
  const [luminance, contrast, structure, ssim, deviation] = [maps(), maps(), maps(), maps(), maps()];

  const at = (images: Images, n: number, i: number, j: number, c: number): number => {
    const r = sourceIndex(i, height, padding);
    const s = sourceIndex(j, width, padding);
    return r < 0 || s < 0 ? 0 : (images.data[((n * height + r) * width + s) * channels + c] as number);
  };

  let out = 0;
  for (let n = 0; n < batch; n++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++)
        for (let c = 0; c < channels; c++, out++) {
          let [muX, muY] = [0, 0];
          for (let u = 0; u < kh; u++)
            for (let v = 0; v < kw; v++) {
              const weight = rows[u]! * columns[v]!;
              muX += weight * at(x, n, i - top + u, j - left + v, c);
              muY += weight * at(y, n, i - top + u, j - left + v, c);
            }
          let [xx, yy, xy] = [0, 0, 0];
          for (let u = 0; u < kh; u++)
            for (let v = 0; v < kw; v++) {
              const weight = rows[u]! * columns[v]! * scale;
              const dx = at(x, n, i - top + u, j - left + v, c) - muX;
              const dy = at(y, n, i - top + u, j - left + v, c) - muY;
              xx += weight * dx * dx;
              yy += weight * dy * dy;
              xy += weight * dx * dy;
            }
          const deviations = Math.sqrt(xx) * Math.sqrt(yy);
          deviation[out] = Math.sqrt(Math.min(xx, yy));
          luminance[out] = (2 * muX * muY + c1) / (muX * muX + muY * muY + c1);
          contrast[out] = (2 * deviations + c2) / (xx + yy + c2);
          structure[out] = (2 * xy + c2) / (2 * deviations + c2);
          const { alpha = 1, beta = 1, gamma = 1 } = options;
          const contrastStructure =
            beta === gamma
              ? power((2 * xy + c2) / (xx + yy + c2), beta)
              : power(contrast[out]!, beta) * power(structure[out]!, gamma);
          ssim[out] = power(luminance[out]!, alpha) * contrastStructure;
        }
  return { shape, luminance, contrast, structure, ssim, deviation };
}

/** Sums over everything but the batch axis. */
export function perImage(values: ArrayLike<number>, batch: number): number[] {
  const size = values.length / batch;
  return Array.from({ length: batch }, (_, n) => {
    let total = 0;
    for (let k = 0; k < size; k++) total += values[n * size + k] as number;
    return total;
  });
}

/**
 * The gradients of Σ weights · SSIM with respect to x and y, window by window and pixel by pixel: the chain rule
 * through the textbook's five moments (eq. 8), where the weights have the map's shape. All exponents are 1; or alpha is 0,
 * and luminance does not count.
 */
export function referenceSsimGradients(
  x: Images,
  y: Images,
  options: SsimOptions,
  weights: ArrayLike<number>,
): readonly [Float64Array, Float64Array] {
  const [batch, height, width, channels] = x.shape;
  const range = options.dataRange ?? 1;
  const [kh, kw] = perAxis(options.windowSize, 11);
  const [sh, sw] = perAxis(options.windowSigma, 1.5);
  const type = options.windowType ?? 'gaussian';
  const rows = taps(type, kh, sh);
  const columns = taps(type, kw, sw);
  const c1 = options.c1 ?? ((options.k1 ?? 0.01) * range) ** 2;
  const c2 = options.c2 ?? ((options.k2 ?? 0.03) * range) ** 2;
  const scale = options.covariance === 'sample' ? (kh * kw) / (kh * kw - 1) : 1;
  const padding = options.padding ?? 'valid';
  const [outHeight, outWidth] = padding === 'valid' ? [height - kh + 1, width - kw + 1] : [height, width];
  const [top, left] = padding === 'valid' ? [0, 0] : [(kh - 1) / 2, (kw - 1) / 2];
  const gradients = [new Float64Array(x.data.length), new Float64Array(x.data.length)] as const;

  let out = 0;
  for (let n = 0; n < batch; n++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++)
        for (let c = 0; c < channels; c++, out++) {
          const pixels: { at: number; weight: number; x: number; y: number }[] = [];
          for (let u = 0; u < kh; u++)
            for (let v = 0; v < kw; v++) {
              const r = sourceIndex(i - top + u, height, padding);
              const s = sourceIndex(j - left + v, width, padding);
              const at = r < 0 || s < 0 ? -1 : ((n * height + r) * width + s) * channels + c;
              pixels.push({
                at,
                weight: rows[u]! * columns[v]!,
                x: at < 0 ? 0 : (x.data[at] as number),
                y: at < 0 ? 0 : (y.data[at] as number),
              });
            }
          let [muX, muY, xx, yy, xy] = [0, 0, 0, 0, 0];
          for (const pixel of pixels) {
            muX += pixel.weight * pixel.x;
            muY += pixel.weight * pixel.y;
          }
          for (const pixel of pixels) {
            xx += scale * pixel.weight * (pixel.x - muX) ** 2;
            yy += scale * pixel.weight * (pixel.y - muY) ** 2;
            xy += scale * pixel.weight * (pixel.x - muX) * (pixel.y - muY);
          }
          const below1 = muX * muX + muY * muY + c1;
          const below2 = xx + yy + c2;
          const luminous = options.alpha !== 0;
          const l = luminous ? (2 * muX * muY + c1) / below1 : 1;
          const cs = (2 * xy + c2) / below2;
          const weight = weights[out] as number;
          for (const pixel of pixels) {
            if (pixel.at < 0) continue;
            const [dx, dy] = [pixel.x - muX, pixel.y - muY];
            const byMuX = luminous ? ((2 * muY - 2 * muX * l) / below1) * cs : 0;
            const byMuY = luminous ? ((2 * muX - 2 * muY * l) / below1) * cs : 0;
            const byX = byMuX + ((2 * dy - 2 * dx * cs) / below2) * scale * l;
            const byY = byMuY + ((2 * dx - 2 * dy * cs) / below2) * scale * l;
            gradients[0][pixel.at]! += weight * pixel.weight * byX;
            gradients[1][pixel.at]! += weight * pixel.weight * byY;
          }
        }
  return gradients;
}

/** ssim, [N]. */
export function referenceSsim(x: Images, y: Images, options: SsimOptions = {}): number[] {
  const { ssim } = referenceTerms(x, y, options);
  const pixels = ssim.length / x.shape[0];
  return perImage(ssim, x.shape[0]).map((total) => total / pixels);
}

/** 1 − ssim, [N], summed from 1 − SSIM in the form that keeps its precision: the loss near convergence. */
export function referenceSsimLoss(x: Images, y: Images, options: SsimOptions = {}): number[] {
  const { ssim } = referenceTerms(x, y, options);
  const pixels = ssim.length / x.shape[0];
  return perImage(
    ssim.map((value) => 1 - value),
    x.shape[0],
  ).map((total) => total / pixels);
}

/** Σ |x − y|^p, [N]. */
export function referenceDistance(x: Images, y: Images, exponent: 1 | 2): number[] {
  return perImage(
    Float64Array.from(x.data, (value, k) => Math.abs(value - (y.data[k] as number)) ** exponent),
    x.shape[0],
  );
}

/** Σ |x − y|^p over channels, [N, H, W, 1]; `weight` times that. */
export function referenceResidual(x: Images, y: Images, exponent: 1 | 2): Float64Array {
  const channels = x.shape[3];
  const map = new Float64Array(x.data.length / channels);
  for (let k = 0; k < x.data.length; k++) {
    map[Math.floor(k / channels)]! += Math.abs((x.data[k] as number) - (y.data[k] as number)) ** exponent;
  }
  return map;
}

/** The mean over channels of 1 − SSIM, [N, H, W, 1]. */
export function referenceSsimResidual(x: Images, y: Images, options: SsimOptions = {}): Float64Array {
  const { ssim } = referenceTerms(x, y, { padding: 'reflect', ...options });
  const channels = x.shape[3];
  const map = new Float64Array(ssim.length / channels);
  ssim.forEach((value, k) => (map[Math.floor(k / channels)]! += (1 - value) / channels));
  return map;
}

/** KL of N(mean, e^logVariance) from N(0, 1), [N]. */
export function referenceKl(
  mean: ArrayLike<number>,
  logVariance: ArrayLike<number>,
  batch: number,
): number[] {
  return perImage(
    Float64Array.from(mean, (mu, k) => {
      const v = logVariance[k] as number;
      return 0.5 * (mu * mu + Math.exp(v) - 1 - v);
    }),
    batch,
  );
}

/** ∂f/∂data by central differences, entry by entry, for an f that is a sum over the batch. */
export function centralDifferences(
  f: (data: Float64Array) => number,
  data: ArrayLike<number>,
  step = 1e-4,
): Float64Array {
  const moved = Float64Array.from(data);
  return Float64Array.from(data, (value, k) => {
    moved[k] = value + step;
    const above = f(moved);
    moved[k] = value - step;
    const below = f(moved);
    moved[k] = value;
    return (above - below) / (2 * step);
  });
}

/** The slope of f along a direction, by a central difference of fourth order. */
export function directionalDifference(
  f: (data: Float64Array) => number,
  data: ArrayLike<number>,
  direction: ArrayLike<number>,
  step = 1e-3,
): number {
  const moved = (t: number): number =>
    f(Float64Array.from(data, (value, k) => value + t * (direction[k] as number)));
  return (8 * (moved(step) - moved(-step)) - (moved(2 * step) - moved(-2 * step))) / (12 * step);
}

/** The largest absolute difference of two arrays of one length. */
export function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) {
    throw new Error(`lengths differ: ${actual.length} and ${expected.length}`);
  }
  let largest = 0;
  for (let k = 0; k < actual.length; k++) {
    const error = Math.abs((actual[k] as number) - (expected[k] as number));
    if (!(error <= largest)) largest = error; // NaN gets through
  }
  return largest;
}

/** The largest absolute value. */
export function largest(values: ArrayLike<number>): number {
  return largestError(values, new Float64Array(values.length));
}
