import { backend_util } from '@tensorflow/tfjs-core';
import type { Conv2DAttrs, FusedConv2DAttrs, KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backends/wasm.js';
import { convolutionOf, convolutionsOn } from './convolutions.js';
import { faster } from './faster.js';
import type { FasterConfig } from './faster.js';

interface KernelParams {
  readonly inputs: { readonly x: TensorInfo; readonly filter: TensorInfo; readonly bias?: TensorInfo };
  readonly attrs: Conv2DAttrs & Partial<Pick<FusedConv2DAttrs, 'activation'>>;
  readonly backend: WasmBackend;
}

/** Of numbers that an output is made of: fewer do not pay for the tiles. */
const fewest = 4;

/** `Conv2D`, or `FusedConv2D` without an activation, in place of tfjs's own, which is kept for all else. */
export function fasterConvolution(own: KernelConfig): FasterConfig {
  return faster(own, (params: KernelParams) => {
    const { inputs, attrs, backend } = params;
    const { x, filter, bias } = inputs;
    const { strides, dilations, pad, dataFormat, dimRoundingMode, activation } = attrs;
    const tensors = bias === undefined ? [x, filter] : [x, filter, bias];
    if (dataFormat !== 'NHWC' || (activation ?? 'linear') !== 'linear') return undefined;
    if (tensors.some(({ dtype }) => dtype !== 'float32')) return undefined;
    const info = backend_util.computeConv2DInfo(
      x.shape as [number, number, number, number],
      filter.shape as [number, number, number, number],
      strides,
      dilations,
      pad,
      dimRoundingMode,
    );
    if (info.dilationHeight * info.dilationWidth !== 1 || info.outShape.some((length) => length < 1))
      return undefined;
    if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== info.outChannels))
      return undefined;
    if (filter.shape.slice(0, 3).reduce((size, length) => size * length) < fewest) return undefined;
    return convolutionsOn(backend)?.output(x, filter, bias, convolutionOf(info));
  });
}
