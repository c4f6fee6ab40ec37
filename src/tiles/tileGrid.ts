/** The tiles along one axis. */
export interface AxisOfTiles {
  readonly size: number;
  readonly starts: readonly number[];
  /** For each tile the share that it has in each of its pixels; the shares of a pixel sum to 1. */
  readonly shares: readonly Float64Array[];
}

/** Where a tile lies: its image, and its place along both axes. */
export interface Place {
  readonly n: number;
  readonly row: number;
  readonly column: number;
}

/** Shares of an axis suffice: tiles lie in a grid, and their weights are products of the axes'. */
export function axisOfTiles(
  length: number,
  size: number,
  stride: number,
  weighting: 'uniform' | 'gaussian',
): AxisOfTiles {
  const count = Math.ceil((length - size) / stride) + 1;
  const starts = Array.from({ length: count }, (_, k) => Math.min(k * stride, length - size));
  const centre = (size - 1) / 2;
  const weights = Float64Array.from({ length: size }, (_, i) =>
    weighting === 'uniform' ? 1 : Math.exp(-8 * ((i - centre) / size) ** 2),
  );
  const sums = new Float64Array(length);
  for (const start of starts) for (let i = 0; i < size; i++) sums[start + i]! += weights[i]!;
  const shares = starts.map((start) => weights.map((weight, i) => weight / sums[start + i]!));
  return { size, starts, shares };
}

/** All tiles, image by image and row by row. */
export function places(batch: number, rows: AxisOfTiles, columns: AxisOfTiles): Place[] {
  const all: Place[] = [];
  for (let n = 0; n < batch; n++)
    for (let row = 0; row < rows.starts.length; row++)
      for (let column = 0; column < columns.starts.length; column++) all.push({ n, row, column });
  return all;
}

/** The pixels of tiles, one after the other. */
export function cut(
  pixels: Float32Array,
  tiles: readonly Place[],
  rows: AxisOfTiles,
  columns: AxisOfTiles,
  { height, width, channels }: { readonly height: number; readonly width: number; readonly channels: number },
): Float32Array {
  const rowLength = columns.size * channels;
  const values = new Float32Array(tiles.length * rows.size * rowLength);
  let to = 0;
  for (const { n, row, column } of tiles) {
    for (let i = 0; i < rows.size; i++, to += rowLength) {
      const from = ((n * height + rows.starts[row]! + i) * width + columns.starts[column]!) * channels;
      values.set(pixels.subarray(from, from + rowLength), to);
    }
  }
  return values;
}

/** Adds the k-th tile of `values` where it lies, by its share in every pixel. */
export function addTile(
  total: Float32Array,
  values: Float32Array,
  k: number,
  { n, row, column }: Place,
  rows: AxisOfTiles,
  columns: AxisOfTiles,
  [height, width]: readonly [number, number],
  depth: number,
): void {
  const [top, left] = [rows.starts[row]!, columns.starts[column]!];
  const [down, across] = [rows.shares[row]!, columns.shares[column]!];
  let from = k * rows.size * columns.size * depth;
  for (let i = 0; i < rows.size; i++) {
    let to = ((n * height + top + i) * width + left) * depth;
    for (let j = 0; j < columns.size; j++) {
      const share = down[i]! * across[j]!;
      for (let c = 0; c < depth; c++) total[to++]! += share * values[from++]!;
    }
  }
}
