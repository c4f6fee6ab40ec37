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

const scaled = (filters: number, width: number): number => Math.max(1, Math.round(filters * width));

/**
 * The autoencoder of Bergmann et al. 2019, table 1: nine convolutions down to the latents and their mirror image. The last
 * kernel, 8 × 8 there, is what is left of the patch, so that smaller patches have smaller ones.
 */
export function paperNetwork(
  x: SymbolicTensor,
  { width, latent }: { readonly width: number; readonly latent: number },
  random: Random,
): SymbolicTensor {
  const [, size, , channels] = x.shape as [null, number, number, number];
  const code = paperEncoder(x, { width, outputs: latent }, random);
  return paperDecoder(code, { width, size, channels }, random);
}

/** From patches to their code [N, 1, 1, outputs]. */
export function paperEncoder(
  x: SymbolicTensor,
  { width, outputs }: { readonly width: number; readonly outputs: number },
  random: Random,
): SymbolicTensor {
  const { conv } = convolutions(random);
  const encoded = table.reduce(
    (y, [filters, kernelSize, strides]) => conv(y, { filters: scaled(filters, width), kernelSize, strides }),
    x,
  );
  return conv(encoded, { filters: outputs, kernelSize: encoded.shape[1]!, padding: 'valid', gain: 1 });
}

/** From a code [N, 1, 1, latent] to patches. */
export function paperDecoder(
  code: SymbolicTensor,
  { width, size, channels }: { readonly width: number; readonly size: number; readonly channels: number },
  random: Random,
): SymbolicTensor {
  const { transposed } = convolutions(random);
  const left = table.reduce((side, [, , strides]) => side / strides, size);
  const decoded = transposed(code, {
    filters: scaled(table.at(-1)![0], width),
    kernelSize: left,
    padding: 'valid',
  });
  return table.reduceRight((y, [, kernelSize, strides], index) => {
    const below = table[index - 1];
    return below === undefined
      ? transposed(y, { filters: channels, kernelSize, strides, gain: gainOfLast })
      : transposed(y, { filters: scaled(below[0], width), kernelSize, strides });
  }, decoded);
}
