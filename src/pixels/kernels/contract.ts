import type { KernelPair } from '../../backends/kernelPair.js';
import type { Shape4D, WithRespectTo } from '../../backends/pairOnArrays.js';
import type { PixelDistance } from '../pixelDistances.js';

/**
 * The kernels of measures that compare pixel by pixel, by name. What they compute is what `pixelDistances.ts` composes out
 * of tfjs ops.
 *
 * `PixelsForward`: {yTrue, yPred, weights?} → [value] or, with `gradient`, [value, saved]
 * `PixelsBackward`: {yTrue, yPred, weights?, dy, saved?} → [gradient], of the images' shape
 *
 * `saved` is the gradient of a sum in yPred, where every `dy` is 1.
 */
export const PixelsForward = 'SsimAePixelsForward';
export const PixelsBackward = 'SsimAePixelsBackward';
export const pixelKernels: KernelPair = { forward: PixelsForward, backward: PixelsBackward };

/** Attributes that both kernels share. */
export interface PixelAttrs extends PixelDistance {
  /** The `sum` over the pixels and channels of each image, [N], or over the channels of each pixel: a `map`, [N, H, W, 1]. */
  readonly form: 'sum' | 'map';
  /** What differences are divided by, a power of 2. */
  readonly unit: number;
}

export type PixelBackwardAttrs = PixelAttrs & WithRespectTo;

/** The shape of a form's value, and of its `dy`. */
export const valueShape = ([batch, height, width]: Shape4D, { form }: PixelAttrs): number[] =>
  form === 'sum' ? [batch] : [batch, height, width, 1];
