import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { geometryOf } from '../../backends/geometry.js';
import type { Geometry } from '../../backends/geometry.js';
import { pairOnGpu } from '../../backends/gpu.js';
import type { Gpu, GpuBackend } from '../../backends/gpu.js';
import { imagesOf } from '../../backends/gpuImages.js';
import type { PixelReader } from '../../backends/gpuShader.js';
import { sumsOfNumbers } from '../../backends/gpuSums.js';
import { halvedImagesShader } from '../../backends/halvedImages.js';
import { joinShader, scaledShader } from '../../backends/joining.js';
import type { Shape4D, WithRespectTo } from '../../backends/pairOnArrays.js';
import { gmsKernels, isScore } from './contract.js';
import type { GmsAttrs } from './contract.js';
import {
  adjointShader,
  deviationShader,
  gradientShader,
  mapShader,
  squaresShader,
  sumShader,
} from './shaders.js';

/** The most levels that a pass can read the means of: webgpu binds eight buffers. */
export const mostGpuLevels = 6;

interface Inputs {
  readonly yTrue: TensorInfo;
  readonly yPred: TensorInfo;
  readonly dy: TensorInfo;
  readonly saved?: TensorInfo;
}

/** The fused kernels of gradient magnitudes of a GPU backend: the order of their passes. They know no weights, and no residual. */
export const gpuGmsKernels = (backend: GpuBackend): KernelConfig[] =>
  pairOnGpu(
    gmsKernels,
    backend,
    (gpu, images: Inputs, attrs: GmsAttrs & { readonly gradient: boolean }) => {
      const pyramid = new Pyramid(gpu, images, attrs);
      const value = pyramid.value();
      return attrs.gradient && isScore(attrs.form) ? [value, pyramid.gradient('yPred')] : [value];
    },
    (gpu, images, attrs: GmsAttrs & WithRespectTo) => {
      const { yTrue, saved, dy } = images;
      const scaled = (gradient: TensorInfo): TensorInfo =>
        gpu.run(scaledShader(geometryAt(yTrue, attrs, 0)), gradient, dy);
      if (saved !== undefined && attrs.wrt === 'yPred') return [scaled(saved)];
      const gradient = new Pyramid(gpu, images, attrs).gradient(attrs.wrt);
      return [isScore(attrs.form) ? scaled(gradient) : gradient];
    },
  );

function geometryAt({ shape }: TensorInfo, { padding }: GmsAttrs, level: number): Geometry {
  return geometryOf(shape as unknown as Shape4D, [3, 3], padding, level);
}

interface Level {
  readonly geometry: Geometry;
  readonly images: readonly TensorInfo[];
}

/** The passes over the levels of the images, from the full size down, and back up. */
class Pyramid {
  declare private readonly gpu: Gpu;
  declare private readonly attrs: GmsAttrs;
  declare private readonly dy: TensorInfo;
  declare private readonly levels: Level[];
  /** Of a deviation: the means and variances of the channels, [N, C] each, once they are asked for. */
  declare private moments: readonly [means: TensorInfo, variances: TensorInfo] | undefined;

  constructor(gpu: Gpu, { yTrue, yPred, dy }: Inputs, attrs: GmsAttrs) {
    this.gpu = gpu;
    this.attrs = attrs;
    this.dy = dy;
    this.levels = [];
    for (let level = 0; level < attrs.first + attrs.levels; level++) {
      const geometry = geometryAt(yTrue, attrs, level);
      const finer = this.levels[level - 1];
      const images =
        finer === undefined
          ? imagesOf(gpu, { yTrue, yPred }, geometry, attrs)
          : [gpu.run(halvedImagesShader(gpu, finer.geometry, geometry, attrs), ...finer.images)];
      this.levels.push({ geometry, images });
    }
  }

  /** The levels that count. */
  private get counted(): readonly Level[] {
    return this.levels.slice(this.attrs.first);
  }

  value(): TensorInfo {
    const { attrs, counted } = this;
    const { geometry } = counted[0]!;
    if (attrs.form === 'distance') return this.map(counted[0]!);
    const perImage =
      attrs.form === 'deviation'
        ? this.gpu.run(deviationShader(geometry), this.momentsOfChannels()[1])
        : this.gpu.run(
            sumShader(geometry, counted.length),
            ...counted.map((level) => this.shareOfMean(level)),
          );
    return { ...perImage, shape: [geometry.batch] };
  }

  private map({ geometry, images }: Level): TensorInfo {
    const { attrs } = this;
    return this.gpu.run(mapShader(geometry, this.reader(geometry), attrs), ...images);
  }

  private reader(geometry: Geometry): PixelReader {
    return this.gpu.pixelAt(geometry, this.attrs.padding, this.attrs.unit);
  }

  /** What a level adds to the mean over all of them, [N, 1]. */
  private shareOfMean(level: Level): TensorInfo {
    const map = this.map(level);
    const share = sumsOfNumbers(this.gpu, map, 1, weightOf(level.geometry, this.attrs));
    this.gpu.release(map);
    return share;
  }

  private momentsOfChannels(): readonly [means: TensorInfo, variances: TensorInfo] {
    if (this.moments === undefined) {
      const { gpu } = this;
      const level = this.counted[0]!;
      const { channels, mapHeight, mapWidth } = level.geometry;
      const each = 1 / (mapHeight * mapWidth);
      const map = this.map(level);
      const means = sumsOfNumbers(gpu, map, channels, each);
      const squares = this.gpu.run(squaresShader(level.geometry), map, means);
      gpu.release(map);
      this.moments = [means, sumsOfNumbers(gpu, squares, channels, each)];
      gpu.release(squares);
    }
    return this.moments;
  }

  /** Of Σ dy · map, or of the plain sum of scores. */
  gradient(wrt: 'yTrue' | 'yPred'): TensorInfo {
    const { gpu, attrs, dy } = this;
    let coarse: TensorInfo | undefined;
    [...this.levels].reverse().forEach(({ geometry, images }, fromLast) => {
      let own: TensorInfo | undefined;
      if (fromLast < attrs.levels) {
        const more = { mean: [], distance: [dy], deviation: [], residual: [] }[attrs.form] as TensorInfo[];
        if (attrs.form === 'deviation') more.push(...this.momentsOfChannels());
        const adjoint = this.gpu.run(
          adjointShader(geometry, this.reader(geometry), { ...attrs, wrt }),
          ...images,
          ...more,
        );
        own = this.gpu.run(gradientShader(geometry, attrs, weightOf(geometry, attrs) / attrs.unit), adjoint);
        gpu.release(adjoint);
      }
      const given = [own, coarse].filter((gradient) => gradient !== undefined);
      if (coarse === undefined) {
        coarse = own;
        return;
      }
      coarse = this.gpu.run(joinShader(geometry, { own: own !== undefined, coarse: true }), ...given);
      for (const gradient of given) gpu.release(gradient);
    });
    return coarse!;
  }
}

/** d's part in the form. */
function weightOf({ channels, mapHeight, mapWidth }: Geometry, { form, levels }: GmsAttrs): number {
  return isScore(form) ? 1 / (mapHeight * mapWidth * channels * levels) : 1;
}
