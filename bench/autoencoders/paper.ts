import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import type { Sequential } from '@tensorflow/tfjs-layers';
import { randomFrom } from '../running/random.js';

export interface Architecture {
  /** Side of the square patches, a multiple of {@link sizeUnit}. */
  readonly size: number;
  readonly channels: number;
  /** Number of latents. */
  readonly latent: number;
  /** What the numbers of filters are multiplied by; 1 is the paper's. */
  readonly width: number;
}

/** Mean and standard deviation of pixels. */
export interface PixelStatistics {
  readonly mean: number;
  readonly deviation: number;
}

export interface Initialisation extends Architecture, PixelStatistics {
  readonly seed: number;
  /** `he`: the variance of activations stays the same from layer to layer. `glorot`: what tfjs-layers does unless told. */
  readonly initialiser: 'he' | 'glorot';
  /** Does the encoder give a mean and a log-variance for every latent? */
  readonly variational: boolean;
}

/** The encoder halves the image four times. */
export const sizeUnit = 16;

/** Slope of the leaky ReLU below 0. */
const alpha = 0.2;

/** [filters, kernel size, stride] of the encoder's convolutions before the latents: table 1 of the paper. */
const table = [
  [32, 4, 2],
  [32, 4, 2],
  [32, 3, 1],
  [64, 4, 2],
  [64, 3, 1],
  [128, 4, 2],
  [64, 3, 1],
  [32, 3, 1],
] as const;

/**
 * The autoencoder of Bergmann et al. 2019, table 1: nine convolutions down to the latents and their mirror image.
 *
 * The last kernel, 8 × 8 there, is what is left of the patch, so that smaller patches have smaller ones. It takes and
 * gives images in their own range, and works on standardised ones inside: a step of Adam is then as large as the
 * contrast of the images allows.
 */
export function autoencoder(given: Initialisation): { encoder: Sequential; decoder: Sequential } {
  const { size, channels, latent, width, mean, deviation, seed, variational } = given;
  const random = randomFrom(seed);
  /** What a kernel of side² places between so many channels begins with; every `strides`-th place meets a pixel. */
  const initial = (side: number, from: number, to: number, strides = 1, gain = 2 / (1 + alpha ** 2)) => {
    const terms = from * (side / strides) ** 2;
    const variance = given.initialiser === 'he' ? gain / terms : 2 / ((from + to) * side ** 2);
    return {
      kernelInitializer: initializers.randomNormal({
        stddev: Math.sqrt(variance),
        seed: Math.floor(random() * 2 ** 31),
      }),
    };
  };
  const scaled = (filters: number): number => Math.max(1, Math.round(filters * width));
  const last = size / sizeUnit;
  const outputs = variational ? 2 * latent : latent;

  const encoder = sequential();
  encoder.add(
    layers.rescaling({ scale: 1 / deviation, offset: -mean / deviation, inputShape: [size, size, channels] }),
  );
  let depth = channels;
  for (const [count, kernelSize, strides] of table) {
    const filters = scaled(count);
    encoder.add(
      layers.conv2d({
        filters,
        kernelSize,
        strides,
        padding: 'same',
        ...initial(kernelSize, depth, filters),
      }),
    );
    encoder.add(layers.leakyReLU({ alpha }));
    depth = filters;
  }
  encoder.add(layers.conv2d({ filters: outputs, kernelSize: last, ...initial(last, depth, outputs, 1, 1) }));

  const decoder = sequential();
  decoder.add(
    layers.conv2dTranspose({
      filters: depth,
      kernelSize: last,
      inputShape: [1, 1, latent],
      // A single place: each output pixel is one term of it.
      ...initial(last, latent, depth, last),
    }),
  );
  decoder.add(layers.leakyReLU({ alpha }));
  for (let index = table.length - 1; index >= 0; index--) {
    const [, kernelSize, strides] = table[index]!;
    const below = table[index - 1];
    const filters = below === undefined ? channels : scaled(below[0]);
    // The last layer begins small: the first reconstruction is nearly the mean grey.
    const gain = below === undefined ? 0.1 : undefined;
    decoder.add(
      layers.conv2dTranspose({
        filters,
        kernelSize,
        strides,
        padding: 'same',
        // Of a strided transposed convolution's kernel, only every strides-th place meets an output pixel.
        ...initial(kernelSize, depth, filters, strides, gain),
      }),
    );
    if (below !== undefined) decoder.add(layers.leakyReLU({ alpha }));
    depth = filters;
  }
  decoder.add(layers.rescaling({ scale: deviation, offset: mean }));
  return { encoder, decoder };
}
