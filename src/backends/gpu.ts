import type { DataType, KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { Padding } from '../filters/paddings.js';
import type { Geometry } from './geometry.js';
import type { GpuShader, PixelReader } from './gpuShader.js';
import { configsOf } from './kernelPair.js';
import type { KernelPair } from './kernelPair.js';

/** What differs between the shaders of the backends. */
interface GpuLanguage {
  readonly backendName: string;
  /**
   * What makes the images that `imageAt` gives into one, with their border, for a backend whose passes read them so;
   * without it they read the images themselves.
   */
  readonly bordered?: (geometry: Geometry, padding: Padding, image: PixelReader) => GpuShader;
  /**
   * `vec2 pixelAt(int n, int row, int column, int c)`: (x, y) divided by the unit, or of halved images (x + y, x − y), of a
   * pixel that may lie beyond the border. `vec4 pixelsAt(…)`: that pixel and the one below.
   */
  readonly pixelAt: (geometry: Geometry, padding: Padding, unit: number) => PixelReader;
  /** What sees the bits of a float, or what compares where a shader cannot. */
  readonly withBits: (bits: string, compared: string) => string;
}

/** A GPU backend of tfjs, for kernels whose passes are written once for all. */
export interface GpuBackend extends GpuLanguage {
  readonly run: (backend: unknown, shader: GpuShader, inputs: TensorInfo[]) => TensorInfo;
  readonly dispose: (backend: unknown, output: TensorInfo) => void;
}

/** A GPU at work: runs passes one after another, and owns what they write. */
export interface Gpu extends GpuLanguage {
  run(shader: GpuShader, ...inputs: TensorInfo[]): TensorInfo;
  /** Numbers from here, as an input. */
  constant(values: Float32Array): TensorInfo;
  /** Frees the output of a pass, so that later ones can write to it; tensors of other runs are left alone. */
  release(output: TensorInfo): void;
}

/** What a kernel computes out of its inputs and attributes, by passes. */
type GpuKernel<Inputs, Attrs> = (gpu: Gpu, inputs: Inputs, attrs: Attrs) => TensorInfo[];

/** Both kernels for a GPU backend. */
export function pairOnGpu<Inputs, Attrs, BackwardAttrs>(
  kernels: KernelPair,
  backend: GpuBackend,
  forward: GpuKernel<Inputs, Attrs>,
  backward: GpuKernel<Inputs, BackwardAttrs>,
): KernelConfig[] {
  const onBackend =
    <A>(kernel: GpuKernel<Inputs, A>) =>
    (params: { inputs: Inputs; attrs: A; backend: unknown }): TensorInfo[] =>
      withPasses(backend, params.backend, (gpu) => kernel(gpu, params.inputs, params.attrs));
  return configsOf(kernels, backend.backendName, onBackend(forward), onBackend(backward));
}

/** What both backends have. */
interface TensorMaker {
  makeTensorInfo(shape: number[], dtype: DataType, values: Float32Array): TensorInfo;
}

/** Disposes of the outputs of all passes that `compute` ran, apart from those it returns; if it throws, of all. */
function withPasses(
  { run, dispose, ...language }: GpuBackend,
  backend: unknown,
  compute: (gpu: Gpu) => TensorInfo[],
): TensorInfo[] {
  const owned = new Map<TensorInfo['dataId'], TensorInfo>();
  const own = (output: TensorInfo): TensorInfo => {
    owned.set(output.dataId, output);
    return output;
  };
  const release = ({ dataId }: TensorInfo): void => {
    const output = owned.get(dataId);
    if (owned.delete(dataId)) dispose(backend, output!);
  };
  try {
    const results = compute({
      ...language,
      run: (shader, ...inputs) => own(run(backend, shader, inputs)),
      constant: (values) => own((backend as TensorMaker).makeTensorInfo([values.length], 'float32', values)),
      release,
    });
    for (const { dataId } of results) owned.delete(dataId);
    return results;
  } finally {
    for (const output of [...owned.values()]) release(output);
  }
}
