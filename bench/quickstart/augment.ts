import { between } from './random.js';
import type { Random } from './random.js';

/** The largest factor by which a patch gains or loses contrast. */
const CONTRAST = 1.5;

/**
 * Varies the `index`-th patch of a batch as cloth varies from photograph to photograph: mirrored or not along each
 * axis, with more or less contrast around its own mean. What a model never saw it takes for a defect.
 */
export function vary(
  batch: Float32Array,
  index: number,
  size: number,
  channels: number,
  random: Random,
): void {
  const length = size * size * channels;
  const patch = batch.subarray(index * length, (index + 1) * length);
  const [upsideDown, leftRight] = [random() < 0.5, random() < 0.5];
  const gain = CONTRAST ** between(random, -1, 1);
  const mean = patch.reduce((sum, value) => sum + value, 0) / length;
  const before = patch.slice();
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const from =
        ((upsideDown ? size - 1 - row : row) * size + (leftRight ? size - 1 - column : column)) * channels;
      const to = (row * size + column) * channels;
      for (let k = 0; k < channels; k++) {
        patch[to + k] = Math.min(1, Math.max(0, mean + gain * (before[from + k]! - mean)));
      }
    }
  }
}
