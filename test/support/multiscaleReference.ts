/**
 * Multi-scale SSIM and gradient magnitude similarity once more in float64, in plain loops and the textbook
 * form: what the tests measure the library against. It shares no code with src/.
 */
import type {
  GmsdOptions,
  MixLossOptions,
  MsGmsOptions,
  MsSsimOptions,
  SsimOptions,
} from '../../src/index.js';
import { referenceSsimGradients, referenceTerms } from './reference.js';
import type { Images } from './reference.js';

const publishedWeights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/** Half the size, each pixel the mean of 2 × 2; beyond an odd size lies its last line once more. */
export function referenceHalved({ shape, data }: Images): Images {
  const [batch, height, width, channels] = shape;
  const [halfHeight, halfWidth] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  const halved = new Float64Array(batch * halfHeight * halfWidth * channels);
  for (let n = 0, out = 0; n < batch; n++)
    for (let i = 0; i < halfHeight; i++)
      for (let j = 0; j < halfWidth; j++)
        for (let c = 0; c < channels; c++, out++)
          for (const row of [2 * i, Math.min(2 * i + 1, height - 1)])
            for (const column of [2 * j, Math.min(2 * j + 1, width - 1)])
              halved[out]! += (data[((n * height + row) * width + column) * channels + c] as number) / 4;
  return { shape: [batch, halfHeight, halfWidth, channels], data: halved };
}

function weightsOf({ levels, levelWeights }: MsSsimOptions): readonly number[] {
  if (levelWeights !== undefined) return levelWeights;
  if (levels === undefined || levels === 5) return publishedWeights;
  const first = publishedWeights.slice(0, levels);
  return first.map((weight) => weight / first.reduce((sum, value) => sum + value, 0));
}

/** The mean of every channel of every image, in the order image, channel. */
function planeMeans({ shape: [batch, height, width, channels], data }: Images): number[] {
  const means = new Array<number>(batch * channels).fill(0);
  const perImage = height * width * channels;
  for (let k = 0; k < data.length; k++) {
    means[Math.floor(k / perImage) * channels + (k % channels)]! += (data[k] as number) / (height * width);
  }
  return means;
}

/** [N] from one number for each image and channel. */
function meanOverChannels(values: readonly number[], batch: number): number[] {
  const channels = values.length / batch;
  return Array.from(
    { length: batch },
    (_, n) =>
      values.slice(n * channels, (n + 1) * channels).reduce((sum, value) => sum + value, 0) / channels,
  );
}

/** Without the options of levels. */
function ofWindowOf(options: MsSsimOptions): SsimOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([name]) => name !== 'levels' && name !== 'levelWeights'),
  );
}

/** The mean terms of each level, one for each image and channel: cs, and l · cs in the last. */
export function referenceLevels(x: Images, y: Images, options: MsSsimOptions = {}): number[][] {
  const ofWindow = ofWindowOf(options);
  const weights = weightsOf(options);
  return weights.map((_, level) => {
    if (level > 0) [x, y] = [referenceHalved(x), referenceHalved(y)];
    const { shape, luminance, contrast, structure } = referenceTerms(x, y, ofWindow);
    const isLast = level === weights.length - 1;
    const map = contrast.map((c, k) => (isLast ? luminance[k]! : 1) * c * structure[k]!);
    return planeMeans({ shape, data: map });
  });
}

/** msSsim, [N]; the logarithm of a mean below 0.01 goes on along its tangent. */
export function referenceMsSsim(x: Images, y: Images, options: MsSsimOptions = {}): number[] {
  const weights = weightsOf(options);
  const levels = referenceLevels(x, y, options);
  const positive = (mean: number): number => (mean >= 0.01 ? mean : 0.01 * Math.exp(mean / 0.01 - 1));
  const products = levels[0]!.map((_, plane) =>
    levels.reduce((product, means, level) => product * positive(means[plane]!) ** weights[level]!, 1),
  );
  return meanOverChannels(products, x.shape[0]);
}

