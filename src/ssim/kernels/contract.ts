import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelPair } from '../../backends/kernelPair.js';
import type { Shape4D, WithRespectTo } from '../../backends/pairOnArrays.js';
import type { Padding } from '../../filters/paddings.js';

/**
 * The fused kernels of SSIM with exponents 1 (or without luminance), by name. A backend has both or neither; what they
 * compute is what `ssimDistanceMap` composes out of tfjs ops.
 *
 * `SsimForward`: {yTrue, yPred, weights?} → [value] or, with `gradient`, [value, saved]
 * `SsimBackward`: {yTrue, yPred, weights?, dy, saved?} → [gradient], of the images' shape
 *
 * Weights of pixels belong to the mean, and to cpu and wasm.
 *
 * `saved` holds what the backend can reuse in its `SsimBackward`, which also works without it.
 *
 * The value. With a = x + y, b = x − y, their means μ and variances σ² = s (Σ t a² − μ²) under the taps t (s is
 * `varianceScale`), and
 *
 *   D1 = μa² + μb² + 2c1,  p = 1 − l = 2 μb² / D1,
 *   D2 = σa² + σb² + 2c2,  q = 1 − cs = 2 σb² / D2,
 *
 * it is d = 1 − l·cs = p + q − p q; without luminance p = 0.
 *
 * The gradient. From ∂p/∂μa = −2 μa p / D1, ∂p/∂μb = 2 μb (2 − p) / D1, ∂q/∂σa² = −q / D2, ∂q/∂σb² = (2 − q) / D2
 * and ∂σa²/∂a_i = 2 s t_i (a_i − μa), with + for the gradient in x and − for that in y:
 *
 *   Qa = 2 s ∂d/∂σa² = −2 s (1 − p) q / D2,
 *   Qb = ± 2 s ∂d/∂σb² = ± 2 s (1 − p) (2 − q) / D2,
 *   R = ∂d/∂μa ± ∂d/∂μb − Qa μa − Qb μb = 2 (1 − q) (± μb (2 − p) − μa p) / D1 − Qa μa − Qb μb,
 *
 * and pixel i has Σ t (R + Qa a_i + Qb b_i), the sum over the windows that see it. So three filtered maps are all
 * that the adjoint takes. Where sums are float64, as on cpu and wasm, this formula is used.
 *
 * A GPU has float32, in which two things cancel: Qa a_i + Qb b_i against R, and Qa a_i against Qb b_i where the images
 * nearly agree. There, with u the image that the gradient is taken for and v the other one,
 *
 *   ∂d/∂u_i = Σ t [4 cs/D1 (l μu − μv) + 4 s l/D2 (cs (u_i − μu) − (v_i − μv))],
 *
 * with pixels and means less a pivot near both. Either bracket has the form l u − v, which still cancels where
 * the images nearly agree; (u − v) − (1 − l) u does not, so for l > ½ it is computed as that. The maps of the adjoint
 * are then four: the coefficients k of u − v, u and v, and r, the first bracket less k times the means.
 */
export const SsimForward = 'SsimAeForward';
export const SsimBackward = 'SsimAeBackward';
export const ssimKernels: KernelPair = { forward: SsimForward, backward: SsimBackward };

/**
 * What the forward kernel gives, and `dy` has the shape of: `mean` of d per image [N], `distance` d itself
 * [N, H', W', C], `residual` the mean of d over channels [N, H', W', 1].
 */
export type SsimForm = 'mean' | 'distance' | 'residual';

/** Attributes that both kernels share. */
export interface SsimAttrs {
  /** Taps along the height and along the width: symmetric, of odd length, summing to 1. */
  readonly taps: readonly [Float64Array, Float64Array];
  /** What the images are divided by, a power of 2; the constants below are for images so divided. */
  readonly unit: number;
  /** Whether luminance counts. */
  readonly luminance: boolean;
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

export type SsimBackwardAttrs = SsimAttrs & WithRespectTo;

export interface SsimForwardInputs {
  readonly yTrue: TensorInfo;
  readonly yPred: TensorInfo;
}

export interface SsimBackwardInputs extends SsimForwardInputs {
  readonly dy: TensorInfo;
  readonly saved?: TensorInfo;
}

/**
 * Below it, in images divided by their unit, rounding shows where windows are flat: E[a²] − E[a]² is good
 * to 1e-15.
 */
export const leastC2 = 1e-7;

/** [N, H', W', C] of the map that the window gives. */
export function mapShape(
  [batch, height, width, channels]: Shape4D,
  { taps, padding }: Pick<SsimAttrs, 'taps' | 'padding'>,
): [number, number, number, number] {
  return padding === 'valid'
    ? [batch, height - taps[0].length + 1, width - taps[1].length + 1, channels]
    : [batch, height, width, channels];
}

/** The shape of a form's value, and of its `dy`. */
export function valueShape(map: Shape4D, form: SsimForm): number[] {
  switch (form) {
    case 'mean':
      return [map[0]];
    case 'residual':
      return [map[0], map[1], map[2], 1];
    case 'distance':
      return [...map];
  }
}
