import type { ImageArrays, Shape4D } from '../../backends/pairOnArrays.js';
import type { Padding } from '../../filters/paddings.js';
import { mapSize } from './contract.js';

/** One image of each batch. */
export interface ImagePair {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly weights?: Float32Array;
  /** 1 for pixels that are not what was given, and have no gradient. */
  readonly replaced?: Uint8Array;
}

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
  for (const weight of weights) total += weight;
  if (total === 0) {
    const nothing = new Float32Array(pair.x.length);
    return { x: nothing, y: nothing, weights, replaced: new Uint8Array(weights.length).fill(1) };
  }
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

/**
 * The weights of a map's pixels at one level, halved as the images are, of which those count that a window has in its
 * middle. They sum to 1, or are all 0.
 */
export function sharesAt(
  weights: Float32Array,
  shape: Shape4D,
  level: number,
  padding: Padding,
): Float32Array {
  let [, height, width] = shape;
  let counts = weights;
  for (let k = 0; k < level; k++) {
    counts = halved(counts, height, width);
    [height, width] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  }
  const [mapHeight, mapWidth] = mapSize(shape, level, padding);
  const border = (width - mapWidth) / 2;
  const shares = new Float32Array(mapHeight * mapWidth);
  let total = 0;
  for (let i = 0, k = 0; i < mapHeight; i++) {
    let from = (i + border) * width + border;
    for (const end = k + mapWidth; k < end; k++, from++) {
      const count = counts[from]!;
      shares[k] = count;
      total += count;
    }
  }
  const factor = total === 0 ? 0 : 1 / total;
  for (let k = 0; k < shares.length; k++) shares[k]! *= factor;
  return shares;
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
