import { backend_util, tensor4d } from '@tensorflow/tfjs-core';
import type { Conv2DAttrs, Tensor4D } from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';

export type Four = [number, number, number, number];
export type Pad = Conv2DAttrs['pad'];

export interface Convolution {
  /** [N, H, W, C] */
  readonly input: Four;
  /** [height, width, C, channels of the output] */
  readonly filter: Four;
  readonly strides: [number, number];
  readonly pad: Pad;
  readonly activation?: string;
  readonly dilations?: [number, number];
}

export const product = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

/** The same in every run, on every backend. */
export const numbers = (shape: Four, phase: number): Tensor4D =>
  tensor4d(
    Float32Array.from({ length: product(shape) }, (_, k) => Math.sin(k * 1.7 + phase)),
    shape,
  );

export const outputOf = ({ input, filter, strides, pad, dilations }: Convolution): Four =>
  backend_util.computeConv2DInfo(input, filter, strides, dilations ?? 1, pad).outShape;

/** Padding by so many pixels on each side. */
export const explicit = (
  top: number,
  bottom: number,
  left: number,
  right: number,
): [[number, number], [number, number], [number, number], [number, number]] => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

/** Small ones of every kind, up to so many channels in and out. */
export function convolutions(channels: number, filters: number): fc.Arbitrary<Convolution> {
  const size = fc.integer({ min: 1, max: 11 });
  const extent = fc.integer({ min: 1, max: 5 });
  const stride = fc.integer({ min: 1, max: 3 });
  const side = fc.integer({ min: 0, max: 3 });
  return fc
    .record({
      input: fc.tuple(fc.integer({ min: 1, max: 3 }), size, size, fc.integer({ min: 1, max: channels })),
      extents: fc.tuple(extent, extent, fc.integer({ min: 1, max: filters })),
      strides: fc.tuple(stride, stride),
      pad: fc.oneof(
        fc.constant<Pad>('same'),
        fc.constant<Pad>('valid'),
        fc.tuple(side, side, side, side).map((sides): Pad => explicit(...sides)),
      ),
    })
    .map(({ input, extents: [height, width, depth], strides, pad }): Convolution => ({
      input,
      filter: [height, width, input[3], depth],
      strides,
      pad,
    }))
    .filter((convolution) => outputOf(convolution).every((length) => length > 0));
}
