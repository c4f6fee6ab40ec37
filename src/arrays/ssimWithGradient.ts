import { checkArguments } from '../checks/options.js';
import { lumaShares } from '../filters/lumaShares.js';
import { windowOf } from '../filters/window.js';
import { mapSize, planesOf } from './distancePlanes.js';
import { isColored } from './imageArray.js';
import type { ImageArray } from './imageArray.js';
import { engineCall } from './kernels/engine.js';
import { boxOf } from './pixelRows.js';
import { ssimRequest } from './ssimOptions.js';
import type { SsimOptions, SsimRequest } from './ssimOptions.js';
import { ssimSlopesOf } from './ssimSlopes.js';
import { ssimDistanceOf } from './ssimTerms.js';
import { eachWindow, folded, padded, spread } from './windowMoments.js';

/** What {@link ssimWithGradient} gives. */
export interface SsimWithGradient {
  /** SSIM of the two images. */
  readonly value: number;
  /** Its slope in every number of y, in the same order; 0 for alpha. */
  readonly gradient: Float32Array;
}

/**
 * The structural similarity index of two pictures in arrays and its gradient with respect to y, without tfjs.
 *
 * The gradient is ∂ SSIM(x, y) / ∂y for every number of y, through luma, box filter and window: a step along it makes y more
 * like x. It is exactly 0 where both images are equal; slopes of exponents are as for `ssim` of `ssim-ae`.
 *
 * SSIM = mean of (2 μx μy + c1)(2 σxy + c2) / ((μx² + μy² + c1)(σx² + σy² + c2)) over all windows.
 *
 * Shapes: two images of one size → one number, and as many as y has.
 * Range: [−1, 1] for the value; the gradient is per unit of y's numbers.
 *
 * @param x an image
 * @param y the image to compare with it, of the same size, in whose layout the gradient is
 * @param options as for `ssim`: see {@link SsimOptions}
 * @throws TypeError and RangeError as `ssim` does
 * @see Bergmann et al. 2019 (arXiv 1807.02011), eqs 4 to 8; Wang et al. 2004
 *
 * @example
 * ```ts
 * import { ssimWithGradient } from 'ssim-ae/arrays';
 *
 * const x = { data: Float32Array.from({ length: 256 }, (_, k) => (k % 7) / 7), width: 16, height: 16 };
 * const y = { ...x, data: x.data.map((value) => 0.8 * value + 0.1) };
 * const { value, gradient } = ssimWithGradient(x, y);
 * const better = { ...y, data: y.data.map((pixel, k) => pixel + (gradient[k] ?? 0)) };
 * console.log(ssimWithGradient(x, better).value > value); // true
 * ```
 */
export function ssimWithGradient(x: ImageArray, y: ImageArray, options: SsimOptions = {}): SsimWithGradient {
  checkArguments('ssimWithGradient', arguments, 3);
  const request = ssimRequest('ssimWithGradient', x, y, options);
  const { value, slopes } = valueAndSlopes(request);
  return { value, gradient: throughPixels(request, slopes) };
}

/** SSIM, and its slope in every number that is compared. */
function valueAndSlopes(request: SsimRequest): { value: number; slopes: Float32Array | Float64Array } {
  const call = engineCall(request);
  if (call === undefined) return plain(request);
  const slopes = new Float32Array(call.images.y.length);
  const attrs = { ...call.attrs, form: 'mean', wrt: 'yPred' } as const;
  const [mean] = call.engine.gradient(call.images, attrs, undefined, slopes);
  for (let k = 0; k < slopes.length; k++) slopes[k] = -slopes[k]!;
  return { value: 1 - mean!, slopes };
}

/**
 * In float64. With the slopes m, v and c of SSIM in the mean and variance of y and in the covariance, pixel i has
 * Σ t (m − 2 s v μy − s c μx) + yᵢ Σ t 2 s v + xᵢ Σ t s c, over the windows that see it with taps t.
 */
function plain(request: SsimRequest): { value: number; slopes: Float64Array } {
  const { options } = request;
  const { unit, padding, varianceScale } = options;
  const window = windowOf(options) as [Float64Array, Float64Array];
  const { width, height } = mapSize(request);
  const { channels } = request.y;
  const count = width * height * channels;
  const [ofX, ofY] = [planesOf(request.x, unit), planesOf(request.y, unit)];
  const slopes = new Float64Array(request.y.width * request.y.height * channels);
  let sum = 0;
  ofX.forEach((plane, channel) => {
    const [x, y] = [padded(plane, window, padding), padded(ofY[channel]!, window, padding)];
    const [rest, byX, byY] = [0, 1, 2].map(() => new Float64Array(width * height)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const slope = { byMean: 0, byVariance: 0, byCovariance: 0 };
    eachWindow(x, y, window, varianceScale, (index, moments) => {
      sum += ssimDistanceOf(moments, options);
      ssimSlopesOf(moments, options, slope);
      byX[index] = (varianceScale * slope.byCovariance) / count;
      byY[index] = (2 * varianceScale * slope.byVariance) / count;
      rest[index] = slope.byMean / count - byX[index] * moments.meanX - byY[index] * moments.meanY;
    });
    const [all, ofXs, ofYs] = [rest, byX, byY].map((data) => spread({ data, width, height }, window).data);
    const gradient = all!.map((value, k) => value + ofXs![k]! * x.data[k]! + ofYs![k]! * y.data[k]!);
    const inner = folded({ data: gradient, width: x.width, height: x.height }, window, padding).data;
    for (let k = 0; k < inner.length; k++) slopes[k * channels + channel] = inner[k]! / unit;
  });
  return { value: 1 - sum / count, slopes };
}

/** From the numbers that are compared to those of the image: the adjoint of box filter and luma. */
function throughPixels(
  { images: { y }, y: rows, color, factor }: SsimRequest,
  slopes: Float32Array | Float64Array,
): Float32Array {
  const { width, height, channels } = y;
  const compared = rows.channels;
  const single = factor === 1 ? slopes : throughBoxes(slopes, rows, factor, width, height);
  if (channels === compared) return Float32Array.from(single);
  const gradient = new Float32Array(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (isColored(y) && color === 'luma') {
      for (let k = 0; k < 3; k++) gradient[pixel * channels + k] = lumaShares[k]! * single[pixel]!;
    } else {
      for (let k = 0; k < compared; k++) gradient[pixel * channels + k] = single[pixel * compared + k]!;
    }
  }
  return gradient;
}

function throughBoxes(
  slopes: Float32Array | Float64Array,
  rows: SsimRequest['y'],
  factor: number,
  width: number,
  height: number,
): Float64Array {
  const { channels } = rows;
  const all = new Float64Array(width * height * channels);
  const columns = Array.from({ length: rows.width }, (_, column) => boxOf(column, factor, width));
  for (let row = 0; row < rows.height; row++) {
    for (const sourceRow of boxOf(row, factor, height)) {
      columns.forEach((box, column) => {
        for (const source of box) {
          for (let k = 0; k < channels; k++) {
            all[(sourceRow * width + source) * channels + k]! +=
              slopes[(row * rows.width + column) * channels + k]! / factor ** 2;
          }
        }
      });
    }
  }
  return all;
}
