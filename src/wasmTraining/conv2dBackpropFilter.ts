import { backend_util, Conv2D, Conv2DBackpropFilter, Fill, Slice, Transpose } from '@tensorflow/tfjs-core';
import type { Conv2DBackpropFilterAttrs, KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { runKernel, viewed, wasmKernel } from '../backends/wasm.js';
import type { WasmBackend } from '../backends/wasm.js';
import { describeShape } from '../checks/describe.js';
import { convolutionOf, convolutionsOn } from './convolutions.js';

const NAME = 'Conv2DBackpropFilter (wasm)';

/**
 * The gradient of a convolution with respect to its filter, itself computed as a convolution:
 *
 *   dW[r, q, c, k] = Σ_n Σ_i Σ_j x[n, i·s + r − top, j·s + q − left, c] · dy[n, i, j, k]
 *
 * is the convolution of x, its channels as the batch and its batch as the channels, with dy as the filter,
 * dilated by the strides s. So the SIMD code of the backend's own forward kernel does the work.
 */
export const conv2dBackpropFilterConfig: KernelConfig = {
  kernelName: Conv2DBackpropFilter,
  backendName: 'wasm',
  // tfjs's kernel type knows neither this kernel's inputs nor its attributes.
  kernelFunc: conv2dBackpropFilter as unknown as KernelFunc,
};

interface KernelParams {
  readonly inputs: { readonly x: TensorInfo; readonly dy: TensorInfo };
  readonly attrs: Conv2DBackpropFilterAttrs;
  readonly backend: WasmBackend;
}

function conv2dBackpropFilter({ inputs, attrs, backend }: KernelParams): TensorInfo {
  const { x, dy } = inputs;
  const info = checkedInfo(x, dy, attrs);
  const convolutions = convolutionsOn(backend);
  if (convolutions !== undefined) return convolutions.filterGradient(x, dy, convolutionOf(info));
  return byConvolution({ inputs, attrs, backend }, info.padInfo);
}

/** Where the backend's memory does not show. */
function byConvolution(
  { inputs, attrs, backend }: KernelParams,
  { top, left }: { readonly top: number; readonly left: number },
): TensorInfo {
  const { x, dy } = inputs;
  const [batch, height, width, inChannels] = shape4D(x);
  const [, outHeight, outWidth, outChannels] = shape4D(dy);
  const [filterHeight, filterWidth] = attrs.filterShape;
  const [strideHeight, strideWidth] = perAxis(attrs.strides);

  // What the forward convolution read below and right of the first pixel: this may end in the bottom padding,
  // or before the last rows of the input. Only what it read may enter, or the result would outgrow the filter.
  const readHeight = (outHeight - 1) * strideHeight + filterHeight - top;
  const readWidth = (outWidth - 1) * strideWidth + filterWidth - left;
  const usedHeight = Math.min(height, readHeight);
  const usedWidth = Math.min(width, readWidth);

  const scratch: TensorInfo[] = [];
  const run = (
    kernelName: string,
    kernelInputs: Record<string, TensorInfo>,
    kernelAttrs: object,
  ): TensorInfo => runKernel(kernelNamed(kernelName), kernelInputs, kernelAttrs, backend);
  const held = (info: TensorInfo): TensorInfo => {
    scratch.push(info);
    return info;
  };
  try {
    if (usedHeight <= 0 || usedWidth <= 0) {
      // The filter met nothing but padding.
      return run(Fill, {}, { shape: attrs.filterShape, value: 0, dtype: 'float32' });
    }
    const read =
      usedHeight === height && usedWidth === width
        ? x
        : held(run(Slice, { x }, { begin: [0, 0, 0, 0], size: [batch, usedHeight, usedWidth, inChannels] }));

    // Height and width move as one axis: tfjs's transpose is faster the fewer axes it has.
    const images = held(
      run(Transpose, { x: viewed(read, [batch, usedHeight * usedWidth, inChannels]) }, { perm: [2, 1, 0] }),
    );
    const filter = held(
      run(Transpose, { x: viewed(dy, [batch, outHeight * outWidth, outChannels]) }, { perm: [1, 0, 2] }),
    );
    const gradient = held(
      run(
        Conv2D,
        {
          x: viewed(images, [inChannels, usedHeight, usedWidth, batch]),
          filter: viewed(filter, [outHeight, outWidth, batch, outChannels]),
        },
        {
          strides: [1, 1],
          dilations: [strideHeight, strideWidth],
          pad: [
            [0, 0],
            [top, readHeight - usedHeight],
            [left, readWidth - usedWidth],
            [0, 0],
          ],
          dataFormat: 'NHWC',
        },
      ),
    );
    const ordered = run(
      Transpose,
      { x: viewed(gradient, [inChannels, filterHeight * filterWidth, outChannels]) },
      { perm: [1, 0, 2] },
    );
    return viewed(ordered, attrs.filterShape);
  } finally {
    for (const { dataId } of scratch) backend.disposeData(dataId);
  }
}

/** Checks what tfjs's op does not, and describes the forward convolution. */
function checkedInfo(
  x: TensorInfo,
  dy: TensorInfo,
  attrs: Conv2DBackpropFilterAttrs,
): backend_util.Conv2DInfo {
  for (const [name, { dtype }] of Object.entries({ x, dy })) {
    if (dtype !== 'float32') {
      throw new TypeError(
        `${NAME}: ${name} must be of dtype float32, but got ${dtype}; convert it with tf.cast(${name}, 'float32').`,
      );
    }
  }
  if (attrs.dataFormat !== 'NHWC') {
    throw new TypeError(
      `${NAME}: dataFormat must be 'NHWC', as for every convolution of the wasm backend, but got ` +
        `'${attrs.dataFormat}'; bring the images to that form with tf.transpose(x, [0, 2, 3, 1]).`,
    );
  }
  const { strides, pad, dimRoundingMode, filterShape } = attrs;
  const info = backend_util.computeConv2DInfo(
    shape4D(x),
    filterShape,
    strides,
    [1, 1],
    pad,
    dimRoundingMode,
    false,
    'channelsLast',
  );
  const expected = info.outShape;
  if (dy.shape.length !== 4 || expected.some((size, axis) => size !== dy.shape[axis])) {
    throw new RangeError(
      `${NAME}: dy must have the shape of the convolution's output, ${describeShape(expected)}, ` +
        `but got ${describeShape(dy.shape)}; pass the strides and the padding of the forward convolution ` +
        `(tfjs's gradient of conv2d does not support dimRoundingMode).`,
    );
  }
  return info;
}

function kernelNamed(name: string): KernelConfig {
  const kernel = wasmKernel(name);
  if (kernel === undefined) {
    throw new Error(
      `${NAME}: needs the wasm kernel ${name}, but it is not registered; ` +
        `import '@tensorflow/tfjs-backend-wasm' whole, or add that kernel to your custom build.`,
    );
  }
  return kernel;
}

function shape4D({ shape }: TensorInfo): [number, number, number, number] {
  return shape as [number, number, number, number];
}

function perAxis(strides: number | [number, number]): [number, number] {
  return typeof strides === 'number' ? [strides, strides] : strides;
}
