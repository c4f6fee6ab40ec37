import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { finiteTest } from '../../backends/bitTests.js';
import { geometryOf } from '../../backends/geometry.js';
import type { Geometry } from '../../backends/geometry.js';
import { pairOnGpu } from '../../backends/gpu.js';
import type { Gpu, GpuBackend } from '../../backends/gpu.js';
import { imagesOf } from '../../backends/gpuImages.js';
import { sumsOf } from '../../backends/gpuSums.js';
import { halvedImagesShader } from '../../backends/halvedImages.js';
import { joinShader, scaledShader } from '../../backends/joining.js';
import type { Shape4D, WithRespectTo } from '../../backends/pairOnArrays.js';
import { gradientOf, meansOf, momentsOf } from '../../ssim/kernels/gpuKernels.js';
import { msSsimKernels } from './contract.js';
import type { Mix, MsSsimAttrs } from './contract.js';
import { sharesOfHalved } from './differences.js';
import { GpuWeights } from './gpuWeights.js';
import { addDifferencesShader, differences, slopesShader, valueShader } from './shaders.js';

/** The most levels that a pass can read the means of: webgpu binds eight buffers. */
export const mostGpuLevels = 6;

interface Inputs {
  readonly yTrue: TensorInfo;
  readonly yPred: TensorInfo;
  readonly weights?: TensorInfo;
  readonly dy: TensorInfo;
  readonly saved?: TensorInfo;
}

/** The fused kernels of MS-SSIM of a GPU backend: the order of their passes. `saved` is the gradient in yPred, of `dy` 1. */
export const gpuMsSsimKernels = (backend: GpuBackend): KernelConfig[] =>
  pairOnGpu(
    msSsimKernels,
    backend,
    (gpu, images: Inputs, attrs: MsSsimAttrs & { readonly gradient: boolean }) => {
      const pyramid = new Pyramid(gpu, images, attrs, attrs.gradient);
      const value = pyramid.value();
      return attrs.gradient ? [value, pyramid.gradient('yPred')] : [value];
    },
    (gpu, images, attrs: MsSsimAttrs & WithRespectTo) => {
      const { yTrue, saved, dy } = images;
      if (saved !== undefined && attrs.wrt === 'yPred') {
        return [gpu.run(scaledShader(geometryAt(yTrue, attrs, 0)), saved, dy)];
      }
      return [new Pyramid(gpu, images, attrs, true).gradient(attrs.wrt, dy)];
    },
  );

function geometryAt(
  { shape }: TensorInfo,
  { taps: [rows, columns], padding }: MsSsimAttrs,
  level: number,
): Geometry {
  return geometryOf(shape as unknown as Shape4D, [rows.length, columns.length], padding, level);
}

/** A level of the images; if it counts, its place among those that do, and what its passes left. */
interface Level {
  readonly geometry: Geometry;
  readonly images: readonly TensorInfo[];
  readonly counted?: {
    readonly level: number;
    readonly moments: TensorInfo;
    readonly luminance: boolean;
    /** What each window counts, if there are weights. */
    readonly shares: TensorInfo | undefined;
  };
}

/** The passes over all levels of the images, from the full size down, and back up. */
class Pyramid {
  declare private readonly gpu: Gpu;
  /** Both images, which agree where weights leave pixels out. */
  declare private readonly pair: Pick<Inputs, 'yTrue' | 'yPred'>;
  declare private readonly attrs: MsSsimAttrs;
  declare private readonly levels: Level[];
  /** The means of the levels that count, [N, C] each, and their exponents. */
  declare private readonly means: TensorInfo[];
  declare private readonly exponents: number[];
  declare private readonly weights: GpuWeights | undefined;
  declare private readonly mix: ScaledMix | undefined;

  /** `keep` says whether a gradient will be asked for. */
  constructor(gpu: Gpu, inputs: Inputs, attrs: MsSsimAttrs, keep: boolean) {
    this.gpu = gpu;
    this.attrs = attrs;
    this.levels = [];
    this.means = [];
    this.exponents = [];
    this.weights = inputs.weights && new GpuWeights(gpu, inputs, inputs.weights);
    const pair = this.weights?.agreed() ?? inputs;
    this.pair = pair;
    this.mix = attrs.mix && scaledMix(gpu, attrs.mix, inputs.yTrue, attrs, this.weights);
    attrs.levelWeights.forEach((weight, k) => {
      const geometry = geometryAt(inputs.yTrue, attrs, k);
      const finer = this.levels[k - 1];
      const images =
        finer === undefined
          ? imagesOf(gpu, pair, geometry, attrs)
          : [gpu.run(halvedImagesShader(gpu, finer.geometry, geometry, attrs), ...finer.images)];
      if (finer !== undefined && !keep) {
        // ℓ1 reads the pair itself.
        for (const image of finer.images) if (!Object.values(pair).includes(image)) gpu.release(image);
      }
      if (weight === 0) {
        this.levels.push({ geometry, images });
        return;
      }
      // Luminance counts at the last level only.
      const luminance = k === attrs.levelWeights.length - 1;
      const window = this.ofWindow(luminance);
      const moments = momentsOf(gpu, images, geometry, window);
      const shares = this.weights?.shares(geometry, k);
      this.means.push(meansOf(gpu, moments, geometry, window, true, shares));
      if (!keep) gpu.release(moments);
      this.levels.push({
        geometry,
        images,
        counted: { level: this.exponents.length, moments, luminance, shares },
      });
      this.exponents.push(weight);
    });
  }

