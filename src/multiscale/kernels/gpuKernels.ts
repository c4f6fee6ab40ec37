import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { geometryOf } from '../../backends/geometry.js';
import type { Geometry } from '../../backends/geometry.js';
import type { GpuBackend } from '../../backends/gpu.js';
import type { GpuShader } from '../../backends/gpuShader.js';
import { joinShader, scaledShader } from '../../backends/joining.js';
import type { Shape4D, WithRespectTo } from '../../backends/pairOnArrays.js';
import type { Passes } from '../../backends/passes.js';
import { imagesOf, momentsOf } from '../../ssim/kernels/gpuKernels.js';
import type { SsimShaders } from '../../ssim/kernels/gpuKernels.js';
import { MsSsimBackward, MsSsimForward } from './contract.js';
import type { Mix, MsSsimAttrs } from './contract.js';
import { sharesOfHalved } from './differences.js';
import { GpuWeights } from './gpuWeights.js';
import {
  addDifferencesShader,
  differencesAtOnce,
  differencesShader,
  slopesShader,
  valueShader,
} from './shaders.js';

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
export function gpuMsSsimKernels<Pass>(gpu: GpuBackend<Pass>, ssim: SsimShaders<Pass>): KernelConfig[] {
  const { backendName, withPasses } = gpu;
  return [
    {
      kernelName: MsSsimForward,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const images = inputs as unknown as Inputs;
        const given = attrs as unknown as MsSsimAttrs & { readonly gradient: boolean };
        return withPasses(backend, (passes) => {
          const pyramid = new Pyramid(gpu, ssim, passes, images, given, given.gradient);
          const value = pyramid.value();
          return given.gradient ? [value, pyramid.gradient('yPred')] : [value];
        });
      },
    },
    {
      kernelName: MsSsimBackward,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const images = inputs as unknown as Inputs;
        const given = attrs as unknown as MsSsimAttrs & WithRespectTo;
        return withPasses(backend, (passes) => {
          const { saved, dy } = images;
          if (saved !== undefined && given.wrt === 'yPred') {
            return [passes.run(gpu.pass(scaledShader(geometryAt(images.yTrue, given, 0))), saved, dy)];
          }
          return [new Pyramid(gpu, ssim, passes, images, given, true).gradient(given.wrt, dy)];
        });
      },
    },
  ];
}

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
class Pyramid<Pass> {
  declare private readonly gpu: GpuBackend<Pass>;
  declare private readonly ssim: SsimShaders<Pass>;
  declare private readonly passes: Passes<Pass>;
  /** Both images, which agree where weights leave pixels out. */
  declare private readonly pair: Pick<Inputs, 'yTrue' | 'yPred'>;
  declare private readonly attrs: MsSsimAttrs;
  declare private readonly levels: Level[];
  /** The means of the levels that count, [N, C] each, and their exponents. */
  declare private readonly means: TensorInfo[];
  declare private readonly exponents: number[];
  declare private readonly weights: GpuWeights<Pass> | undefined;
  declare private readonly mix: ScaledMix | undefined;

