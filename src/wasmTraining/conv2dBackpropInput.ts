import { backend_util, Conv2D, Slice, Transpose } from '@tensorflow/tfjs-core';
import type { Conv2DBackpropInputAttrs, KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { runKernel, viewed, wasmKernel } from '../backends/wasm.js';
import type { WasmBackend } from '../backends/wasm.js';
import { convolutionOf, convolutionsOn } from './convolutions.js';
import { faster } from './faster.js';
import type { FasterConfig } from './faster.js';

interface KernelParams {
  readonly inputs: { readonly dy: TensorInfo; readonly filter: TensorInfo };
  readonly attrs: Conv2DBackpropInputAttrs;
  readonly backend: WasmBackend;
}

/**
 * The gradient of a convolution with respect to its input, which is also what `conv2dTranspose` computes:
 *
 *   dx[h] = Σ_r dy[(h + top − r) / s] · w[r], over the r that leave no remainder; likewise along the width.
 *
 * Of the rows h + top = s·q + a each remainder a meets its own taps r = s·r' + a only: dx[s·q + a − top] =
 * Σ_r' dy[q − r'] · w[s·r' + a], a convolution of stride 1. All remainders are the channels of one convolution by
 * the backend's SIMD code, laid out side by side in the end. tfjs's own kernel multiplies pixel by pixel; it is
 * kept for cases that this method does not suit.
 */
export function fasterConv2dBackpropInput(own: KernelConfig): FasterConfig {
  return faster(own, (params: KernelParams) => {
    const { inputs, backend } = params;
    const info = infoOf(params);
    if (info === undefined) return undefined;
    const convolutions = convolutionsOn(backend);
    if (convolutions !== undefined) {
      return convolutions.inputGradient(inputs.dy, inputs.filter, convolutionOf(info));
    }
    const plan = planOf(info);
    return plan && byConvolution(params, plan);
  });
}

interface Axis {
  readonly input: number;
  readonly output: number;
  readonly filter: number;
  readonly stride: number;
  readonly before: number;
  /** Taps of each remainder. */
  readonly taps: number;
}

interface Plan {
  readonly batch: number;
  readonly rows: Axis;
  readonly columns: Axis;
  readonly channels: number;
  readonly depth: number;
  /** The backend's kernels that do the work. */
  readonly parts: Readonly<Record<'convolution' | 'transposition' | 'slicing', KernelConfig>>;
}

/** The convolution, unless it is one that tfjs's own kernel is left with. */
function infoOf({ inputs: { dy, filter }, attrs }: KernelParams): backend_util.Conv2DInfo | undefined {
  const { strides, pad, dataFormat, dimRoundingMode, inputShape } = attrs;
  if (dataFormat !== 'NHWC' || dy.dtype !== 'float32' || filter.dtype !== 'float32') return undefined;
  const info = backend_util.computeConv2DInfo(
    inputShape,
    filter.shape as [number, number, number, number],
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  return info.outShape.some((length, axis) => length !== dy.shape[axis]) ? undefined : info;
}

/** Undefined where this method does not suit. */
function planOf(info: backend_util.Conv2DInfo): Plan | undefined {
  // A single place of dy spreads over the whole filter: nothing there to slide over.
  if (info.outHeight * info.outWidth === 1) return undefined;
  const axis = (input: number, output: number, size: number, stride: number, before: number): Axis => ({
    input,
    output,
    filter: size,
    stride,
    before,
    taps: Math.ceil(size / stride),
  });
  const rows = axis(info.inHeight, info.outHeight, info.filterHeight, info.strideHeight, info.padInfo.top);
  const columns = axis(info.inWidth, info.outWidth, info.filterWidth, info.strideWidth, info.padInfo.left);
  // Filters smaller than the stride and pixels that no filter has read leave gaps of zeros.
  const whole = ({ input, output, filter: size, stride, before, taps }: Axis): boolean =>
    size >= stride && stride * (output + taps - 1) >= input + before;
  if (!whole(rows) || !whole(columns)) return undefined;
  const [convolution, transposition, slicing] = [Conv2D, Transpose, Slice].map(wasmKernel);
  if (convolution === undefined || transposition === undefined || slicing === undefined) return undefined;
  const parts = { convolution, transposition, slicing };
  return { batch: info.batchSize, rows, columns, channels: info.inChannels, depth: info.outChannels, parts };
}

function byConvolution({ inputs: { dy, filter }, backend }: KernelParams, plan: Plan): TensorInfo {
  const { batch, rows, columns, channels, parts } = plan;
  const [height, width] = [rows.output + rows.taps - 1, columns.output + columns.taps - 1];
  const scratch: TensorInfo[] = [];
  const run = (kernel: KernelConfig, inputs: Record<string, TensorInfo>, attrs: object): TensorInfo => {
    const result = runKernel(kernel, inputs, attrs, backend);
    scratch.push(result);
    return result;
  };
  try {
    const weights = regrouped(filter, plan, backend);
    scratch.push(weights);
    const around = (axis: Axis): [number, number] => [axis.taps - 1, axis.taps - 1];
    const convolved = run(
      parts.convolution,
      { x: dy, filter: weights },
      {
        strides: [1, 1],
        dilations: [1, 1],
        pad: [[0, 0], around(rows), around(columns), [0, 0]],
        dataFormat: 'NHWC',
      },
    );
    // [N·q, p, a, b·c] → [N·q, a, p, b·c]: rows a and columns b take their places.
    const split = [batch * height, width, rows.stride, columns.stride * channels];
    const laid =
      rows.stride * columns.stride === 1
        ? convolved
        : run(parts.transposition, { x: viewed(convolved, split) }, { perm: [0, 2, 1, 3] });
    return runKernel(
      parts.slicing,
      { x: viewed(laid, [batch, height * rows.stride, width * columns.stride, channels]) },
      { begin: [0, rows.before, columns.before, 0], size: [batch, rows.input, columns.input, channels] },
      backend,
    );
  } finally {
    for (const { dataId } of scratch) backend.disposeData(dataId);
  }
}

/** The filter [R, S, C, K] as one of stride 1 from K channels to every remainder of every axis: [R', S', K, a·b·C]. */
function regrouped(filter: TensorInfo, plan: Plan, backend: WasmBackend): TensorInfo {
  const { rows, columns, channels, depth } = plan;
  const phases = rows.stride * columns.stride;
  const out = backend.makeOutput([rows.taps, columns.taps, depth, phases * channels], 'float32');
  const [from, to] = [filter, out].map((info) => backend.typedArrayFromHeap(info)) as [
    Float32Array,
    Float32Array,
  ];
  to.fill(0);
  for (let r = 0; r < rows.filter; r++) {
    // A convolution correlates: the last tap comes first.
    const [i, a] = [rows.taps - 1 - Math.floor(r / rows.stride), r % rows.stride];
    for (let s = 0; s < columns.filter; s++) {
      const [j, b] = [columns.taps - 1 - Math.floor(s / columns.stride), s % columns.stride];
      const start = (r * columns.filter + s) * channels * depth;
      const target = (i * columns.taps + j) * depth * phases * channels + (a * columns.stride + b) * channels;
      for (let c = 0; c < channels; c++) {
        for (let k = 0; k < depth; k++) {
          to[target + k * phases * channels + c] = from[start + c * depth + k]!;
        }
      }
    }
  }
  return out;
}
