import { clearReplaced, imagePairs, weightsOfMiddles } from '../../backends/imagePairs.js';
import type { ImagePair, MapWeights } from '../../backends/imagePairs.js';
import type { ImageArrays, PairEngine, Shape4D } from '../../backends/pairOnArrays.js';
import { ssimCode } from './assembly/ssimCode.js';
import { mapShape, valueShape } from './contract.js';
import type { SsimAttrs, SsimBackwardAttrs } from './contract.js';
import { windowPasses } from './windowPasses.js';
import type { WindowPasses } from './windowPasses.js';

/** SSIM and its gradient on arrays, by the SIMD kernel. */
export class AssemblyEngine implements PairEngine<SsimAttrs> {
  declare private readonly passes: WindowPasses;

  /** Throws where WebAssembly or its SIMD is missing or forbidden. */
  constructor() {
    this.passes = windowPasses(ssimCode);
  }

  valueShape(shape: Shape4D, attrs: SsimAttrs): number[] {
    return valueShape(mapShape(shape, attrs), attrs.form);
  }

  value(images: ImageArrays, attrs: SsimAttrs, value: Float32Array): void {
    const { shape } = images;
    const pairs = imagePairs(images);
    const level = { shape, level: 0 };
    if (attrs.form === 'mean') {
      const weights = pairs.map((pair) => meanWeights(pair, shape, attrs));
      value.set(meansOf(this.passes.sums(pairs, level, attrs, weights), shape));
    } else {
      this.passes.maps(pairs, level, attrs, attrs.form, value);
    }
  }

  gradient(
    images: ImageArrays,
    attrs: SsimBackwardAttrs,
    dy: Float32Array | undefined,
    gradient: Float32Array,
  ): Float64Array {
    const { form } = attrs;
    const { shape } = images;
    const pairs = imagePairs(images);
    const weights = pairs.map((pair, n) =>
      form === 'mean'
        ? meanWeights(pair, shape, attrs, dy?.[n])
        : slopeWeights(dy!, n, mapShape(shape, attrs), form),
    );
    const size = gradient.length / pairs.length;
    const gradients = pairs.map((_, n) => gradient.subarray(n * size, (n + 1) * size));
    const sums = this.passes.gradients(pairs, { shape, level: 0 }, attrs, weights, gradients);
    pairs.forEach((pair, n) => {
      clearReplaced(pair, gradients[n]!, shape[3]);
    });
    return meansOf(sums, shape);
  }
}

/** What each d counts in the mean of an image, times a factor. */
function meanWeights({ weights }: ImagePair, shape: Shape4D, attrs: SsimAttrs, factor = 1): MapWeights {
  const [, mapHeight, mapWidth, channels] = mapShape(shape, attrs);
  if (weights === undefined) return factor / (mapHeight * mapWidth * channels);
  const [, height, width] = shape;
  return weightsOfMiddles(
    weights,
    width,
    [(height - mapHeight) / 2, (width - mapWidth) / 2],
    factor / channels,
  );
}

/** What each d of an image's map counts in Σ dy · map. */
function slopeWeights(
  dy: Float32Array,
  n: number,
  [, height, width, channels]: Shape4D,
  form: 'distance' | 'residual',
): MapWeights {
  const perPixel = form === 'residual' ? 1 : channels;
  const stride = width * perPixel;
  return { data: dy, first: n * height * stride, stride, perPixel, factor: perPixel / channels };
}

/** The sum over the channels of each image. */
function meansOf(sums: Float64Array, [batch, , , channels]: Shape4D): Float64Array {
  return Float64Array.from({ length: batch }, (_, n) =>
    sums.subarray(n * channels, (n + 1) * channels).reduce((mean, sum) => mean + sum),
  );
}
