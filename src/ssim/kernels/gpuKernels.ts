import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { Passes } from '../../backends/passes.js';
import { mapShape, SsimBackward, SsimForward } from './contract.js';
import type {
  SsimAttrs,
  SsimBackwardAttrs,
  SsimBackwardInputs,
  SsimForwardAttrs,
  SsimForwardInputs,
} from './contract.js';

/** The sizes that the shaders reckon with. */
export interface Geometry {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly mapHeight: number;
  readonly mapWidth: number;
  /** The size with the border, and the border above and to the left of the image. */
  readonly paddedHeight: number;
  readonly paddedWidth: number;
  readonly top: number;
  readonly left: number;
}

/** What a backend has of its own: its shaders, each made into a pass, and how it runs them. */
export interface SsimShaders<Pass> {
  readonly backendName: string;
  readonly withPasses: (backend: unknown, compute: (passes: Passes<Pass>) => TensorInfo[]) => TensorInfo[];
  /** Both images in one, which the others then read; without it they read the images themselves. */
  readonly pixels?: (geometry: Geometry, attrs: SsimAttrs) => Pass;
  readonly momentsAlongHeight: (geometry: Geometry, attrs: SsimAttrs) => Pass;
  readonly momentsAlongWidth: (geometry: Geometry, attrs: SsimAttrs) => Pass;
  /** The forms that have a value at every place of the window. */
  readonly map: (geometry: Geometry, attrs: SsimAttrs) => Pass;
  /** The mean of d per image, [N], by a tree of sums. */
  readonly mean: (
    passes: Passes<Pass>,
    moments: TensorInfo,
    geometry: Geometry,
    attrs: SsimAttrs,
  ) => TensorInfo;
  readonly adjointAlongHeight: (geometry: Geometry, attrs: SsimBackwardAttrs) => Pass;
  /** Times `weight`, which all of `dy` is multiplied by. */
  readonly gradient: (geometry: Geometry, attrs: SsimBackwardAttrs, weight: number) => Pass;
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
  const geometry = geometryOf(inputs.yTrue, attrs);
  return shaders.withPasses(backend, (passes) => {
    const images = imagesOf(shaders, passes, inputs, geometry, attrs);
    const moments = momentsOf(shaders, passes, images, geometry, attrs);
    for (const image of images) passes.release(image);
    const value =
      attrs.form === 'mean'
        ? shaders.mean(passes, moments, geometry, attrs)
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
  const geometry = geometryOf(inputs.yTrue, attrs);
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
      shaders.gradient(geometry, attrs, weightOf(geometry, attrs)),
      adjoint,
      moments,
      ...images,
      ...(perImage ? [dy] : []),
    );
    return [gradient];
  });
}

function geometryOf({ shape }: TensorInfo, attrs: SsimAttrs): Geometry {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const [, mapHeight, mapWidth] = mapShape([batch, height, width, channels], attrs);
  const [rows, columns] = attrs.taps;
  const [paddedHeight, paddedWidth] = [mapHeight + rows.length - 1, mapWidth + columns.length - 1];
  return {
    batch,
    height,
    width,
    channels,
    mapHeight,
    mapWidth,
    paddedHeight,
    paddedWidth,
    top: (paddedHeight - height) / 2,
    left: (paddedWidth - width) / 2,
  };
}

function imagesOf<Pass>(
  { pixels }: SsimShaders<Pass>,
  passes: Passes<Pass>,
  { yTrue, yPred }: SsimForwardInputs,
  geometry: Geometry,
  attrs: SsimAttrs,
): TensorInfo[] {
  return pixels === undefined ? [yTrue, yPred] : [passes.run(pixels(geometry, attrs), yTrue, yPred)];
}

function momentsOf<Pass>(
  shaders: SsimShaders<Pass>,
  passes: Passes<Pass>,
  images: readonly TensorInfo[],
  geometry: Geometry,
  attrs: SsimAttrs,
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
