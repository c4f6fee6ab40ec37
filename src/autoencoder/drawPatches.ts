import { below, between, betweenInScale } from './random.js';
import type { Random } from './random.js';
import type { Picture } from './picture.js';

/** How patches vary beyond the places that they are cut from: as the scene will vary later, and no more. */
export interface PatchVariation {
  /**
   * Are half of the patches mirrored, along each axis?
   * @default false
   */
  readonly flips?: boolean;
  /**
   * Least and largest number of rows of the image that become one row of the patch, > 0: a pattern so stretched is no defect.
   * @default [0.5, 1.2] where patches are spoilt, else [1, 1]
   */
  readonly rows?: readonly [least: number, most: number];
  /**
   * The same of columns.
   * @default [1, 1]
   */
  readonly columns?: readonly [least: number, most: number];
  /**
   * The largest factor by which a patch gains or loses contrast around its mean, ≥ 1.
   * @default 1
   */
  readonly contrast?: number;
}

export const unvaried: Required<PatchVariation> = {
  flips: false,
  rows: [1, 1],
  columns: [1, 1],
  contrast: 1,
};

/** Patches from random places of random pictures, one after the other as tensors hold them. */
export function drawPatches(
  pictures: readonly Picture[],
  {
    count,
    size,
    variation,
  }: { readonly count: number; readonly size: number; readonly variation: Required<PatchVariation> },
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
  variation: Required<PatchVariation>,
  random: Random,
  patch: Float32Array,
): void {
  const picture = pictures[below(random, pictures.length)]!;
  const { height, width } = picture;
  const [atRow, atColumn] = [random(), random()];
  const [upsideDown, leftRight] = variation.flips ? [random() < 0.5, random() < 0.5] : [false, false];
  const gain = variation.contrast > 1 ? variation.contrast ** between(random, -1, 1) : 1;
  const rows = placesAlong(height, size, atRow, stretchOf(variation.rows, random), upsideDown);
  const columns = placesAlong(width, size, atColumn, stretchOf(variation.columns, random), leftRight);
  sample(picture, rows, columns, patch);
  if (gain !== 1) stretchContrast(patch, gain);
}

const stretchOf = ([least, most]: readonly [number, number], random: Random): number =>
  least === most ? least : betweenInScale(random, least, most);

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
  const places = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    places[k] = start + (side * (mirrored ? size - 1 - k : k)) / (size - 1);
  }
  return places;
}

/** Bilinear. */
function sample(
  { height, width, channels, data }: Picture,
  rows: Float64Array,
  columns: Float64Array,
  patch: Float32Array,
): void {
  const size = columns.length;
  let to = 0;
  for (let r = 0; r < rows.length; r++) {
    const top = Math.min(height - 1, Math.floor(rows[r]!));
    const down = rows[r]! - top;
    const upperRow = top * width;
    const lowerRow = Math.min(height - 1, top + 1) * width;
    for (let k = 0; k < size; k++) {
      const left = Math.min(width - 1, Math.floor(columns[k]!));
      const across = columns[k]! - left;
      const right = Math.min(width - 1, left + 1);
      for (let c = 0; c < channels; c++) {
        const upper =
          (1 - across) * data[(upperRow + left) * channels + c]! +
          across * data[(upperRow + right) * channels + c]!;
        const lower =
          (1 - across) * data[(lowerRow + left) * channels + c]! +
          across * data[(lowerRow + right) * channels + c]!;
        patch[to++] = (1 - down) * upper + down * lower;
      }
    }
  }
}

function stretchContrast(patch: Float32Array, gain: number): void {
  const mean = patch.reduce((sum, value) => sum + value, 0) / patch.length;
  patch.forEach((value, k) => (patch[k] = Math.min(1, Math.max(0, mean + gain * (value - mean)))));
}
