import {
  backend_util,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
} from '@tensorflow/tfjs-core';
import type {
  DepthwiseConv2dNativeBackpropFilterAttrs,
  DepthwiseConv2dNativeBackpropInputAttrs,
  KernelConfig,
  KernelFunc,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backends/wasm.js';
import { describeShape } from '../checks/describe.js';

/**
 * The gradients of a depthwise convolution y[n, i, j, c·M + m] = Σ_r,q x[n, i·s + r − top, j·s + q − left, c] · w[r, q, c, m]:
 *
 *   dx = Σ over all y that a pixel of x has entered of dy · w,   dw[r, q, c, m] = Σ_n,i,j of x · dy.
 *
 * Plain loops over tfjs's own memory: for the few taps of a depthwise filter they take less time than the
 * convolutions around it, and channels, the innermost axis, lie side by side.
 */
export const depthwiseConv2dGradientConfigs: readonly KernelConfig[] = [
  {
    kernelName: DepthwiseConv2dNativeBackpropInput,
    backendName: 'wasm',
    // tfjs's kernel type knows neither these kernels' inputs nor their attributes.
    kernelFunc: inputGradient as unknown as KernelFunc,
  },
  {
    kernelName: DepthwiseConv2dNativeBackpropFilter,
    backendName: 'wasm',
    kernelFunc: filterGradient as unknown as KernelFunc,
  },
];

interface InputGradientParams {
  readonly inputs: { readonly dy: TensorInfo; readonly filter: TensorInfo };
  readonly attrs: DepthwiseConv2dNativeBackpropInputAttrs;
  readonly backend: WasmBackend;
}

function inputGradient({ inputs, attrs, backend }: InputGradientParams): TensorInfo {
  const { dy, filter } = inputs;
  const taps = tapsOf('DepthwiseConv2dNativeBackpropInput', attrs.inputShape, filter.shape, attrs, {
    dy,
    filter,
  });
  // The output first: what it needs may move the memory that views look at.
  const dx = backend.makeOutput(attrs.inputShape, 'float32');
  const [into, slopes, weights] = [dx, dy, filter].map((info) => backend.typedArrayFromHeap(info)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  into.fill(0);
  const { channels, multiplier } = taps;
  forEachTap(taps, (x0, w0, y0) => {
    for (let c = 0, k = 0; c < channels; c++) {
      for (let m = 0; m < multiplier; m++, k++) into[x0 + c]! += slopes[y0 + k]! * weights[w0 + k]!;
    }
  });
  return dx;
}

interface FilterGradientParams {
  readonly inputs: { readonly x: TensorInfo; readonly dy: TensorInfo };
  readonly attrs: DepthwiseConv2dNativeBackpropFilterAttrs;
  readonly backend: WasmBackend;
}

function filterGradient({ inputs, attrs, backend }: FilterGradientParams): TensorInfo {
  const { x, dy } = inputs;
  const taps = tapsOf('DepthwiseConv2dNativeBackpropFilter', x.shape, attrs.filterShape, attrs, { x, dy });
  const dw = backend.makeOutput(attrs.filterShape, 'float32');
  const [pixels, slopes] = [x, dy].map((info) => backend.typedArrayFromHeap(info)) as [
    Float32Array,
    Float32Array,
  ];
  // As many terms as there are pixels: in float32 their sum would lose digits.
  const sums = new Float64Array(attrs.filterShape.reduce((size, length) => size * length, 1));
  const { channels, multiplier } = taps;
  forEachTap(taps, (x0, w0, y0) => {
    for (let c = 0, k = 0; c < channels; c++) {
      for (let m = 0; m < multiplier; m++, k++) sums[w0 + k]! += pixels[x0 + c]! * slopes[y0 + k]!;
    }
  });
  backend.typedArrayFromHeap(dw).set(sums);
  return dw;
}

interface Axis {
  readonly input: number;
  readonly output: number;
  readonly filter: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
}

interface Taps {
  readonly batch: number;
  readonly rows: Axis;
  readonly columns: Axis;
  readonly channels: number;
  /** Outputs of each channel. */
  readonly multiplier: number;
}

function tapsOf(
  name: string,
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: DepthwiseConv2dNativeBackpropInputAttrs | DepthwiseConv2dNativeBackpropFilterAttrs,
  tensors: Readonly<Record<string, TensorInfo>>,
): Taps {
  for (const [input, { dtype }] of Object.entries(tensors)) {
    if (dtype !== 'float32') {
      throw new TypeError(
        `${name} (wasm): ${input} must be of dtype float32, but got ${dtype}; convert it with tf.cast(${input}, 'float32').`,
      );
    }
  }
  const { strides, dilations, pad, dimRoundingMode } = attrs;
  const info = backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations,
    pad,
    dimRoundingMode,
    true,
  );
  const { dy } = tensors;
  if (info.outShape.some((length, axis) => length !== dy!.shape[axis])) {
    throw new RangeError(
      `${name} (wasm): dy must have the shape of the convolution's output, ${describeShape(info.outShape)}, ` +
        `but got ${describeShape(dy!.shape)}; pass the strides and the padding of the forward convolution.`,
    );
  }
  return {
    batch: info.batchSize,
    rows: {
      input: info.inHeight,
      output: info.outHeight,
      filter: info.filterHeight,
      stride: info.strideHeight,
      dilation: info.dilationHeight,
      before: info.padInfo.top,
    },
    columns: {
      input: info.inWidth,
      output: info.outWidth,
      filter: info.filterWidth,
      stride: info.strideWidth,
      dilation: info.dilationWidth,
      before: info.padInfo.left,
    },
    channels: info.inChannels,
    multiplier: info.outChannels / info.inChannels,
  };
}

/** Visits where a pixel of x meets a place of the filter in a pixel of y: where the channels of the three begin. */
function forEachTap(
  { batch, rows, columns, channels, multiplier }: Taps,
  visit: (x0: number, w0: number, y0: number) => void,
): void {
  const depth = channels * multiplier;
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < rows.output; i++) {
      for (let j = 0; j < columns.output; j++) {
        const y0 = ((n * rows.output + i) * columns.output + j) * depth;
        for (let r = 0; r < rows.filter; r++) {
          const row = i * rows.stride + r * rows.dilation - rows.before;
          if (row < 0 || row >= rows.input) continue;
          for (let q = 0; q < columns.filter; q++) {
            const column = j * columns.stride + q * columns.dilation - columns.before;
            if (column < 0 || column >= columns.input) continue;
            visit(
              ((n * rows.input + row) * columns.input + column) * channels,
              (r * columns.filter + q) * depth,
              y0,
            );
          }
        }
      }
    }
  }
}
