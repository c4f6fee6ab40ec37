import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import type { Sequential } from '@tensorflow/tfjs-layers';
import { randomFrom } from '../running/random.js';

/** Patches are a multiple of this size: the encoder halves them three times, and the tiles overlap by quarters. */
export const sizeUnit = 16;

export interface AutoencoderOptions {
  readonly size: number;
  readonly channels: number;
  readonly latent: number;
  /** Mean and standard deviation of the training images. */
  readonly mean: number;
  readonly deviation: number;
  readonly seed: number;
}

/** [filters, kernel size, stride] of the encoder's convolutions; the decoder runs through them backwards. */
const encoder = [
  [16, 4, 2],
  [16, 4, 2],
  [16, 3, 1],
  [32, 4, 2],
  [32, 3, 1],
  [16, 3, 1],
] as const;

/** Slope of the leaky ReLU below 0. */
const alpha = 0.2;

/**
 * A convolutional autoencoder after table 1 of Bergmann et al. 2019, at half its width and for patches of a
 * quarter of its area, from which it also encodes to 8 × 8 places before the latent vector.
 *
 * It takes and gives images in their own range, and works on standardised ones inside: a step of Adam then is
 * as large as the contrast of the images allows, and the weave is learnt in some hundred steps, not thousands.
 */
export function autoencoder({
  size,
  channels,
  latent,
  mean,
  deviation,
  seed,
}: AutoencoderOptions): Sequential {
  const random = randomFrom(seed);
  const layerSeed = (): number => Math.floor(random() * 2 ** 31);
  // He et al. 2015: the variance of the activations stays the same from layer to layer.
  const weights = (fanIn: number, gain = 2 / (1 + alpha ** 2)) => ({
    kernelInitializer: initializers.randomNormal({ stddev: Math.sqrt(gain / fanIn), seed: layerSeed() }),
  });
  const model = sequential();
  const activate = (): void => model.add(layers.leakyReLU({ alpha }));

  model.add(
    layers.rescaling({ scale: 1 / deviation, offset: -mean / deviation, inputShape: [size, size, channels] }),
  );
  let depth = channels;
  let side = size;
  for (const [filters, kernelSize, strides] of encoder) {
    const initial = weights(depth * kernelSize ** 2);
    model.add(layers.conv2d({ filters, kernelSize, strides, padding: 'same', ...initial }));
    activate();
    depth = filters;
    side /= strides;
  }
  const places = side * side * depth;
  model.add(layers.flatten());
  model.add(layers.dense({ units: latent, ...weights(places, 1) }));
  model.add(layers.dense({ units: places, ...weights(latent) }));
  activate();
  model.add(layers.reshape({ targetShape: [side, side, depth] }));
  for (let index = encoder.length - 1; index >= 0; index--) {
    const [, kernelSize, strides] = encoder[index]!;
    const filters = index === 0 ? channels : encoder[index - 1]![0];
    // Of a strided transposed convolution's kernel, only every strides-th place meets an output pixel.
    const initial = weights(depth * (kernelSize / strides) ** 2, index === 0 ? 0.1 : undefined);
    model.add(layers.conv2dTranspose({ filters, kernelSize, strides, padding: 'same', ...initial }));
    if (index > 0) activate();
    depth = filters;
  }
  model.add(layers.rescaling({ scale: deviation, offset: mean }));
  return model;
}