  private ofWindow(luminance: boolean): MsSsimAttrs & { readonly luminance: boolean } {
    return { ...this.attrs, luminance };
  }

  private get counting(): Parameters<typeof valueShader>[1] {
    const { exponents, attrs, gpu } = this;
    return { exponents, share: attrs.mix?.share ?? 1, finiteTest: finiteTest(gpu) };
  }

  /** [N] */
  value(): TensorInfo {
    const { means, mix } = this;
    const { geometry } = this.levels[0]!;
    const differences = mix === undefined ? [] : [this.differences(geometry, mix)];
    const shader = valueShader(geometry, this.counting, mix !== undefined);
    return { ...this.gpu.run(shader, ...means, ...differences), shape: [geometry.batch] };
  }

  /** ℓ1 of the mix, [N, 1]. */
  private differences(geometry: Geometry, { shares, factor, halvings }: ScaledMix): TensorInfo {
    const { gpu, pair, attrs } = this;
    const summed = differences(geometry, attrs.unit, halvings);
    return sumsOf(gpu, summed, [pair.yTrue, pair.yPred, ...shares], factor);
  }

  /** Of Σ dy · value, or of the plain sum. */
  gradient(wrt: 'yTrue' | 'yPred', dy?: TensorInfo): TensorInfo {
    const { gpu, pair, means, mix, weights } = this;
    const finest = this.levels[0]!.geometry;
    const { batch, channels } = finest;
    const given = dy === undefined ? [] : [dy];
    const slopes = {
      ...this.gpu.run(slopesShader(finest, this.counting, dy !== undefined), ...means, ...given),
      shape: [batch, means.length * channels],
    };
    let coarse: TensorInfo | undefined;
    for (const { geometry, images, counted } of [...this.levels].reverse()) {
      if (counted === undefined && coarse === undefined) continue;
      const own = counted === undefined ? [] : [this.ownGradient(geometry, images, counted, wrt), slopes];
      const coarser = coarse === undefined ? [] : [coarse];
      const joined = {
        own: counted !== undefined,
        firstSlope: counted && counted.level * channels,
        coarse: coarse !== undefined,
      };
      coarse = this.gpu.run(joinShader(geometry, joined), ...own, ...coarser);
      for (const gradient of [...own.slice(0, 1), ...coarser]) gpu.release(gradient);
    }
    let gradient = coarse!;
    if (mix !== undefined) {
      const factor = (wrt === 'yTrue' ? 1 : -1) * (mix.factor / this.attrs.unit);
      const shader = addDifferencesShader(finest, factor, dy !== undefined, mix.halvings);
      gradient = this.gpu.run(shader, gradient, pair.yTrue, pair.yPred, ...mix.shares, ...given);
    }
    return weights?.cleared(gradient) ?? gradient;
  }

  /** Of the mean of every channel of a level by itself. */
  private ownGradient(
    geometry: Geometry,
    images: readonly TensorInfo[],
    { moments, luminance, shares }: NonNullable<Level['counted']>,
    wrt: 'yTrue' | 'yPred',
  ): TensorInfo {
    // Shares are to the windows what the gradient of a residual map is.
    const form = shares === undefined ? 'mean' : 'residual';
    const window = { ...this.ofWindow(luminance), form, wrt } as const;
    const weight = 1 / (geometry.mapHeight * geometry.mapWidth);
    return gradientOf(this.gpu, images, moments, geometry, window, weight, shares);
  }
}

/** ℓ1 of differences divided by the unit, times `factor`. */
interface ScaledMix {
  /** Of rows and of columns; with weights, those of the pixels that the images are halved to as well. */
  readonly shares: readonly TensorInfo[];
  readonly factor: number;
  /** How often they are halved, if there are weights. */
  readonly halvings?: number;
}

function scaledMix(
  gpu: Gpu,
  mix: Mix,
  { shape }: TensorInfo,
  { unit, padding }: MsSsimAttrs,
  weights: GpuWeights | undefined,
): ScaledMix {
  const { halvings, factor } = mix;
  if (weights !== undefined) {
    const { shares, windows } = weights.sharesOfDifferences(mix, padding);
    const lines = shape
      .slice(1, 3)
      .map((size) => gpu.constant(Float32Array.from(sharesOfHalved(size, halvings))));
    return { shares: [...lines, shares], factor: (factor * unit) / windows, halvings };
  }
  // The largest number is 1, so that half precision holds it.
  const both = [mix.rows, mix.columns];
  const most = both.map((shares) => Math.max(...shares));
  const shares = both.map((ofLines, k) =>
    gpu.constant(Float32Array.from(ofLines, (share) => (most[k] === 0 ? 0 : share / most[k]!))),
  );
  return { shares, factor: most[0]! * most[1]! * unit };
}
