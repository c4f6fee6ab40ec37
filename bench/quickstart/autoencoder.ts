import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import type { Sequential } from '@tensorflow/tfjs-layers';

/** Patches are a multiple of this size: the encoder halves them three times, and the tiles overlap by quarters. */
export const sizeUnit = 16;

export interface AutoencoderOptions {
  readonly size: number;
  readonly channels: number;
  readonly latent: number;
  readonly seed: number;
}

/**
 * A convolutional autoencoder after table 1 of Bergmann et al. 2019: half its width, one convolution less, and
 * dense layers around the latent vector, so that it trains in minutes on two cores.
 */
export function autoencoder({ size, channels, latent, seed }: AutoencoderOptions): Sequential {
  let layerSeed = seed;
  const common = (activation: boolean) => ({
    kernelInitializer: initializers.heNormal({ seed: layerSeed++ }),
    useBias: true,
    ...(activation ? {} : { activation: 'sigmoid' as const }),
  });
  const model = sequential();
  const down = (filters: number, kernelSize: number, strides: number, first = false): void => {
    model.add(
      layers.conv2d({
        filters,
        kernelSize,
        strides,
        padding: 'same',
        ...common(true),
        ...(first ? { inputShape: [size, size, channels] } : {}),
      }),
    );
    model.add(layers.leakyReLU({ alpha: 0.2 }));
  };
  const up = (filters: number, kernelSize: number, strides: number): void => {
    model.add(layers.conv2dTranspose({ filters, kernelSize, strides, padding: 'same', ...common(true) }));
    model.add(layers.leakyReLU({ alpha: 0.2 }));
  };
  const bottom = size / 8;
  down(16, 4, 2, true);
  down(16, 4, 2);
  down(16, 3, 1);
  down(32, 4, 2);
  down(32, 3, 1);
  down(32, 3, 1);
  model.add(layers.flatten());
  model.add(
    layers.dense({ units: latent, kernelInitializer: initializers.glorotUniform({ seed: layerSeed++ }) }),
  );
  model.add(
    layers.dense({
      units: bottom * bottom * 32,
      kernelInitializer: initializers.heNormal({ seed: layerSeed++ }),
    }),
  );
  model.add(layers.leakyReLU({ alpha: 0.2 }));
  model.add(layers.reshape({ targetShape: [bottom, bottom, 32] }));
  up(32, 3, 1);
  up(32, 4, 2);
  up(16, 3, 1);
  up(16, 4, 2);
  model.add(
    layers.conv2dTranspose({
      filters: channels,
      kernelSize: 4,
      strides: 2,
      padding: 'same',
      ...common(false),
    }),
  );
  return model;
}
