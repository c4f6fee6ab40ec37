import type { Picture } from '../pictures/dataset.js';

export interface Place {
  readonly row: number;
  readonly column: number;
}

/** Copies size × size pixels of a picture to the `index`-th patch of a batch. */
export function copyPatch(
  picture: Picture,
  { row, column }: Place,
  size: number,
  batch: Float32Array,
  index: number,
): void {
  const { width, channels, data } = picture;
  for (let r = 0; r < size; r++) {
    const start = ((row + r) * width + column) * channels;
    batch.set(data.subarray(start, start + size * channels), (index * size + r) * size * channels);
  }
}

/** Adds the `index`-th patch of a batch to a picture of as many channels. */
export function addPatch(
  target: Float32Array,
  width: number,
  channels: number,
  { row, column }: Place,
  size: number,
  batch: ArrayLike<number>,
  index: number,
): void {
  for (let r = 0; r < size; r++) {
    const to = ((row + r) * width + column) * channels;
    const from = (index * size + r) * size * channels;
    for (let k = 0; k < size * channels; k++) target[to + k]! += batch[from + k]!;
  }
}

/** Overlapping tiles that cover a picture; the last ones end at its edge. */
export function tilePlaces({ height, width }: Picture, size: number, stride: number): Place[] {
  const starts = (length: number): number[] => {
    const list: number[] = [];
    for (let start = 0; start + size < length; start += stride) list.push(start);
    return [...list, length - size];
  };
  return starts(height).flatMap((row) => starts(width).map((column) => ({ row, column })));
}
