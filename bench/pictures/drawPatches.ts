import { between } from '../running/random.js';
import type { Random } from '../running/random.js';
import type { Picture } from './dataset.js';

/** How patches differ from the pictures that they are cut from: what a model never saw it takes for a defect. */
export interface Variation {
  /** Mirrored or not along each axis. */
  readonly flips: boolean;
  /** Least and largest number of rows of the picture that become one row of the patch; [1, 1] leaves them as they are. */
  readonly rows: readonly [number, number];
  /** The same of columns. */
  readonly columns: readonly [number, number];
  /** The largest factor by which a patch gains or loses contrast around its mean; 1 leaves it as it is. */
  readonly contrast: number;
}

export const unvaried: Variation = { flips: false, rows: [1, 1], columns: [1, 1], contrast: 1 };

/** Patches from random places of random pictures, one after the other as tensors hold them. */
export function drawPatches(
  pictures: readonly Picture[],
  {
    count,
    size,
    variation,
  }: { readonly count: number; readonly size: number; readonly variation: Variation },
  random: Random,
): Float32Array {
  const length = size * size * pictures[0]!.channels;
  const batch = new Float32Array(count * length);
  for (let from = 0; from < batch.length; from += length) {
    drawPatch(pictures, size, variation, random, batch.subarray(from, from + length));
  }
  return batch;
}

function drawPatch(
  pictures: readonly Picture[],
  size: number,
  variation: Variation,
  random: Random,
  patch: Float32Array,
): void {
  const picture = pictures[Math.floor(random() * pictures.length)]!;
  const { height, width } = picture;
  const [atRow, atColumn] = [random(), random()];
  const [upsideDown, leftRight] = variation.flips ? [random() < 0.5, random() < 0.5] : [false, false];
  const gain = variation.contrast > 1 ? variation.contrast ** between(random, -1, 1) : 1;
  const rows = placesAlong(height, size, atRow, stretchOf(variation.rows, random), upsideDown);
  const columns = placesAlong(width, size, atColumn, stretchOf(variation.columns, random), leftRight);
  sample(picture, rows, columns, patch);
  if (gain !== 1) stretchContrast(patch, gain);
}

/** As often twice as half: the logarithm is uniform. */
const stretchOf = ([least, most]: readonly [number, number], random: Random): number =>
  least === most ? least : Math.exp(between(random, Math.log(least), Math.log(most)));

/** Where the pixels of a patch lie along one axis of the picture; whole places where nothing is stretched. */
function placesAlong(
  length: number,
  size: number,
  at: number,
  stretch: number,
  mirrored: boolean,
): Float64Array {
  const side = Math.min(length - 1, (size - 1) * stretch);
  const start = side === size - 1 ? Math.floor(at * (length - size + 1)) : at * (length - 1 - side);
  return Float64Array.from(
    { length: size },
    (_, k) => start + (side * (mirrored ? size - 1 - k : k)) / (size - 1),
  );
}

/** Bilinear. */
function sample(
  { height, width, channels, data }: Picture,
  rows: Float64Array,
  columns: Float64Array,
  patch: Float32Array,
): void {
  let to = 0;
  for (const row of rows) {
    const top = Math.min(height - 1, Math.floor(row));
    const below = Math.min(height - 1, top + 1);
    const down = row - top;
    for (const column of columns) {
      const left = Math.min(width - 1, Math.floor(column));
      const right = Math.min(width - 1, left + 1);
      const across = column - left;
      for (let c = 0; c < channels; c++) {
        const at = (r: number, k: number): number => data[(r * width + k) * channels + c]!;
        const upper = (1 - across) * at(top, left) + across * at(top, right);
        const lower = (1 - across) * at(below, left) + across * at(below, right);
        patch[to++] = (1 - down) * upper + down * lower;
      }
    }
  }
}

function stretchContrast(patch: Float32Array, gain: number): void {
  const mean = patch.reduce((sum, value) => sum + value, 0) / patch.length;
  patch.forEach((value, k) => (patch[k] = Math.min(1, Math.max(0, mean + gain * (value - mean)))));
}
