import type { ImageArrays, Shape4D } from './pairOnArrays.js';

/** One image of each batch. */
export interface ImagePair {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly weights?: Float32Array;
  /** 1 for pixels that are not what was given, and have no gradient. */
  readonly replaced?: Uint8Array;
}

/** What each d of a map counts: the same, or numbers from `first` on, each times a factor. */
export type MapWeights =
  | number
  | {
      readonly data: Float32Array;
      readonly first: number;
      /** Between the rows of the map. */
      readonly stride: number;
      /** One for all channels of a pixel, or one for each. */
      readonly perPixel: number;
      readonly factor: number;
    };

/** The images one by one, as `agreeingAtWeightZero` makes them. */
export function imagePairs({ shape, x, y, weights }: ImageArrays): readonly ImagePair[] {
  const [batch, height, width, channels] = shape;
  const pixels = height * width;
  return Array.from({ length: batch }, (_, n) => {
    const of = (data: Float32Array, size: number): Float32Array =>
      data.length === size ? data : data.subarray(n * size, (n + 1) * size);
    const pair = { x: of(x, pixels * channels), y: of(y, pixels * channels) };
    return weights === undefined ? pair : agreeing({ ...pair, weights: of(weights, pixels) }, channels);
  });
}

/**
 * A pixel of weight 0 that is not finite becomes that of the other image, if it is finite there, or 0; an image
 * without any weight becomes 0 altogether.
 */
function agreeing(pair: Required<Omit<ImagePair, 'replaced'>>, channels: number): ImagePair {
  const { weights } = pair;
  let total = 0;
  let isSome = false;
  for (let pixel = 0; pixel < weights.length; pixel++) {
    const weight = weights[pixel]!;
    total += weight;
    if (weight === 0) isSome = true;
  }
  if (total === 0) {
    const nothing = new Float32Array(pair.x.length);
    return { x: nothing, y: nothing, weights, replaced: new Uint8Array(weights.length).fill(1) };
  }
  if (!isSome) return pair;
  const isFinite = (image: Float32Array, pixel: number): boolean => {
    for (let k = pixel * channels; k < (pixel + 1) * channels; k++)
      if (!Number.isFinite(image[k])) return false;
    return true;
  };
  let agreed: { x: Float32Array; y: Float32Array; replaced: Uint8Array } | undefined;
  for (let pixel = 0; pixel < weights.length; pixel++) {
    if (weights[pixel] !== 0) continue;
    const [ofX, ofY] = [isFinite(pair.x, pixel), isFinite(pair.y, pixel)];
    if (ofX && ofY) continue;
    agreed ??= { x: pair.x.slice(), y: pair.y.slice(), replaced: new Uint8Array(weights.length) };
    for (let k = pixel * channels; k < (pixel + 1) * channels; k++) {
      const value = ofX ? pair.x[k]! : ofY ? pair.y[k]! : 0;
      agreed.x[k] = agreed.y[k] = value;
    }
    agreed.replaced[pixel] = 1;
  }
  return { ...pair, ...agreed };
}

/** No gradient for pixels that were replaced. */
export function clearReplaced({ replaced }: ImagePair, gradient: Float32Array, channels: number): void {
  replaced?.forEach((is, pixel) => {
    if (is) gradient.fill(0, pixel * channels, (pixel + 1) * channels);
  });
}

/** Weights of pixels at one level of a pyramid, halved as the images are. */
export function halvedWeights(
  weights: Float32Array,
  [, height, width]: Shape4D,
  level: number,
): Float32Array {
  let counts = weights;
  let size = [height, width] as const;
  for (let k = 0; k < level; k++) {
    counts = halved(counts, ...size);
    size = [Math.ceil(size[0] / 2), Math.ceil(size[1] / 2)];
  }
  return counts;
}

/** Means of 2 × 2 pixels; beyond an odd size lies its last line once more. */
function halved(counts: Float32Array, height: number, width: number): Float32Array {
  const [halfHeight, halfWidth] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  const result = new Float32Array(halfHeight * halfWidth);
  for (let i = 0, k = 0; i < halfHeight; i++) {
    const upper = 2 * i * width;
    const lower = Math.min(2 * i + 1, height - 1) * width;
    for (let j = 0; j < halfWidth; j++, k++) {
      const left = 2 * j;
      const right = Math.min(left + 1, width - 1);
      result[k] =
        (counts[upper + left]! + counts[upper + right]! + counts[lower + left]! + counts[lower + right]!) / 4;
    }
  }
  return result;
}

/**
 * The weights of the windows' middle pixels, which sum to `factor`, or are all 0; the windows' middles lie so many
 * rows and columns from the border of an image of such width.
 */
export function weightsOfMiddles(
  counts: Float32Array,
  width: number,
  [rows, columns]: readonly [number, number],
  factor: number,
): MapWeights {
  const height = counts.length / width;
  const first = rows * width + columns;
  let total = 0;
  for (let row = rows; row < height - rows; row++) {
    const end = (row + 1) * width - columns;
    for (let k = row * width + columns; k < end; k++) total += counts[k]!;
  }
  return { data: counts, first, stride: width, perPixel: 1, factor: total === 0 ? factor : factor / total };
}
