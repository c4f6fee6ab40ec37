import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { geometryOf } from '../../backends/geometry.js';
import type { Geometry } from '../../backends/geometry.js';
import type { GpuBackend } from '../../backends/gpu.js';
import type { GpuShader } from '../../backends/gpuShader.js';
import { joinShader, scaledShader } from '../../backends/joining.js';
import type { Shape4D, WithRespectTo } from '../../backends/pairOnArrays.js';
import type { Passes } from '../../backends/passes.js';
import { GmsBackward, GmsForward, isScore } from './contract.js';
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
export function gpuGmsKernels<Pass>(gpu: GpuBackend<Pass>): KernelConfig[] {
  const { backendName, withPasses } = gpu;
  return [
    {
      kernelName: GmsForward,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const given = attrs as unknown as GmsAttrs & { readonly gradient: boolean };
        return withPasses(backend, (passes) => {
          const pyramid = new Pyramid(gpu, passes, inputs as unknown as Inputs, given);
          const value = pyramid.value();
          return given.gradient && isScore(given.form) ? [value, pyramid.gradient('yPred')] : [value];
        });
      },
    },
    {
      kernelName: GmsBackward,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const images = inputs as unknown as Inputs;
        const given = attrs as unknown as GmsAttrs & WithRespectTo;
        const { yTrue, saved, dy } = images;
        return withPasses(backend, (passes) => {
          const scaled = (gradient: TensorInfo): TensorInfo =>
            passes.run(gpu.pass(scaledShader(geometryAt(yTrue, given, 0))), gradient, dy);
          if (saved !== undefined && given.wrt === 'yPred') return [scaled(saved)];
          const gradient = new Pyramid(gpu, passes, images, given).gradient(given.wrt);
          return [isScore(given.form) ? scaled(gradient) : gradient];
        });
      },
    },
  ];
}

function geometryAt({ shape }: TensorInfo, { padding }: GmsAttrs, level: number): Geometry {
  return geometryOf(shape as unknown as Shape4D, [3, 3], padding, level);
}

interface Level {
  readonly geometry: Geometry;
  readonly images: readonly TensorInfo[];
}

/** The passes over the levels of the images, from the full size down, and back up. */
class Pyramid<Pass> {
  declare private readonly gpu: GpuBackend<Pass>;
  declare private readonly passes: Passes<Pass>;
  declare private readonly attrs: GmsAttrs;
  declare private readonly dy: TensorInfo;
  declare private readonly levels: Level[];
  /** Of a deviation: the means and variances of the channels, [N, C] each, once they are asked for. */
  declare private moments: readonly [means: TensorInfo, variances: TensorInfo] | undefined;

  constructor(gpu: GpuBackend<Pass>, passes: Passes<Pass>, { yTrue, yPred, dy }: Inputs, attrs: GmsAttrs) {
    this.gpu = gpu;
    this.passes = passes;
    this.attrs = attrs;
    this.dy = dy;
    this.levels = [];
    const { padding, unit } = attrs;
    for (let level = 0; level < attrs.first + attrs.levels; level++) {
      const geometry = geometryAt(yTrue, attrs, level);
      const finer = this.levels[level - 1];
      const images =
        finer !== undefined
          ? [passes.run(gpu.halved(finer.geometry, geometry, padding, unit), ...finer.images)]
          : gpu.pixels === undefined
            ? [yTrue, yPred]
            : [passes.run(gpu.pixels(geometry, padding, unit), yTrue, yPred)];
      this.levels.push({ geometry, images });
    }
  }

  private run(shader: GpuShader, ...inputs: readonly TensorInfo[]): TensorInfo {
    return this.passes.run(this.gpu.pass(shader), ...inputs);
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
        ? this.run(deviationShader(geometry), this.momentsOfChannels()[1])
        : this.run(sumShader(geometry, counted.length), ...counted.map((level) => this.shareOfMean(level)));
    return { ...perImage, shape: [geometry.batch] };
  }

  private map({ geometry, images }: Level): TensorInfo {
    const { attrs } = this;
    return this.run(mapShader(geometry, this.reader(geometry), attrs), ...images);
  }

  private reader(geometry: Geometry): ReturnType<GpuBackend<Pass>['pixelAt']> {
    return this.gpu.pixelAt(geometry, this.attrs.padding, this.attrs.unit);
  }

  /** What a level adds to the mean over all of them, [N, 1]. */
  private shareOfMean(level: Level): TensorInfo {
    const map = this.map(level);
    const share = this.gpu.sums(this.passes, map, 1, weightOf(level.geometry, this.attrs));
    this.passes.release(map);
    return share;
  }

  private momentsOfChannels(): readonly [means: TensorInfo, variances: TensorInfo] {
    if (this.moments === undefined) {
      const { gpu, passes } = this;
      const level = this.counted[0]!;
      const { channels, mapHeight, mapWidth } = level.geometry;
      const each = 1 / (mapHeight * mapWidth);
      const map = this.map(level);
      const means = gpu.sums(passes, map, channels, each);
      const squares = this.run(squaresShader(level.geometry), map, means);
      passes.release(map);
      this.moments = [means, gpu.sums(passes, squares, channels, each)];
      passes.release(squares);
    }
    return this.moments;
  }

  /** Of Σ dy · map, or of the plain sum of scores. */
  gradient(wrt: 'yTrue' | 'yPred'): TensorInfo {
    const { passes, attrs, dy } = this;
    let coarse: TensorInfo | undefined;
    [...this.levels].reverse().forEach(({ geometry, images }, fromLast) => {
      let own: TensorInfo | undefined;
      if (fromLast < attrs.levels) {
        const more = { mean: [], distance: [dy], deviation: [], residual: [] }[attrs.form] as TensorInfo[];
        if (attrs.form === 'deviation') more.push(...this.momentsOfChannels());
        const adjoint = this.run(
          adjointShader(geometry, this.reader(geometry), { ...attrs, wrt }),
          ...images,
          ...more,
        );
        own = this.run(gradientShader(geometry, attrs, weightOf(geometry, attrs) / attrs.unit), adjoint);
        passes.release(adjoint);
      }
      const given = [own, coarse].filter((gradient) => gradient !== undefined);
      if (coarse === undefined) {
        coarse = own;
        return;
      }
      coarse = this.run(joinShader(geometry, { own: own !== undefined, coarse: true }), ...given);
      for (const gradient of given) passes.release(gradient);
    });
    return coarse!;
  }
}

/** d's part in the form. */
function weightOf({ channels, mapHeight, mapWidth }: Geometry, { form, levels }: GmsAttrs): number {
  return isScore(form) ? 1 / (mapHeight * mapWidth * channels * levels) : 1;
}
