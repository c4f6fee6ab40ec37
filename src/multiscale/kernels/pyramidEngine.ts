import { clearReplaced, halvedWeights, imagePairs, weightsOfMiddles } from '../../backends/imagePairs.js';
import type { ImagePair, MapWeights } from '../../backends/imagePairs.js';
import type { ImageArrays, PairEngine, Shape4D, WithRespectTo } from '../../backends/pairOnArrays.js';
import { mapShape } from '../../ssim/kernels/contract.js';
import { shapeAt, windowPasses } from '../../ssim/kernels/windowPasses.js';
import type { WindowAttrs, WindowPasses } from '../../ssim/kernels/windowPasses.js';
import { msSsimCode } from './assembly/msSsimCode.js';
import type { MsSsimAttrs } from './contract.js';
import {
  addDifferences,
  addWeighedDifferences,
  halfOf,
  sharesByWeights,
  sumOfDifferences,
  sumOfWeighedDifferences,
} from './differences.js';
import { productOf } from './product.js';

/** A level of the images, and the weights of its map for one image. */
interface LevelOfImages {
  readonly shape: Shape4D;
  readonly level: number;
  readonly attrs: WindowAttrs;
  readonly weightsOf: (pair: ImagePair) => MapWeights;
}

/**
 * MS-SSIM, ℓ1 if it is mixed with it, and the gradient, by the SIMD kernel: every level from the image itself, image
 * by image.
 */
export class PyramidEngine implements PairEngine<MsSsimAttrs> {
  declare private readonly passes: WindowPasses;

  /** Throws where WebAssembly or its SIMD is missing or forbidden. */
  constructor() {
    this.passes = windowPasses(msSsimCode);
  }

  valueShape([batch]: Shape4D): number[] {
    return [batch];
  }

  value(images: ImageArrays, attrs: MsSsimAttrs, value: Float32Array): void {
    const levels = levelsOf(images.shape, attrs);
    const ofPixels = differencesOf(images.shape, attrs);
    imagePairs(images).forEach((pair, n) => {
      const distances = levels.map((level) =>
        attrs.levelWeights[level.level] === 0
          ? new Float64Array(images.shape[3])
          : this.passes.sums([pair], level, level.attrs, [level.weightsOf(pair)]),
      );
      const { distance } = productOf(distances, attrs.levelWeights);
      value[n] = (attrs.mix?.share ?? 1) * distance + ofPixels(pair);
    });
  }

  gradient(
    images: ImageArrays,
    { wrt, ...attrs }: MsSsimAttrs & WithRespectTo,
    dy: Float32Array | undefined,
    gradient: Float32Array,
  ): Float64Array {
    const { levelWeights, mix } = attrs;
    const { shape } = images;
    const [batch, , , channels] = shape;
    const levels = levelsOf(shape, attrs);
    const ofPixels = differencesOf(shape, attrs);
    const size = gradient.length / batch;
    const coarse = levels.slice(1).map((level) => {
      const [, height, width] = shapeAt(level);
      return new Float32Array(height * width * channels);
    });
    return Float64Array.from(imagePairs(images), (pair, n) => {
      const ofImage = gradient.subarray(n * size, (n + 1) * size);
      const gradients = [ofImage, ...coarse];
      // Of the mean of every channel at every level: what they count in the whole is known when all are.
      const distances = levels.map((level, k) => {
        if (levelWeights[level.level] === 0) {
          gradients[k]!.fill(0);
          return new Float64Array(channels);
        }
        return this.passes.gradients(
          [pair],
          level,
          { ...level.attrs, wrt },
          [level.weightsOf(pair)],
          [gradients[k]!],
        );
      });
      const { distance, slopes } = productOf(distances, levelWeights);
      const times = dy === undefined ? 1 : dy[n]!;
      const share = mix?.share ?? 1;
      joinLevels(
        levels.map((level) => shapeAt(level)),
        gradients,
        slopes.map((ofLevel) => ofLevel.map((slope) => slope * times * share)),
      );
      const differences = ofPixels(pair, { factor: wrt === 'yTrue' ? times : -times, gradient: ofImage });
      clearReplaced(pair, ofImage, channels);
      return share * distance + differences;
    });
  }
}