/** The gradients of Σ (1 − msSsim) with respect to x and y, where every level's mean is 0.01 at least. */
export function referenceMsSsimGradients(
  x: Images,
  y: Images,
  options: MsSsimOptions = {},
): readonly [Float64Array, Float64Array] {
  const weights = weightsOf(options);
  const means = referenceLevels(x, y, options);
  const ofWindow = ofWindowOf(options);
  const channels = x.shape[3];
  const byLevel = (level: number, a: Images, b: Images): readonly [Float64Array, Float64Array] => {
    const isLast = level === weights.length - 1;
    const ofLevel = { ...ofWindow, alpha: isLast ? 1 : 0 };
    const { ssim } = referenceTerms(a, b, ofLevel);
    const each = ssim.length / x.shape[0];
    const slopes = Float64Array.from(ssim, (_value, k) => {
      const plane = Math.floor(k / each) * channels + (k % channels);
      const product = weights.reduce((total, weight, j) => total * means[j]![plane]! ** weight, 1);
      return (-product * weights[level]!) / means[level]![plane]! / each;
    });
    const own = referenceSsimGradients(a, b, ofLevel, slopes);
    if (isLast) return own;
    const halves = [referenceHalved(a), referenceHalved(b)] as const;
    const rest = byLevel(level + 1, ...halves);
    return own.map((gradient, which) => {
      const spread = halvedTransposed({ shape: halves[0].shape, data: rest[which]! }, a.shape);
      return gradient.map((value, k) => value + spread[k]!);
    }) as unknown as readonly [Float64Array, Float64Array];
  };
  return byLevel(0, x, y);
}

/** Where a position beyond the border takes its pixel from; −1 for a zero. */
function source(index: number, size: number, padding: string): number {
  if (index >= 0 && index < size) return index;
  if (padding === 'reflect') return index < 0 ? -index : 2 * size - 2 - index;
  if (padding === 'wrap') return (index + size) % size;
  // One pixel beyond the border, symmetric and edge are the same.
  return padding === 'zero' ? -1 : index < 0 ? 0 : size - 1;
}

function magnitudes({ shape, data }: Images, padding: string, dataRange: number): Images {
  const [batch, height, width, channels] = shape;
  const [top, outHeight, outWidth] = padding === 'valid' ? [0, height - 2, width - 2] : [1, height, width];
  const result = new Float64Array(batch * outHeight * outWidth * channels);
  for (let n = 0, out = 0; n < batch; n++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++)
        for (let c = 0; c < channels; c++, out++) {
          const at = (u: number, v: number): number => {
            const row = source(i - top + u, height, padding);
            const column = source(j - top + v, width, padding);
            return row < 0 || column < 0
              ? 0
              : (data[((n * height + row) * width + column) * channels + c] as number) / dataRange;
          };
          let [down, right] = [0, 0];
          for (let k = 0; k < 3; k++) {
            down += (at(2, k) - at(0, k)) / 3;
            right += (at(k, 2) - at(k, 0)) / 3;
          }
          result[out] = Math.sqrt(down * down + right * right);
        }
  return { shape: [batch, outHeight, outWidth, channels], data: result };
}

/** The smallest gradient magnitude at so many sizes: its direction is lost in rounding where it is near 0. */
export function referenceLeastMagnitude(images: Images, options: MsGmsOptions): number {
  const { levels = 4, padding = 'zero', dataRange = 1 } = options;
  let least = Infinity;
  for (let level = 0; level < levels; level++) {
    if (level > 0) images = referenceHalved(images);
    for (const m of magnitudes(images, padding, dataRange).data as Float64Array) least = Math.min(least, m);
  }
  return least;
}

/** 1 − GMS, in the form that keeps its precision. */
export function referenceGmsDistances(x: Images, y: Images, options: MsGmsOptions = {}): Images {
  const { dataRange = 1, padding = 'zero' } = options;
  const c = (options.c ?? 170 * (dataRange / 255) ** 2) / dataRange ** 2;
  const [m1, m2] = [magnitudes(x, padding, dataRange), magnitudes(y, padding, dataRange)];
  return {
    shape: m1.shape,
    data: Float64Array.from(m1.data, (p, k) => {
      const q = m2.data[k] as number;
      return (p - q) ** 2 / (p * p + q * q + c);
    }),
  };
}

/**
 * The gradients of Σ weights · (1 − GMS) with respect to x and y, place by place and pixel by pixel. The slope of a
 * magnitude m is m / (m² + 1e-12) times the gradient of the image, as the library defines it: 0 where that is 0.
 */
