/**
 * HaarPSI once more in float64, in plain loops and the paper's form: what the tests measure the library against. It
 * shares no code with src/.
 */
import type { HaarPsiOptions } from '../../src/index.js';
import type { Images } from '../support/reference.js';

/** One channel of one image. */
interface Plane {
  readonly height: number;
  readonly width: number;
  readonly at: (i: number, j: number) => number;
}

const planeFrom = (height: number, width: number, value: (i: number, j: number) => number): Plane => {
  const values = Float64Array.from({ length: height * width }, (_, k) =>
    value(Math.floor(k / width), k % width),
  );
  return {
    height,
    width,
    // Zeros beyond the border.
    at: (i, j) => (i < 0 || j < 0 || i >= height || j >= width ? 0 : values[i * width + j]!),
  };
};

function planeOf({ shape, data }: Images, n: number, c: number, { dataRange, subsample }: Settings): Plane {
  const [, height, width, channels] = shape;
  const full = planeFrom(
    height,
    width,
    (i, j) => ((data[((n * height + i) * width + j) * channels + c] as number) / dataRange) * 255,
  );
  if (!subsample) return full;
  return planeFrom(Math.ceil(height / 2), Math.ceil(width / 2), (i, j) => {
    let total = 0;
    for (const u of [0, 1]) for (const v of [0, 1]) total += full.at(2 * i + u, 2 * j + v);
    return total / 4;
  });
}

/** The later half of a window minus the earlier one, along rows or columns. */
function coefficient(plane: Plane, i: number, j: number, scale: number, axis: 0 | 1): number {
  const size = 2 ** scale;
  let total = 0;
  for (let u = 1 - size / 2; u <= size / 2; u++)
    for (let v = 1 - size / 2; v <= size / 2; v++)
      total += (axis === 0 ? u > 0 : v > 0) ? plane.at(i + u, j + v) : -plane.at(i + u, j + v);
  return total / size;
}

interface Settings {
  readonly dataRange: number;
  readonly c: number;
  readonly alpha: number;
  readonly subsample: boolean;
}

/** The constant for pixels in [0, 255]. */
function settingsOf({ dataRange = 1, c, alpha = 4.2, subsample = true }: HaarPsiOptions): Settings {
  return { dataRange, c: c === undefined ? 30 : c * (255 / dataRange) ** 2, alpha, subsample };
}

function similarity(x: Plane, y: Plane, i: number, j: number, axis: 0 | 1, c: number): number {
  let total = 0;
  for (const scale of [1, 2]) {
    const [a, b] = [x, y].map((plane) => Math.abs(coefficient(plane, i, j, scale, axis)));
    total += (2 * a! * b! + c) / (a! ** 2 + b! ** 2 + c) / 2;
  }
  return total;
}

/** haarPsi, [N]; `weights` has one number for each place of the compared size of each image. */
export function referenceHaarPsi(
  x: Images,
  y: Images,
  options: HaarPsiOptions = {},
  weights?: ArrayLike<number>,
): number[] {
  const settings = settingsOf(options);
  const { alpha, c } = settings;
  const [batch, , , channels] = x.shape;
  return Array.from({ length: batch }, (_, n) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) {
      const [a, b] = [planeOf(x, n, channel, settings), planeOf(y, n, channel, settings)];
      let [above, below] = [0, 0];
      for (const axis of [0, 1] as const)
        for (let i = 0; i < a.height; i++)
          for (let j = 0; j < a.width; j++) {
            const weight =
              Math.max(...[a, b].map((plane) => Math.abs(coefficient(plane, i, j, 3, axis)))) *
              (weights?.[(n * a.height + i) * a.width + j] ?? 1);
            above += weight / (1 + Math.exp(-alpha * similarity(a, b, i, j, axis, c)));
            below += weight;
          }
      sum += below === 0 ? 1 : (Math.log(above / (below - above)) / alpha) ** 2;
    }
    return sum / channels;
  });
}

/** haarPsiResidualMap, [N, H, W, 1]. */
export function referenceHaarPsiResidual(x: Images, y: Images, options: HaarPsiOptions = {}): Float64Array {
  const settings = settingsOf(options);
  const [batch, height, width, channels] = x.shape;
  const map = new Float64Array(batch * height * width);
  for (let n = 0; n < batch; n++)
    for (let channel = 0; channel < channels; channel++) {
      const [a, b] = [planeOf(x, n, channel, settings), planeOf(y, n, channel, settings)];
      const small = planeFrom(
        a.height,
        a.width,
        (i, j) => 1 - (similarity(a, b, i, j, 0, settings.c) + similarity(a, b, i, j, 1, settings.c)) / 2,
      );
      for (let i = 0; i < height; i++)
        for (let j = 0; j < width; j++) {
          const [top, down] = between(i, height, a.height);
          const [left, right] = between(j, width, a.width);
          for (const [row, p] of [
            [top, 1 - down],
            [top + 1, down],
          ] as const)
            for (const [column, q] of [
              [left, 1 - right],
              [left + 1, right],
            ] as const)
              if (p * q > 0) map[(n * height + i) * width + j]! += (p * q * small.at(row, column)) / channels;
        }
    }
  return map;
}

/** The place before, and how far it is to the one after. */
function between(place: number, size: number, from: number): readonly [number, number] {
  const exact = Math.min(Math.max(((place + 0.5) * from) / size - 0.5, 0), from - 1);
  return [Math.floor(exact), exact - Math.floor(exact)];
}
