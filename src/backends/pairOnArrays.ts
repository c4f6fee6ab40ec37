import type { KernelBackend, KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { ArrayBackend } from './arrayBackend.js';
import { configsOf } from './kernelPair.js';
import type { KernelPair } from './kernelPair.js';

export type Shape4D = readonly [batch: number, height: number, width: number, channels: number];

/** Two batches of images as they lie in memory, NHWC, and the weights of their pixels, [N or 1, H, W, 1]. */
export interface ImageArrays {
  readonly shape: Shape4D;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly weights?: Float32Array | undefined;
}

/** The image that a gradient is taken with respect to. */
export interface WithRespectTo {
  readonly wrt: 'yTrue' | 'yPred';
}

/** What computes a value of two images and its gradient on arrays; it knows nothing of tensors. */
export interface PairEngine<Attrs> {
  valueShape(shape: Shape4D, attrs: Attrs): number[];
  value(images: ImageArrays, attrs: Attrs, value: Float32Array): void;
  /**
   * Writes the gradient of Σ dy · value, where `dy` has the value's shape, or of the plain sum without `dy`; gives the
   * value, if it is one number for each image.
   */
  gradient(
    images: ImageArrays,
    attrs: Attrs & WithRespectTo,
    dy: Float32Array | undefined,
    gradient: Float32Array,
  ): ArrayLike<number>;
}

interface Params<Attrs> {
  readonly inputs: {
    readonly yTrue: TensorInfo;
    readonly yPred: TensorInfo;
    readonly weights?: TensorInfo;
    readonly dy: TensorInfo;
    readonly saved?: TensorInfo;
  };
  readonly attrs: Attrs & WithRespectTo & { readonly gradient: boolean };
  readonly backend: KernelBackend;
}

/**
 * Both kernels for a backend whose tensors are arrays; none where the engine cannot be made: without WebAssembly, with SIMD,
 * or where a content security policy forbids it.
 *
 * With one number for each image comes, if it is likely to be wanted, its gradient in yPred: one pass gives both.
 */
export function pairOnArrays<Attrs>(
  kernels: KernelPair,
  arrays: ArrayBackend,
  makeEngine: () => PairEngine<Attrs>,
): KernelConfig[] {
  let engine: PairEngine<Attrs>;
  try {
    engine = makeEngine();
  } catch {
    return [];
  }
  const imagesOf = (
    backend: KernelBackend,
    { yTrue, yPred, weights }: Params<Attrs>['inputs'],
  ): ImageArrays => ({
    shape: yTrue.shape as unknown as Shape4D,
    x: arrays.values(backend, yTrue),
    y: arrays.values(backend, yPred),
    weights: weights && arrays.values(backend, weights),
  });

  const forward = ({ inputs, attrs, backend }: Params<Attrs>): TensorInfo[] => {
    const shape = inputs.yTrue.shape as unknown as Shape4D;
    const value = arrays.output(backend, engine.valueShape(shape, attrs));
    const isPerImage = value.shape.length === 1;
    const saved = attrs.gradient && isPerImage ? arrays.output(backend, [...shape]) : undefined;
    const images = imagesOf(backend, inputs);
    const values = arrays.values(backend, value);
    if (saved === undefined) {
      engine.value(images, attrs, values);
      return [value];
    }
    const ofYPred = { ...attrs, wrt: 'yPred' } as const;
    values.set(engine.gradient(images, ofYPred, undefined, arrays.values(backend, saved)));
    return [value, saved];
  };

  // What came with a value becomes the gradient in place, once: nobody else sees it, and fresh memory costs time.
  const scaled = new WeakSet<object>();

  const backward = ({ inputs, attrs, backend }: Params<Attrs>): TensorInfo => {
    const { yTrue, dy, saved } = inputs;
    const factors = arrays.values(backend, dy);
    if (saved !== undefined && attrs.wrt === 'yPred' && !scaled.has(saved.dataId)) {
      const { dataId, shape, dtype } = saved;
      scaled.add(dataId);
      scaleImages(arrays.values(backend, saved), factors);
      backend.incRef(dataId);
      return { dataId, shape, dtype };
    }
    const output = arrays.output(backend, [...yTrue.shape]);
    engine.gradient(imagesOf(backend, inputs), attrs, factors, arrays.values(backend, output));
    return output;
  };

  return configsOf(kernels, arrays.name, forward, backward);
}

/** Each image times its factor, in place. */
function scaleImages(images: Float32Array, factors: Float32Array): void {
  const size = images.length / factors.length;
  for (let n = 0, k = 0; n < factors.length; n++) {
    const factor = factors[n]!;
    for (const end = k + size; k < end; k++) images[k]! *= factor;
  }
}
