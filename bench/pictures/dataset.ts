import type { ImagePixels } from '../../src/autoencoder.js';

/** One image, grey or colour, values in [0, 1], rows of pixels of channels. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Float32Array;
}

/** A picture as `trainAutoencoder` and detectors take it. */
export const imageOf = ({ data, height, width }: Picture): ImagePixels => ({ data, height, width });

export interface MaskedPicture extends Picture {
  /** 1 where the image is defective. */
  readonly mask: Uint8Array;
}

export interface TestPicture extends MaskedPicture {
  readonly name: string;
  /** The folder of the image: `good`, or the kind of defect. */
  readonly kind: string;
}

/** A good picture, to test on. */
export const soundPicture = (picture: Picture, index: number): TestPicture => ({
  ...picture,
  mask: new Uint8Array(picture.height * picture.width),
  kind: 'good',
  name: `good/${index}`,
});

export function statisticsOf(data: Float32Array): { readonly mean: number; readonly deviation: number } {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const squares = data.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / data.length) };
}

/** Images to train on, all without defects, and images to test on with what is wrong in them. */
export interface Dataset {
  readonly name: string;
  /** Is the cloth of the training images less varied than it will be? Then their patches are varied: see `drawPatch`. */
  readonly photographs: boolean;
  readonly train: readonly Picture[];
  readonly test: readonly TestPicture[];
  /** What was left out when it was read, and what looks odd: a sentence each. */
  readonly notes: readonly string[];
}
