import type { TensorInfo } from '@tensorflow/tfjs-core';
import { geometryOf } from '../../backends/geometry.js';
import type { Geometry } from '../../backends/geometry.js';
import type { GpuBackend } from '../../backends/gpu.js';
import type { GpuShader } from '../../backends/gpuShader.js';
import type { Shape4D } from '../../backends/pairOnArrays.js';
import type { Passes } from '../../backends/passes.js';
import type { Padding } from '../../filters/paddings.js';
import type { SsimAttrs } from '../../ssim/kernels/contract.js';
import type { Mix } from './contract.js';
import {
  agreedShader,
  clearedShader,
  distancesAtOnce,
  halvedWeightsShader,
  middlesShader,
  sharesShader,
  transposedShader,
  weightedDistancesShader,
} from './weightShaders.js';

interface Images {
  readonly yTrue: TensorInfo;
  readonly yPred: TensorInfo;
}

/** The passes that weights of pixels, [N or 1, H, W, 1], take beside those of the images. */
export class GpuWeights<Pass> {
  declare private readonly gpu: GpuBackend<Pass>;
  declare private readonly passes: Passes<Pass>;
  /** As they were given. */
  declare private readonly images: Images;
  declare private readonly shape: Shape4D;
  /** The weights at the levels down to which they were asked for. */
  declare private readonly counts: TensorInfo[];
  /** Of all weights of an image, [N or 1, 1]. */
  declare private readonly mean: TensorInfo;

  constructor(gpu: GpuBackend<Pass>, passes: Passes<Pass>, images: Images, weights: TensorInfo) {
    this.gpu = gpu;
    this.passes = passes;
    this.images = images;
    this.shape = images.yTrue.shape as unknown as Shape4D;
    this.counts = [weights];
    this.mean = this.meanOf(weights);
  }

  private run(shader: GpuShader, ...inputs: readonly TensorInfo[]): TensorInfo {
    return this.passes.run(this.gpu.pass(shader), ...inputs);
  }

  private meanOf(weights: TensorInfo): TensorInfo {
    const [, height, width] = weights.shape as [number, number, number];
    return this.gpu.sums(this.passes, weights, 1, 1 / (height * width));
  }

  private get isShared(): boolean {
    return this.counts[0]!.shape[0] === 1;
  }

  private get agreeing(): Parameters<typeof agreedShader>[1] {
    const { gpu, shape, isShared } = this;
    return { channels: shape[3], finiteTest: gpu.finiteTest(), isShared };
  }

  /** Both images as `agreeingAtWeightZero` makes them. */
  agreed(): Images {
    const { images, counts, mean } = this;
    const of = (own: TensorInfo, other: TensorInfo): TensorInfo =>
      this.run(agreedShader(this.shape, this.agreeing), own, other, counts[0]!, mean);
    return { yTrue: of(images.yTrue, images.yPred), yPred: of(images.yPred, images.yTrue) };
  }

  /** A gradient, without that of pixels that were replaced. */
  cleared(gradient: TensorInfo): TensorInfo {
    const { images, counts, mean, agreeing } = this;
    const shader = clearedShader(this.shape, agreeing);
    return this.run(shader, gradient, images.yTrue, images.yPred, counts[0]!, mean);
  }

  private countsAt(level: number): TensorInfo {
    if (level >= this.counts.length) {
      const fine = this.countsAt(level - 1);
      this.counts.push(this.run(halvedWeightsShader(fine.shape as unknown as Shape4D), fine));
    }
    return this.counts[level]!;
  }

  /** What each window of a level counts, by its middle pixel, [N, H', W', 1]: their mean in every image is 1, or they are all 0. */
  shares(geometry: Geometry, level: number): TensorInfo {
    const counts = this.countsAt(level);
    const { height, width, mapHeight, mapWidth } = geometry;
    const middles =
      mapHeight === height && mapWidth === width
        ? counts
        : this.run(middlesShader(geometry, counts.shape as unknown as Shape4D), counts);
    return this.run(sharesShader(geometry, { isShared: this.isShared }), middles, this.meanOf(middles));
  }

  /** The mean of d over the windows of every channel, by their shares, [N, C]. */
  means(
    moments: TensorInfo,
    shares: TensorInfo,
    geometry: Geometry,
    attrs: Pick<SsimAttrs, 'luminance' | 'c1' | 'c2'>,
  ): TensorInfo {
    const { gpu, passes } = this;
    const { channels, mapHeight, mapWidth } = geometry;
    const sums = this.run(weightedDistancesShader(geometry, attrs, gpu.bitTests()), moments, shares);
    const means = gpu.sums(passes, sums, channels, distancesAtOnce / (mapHeight * mapWidth));
    passes.release(sums);
    return means;
  }

  /**
   * What each pixel of the images halved for ℓ1 counts in it, [N, H, W, 1], times the number of windows.
   */
  sharesOfDifferences(
    { window, halvings }: Mix,
    padding: Padding,
  ): { readonly shares: TensorInfo; readonly windows: number } {
    const [down, across] = window as [Float64Array, Float64Array];
    const geometry = geometryOf(this.shape, [down.length, across.length], padding, halvings);
    const { batch, height, width, mapHeight, mapWidth } = geometry;
    const windows = this.shares(geometry, halvings);
    const rows = this.run(
      transposedShader([batch, mapHeight, mapWidth, 1], 1, height, down, padding),
      windows,
    );
    const shares = this.run(transposedShader([batch, height, mapWidth, 1], 2, width, across, padding), rows);
    return { shares, windows: mapHeight * mapWidth };
  }
}
