import type { KernelPair } from '../../backends/kernelPair.js';
import type { Window } from '../../filters/window.js';
import type { WindowAttrs } from '../../ssim/kernels/windowPasses.js';

/**
 * The fused kernels of MS-SSIM and of the mix of it with ℓ1, by name: all levels in one call. A backend has both or
 * neither; what they compute is what `msSsimDistance` and `mixLoss` compose out of tfjs ops.
 *
 * `MsSsimForward`: {yTrue, yPred, weights?} → [value] or, with `gradient`, [value, saved]
 * `MsSsimBackward`: {yTrue, yPred, weights?, dy, saved?} → [gradient], of the images' shape
 *
 * The value is one number for each image, `saved` its gradient in yPred, where every `dy` is 1.
 */
export const MsSsimForward = 'SsimAeMsSsimForward';
export const MsSsimBackward = 'SsimAeMsSsimBackward';
export const msSsimKernels: KernelPair = { forward: MsSsimForward, backward: MsSsimBackward };

/** Attributes that both kernels share. Luminance counts at the last level only. */
export interface MsSsimAttrs extends Omit<WindowAttrs, 'luminance'> {
  /** The exponents of the levels, from the full size down. */
  readonly levelWeights: readonly number[];
  readonly mix?: Mix | undefined;
}

/**
 * share · (1 − MS-SSIM) + Σ rows · columns · |x − y|. The mean under a window is such a sum: the window is a product of
 * rows and columns, and so are its border and the halving of images before it. Weights of pixels are none: with them each pixel
 * has a number of its own, times `factor`, by that window and those halvings.
 */
export interface Mix {
  readonly share: number;
  readonly rows: Float64Array;
  readonly columns: Float64Array;
  readonly window: Window;
  readonly halvings: number;
  readonly factor: number;
}
