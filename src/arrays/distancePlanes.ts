import { windowOf } from '../filters/window.js';
import { readAll } from './pixelRows.js';
import type { PixelRows } from './pixelRows.js';
import type { ComparedRows } from './ssimOptions.js';
import { ssimDistanceOf } from './ssimTerms.js';
import { eachWindow, padded } from './windowMoments.js';
import type { Plane } from './windowMoments.js';

/**
 * Gives 1 − SSIM at every position of the window of every channel, in plain float64: the definition, and what computes where
 * WebAssembly is missing or forbidden, and what its kernels do not support.
 */
export function eachDistance(
  request: ComparedRows,
  visit: (distance: number, index: number, channel: number) => void,
): void {
  const { options } = request;
  const window = windowOf(options) as [Float64Array, Float64Array];
  const [x, y] = [planesOf(request.x, options.unit), planesOf(request.y, options.unit)];
  x.forEach((plane, channel) => {
    const [ofX, ofY] = [plane, y[channel]!].map((one) => padded(one, window, options.padding));
    eachWindow(ofX!, ofY!, window, options.varianceScale, (index, moments) => {
      visit(within(ssimDistanceOf(moments, options)), index, channel);
    });
  });
}

/** Rounding does not lead out of [0, 2]; NaN stays. */
const within = (distance: number): number => (distance < 0 ? 0 : distance > 2 ? 2 : distance);

/** Each channel for itself, divided by the unit. */
export function planesOf(rows: PixelRows, unit: number): Plane[] {
  const { width, height, channels } = rows;
  const all = readAll(rows, new Float64Array(width * height * channels), unit);
  if (channels === 1) return [{ data: all, width, height }];
  return Array.from({ length: channels }, (_, channel) => ({
    data: Float64Array.from({ length: width * height }, (__, k) => all[k * channels + channel]!),
    width,
    height,
  }));
}

/** The size of the map that the window gives. */
export function mapSize({ x, options }: ComparedRows): { readonly width: number; readonly height: number } {
  const { width, height } = x;
  const [windowHeight, windowWidth] = options.windowSize as [number, number];
  return options.padding === 'valid'
    ? { width: width - windowWidth + 1, height: height - windowHeight + 1 }
    : { width, height };
}

/** Σ (1 − SSIM) over all positions and channels. */
export function plainSum(request: ComparedRows): number {
  let sum = 0;
  eachDistance(request, (distance) => {
    sum += distance;
  });
  return sum;
}
