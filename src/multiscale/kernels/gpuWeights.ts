import type { TensorInfo } from '@tensorflow/tfjs-core';
import { finiteTest } from '../../backends/bitTests.js';
import { geometryOf } from '../../backends/geometry.js';
import type { Geometry } from '../../backends/geometry.js';
import type { Gpu } from '../../backends/gpu.js';
import { sumsOfNumbers } from '../../backends/gpuSums.js';
import type { Shape4D } from '../../backends/pairOnArrays.js';
import type { Padding } from '../../filters/paddings.js';
import type { Mix } from './contract.js';
import {
  agreedShader,
  clearedShader,
  halvedWeightsShader,
  middlesShader,
  sharesShader,
  transposedShader,
} from './weightShaders.js';

interface Images {
  readonly yTrue: TensorInfo;
  readonly yPred: TensorInfo;
}

/** The passes that weights of pixels, [N or 1, H, W, 1], take beside those of the images. */
export class GpuWeights {
  declare private readonly gpu: Gpu;
  /** As they were given. */
  declare private readonly images: Images;
  declare private readonly shape: Shape4D;
  /** The weights at the levels down to which they were asked for. */
  declare private readonly counts: TensorInfo[];
  /** Of all weights of an image, [N or 1, 1]. */
  declare private readonly mean: TensorInfo;

  constructor(gpu: Gpu, images: Images, weights: TensorInfo) {
    this.gpu = gpu;
    this.images = images;
    this.shape = images.yTrue.shape as unknown as Shape4D;
    this.counts = [weights];
    this.mean = this.meanOf(weights);
  }

  private meanOf(weights: TensorInfo): TensorInfo {
    const [, height, width] = weights.shape as [number, number, number];
    return sumsOfNumbers(this.gpu, weights, 1, 1 / (height * width));
  }

  private get isShared(): boolean {
    return this.counts[0]!.shape[0] === 1;
  }

  private get agreeing(): Parameters<typeof agreedShader>[1] {
    const { gpu, shape, isShared } = this;
    return { channels: shape[3], finiteTest: finiteTest(gpu), isShared };
  }

  /** Both images as `agreeingAtWeightZero` makes them. */
  agreed(): Images {
    const { images, counts, mean } = this;
    const of = (own: TensorInfo, other: TensorInfo): TensorInfo =>
      this.gpu.run(agreedShader(this.shape, this.agreeing), own, other, counts[0]!, mean);
    return { yTrue: of(images.yTrue, images.yPred), yPred: of(images.yPred, images.yTrue) };
  }

  /** A gradient, without that of pixels that were replaced. */
  cleared(gradient: TensorInfo): TensorInfo {
    const { images, counts, mean, agreeing } = this;
    const shader = clearedShader(this.shape, agreeing);
    return this.gpu.run(shader, gradient, images.yTrue, images.yPred, counts[0]!, mean);
  }

  private countsAt(level: number): TensorInfo {
    if (level >= this.counts.length) {
      const fine = this.countsAt(level - 1);
      this.counts.push(this.gpu.run(halvedWeightsShader(fine.shape as unknown as Shape4D), fine));
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
        : this.gpu.run(middlesShader(geometry, counts.shape as unknown as Shape4D), counts);
    return this.gpu.run(sharesShader(geometry, { isShared: this.isShared }), middles, this.meanOf(middles));
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
    const rows = this.gpu.run(
      transposedShader([batch, mapHeight, mapWidth, 1], 1, height, down, padding),
      windows,
    );
    const shares = this.gpu.run(
      transposedShader([batch, height, mapWidth, 1], 2, width, across, padding),
      rows,
    );
    return { shares, windows: mapHeight * mapWidth };
  }
}
