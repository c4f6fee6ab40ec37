import { instantiate } from '../../backends/instantiate.js';
import type { ImageArrays, PairEngine, Shape4D } from '../../backends/pairOnArrays.js';
import { borders, sourceIndex, sourceOf } from '../../filters/paddings.js';
import { ssimCode } from './assembly/ssimCode.js';
import { mapShape, valueShape } from './contract.js';
import type { SsimAttrs, SsimBackwardAttrs } from './contract.js';

/** What assembly/ssim.ts exports. */
interface SsimModule {
  readonly memory: WebAssembly.Memory;
  configure(
    mode: number,
    channels: number,
    width: number,
    windowHeight: number,
    windowWidth: number,
    borderLeft: number,
    borderRight: number,
    weightFloats: number,
    stripRows: number,
  ): number;
  copies(signBefore: number, sourceBefore: number, signAfter: number, sourceAfter: number): void;
  zeros(): void;
  constants(
    unit: number,
    luminance: boolean,
    c1: number,
    c2: number,
    varianceScale: number,
    signOfB: number,
    weightFactor: number,
  ): void;
  setTap(vertical: boolean, k: number, value: number): void;
  setWeight(weight: number): void;
  stageOfX(): number;
  stageOfY(): number;
  stageOfWeight(): number;
  stageOfOutput(): number;
  begin(): void;
  advance(rows: number): number;
  flush(): number;
  sumOfDistances(): number;
}

const modes = { mean: 0, distance: 1, residual: 2, gradient: 3 } as const;

/** The capacity of the module: numbers in a row, taps from the middle one, and numbers in a ring. */
const mostInRow = 32768;
const largestWindow = 257;
const mostInRing = 1048576;
/** How many numbers of a row are processed at once, and copied at once: they stay in the cache. */
const tileFloats = 768;
const stripFloats = 16384;
const pageBytes = 65536;

/** Some columns of the images, wherever their windows lie, and where they are in the map. */
interface Tile {
  /** The first column of the map, and how many of it. */
  readonly mapColumn: number;
  readonly mapColumns: number;
  /** The first column of the image, and how many, without the border. */
  readonly column: number;
  readonly columns: number;
  readonly borderLeft: number;
  readonly borderRight: number;
}

/** Rows of numbers in an array: which part of each, and how far apart. */
interface Rows {
  readonly data: Float32Array;
  readonly stride: number;
  readonly first: number;
  readonly length: number;
}

/** Whether the module has room for such images and such a window. */
export function hasRoomFor(
  [, , imageWidth, channels]: Shape4D,
  { padding, taps }: Pick<SsimAttrs, 'padding' | 'taps'>,
): boolean {
  const [height, width] = taps.map(({ length }) => length) as [number, number];
  const columns = padding === 'wrap' ? imageWidth * channels : Math.max(tileFloats, 4 * width * channels);
  const row = columns + 3 * width * channels;
  return Math.max(height, width) <= largestWindow && row <= mostInRow && row * height <= mostInRing;
}

/**
 * SSIM and its gradient on arrays, by the SIMD kernel. Images pass through it in strips, so a few hundred kilobytes
 * serve images of any height.
 */
export class AssemblyEngine implements PairEngine<SsimAttrs> {
  declare private readonly module: SsimModule;
  declare private heap: Float32Array;

  /** Throws where WebAssembly or its SIMD is missing or forbidden. */
  constructor() {
    this.module = instantiate<SsimModule>(ssimCode);
    this.heap = new Float32Array(this.module.memory.buffer);
  }

  /** The size of its memory. */
  get bytes(): number {
    return this.module.memory.buffer.byteLength;
  }

  valueShape(shape: Shape4D, attrs: SsimAttrs): number[] {
    return valueShape(mapShape(shape, attrs), attrs.form);
  }

  isPerImage({ form }: SsimAttrs): boolean {
    return form === 'mean';
  }

  value(images: ImageArrays, attrs: SsimAttrs, value: Float32Array): void {
    const { form } = attrs;
    const { shape } = images;
    const [batch, mapHeight, mapWidth, channels] = mapShape(shape, attrs);
    const pixelFloats = form === 'residual' ? 1 : channels;
    const sums = new Float64Array(batch);
    for (const tile of tilesOf(shape, attrs)) {
      const stripRows = this.configure(shape, attrs, tile, modes[form], 0);
      for (let n = 0; n < batch; n++) {
        const rows = rowsOf(value, n, mapHeight, mapWidth, pixelFloats, tile.mapColumn, tile.mapColumns);
        this.pass(images, n, attrs, tile, stripRows, undefined, (row, count) => {
          if (form !== 'mean') this.copyOut(rows, row, count);
        });
        sums[n]! += this.module.sumOfDistances();
      }
    }
    if (form === 'mean')
      for (let n = 0; n < batch; n++) value[n] = sums[n]! / (mapHeight * mapWidth * channels);
  }

