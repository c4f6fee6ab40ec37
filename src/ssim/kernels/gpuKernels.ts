import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { geometryOf } from '../../backends/geometry.js';
import type { Geometry } from '../../backends/geometry.js';
import type { Shape4D, WithRespectTo } from '../../backends/pairOnArrays.js';
import type { Passes } from '../../backends/passes.js';
import { SsimBackward, SsimForward } from './contract.js';
import type {
  SsimAttrs,
  SsimBackwardAttrs,
  SsimBackwardInputs,
  SsimForwardAttrs,
  SsimForwardInputs,
} from './contract.js';
import type { WindowAttrs } from './windowPasses.js';

/** What a backend has of its own: its shaders, each made into a pass, and how it runs them. */
export interface SsimShaders<Pass> {
  readonly backendName: string;
  readonly withPasses: (backend: unknown, compute: (passes: Passes<Pass>) => TensorInfo[]) => TensorInfo[];
  /** Both images in one, which the others then read; without it they read the images themselves. */
  readonly pixels?: (geometry: Geometry, attrs: WindowAttrs) => Pass;
  readonly momentsAlongHeight: (geometry: Geometry, attrs: WindowAttrs) => Pass;
  readonly momentsAlongWidth: (geometry: Geometry, attrs: WindowAttrs) => Pass;
  /** The forms that have a value at every place of the window. */
  readonly map: (geometry: Geometry, attrs: SsimAttrs) => Pass;
  /** The mean of d per image, [N, 1], or of every channel of an image, [N, C], by a tree of sums. */
  readonly means: (
    passes: Passes<Pass>,
    moments: TensorInfo,
    geometry: Geometry,
    attrs: WindowAttrs,
    perChannel: boolean,
  ) => TensorInfo;
  readonly adjointAlongHeight: (geometry: Geometry, attrs: SsimBackwardAttrs) => Pass;
  /** Times `weight`, and times `dy` if there is one for each image. */
  readonly gradient: (
    geometry: Geometry,
    attrs: WindowAttrs & WithRespectTo,
    weight: number,
    dyPerImage: boolean,
  ) => Pass;
}

/** The fused SSIM kernels of a GPU backend: the order of their passes. `saved` is the moments of every window. */
export function gpuSsimKernels<Pass>(shaders: SsimShaders<Pass>): KernelConfig[] {
  const { backendName } = shaders;
  return [
    {
      kernelName: SsimForward,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) =>
        forward(
          shaders,
          backend,
          inputs as unknown as SsimForwardInputs,
          attrs as unknown as SsimForwardAttrs,
        ),
    },
    {
      kernelName: SsimBackward,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) =>
        backward(
          shaders,
          backend,
          inputs as unknown as SsimBackwardInputs,
          attrs as unknown as SsimBackwardAttrs,
        ),
    },
  ];
}

function forward<Pass>(
  shaders: SsimShaders<Pass>,
  backend: unknown,
  inputs: SsimForwardInputs,
  attrs: SsimForwardAttrs,
): TensorInfo[] {
  const geometry = geometryOfMap(inputs.yTrue, attrs);
  return shaders.withPasses(backend, (passes) => {
    const images = imagesOf(shaders, passes, inputs, geometry, attrs);
    const moments = momentsOf(shaders, passes, images, geometry, attrs);
    for (const image of images) passes.release(image);
    const value =
      attrs.form === 'mean'
        ? { ...shaders.means(passes, moments, geometry, attrs, false), shape: [geometry.batch] }
        : passes.run(shaders.map(geometry, attrs), moments);
    return attrs.gradient ? [value, moments] : [value];
  });
}

function backward<Pass>(
  shaders: SsimShaders<Pass>,
  backend: unknown,
  inputs: SsimBackwardInputs,
  attrs: SsimBackwardAttrs,
): TensorInfo[] {
  const { dy, saved } = inputs;
  const geometry = geometryOfMap(inputs.yTrue, attrs);
  const perImage = attrs.form === 'mean';
  return shaders.withPasses(backend, (passes) => {
    const images = imagesOf(shaders, passes, inputs, geometry, attrs);
    const moments = saved ?? momentsOf(shaders, passes, images, geometry, attrs);
    const adjoint = passes.run(
      shaders.adjointAlongHeight(geometry, attrs),
      moments,
      ...(perImage ? [] : [dy]),
    );
    const gradient = passes.run(
      shaders.gradient(geometry, attrs, weightOf(geometry, attrs), perImage),
      adjoint,
      moments,
      ...images,
      ...(perImage ? [dy] : []),
    );
    return [gradient];
  });
}

function geometryOfMap({ shape }: TensorInfo, { taps: [rows, columns], padding }: SsimAttrs): Geometry {
  return geometryOf(shape as unknown as Shape4D, [rows.length, columns.length], padding);
}

/** What the passes read of both images. */
export function imagesOf<Pass>(
  { pixels }: SsimShaders<Pass>,
  passes: Passes<Pass>,
  { yTrue, yPred }: SsimForwardInputs,
  geometry: Geometry,
  attrs: WindowAttrs,
): TensorInfo[] {
  return pixels === undefined ? [yTrue, yPred] : [passes.run(pixels(geometry, attrs), yTrue, yPred)];
}

/** The moments of every window. */
export function momentsOf<Pass>(
  shaders: SsimShaders<Pass>,
  passes: Passes<Pass>,
  images: readonly TensorInfo[],
  geometry: Geometry,
  attrs: WindowAttrs,
): TensorInfo {
  const along = passes.run(shaders.momentsAlongHeight(geometry, attrs), ...images);
  const moments = passes.run(shaders.momentsAlongWidth(geometry, attrs), along);
  passes.release(along);
  return moments;
}

/** What all of `dy` is multiplied by: d's part in the form. */
function weightOf({ channels, mapHeight, mapWidth }: Geometry, { form }: SsimAttrs): number {
  switch (form) {
    case 'mean':
      return 1 / (mapHeight * mapWidth * channels);
    case 'residual':
      return 1 / channels;
    case 'distance':
      return 1;
  }
}
