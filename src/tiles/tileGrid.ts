/** The tiles along one axis. */
interface AxisOfTiles {
  readonly size: number;
  readonly starts: readonly number[];
  /** For each tile the share that it has in each of its pixels; the shares of a pixel sum to 1. */
  readonly shares: readonly Float64Array[];
}

/** How images of one size are cut into tiles. Shares of an axis suffice: weights are products of the axes'. */
export interface TileGrid {
  readonly height: number;
  readonly width: number;
  readonly rows: AxisOfTiles;
  readonly columns: AxisOfTiles;
}

/** Where a tile lies: its image, and its place along both axes. */
export interface Place {
  readonly n: number;
  readonly row: number;
  readonly column: number;
}

type Pair = readonly [ofHeight: number, ofWidth: number];
type Weighting = 'uniform' | 'gaussian';

export function tileGrid(
  [height, width]: Pair,
  tileSize: Pair,
  stride: Pair,
  weighting: Weighting,
): TileGrid {
  const rows = axisOfTiles(height, tileSize[0], stride[0], weighting);
  const columns = axisOfTiles(width, tileSize[1], stride[1], weighting);
  return { height, width, rows, columns };
}

function axisOfTiles(length: number, size: number, stride: number, weighting: Weighting): AxisOfTiles {
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

/** All tiles of a batch, image by image and row by row. */
export function places(batch: number, { rows, columns }: TileGrid): Place[] {
  const all: Place[] = [];
  for (let n = 0; n < batch; n++)
    for (let row = 0; row < rows.starts.length; row++)
      for (let column = 0; column < columns.starts.length; column++) all.push({ n, row, column });
  return all;
}

/** The pixels of tiles, one after the other. */
export function cutTiles(
  pixels: Float32Array,
  channels: number,
  { height, width, rows, columns }: TileGrid,
  tiles: readonly Place[],
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

/** Adds tiles, one after the other in `values`, where they lie, each by its share in every pixel. */
export function blendTiles(
  total: Float32Array,
  channels: number,
  { height, width, rows, columns }: TileGrid,
  tiles: readonly Place[],
  values: Float32Array,
): void {
  let from = 0;
  for (const { n, row, column } of tiles) {
    const [top, left] = [rows.starts[row]!, columns.starts[column]!];
    const [down, across] = [rows.shares[row]!, columns.shares[column]!];
    for (let i = 0; i < rows.size; i++) {
      let to = ((n * height + top + i) * width + left) * channels;
      for (let j = 0; j < columns.size; j++) {
        const share = down[i]! * across[j]!;
        for (let c = 0; c < channels; c++) total[to++]! += share * values[from++]!;
      }
    }
  }
}