function levelsOf(shape: Shape4D, attrs: MsSsimAttrs): LevelOfImages[] {
  const { levelWeights, taps, unit, c1, c2, varianceScale, padding } = attrs;
  return levelWeights.map((_, level) => {
    const luminance = level === levelWeights.length - 1;
    const [, height, width, channels] = shapeAt({ shape, level });
    const [, mapHeight, mapWidth] = mapShape([1, height, width, channels], attrs);
    const middles = [(height - mapHeight) / 2, (width - mapWidth) / 2] as const;
    let weights: { readonly of: Float32Array; readonly are: MapWeights } | undefined;
    return {
      shape,
      level,
      attrs: { taps, unit, luminance, c1, c2, varianceScale, padding },
      weightsOf: ({ weights: pixels }) => {
        if (pixels === undefined) return 1 / (mapHeight * mapWidth);
        // Made once where all images have the same.
        if (weights?.of !== pixels) {
          const counts = halvedWeights(pixels, shape, level);
          weights = { of: pixels, are: weightsOfMiddles(counts, width, middles, 1) };
        }
        return weights.are;
      },
    };
  });
}

/** ℓ1 of an image, and `factor` times its gradient in x added to another; 0 where there is none. */
type Differences = (
  pair: ImagePair,
  add?: { readonly factor: number; readonly gradient: Float32Array },
) => number;

function differencesOf(shape: Shape4D, { mix, padding }: MsSsimAttrs): Differences {
  if (mix === undefined) return () => 0;
  const { rows, columns } = mix;
  const [, , width, channels] = shape;
  const across = Float64Array.from(
    { length: width * channels },
    (_, k) => columns[Math.floor(k / channels)]!,
  );
  let weights: { readonly of: Float32Array; readonly shares: Float32Array } | undefined;
  return ({ x, y, weights: pixels }, add) => {
    if (pixels === undefined) {
      return add === undefined
        ? sumOfDifferences(x, y, rows, across)
        : addDifferences(x, y, rows, across, add.factor, add.gradient);
    }
    // Made once where all images have the same.
    if (weights?.of !== pixels) {
      weights = { of: pixels, shares: sharesByWeights(pixels, shape, mix, padding) };
    }
    return add === undefined
      ? sumOfWeighedDifferences(x, y, weights.shares, channels)
      : addWeighedDifferences(x, y, weights.shares, channels, add.factor, add.gradient);
  };
}

/** Each level's gradient times its slopes, and halving transposed: all of them become one in the first. */
function joinLevels(
  shapes: readonly Shape4D[],
  gradients: readonly Float32Array[],
  slopes: readonly Float64Array[],
): void {
  const last = gradients.length - 1;
  scaleChannels(gradients[last]!, slopes[last]!);
  for (let level = last - 1; level >= 0; level--) {
    joinLevel(shapes[level]!, gradients[level]!, slopes[level]!, gradients[level + 1]!);
  }
}

function scaleChannels(gradient: Float32Array, slopes: Float64Array): void {
  for (let k = 0; k < gradient.length;) {
    for (let c = 0; c < slopes.length; c++, k++) gradient[k]! *= slopes[c]!;
  }
}

function joinLevel(
  [, height, width, channels]: Shape4D,
  fine: Float32Array,
  slopes: Float64Array,
  coarse: Float32Array,
): void {
  const coarseRow = Math.ceil(width / 2) * channels;
  for (let row = 0; row < height; row++) {
    const ofRow = halfOf(row, height);
    for (let c = 0; c < channels; c++) {
      const slope = slopes[c]!;
      let from = (row >> 1) * coarseRow + c;
      let k = row * width * channels + c;
      for (let column = 1; column < width; column += 2) {
        const share = 0.5 * ofRow * coarse[from]!;
        fine[k] = slope * fine[k]! + share;
        fine[k + channels] = slope * fine[k + channels]! + share;
        k += 2 * channels;
        from += channels;
      }
      if (width % 2 === 1) fine[k] = slope * fine[k]! + ofRow * coarse[from]!;
    }
  }
}
