import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { convolutions, gainOfLast } from './network.js';
import type { Random } from './random.js';

/** Filters at a half, a quarter and an eighth of the patch's side. */
const filtersOfLevels = [16, 32, 48] as const;

/**
 * A small U-Net (Ronneberger et al. 2015) that begins with a strided convolution, so that nothing is computed at the full
 * size. What is good passes through the connections at each level; training on spoilt patches teaches it to repair the rest.
 */
export function repairNetwork(
  x: SymbolicTensor,
  { width }: { readonly width: number },
  random: Random,
): SymbolicTensor {
  const { conv, convOfTwo, transposed } = convolutions(random);
  const channels = x.shape[3]!;
  const levels = filtersOfLevels.map((filters) => Math.max(1, Math.round(filters * width)));
  const passed: SymbolicTensor[] = [];
  let y = x;
  for (const filters of levels) {
    y = conv(y, { filters, kernelSize: 4, strides: 2 });
    y = conv(y, { filters, kernelSize: 3 });
    passed.push(y);
  }
  y = conv(y, { filters: levels.at(-1), kernelSize: 3 });
  for (const [level, filters] of [...levels.entries()].reverse().slice(1)) {
    y = transposed(y, { filters, kernelSize: 4, strides: 2 });
    y = convOfTwo(y, passed[level]!, { filters, kernelSize: 3 });
  }
  return transposed(y, { filters: channels, kernelSize: 4, strides: 2, gain: gainOfLast });
}