  gradient(images: ImageArrays, attrs: SsimBackwardAttrs, dy: Float32Array, gradient: Float32Array): void {
    this.meansAndGradient(images, attrs, dy, gradient);
  }

  valueAndGradient(
    images: ImageArrays,
    attrs: Omit<SsimAttrs, 'form'>,
    means: Float32Array,
    gradient: Float32Array,
  ): void {
    means.set(this.meansAndGradient(images, { ...attrs, form: 'mean', wrt: 'yPred' }, undefined, gradient));
  }

  /** Writes the gradient of Σ dy · value, of the plain sum without `dy`; gives the means of d. */
  private meansAndGradient(
    images: ImageArrays,
    attrs: SsimBackwardAttrs,
    dy: Float32Array | undefined,
    gradient: Float32Array,
  ): Float64Array {
    const { form, padding, taps, wrt } = attrs;
    const { shape } = images;
    const [batch, height, width, channels] = shape;
    const [, mapHeight, mapWidth] = mapShape(shape, attrs);
    const mapPixels = mapHeight * mapWidth * channels;
    const pixelWeights = form === 'mean' ? 0 : form === 'residual' ? 1 : channels;
    const rowFloats = width * channels;
    const border = padding === 'valid' ? 0 : (taps[0].length - 1) / 2;
    // Rows near the top and bottom get what lies on the border as well; columns where tiles meet get from both.
    const shared = (row: number): boolean => border > 0 && (row <= border || row >= height - 1 - border);
    const overlap = (taps[1].length - 1) * channels;

    const sums = new Float64Array(batch);
    for (let n = 0; n < batch; n++) {
      for (let row = n * height, r = 0; r < height; r++, row++) {
        if (shared(r)) gradient.fill(0, row * rowFloats, (row + 1) * rowFloats);
      }
    }
    for (const tile of tilesOf(shape, attrs)) {
      const stripRows = this.configure(
        shape,
        attrs,
        tile,
        modes.gradient,
        tile.mapColumns * pixelWeights,
        wrt === 'yTrue' ? 1 : -1,
      );
      const joined = tile.mapColumn === 0 ? 0 : overlap;
      for (let n = 0; n < batch; n++) {
        if (form === 'mean') this.module.setWeight((dy === undefined ? 1 : dy[n]!) / mapPixels);
        const weights =
          dy === undefined || form === 'mean'
            ? undefined
            : rowsOf(dy, n, mapHeight, mapWidth, pixelWeights, tile.mapColumn, tile.mapColumns);
        const rows = rowsOf(gradient, n, height, width, channels, tile.column, tile.columns);
        this.pass(images, n, attrs, tile, stripRows, weights, (start, count) => {
          for (let k = 0; k < count;) {
            const row = sourceIndex(start + k - border, height, padding);
            if (row < 0) {
              k++;
            } else if (shared(row)) {
              this.addOut(rows, row, k, rows.length);
              k++;
            } else {
              // As many rows as lie together: with a border, the last ones are shared.
              let together = 1;
              while (k + together < count && !shared(row + together)) together++;
              if (joined === 0) {
                this.copyOut(rows, row, together, k);
              } else {
                for (let j = 0; j < together; j++) this.joinOut(rows, row + j, k + j, joined);
              }
              k += together;
            }
          }
        });
        sums[n]! += this.module.sumOfDistances();
      }
    }
    return sums.map((sum) => sum / mapPixels);
  }

  /** Lays out the module's memory and gives the rows of a strip. */
  private configure(
    [, height, , channels]: Shape4D,
    { taps, padding, unit, luminance, c1, c2, varianceScale, form }: SsimAttrs,
    { columns, borderLeft, borderRight }: Tile,
    mode: number,
    weightRow: number,
    sign = 0,
  ): number {
    const stripRows = Math.max(1, Math.min(height, Math.floor(stripFloats / (columns * channels))));
    const module = this.module;
    const bytes = module.configure(
      mode,
      channels,
      columns,
      taps[0].length,
      taps[1].length,
      borderLeft,
      borderRight,
      weightRow,
      // A gradient's last rows come all at once.
      Math.max(stripRows, mode === modes.gradient ? taps[0].length : 0),
    );
    const border = borders[padding];
    if (border === undefined) module.zeros();
    else {
      const { before, after } = border;
      module.copies(before.sign, sourceOf(before, 0, columns), after.sign, sourceOf(after, 0, columns));
    }
    const missing = bytes - module.memory.buffer.byteLength;
    if (missing > 0) module.memory.grow(Math.ceil(missing / pageBytes));
    if (this.heap.buffer !== module.memory.buffer) this.heap = new Float32Array(module.memory.buffer);
    const weightFactor = form === 'residual' ? 1 / channels : 1;
    module.constants(unit, luminance, c1, c2, varianceScale, sign, weightFactor);
    taps.forEach((axis, index) => {
      const middle = (axis.length - 1) / 2;
      for (let k = 0; k <= middle; k++) module.setTap(index === 0, k, axis[middle + k]!);
    });
    return stripRows;
  }

