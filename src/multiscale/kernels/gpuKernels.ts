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
  readonly counted?: { readonly level: number; readonly moments: TensorInfo; readonly luminance: boolean };
}

/** The passes over all levels of the images, from the full size down, and back up. */
class Pyramid<Pass> {
  declare private readonly gpu: GpuBackend<Pass>;
  declare private readonly ssim: SsimShaders<Pass>;
  declare private readonly passes: Passes<Pass>;
  declare private readonly inputs: Inputs;
  declare private readonly attrs: MsSsimAttrs;
  declare private readonly levels: Level[];
  /** The means of the levels that count, [N, C] each, and their exponents. */
  declare private readonly means: TensorInfo[];
  declare private readonly weights: number[];
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
    this.inputs = inputs;
    this.attrs = attrs;
    this.levels = [];
    this.means = [];
    this.weights = [];
    this.mix = attrs.mix && scaledMix(passes, attrs.mix, attrs.unit);
    const { padding, unit } = attrs;
    attrs.levelWeights.forEach((weight, k) => {
      const geometry = geometryAt(inputs.yTrue, attrs, k);
      const finer = this.levels[k - 1];
      const images =
        finer === undefined
          ? imagesOf(ssim, passes, inputs, geometry, this.ofWindow(false))
          : [passes.run(gpu.halved(finer.geometry, geometry, padding, unit), ...finer.images)];
      if (finer !== undefined && !keep) for (const image of finer.images) passes.release(image);
      if (weight === 0) {
        this.levels.push({ geometry, images });
        return;
      }
      // Luminance counts at the last level only.
      const luminance = k === attrs.levelWeights.length - 1;
      const window = this.ofWindow(luminance);
      const moments = momentsOf(ssim, passes, images, geometry, window);
      this.means.push(ssim.means(passes, moments, geometry, window, true));
      if (!keep) passes.release(moments);
      this.levels.push({ geometry, images, counted: { level: this.weights.length, moments, luminance } });
      this.weights.push(weight);
    });
  }

  private ofWindow(luminance: boolean): MsSsimAttrs & { readonly luminance: boolean } {
    return { ...this.attrs, luminance };
  }

  private run(shader: GpuShader, ...inputs: readonly TensorInfo[]): TensorInfo {
    return this.passes.run(this.gpu.pass(shader), ...inputs);
  }

  private get counting(): Parameters<typeof valueShader>[1] {
    const { weights, attrs, gpu } = this;
    return { weights, share: attrs.mix?.share ?? 1, finiteTest: gpu.finiteTest() };
  }

  /** [N] */
  value(): TensorInfo {
    const { means, mix } = this;
    const { geometry } = this.levels[0]!;
    const differences = mix === undefined ? [] : [this.differences(geometry, mix)];
    const shader = valueShader(geometry, this.counting, mix !== undefined);
    return { ...this.run(shader, ...means, ...differences), shape: [geometry.batch] };
  }

  /** Σ rows · columns · |x − y|, [N, 1]. */
  private differences(geometry: Geometry, { rows, columns, factor }: ScaledMix): TensorInfo {
    const { gpu, passes, inputs, attrs } = this;
    const shader = differencesShader(geometry, attrs.unit);
    const sums = this.run(shader, inputs.yTrue, inputs.yPred, rows, columns);
    return gpu.sums(passes, sums, 1, factor * differencesAtOnce);
  }

  /** Of Σ dy · value, or of the plain sum. */
  gradient(wrt: 'yTrue' | 'yPred', dy?: TensorInfo): TensorInfo {
    const { passes, inputs, means, mix } = this;
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
    if (mix === undefined) return coarse!;
    const factor = (wrt === 'yTrue' ? 1 : -1) * (mix.factor / this.attrs.unit);
    return this.run(
      addDifferencesShader(finest, factor, dy !== undefined),
      coarse!,
      inputs.yTrue,
      inputs.yPred,
      mix.rows,
      mix.columns,
      ...given,
    );
  }

  /** Of the mean of every channel of a level by itself. */
  private ownGradient(
    geometry: Geometry,
    images: readonly TensorInfo[],
    { moments, luminance }: NonNullable<Level['counted']>,
    wrt: 'yTrue' | 'yPred',
  ): TensorInfo {
    const { ssim, passes } = this;
    const window = { ...this.ofWindow(luminance), form: 'mean', wrt } as const;
    const adjoint = passes.run(ssim.adjointAlongHeight(geometry, window), moments);
    const weight = 1 / (geometry.mapHeight * geometry.mapWidth);
    const gradient = passes.run(ssim.gradient(geometry, window, weight, false), adjoint, moments, ...images);
    passes.release(adjoint);
    return gradient;
  }
}

/** Rows and columns whose largest number is 1, so that half precision holds them, of differences divided by the unit. */
interface ScaledMix {
  readonly rows: TensorInfo;
  readonly columns: TensorInfo;
  readonly factor: number;
}

function scaledMix<Pass>(passes: Passes<Pass>, { rows, columns }: Mix, unit: number): ScaledMix {
  const [row, column] = [rows, columns].map((shares) => Math.max(...shares)) as [number, number];
  const scaled = (shares: Float64Array, largest: number): TensorInfo =>
    passes.constant(Float32Array.from(shares, (share) => (largest === 0 ? 0 : share / largest)));
  return { rows: scaled(rows, row), columns: scaled(columns, column), factor: row * column * unit };
}
