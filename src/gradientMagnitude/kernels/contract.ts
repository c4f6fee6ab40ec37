import type { KernelPair } from '../../backends/kernelPair.js';
import type { Shape4D, WithRespectTo } from '../../backends/pairOnArrays.js';
import type { Padding } from '../../filters/paddings.js';

/**
 * The fused kernels of gradient magnitude similarity, by name. A backend has both or neither; what they compute is
 * what `gmsDistanceMaps` composes out of tfjs ops.
 *
 * `GmsForward`: {yTrue, yPred, weights?} → [value] or, with `gradient`, [value, saved]
 * `GmsBackward`: {yTrue, yPred, weights?, dy, saved?} → [gradient], of the images' shape
 *
 * `saved` is the gradient of [N] values in yPred, where every `dy` is 1.
 */
export const GmsForward = 'SsimAeGmsForward';
export const GmsBackward = 'SsimAeGmsBackward';
export const gmsKernels: KernelPair = { forward: GmsForward, backward: GmsBackward };

/**
 * What the forward kernel gives, and `dy` has the shape of, with d = 1 − GMS: the `mean` of d over all levels, or its
 * `deviation` at one level, per image [N]; the `distance` d itself at one level, [N, H', W', C]; or the `residual`, the mean
 * of d over channels and over all levels, each resized to the images, [N, H, W, 1]. Weights belong to the first two.
 */
export type GmsForm = 'mean' | 'deviation' | 'distance' | 'residual';

/** Attributes that both kernels share. */
export interface GmsAttrs {
  readonly form: GmsForm;
  /** How often the images are halved: the first of them where there are several levels. */
  readonly first: number;
  /** Of a mean or a residual; else 1. */
  readonly levels: number;
  /** What the images are divided by, a power of 2; c is for images so divided. */
  readonly unit: number;
  readonly c: number;
  readonly padding: Padding;
}

export type GmsBackwardAttrs = GmsAttrs & WithRespectTo;

/** [height, width] of the map at one level of images. */
export function mapSize(
  [, height, width]: Shape4D,
  level: number,
  padding: Padding,
): readonly [height: number, width: number] {
  const lost = padding === 'valid' ? 2 : 0;
  return [Math.ceil(height / 2 ** level) - lost, Math.ceil(width / 2 ** level) - lost];
}

/** Whether there is one number for each image. */
export const isScore = (form: GmsForm): boolean => form === 'mean' || form === 'deviation';

/** The shape of a form's value, and of its `dy`. */
export function valueShape(shape: Shape4D, { form, first, padding }: GmsAttrs): number[] {
  if (isScore(form)) return [shape[0]];
  return form === 'residual'
    ? [shape[0], shape[1], shape[2], 1]
    : [shape[0], ...mapSize(shape, first, padding), shape[3]];
}