  /** Sends some columns of one image through the module, and reports which rows are in the output stage. */
  private pass(
    { x, y, shape: [, height, width, channels] }: ImageArrays,
    n: number,
    { padding, taps }: SsimAttrs,
    { column, columns }: Tile,
    stripRows: number,
    weights: Rows | undefined,
    output: (firstRow: number, rows: number) => void,
  ): void {
    const module = this.module;
    const [rowsOfX, rowsOfY] = [x, y].map((data) =>
      rowsOf(data, n, height, width, channels, column, columns),
    ) as [Rows, Rows];
    const [stageX, stageY, stageWeight] = [module.stageOfX(), module.stageOfY(), module.stageOfWeight()];
    const windowHeight = taps[0].length;
    const border = padding === 'valid' ? 0 : (windowHeight - 1) / 2;
    let rowsOut = 0;
    module.begin();
    for (let row = -border; row < height + border;) {
      // A strip of the image, or one row of its border.
      const rows = row >= 0 && row < height ? Math.min(stripRows, height - row) : 1;
      const source = sourceIndex(row, height, padding);
      this.copyIn(rowsOfX, source, rows, stageX);
      this.copyIn(rowsOfY, source, rows, stageY);
      if (weights !== undefined) {
        const rowsIn = row + border + rows;
        this.copyIn(weights, rowsOut, Math.max(0, rowsIn - windowHeight + 1) - rowsOut, stageWeight);
      }
      const rowsNow = module.advance(rows);
      if (rowsNow > 0) output(rowsOut, rowsNow);
      rowsOut += rowsNow;
      row += rows;
    }
    const last = module.flush();
    if (last > 0) output(rowsOut, last);
  }

  /** Rows of an array into a stage; zeros for a row before the first. */
  private copyIn({ data, stride, first, length }: Rows, row: number, count: number, stage: number): void {
    const to = stage / 4;
    if (row < 0) this.heap.fill(0, to, to + count * length);
    else if (length === stride) {
      this.heap.set(data.subarray(first + row * stride, first + (row + count) * stride), to);
    } else {
      for (let k = 0; k < count; k++) {
        const from = first + (row + k) * stride;
        this.heap.set(data.subarray(from, from + length), to + k * length);
      }
    }
  }

  /** Rows of the output stage, from `skipped` on, into an array. */
  private copyOut({ data, stride, first, length }: Rows, row: number, count: number, skipped = 0): void {
    const from = this.module.stageOfOutput() / 4 + skipped * length;
    if (length === stride) {
      data.set(this.heap.subarray(from, from + count * length), first + row * stride);
    } else {
      for (let k = 0; k < count; k++) {
        const start = from + k * length;
        data.set(this.heap.subarray(start, start + length), first + (row + k) * stride);
      }
    }
  }

  /** A row of the output stage whose first numbers are added to those of another tile. */
  private joinOut(rows: Rows, row: number, staged: number, joined: number): void {
    this.addOut(rows, row, staged, joined);
    const from = this.module.stageOfOutput() / 4 + staged * rows.length;
    rows.data.set(
      this.heap.subarray(from + joined, from + rows.length),
      rows.first + row * rows.stride + joined,
    );
  }

  private addOut({ data, stride, first, length }: Rows, row: number, staged: number, count: number): void {
    const from = this.module.stageOfOutput() / 4 + staged * length;
    const to = first + row * stride;
    for (let j = 0; j < count; j++) data[to + j]! += this.heap[from + j]!;
  }
}

/** Columns of one image in a batch. */
function rowsOf(
  data: Float32Array,
  n: number,
  height: number,
  width: number,
  channels: number,
  column: number,
  columns: number,
): Rows {
  const stride = width * channels;
  return { data, stride, first: n * height * stride + column * channels, length: columns * channels };
}

/** Wide images are processed in groups of columns, so that the rows of a window stay in the cache. */
function tilesOf(shape: Shape4D, attrs: SsimAttrs): Tile[] {
  const [, , width, channels] = shape;
  const mapWidth = mapShape(shape, attrs)[2];
  const windowWidth = attrs.taps[1].length;
  const border = attrs.padding === 'valid' ? 0 : (windowWidth - 1) / 2;
  // Not much of it may be the overlap with the next.
  const most = Math.max(Math.floor(tileFloats / channels), 4 * windowWidth);
  // A row with periodic padding needs both of its ends.
  const count = attrs.padding === 'wrap' ? 1 : Math.ceil(mapWidth / most);
  return Array.from({ length: count }, (_, k) => {
    const mapColumn = Math.floor((k * mapWidth) / count);
    const mapColumns = Math.floor(((k + 1) * mapWidth) / count) - mapColumn;
    const column = Math.max(0, mapColumn - border);
    const end = Math.min(width, mapColumn + mapColumns + windowWidth - 1 - border);
    return {
      mapColumn,
      mapColumns,
      column,
      columns: end - column,
      borderLeft: column - (mapColumn - border),
      borderRight: mapColumn + mapColumns + windowWidth - 1 - border - end,
    };
  });
}