export function referenceGmsGradients(
  x: Images,
  y: Images,
  options: MsGmsOptions,
  weights: ArrayLike<number>,
): readonly [Float64Array, Float64Array] {
  const { dataRange = 1, padding = 'zero' } = options;
  const [batch, height, width, channels] = x.shape;
  const unit = 2 ** Math.floor(Math.log2(dataRange));
  const c = ((options.c ?? 170 * (dataRange / 255) ** 2) / dataRange ** 2) * (dataRange / unit) ** 2;
  const [top, outHeight, outWidth] = padding === 'valid' ? [0, height - 2, width - 2] : [1, height, width];
  const gradients = [new Float64Array(x.data.length), new Float64Array(x.data.length)] as const;
  for (let n = 0, out = 0; n < batch; n++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++)
        for (let channel = 0; channel < channels; channel++, out++) {
          const pixels: { at: number; down: number; right: number }[] = [];
          for (let u = 0; u < 3; u++)
            for (let v = 0; v < 3; v++) {
              const row = source(i - top + u, height, padding);
              const column = source(j - top + v, width, padding);
              if (row < 0 || column < 0) continue;
              const at = ((n * height + row) * width + column) * channels + channel;
              pixels.push({ at, down: u - 1, right: v - 1 });
            }
          const [ofX, ofY] = [x, y].map(({ data }) => {
            let [down, right] = [0, 0];
            for (const pixel of pixels) {
              down += pixel.down * (data[pixel.at] as number);
              right += pixel.right * (data[pixel.at] as number);
            }
            // Only now: sums of float32 pixels are exact, and a slope of 0 is 0.
            [down, right] = [down / 3 / unit, right / 3 / unit];
            return { down, right, m: Math.sqrt(down * down + right * right) };
          }) as [Slope, Slope];
          const gap = ofX.m - ofY.m;
          const below = ofX.m ** 2 + ofY.m ** 2 + c;
          for (const [which, own, sign] of [
            [0, ofX, 1],
            [1, ofY, -1],
          ] as const) {
            const byMagnitude = (2 * sign * gap) / below - (gap * gap * 2 * own.m) / below ** 2;
            const slope = ((weights[out] as number) * byMagnitude * own.m) / (own.m ** 2 + 1e-12);
            for (const { at, down, right } of pixels)
              gradients[which][at]! += (slope / 3 / unit) * (own.down * down + own.right * right);
          }
        }
  return gradients;
}

interface Slope {
  readonly down: number;
  readonly right: number;
  readonly m: number;
}

/** What {@link referenceHalved} does, the other way: a gradient in half the size becomes one in `shape`. */
function halvedTransposed({ shape: half, data }: Images, shape: Images['shape']): Float64Array {
  const [, height, width, channels] = shape;
  const gradient = new Float64Array(shape.reduce((product, length) => product * length, 1));
  const [, halfHeight, halfWidth] = half;
  for (let k = 0; k < data.length; k++) {
    const [c, j] = [k % channels, Math.floor(k / channels) % halfWidth];
    const i = Math.floor(k / channels / halfWidth) % halfHeight;
    const n = Math.floor(k / channels / halfWidth / halfHeight);
    for (const row of [2 * i, Math.min(2 * i + 1, height - 1)])
      for (const column of [2 * j, Math.min(2 * j + 1, width - 1)])
        gradient[((n * height + row) * width + column) * channels + c]! += (data[k] as number) / 4;
  }
  return gradient;
}

/** The gradients of Σ msGmsLoss with respect to x and y. */
export function referenceMsGmsGradients(
  x: Images,
  y: Images,
  options: MsGmsOptions = {},
): readonly [Float64Array, Float64Array] {
  const { levels = 4 } = options;
  const { shape, data } = referenceGmsDistances(x, y, options);
  const each = shape[0] / data.length / levels;
  const own = referenceGmsGradients(x, y, options, new Float64Array(data.length).fill(each));
  if (levels === 1) return own;
  const halves = [referenceHalved(x), referenceHalved(y)] as const;
  const rest = referenceMsGmsGradients(...halves, { ...options, levels: levels - 1 });
  return own.map((gradient, which) => {
    const spread = halvedTransposed({ shape: halves[0].shape, data: rest[which]! }, x.shape);
    return gradient.map((value, k) => value + (spread[k]! * (levels - 1)) / levels);
  }) as unknown as readonly [Float64Array, Float64Array];
}

/** 1 − mean GMS over so many sizes, [N]. */
export function referenceMsGmsLoss(x: Images, y: Images, options: MsGmsOptions = {}): number[] {
  const { levels = 4 } = options;
  const total = new Array<number>(x.shape[0]).fill(0);
  for (let level = 0; level < levels; level++) {
    if (level > 0) [x, y] = [referenceHalved(x), referenceHalved(y)];
    const means = meanOverChannels(planeMeans(referenceGmsDistances(x, y, options)), x.shape[0]);
    means.forEach((mean, n) => (total[n]! += mean / levels));
  }
  return total;
}