  /** `keep` says whether a gradient will be asked for. */
  constructor(
    gpu: GpuBackend<Pass>,
    ssim: SsimShaders<Pass>,
    passes: Passes<Pass>,
    inputs: Inputs,
    attrs: MsSsimAttrs,
    keep: boolean,
  ) {
    this.gpu = gpu;
    this.ssim = ssim;
    this.passes = passes;
    this.attrs = attrs;
    this.levels = [];
    this.means = [];
    this.exponents = [];
    this.weights = inputs.weights && new GpuWeights(gpu, passes, inputs, inputs.weights);
    const pair = this.weights?.agreed() ?? inputs;
    this.pair = pair;
    this.mix = attrs.mix && scaledMix(passes, attrs.mix, inputs.yTrue, attrs, this.weights);
    const { padding, unit } = attrs;
    attrs.levelWeights.forEach((weight, k) => {
      const geometry = geometryAt(inputs.yTrue, attrs, k);
      const finer = this.levels[k - 1];
      const images =
        finer === undefined
          ? imagesOf(ssim, passes, pair, geometry, this.ofWindow(false))
          : [passes.run(gpu.halved(finer.geometry, geometry, padding, unit), ...finer.images)];
      if (finer !== undefined && !keep) {
        // ℓ1 reads the pair itself.
        for (const image of finer.images) if (!Object.values(pair).includes(image)) passes.release(image);
      }
      if (weight === 0) {
        this.levels.push({ geometry, images });
        return;
      }
      // Luminance counts at the last level only.
      const luminance = k === attrs.levelWeights.length - 1;
      const window = this.ofWindow(luminance);
      const moments = momentsOf(ssim, passes, images, geometry, window);
      const shares = this.weights?.shares(geometry, k);
      this.means.push(
        shares === undefined
          ? ssim.means(passes, moments, geometry, window, true)
          : this.weights!.means(moments, shares, geometry, window),
      );
      if (!keep) passes.release(moments);
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

  private run(shader: GpuShader, ...inputs: readonly TensorInfo[]): TensorInfo {
    return this.passes.run(this.gpu.pass(shader), ...inputs);
  }

  private get counting(): Parameters<typeof valueShader>[1] {
    const { exponents, attrs, gpu } = this;
    return { exponents, share: attrs.mix?.share ?? 1, finiteTest: gpu.finiteTest() };
  }

  /** [N] */
  value(): TensorInfo {
    const { means, mix } = this;
    const { geometry } = this.levels[0]!;
    const differences = mix === undefined ? [] : [this.differences(geometry, mix)];
    const shader = valueShader(geometry, this.counting, mix !== undefined);
    return { ...this.run(shader, ...means, ...differences), shape: [geometry.batch] };
  }

  /** ℓ1 of the mix, [N, 1]. */
  private differences(geometry: Geometry, { shares, factor, halvings }: ScaledMix): TensorInfo {
    const { gpu, passes, pair, attrs } = this;
    const shader = differencesShader(geometry, attrs.unit, halvings);
    const sums = this.run(shader, pair.yTrue, pair.yPred, ...shares);
    return gpu.sums(passes, sums, 1, factor * differencesAtOnce);
  }

  /** Of Σ dy · value, or of the plain sum. */
  gradient(wrt: 'yTrue' | 'yPred', dy?: TensorInfo): TensorInfo {
    const { passes, pair, means, mix, weights } = this;
    const finest = this.levels[0]!.geometry;
    const { batch, channels } = finest;
    const given = dy === undefined ? [] : [dy];
    const slopes = {
      ...this.run(slopesShader(finest, this.counting, dy !== undefined), ...means, ...given),
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
      coarse = this.run(joinShader(geometry, joined), ...own, ...coarser);
      for (const gradient of [...own.slice(0, 1), ...coarser]) passes.release(gradient);
    }
    let gradient = coarse!;
    if (mix !== undefined) {
      const factor = (wrt === 'yTrue' ? 1 : -1) * (mix.factor / this.attrs.unit);
      const shader = addDifferencesShader(finest, factor, dy !== undefined, mix.halvings);
      gradient = this.run(shader, gradient, pair.yTrue, pair.yPred, ...mix.shares, ...given);
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
    const { ssim, passes } = this;
    // Shares are to the windows what the gradient of a residual map is.
    const form = shares === undefined ? 'mean' : 'residual';
    const window = { ...this.ofWindow(luminance), form, wrt } as const;
    const given = shares === undefined ? [] : [shares];
    const adjoint = passes.run(ssim.adjointAlongHeight(geometry, window), moments, ...given);
    const weight = 1 / (geometry.mapHeight * geometry.mapWidth);
    const gradient = passes.run(ssim.gradient(geometry, window, weight, false), adjoint, moments, ...images);
    passes.release(adjoint);
    return gradient;
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

function scaledMix<Pass>(
  passes: Passes<Pass>,
  mix: Mix,
  { shape }: TensorInfo,
  { unit, padding }: MsSsimAttrs,
  weights: GpuWeights<Pass> | undefined,
): ScaledMix {
  const { halvings, factor } = mix;
  if (weights !== undefined) {
    const { shares, windows } = weights.sharesOfDifferences(mix, padding);
    const lines = shape
      .slice(1, 3)
      .map((size) => passes.constant(Float32Array.from(sharesOfHalved(size, halvings))));
    return { shares: [...lines, shares], factor: (factor * unit) / windows, halvings };
  }
  // The largest number is 1, so that half precision holds it.
  const both = [mix.rows, mix.columns];
  const most = both.map((shares) => Math.max(...shares));
  const shares = both.map((ofLines, k) =>
    passes.constant(Float32Array.from(ofLines, (share) => (most[k] === 0 ? 0 : share / most[k]!))),
  );
  return { shares, factor: most[0]! * most[1]! * unit };
}
