import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { convolutions, gainOfLast } from './network.js';
import type { Random } from './random.js';

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
 * The autoencoder of Bergmann et al. 2019, table 1: nine convolutions down to the latents and their mirror image. The last
 * kernel, 8 × 8 there, is what is left of the patch, so that smaller patches have smaller ones.
 */
export function paperNetwork(
  x: SymbolicTensor,
  { width, latent }: { readonly width: number; readonly latent: number },
  random: Random,
): SymbolicTensor {
  const { conv, transposed } = convolutions(random);
  const channels = x.shape[3]!;
  const scaled = (filters: number): number => Math.max(1, Math.round(filters * width));
  const encoded = table.reduce(
    (y, [filters, kernelSize, strides]) => conv(y, { filters: scaled(filters), kernelSize, strides }),
    x,
  );
  const left = encoded.shape[1]!;
  const code = conv(encoded, { filters: latent, kernelSize: left, padding: 'valid', gain: 1 });
  const decoded = transposed(code, { filters: encoded.shape[3]!, kernelSize: left, padding: 'valid' });
  return table.reduceRight((y, [, kernelSize, strides], index) => {
    const below = table[index - 1];
    return below === undefined
      ? transposed(y, { filters: channels, kernelSize, strides, gain: gainOfLast })
      : transposed(y, { filters: scaled(below[0]), kernelSize, strides });
  }, decoded);
}