/** gmsd, [N]. */
export function referenceGmsd(x: Images, y: Images, options: GmsdOptions = {}): number[] {
  const { downsample = true, ...ofMap } = options;
  if (downsample) [x, y] = [referenceHalved(x), referenceHalved(y)];
  const { shape, data } = referenceGmsDistances(x, y, ofMap);
  const means = planeMeans({ shape, data });
  const [batch, , , channels] = shape;
  const perImage = data.length / batch;
  const squares = Float64Array.from(
    data,
    (value, k) => (value - means[Math.floor(k / perImage) * channels + (k % channels)]!) ** 2,
  );
  return meanOverChannels(planeMeans({ shape, data: squares }).map(Math.sqrt), batch);
}

/** The value of a map at a place between its pixels, their centres at halves; the edge beyond them. */
function interpolated(
  values: (row: number, column: number) => number,
  size: readonly [number, number],
  at: readonly [number, number],
): number {
  const [[r0, r1, r], [c0, c1, c]] = size.map((length, axis) => {
    const position = Math.min(Math.max(at[axis]!, 0), length - 1);
    const below = Math.floor(position);
    return [below, Math.min(below + 1, length - 1), position - below] as const;
  }) as [readonly [number, number, number], readonly [number, number, number]];
  return (
    (1 - r) * ((1 - c) * values(r0, c0) + c * values(r0, c1)) +
    r * ((1 - c) * values(r1, c0) + c * values(r1, c1))
  );
}

/** msGmsResidualMap, [N, H, W, 1]. */
export function referenceMsGmsResidual(x: Images, y: Images, options: MsGmsOptions = {}): Float64Array {
  const { levels = 4 } = options;
  const [batch, height, width, channels] = x.shape;
  const map = new Float64Array(batch * height * width);
  for (let level = 0; level < levels; level++) {
    if (level > 0) [x, y] = [referenceHalved(x), referenceHalved(y)];
    const { shape, data } = referenceGmsDistances(x, y, { padding: 'reflect', ...options });
    const [, h, w] = shape;
    for (let k = 0; k < map.length; k++) {
      const [n, i, j] = [Math.floor(k / (height * width)), Math.floor(k / width) % height, k % width];
      const place = [((i + 0.5) * h) / height - 0.5, ((j + 0.5) * w) / width - 0.5] as const;
      for (let c = 0; c < channels; c++) {
        const value = (row: number, column: number): number =>
          data[((n * h + row) * w + column) * channels + c] as number;
        map[k]! += interpolated(value, [h, w], place) / channels / levels;
      }
    }
  }
  return map;
}

/** mixLoss, [N], for the uniform or Gaussian windows and padding `valid` that its tests use. */
export function referenceMixLoss(x: Images, y: Images, options: MixLossOptions = {}): number[] {
  const { alpha = 0.84, l1Sigma, ...ofMsSsim } = options;
  const { dataRange = 1, windowSize = 11, windowSigma = 1.5, windowType = 'gaussian' } = options;
  let differences: Images = {
    shape: x.shape,
    data: Float64Array.from(x.data, (value, k) => Math.abs(value - (y.data[k] as number)) / dataRange),
  };
  if (l1Sigma === undefined) {
    for (let level = 1; level < weightsOf(options).length; level++)
      differences = referenceHalved(differences);
  }
  const size = l1Sigma === undefined ? (windowSize as number) : 2 * Math.ceil(2 * l1Sigma) + 1;
  const sigma = l1Sigma ?? (windowSigma as number);
  const isUniform = l1Sigma === undefined && windowType === 'uniform';
  const taps = Array.from({ length: size }, (_, i) =>
    isUniform ? 1 : Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma ** 2)),
  );
  const total = taps.reduce((sum, tap) => sum + tap, 0);
  const [batch, height, width, channels] = differences.shape;
  const means = new Array<number>(batch).fill(0);
  const count = (height - size + 1) * (width - size + 1) * channels;
  for (let n = 0; n < batch; n++)
    for (let i = 0; i + size <= height; i++)
      for (let j = 0; j + size <= width; j++)
        for (let u = 0; u < size; u++)
          for (let v = 0; v < size; v++)
            for (let c = 0; c < channels; c++)
              means[n]! +=
                ((taps[u]! * taps[v]!) / total ** 2 / count) *
                (differences.data[((n * height + i + u) * width + j + v) * channels + c] as number);
  return referenceMsSsim(x, y, ofMsSsim).map((index, n) => alpha * (1 - index) + (1 - alpha) * means[n]!);
}
