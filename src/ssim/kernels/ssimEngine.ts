import type { SsimAttrs, SsimBackwardAttrs } from './contract.js';

export type Shape4D = readonly [batch: number, height: number, width: number, channels: number];

/** Two batches of images as they lie in memory, NHWC. */
export interface ImagePair {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly shape: Shape4D;
}

/** What computes SSIM and its gradient on arrays; it knows nothing of tensors. */
export interface SsimEngine {
  /** Whether it has room for such images and such a window. */
  fits(shape: Shape4D, attrs: SsimAttrs): boolean;
  /** Writes the value that `attrs.form` names. */
  forward(images: ImagePair, attrs: SsimAttrs, value: Float32Array): void;
  /**
   * Writes the gradient of Σ dy · value, where `dy` has the value's shape; the gradient of the plain means if
   * there is none. Writes the means themselves, [N], where they are asked for.
   */
  backward(
    images: ImagePair,
    attrs: SsimBackwardAttrs,
    dy: Float32Array | undefined,
    gradient: Float32Array,
    means?: Float32Array,
  ): void;
}
