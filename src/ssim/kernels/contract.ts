import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Padding } from '../../filters/paddings.js';

/**
 * The fused kernels of SSIM with all exponents 1, by name. A backend has both or neither; what they compute
 * is what `ssimDistanceMap` composes out of tfjs ops.
 *
 * `SsimForward`: {yTrue, yPred} → [value] or, with `gradient`, [value, saved]
 * `SsimBackward`: {yTrue, yPred, dy, saved?} → [gradient], of the images' shape
 *
 * `saved` is whatever the backend wants again in its `SsimBackward`, which also works without it.
 */
export const SsimForward = 'SsimAeForward';
export const SsimBackward = 'SsimAeBackward';

/**
 * What the forward kernel gives, and `dy` has the shape of, with d = 1 − SSIM at every place of the window:
 * `mean` of d per image [N], `distance` d itself and `similarity` 1 − d [N, H', W', C], `residual` the mean
 * of d over channels [N, H', W', 1].
 */
export type SsimForm = 'mean' | 'distance' | 'similarity' | 'residual';

/** Attributes that both kernels share. */
export interface SsimAttrs {
  /** Taps along the height and along the width: symmetric, of odd length, summing to 1. */
  readonly taps: readonly [Float64Array, Float64Array];
  /** What the images are divided by, a power of 2; the constants below are for images so divided. */
  readonly unit: number;
  readonly c1: number;
  readonly c2: number;
  /** What a population variance is multiplied by: 1, or n / (n − 1). */
  readonly varianceScale: number;
  readonly padding: Padding;
  readonly form: SsimForm;
}

export interface SsimForwardAttrs extends SsimAttrs {
  /** Whether a gradient with respect to `yPred` is likely to be asked for. */
  readonly gradient: boolean;
}

export interface SsimBackwardAttrs extends SsimAttrs {
  /** The image that the gradient is taken with respect to. */
  readonly wrt: 'yTrue' | 'yPred';
}

export interface SsimForwardInputs {
  readonly yTrue: TensorInfo;
  readonly yPred: TensorInfo;
}

export interface SsimBackwardInputs extends SsimForwardInputs {
  readonly dy: TensorInfo;
  readonly saved?: TensorInfo;
}

/** [N, H', W', C] of the map that the window gives. */
export function mapShape(
  [batch, height, width, channels]: readonly [number, number, number, number],
  { taps, padding }: Pick<SsimAttrs, 'taps' | 'padding'>,
): [number, number, number, number] {
  return padding === 'valid'
    ? [batch, height - taps[0].length + 1, width - taps[1].length + 1, channels]
    : [batch, height, width, channels];
}

/** The shape of a form's value, and of its `dy`. */
export function valueShape(map: readonly [number, number, number, number], form: SsimForm): number[] {
  switch (form) {
    case 'mean':
      return [map[0]];
    case 'residual':
      return [map[0], map[1], map[2], 1];
    case 'distance':
    case 'similarity':
      return [...map];
  }
}
