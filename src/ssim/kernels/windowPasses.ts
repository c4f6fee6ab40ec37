import type { ImagePair, MapWeights } from '../../backends/imagePairs.js';
import { instantiate } from '../../backends/instantiate.js';
import type { Shape4D, WithRespectTo } from '../../backends/pairOnArrays.js';
import { borders, sourceIndex, sourceOf } from '../../filters/paddings.js';
import { mapShape } from './contract.js';
import type { SsimAttrs } from './contract.js';

/** What a module around assembly/shared/windows.ts exports. */
interface WindowModule {
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
    stageFloats: number,
    hasEqualTaps: boolean,
  ): number;
  /** Where rows of levels are made of rows of the image. */
  pyramid?(level: number, imageHeight: number, imageColumns: number): void;
  seek?(imageRow: number): void;
  copies(signBefore: number, sourceBefore: number, signAfter: number, sourceAfter: number): void;
  zeros(): void;
  constants(unit: number, luminance: boolean, c1: number, c2: number, signOfB: number): void;
  setTap(vertical: boolean, k: number, value: number): void;
  setWeight(weight: number): void;
  setWeightFactor(factor: number): void;
  stageOfX(): number;
  stageOfY(): number;
  stageOfWeight(): number;
  stageOfOutput(): number;
  begin(): void;
  advance(rows: number): number;
  takeZeros(): number;
  flush(): number;
  sumOfChannel(channel: number): number;
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

/** What windows need to know. */
export type WindowAttrs = Omit<SsimAttrs, 'form'>;

/** A level of the pyramids of images of one shape: how often they are halved. */
export interface Level {
  readonly shape: Shape4D;
  readonly level: number;
}

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

/** The shape of images at a level: each half of the one before, rounded up. */
export function shapeAt({ shape: [batch, height, width, channels], level }: Level): Shape4D {
  return [batch, Math.ceil(height / 2 ** level), Math.ceil(width / 2 ** level), channels];
}

/** Whether the module has room for such images and such a window. */
export function hasRoomFor(
  [, , imageWidth, channels]: Shape4D,
  { padding, taps }: Pick<WindowAttrs, 'padding' | 'taps'>,
): boolean {
  const [height, width] = taps.map(({ length }) => length) as [number, number];
  const columns = padding === 'wrap' ? imageWidth * channels : Math.max(tileFloats, 4 * width * channels);
  const row = columns + 3 * width * channels;
  return Math.max(height, width) <= largestWindow && row <= mostInRow && row * height <= mostInRing;
}

/**
 * Windows over images, by a SIMD module. Images pass through it in strips, so a few hundred kilobytes serve images of
 * any height.
 */
export class WindowPasses {
  declare private readonly module: WindowModule;
  declare private heap: Float32Array;

  /** Throws where WebAssembly or its SIMD is missing or forbidden. */
  constructor(code: string) {
    this.module = instantiate<WindowModule>(code);
    this.heap = new Float32Array(this.module.memory.buffer);
  }

  /** The size of its memory. */
  get bytes(): number {
    return this.module.memory.buffer.byteLength;
  }

  /** Σ weight · d of every channel of every image. */
  sums(
    images: readonly ImagePair[],
    level: Level,
    attrs: WindowAttrs,
    weights: readonly MapWeights[],
  ): Float64Array {
    return this.values(images, level, attrs, 'mean', weights, () => undefined);
  }

  /** d, or its means over channels: one map after the other. */
  maps(
    images: readonly ImagePair[],
    level: Level,
    attrs: WindowAttrs,
    form: 'distance' | 'residual',
    maps: Float32Array,
  ): void {
    const [, height, width, channels] = mapShape(shapeAt(level), attrs);
    const stride = form === 'residual' ? width : width * channels;
    const pixelFloats = stride / width;
    const unweighted = images.map(() => 0);
    this.values(images, level, attrs, form, unweighted, (n, { mapColumn, mapColumns }, row, count) => {
      const first = n * height * stride + mapColumn * pixelFloats;
      this.copyOut({ data: maps, stride, first, length: mapColumns * pixelFloats }, row, count);
    });
  }

  private values(
    images: readonly ImagePair[],
    level: Level,
    attrs: WindowAttrs,
    mode: 'mean' | 'distance' | 'residual',
    weights: readonly MapWeights[],
    output: (n: number, tile: Tile, row: number, count: number) => void,
  ): Float64Array {
    const channels = level.shape[3];
    const totals = new Float64Array(images.length * channels);
    for (const tile of tilesOf(shapeAt(level), attrs)) {
      const stripRows = this.configure(level, attrs, tile, mode, floatsOf(weights[0]!, tile));
      images.forEach((image, n) => {
        this.pass(image, level, attrs, tile, stripRows, weights[n]!, (row, count) => {
          output(n, tile, row, count);
        });
        if (mode === 'mean') this.addTotals(totals, n * channels, channels);
      });
    }
    return totals;
  }

  /** The same sums, and their gradients in one of the images: an array for each, of the level's size. */
  gradients(
    images: readonly ImagePair[],
    level: Level,
    attrs: WindowAttrs & WithRespectTo,
    weights: readonly MapWeights[],
    gradients: readonly Float32Array[],
  ): Float64Array {
    const { padding, taps, wrt } = attrs;
    const [, height, width, channels] = shapeAt(level);
    const stride = width * channels;
    const border = padding === 'valid' ? 0 : (taps[0].length - 1) / 2;
    // Rows near the top and bottom get what lies on the border as well; columns where tiles meet get from both.
    const shared = (row: number): boolean => border > 0 && (row <= border || row >= height - 1 - border);
    const overlap = (taps[1].length - 1) * channels;
    const totals = new Float64Array(images.length * channels);
    for (const gradient of gradients) {
      for (let row = 0; row < height; row++) {
        if (shared(row)) gradient.fill(0, row * stride, (row + 1) * stride);
      }
    }
    for (const tile of tilesOf(shapeAt(level), attrs)) {
      const stripRows = this.configure(
        level,
        attrs,
        tile,
        'gradient',
        floatsOf(weights[0]!, tile),
        wrt === 'yTrue' ? 1 : -1,
      );
      const joined = tile.mapColumn === 0 ? 0 : overlap;
      images.forEach((image, n) => {
        const first = tile.column * channels;
        const rows = { data: gradients[n]!, stride, first, length: tile.columns * channels };
        this.pass(image, level, attrs, tile, stripRows, weights[n]!, (start, count) => {
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
        this.addTotals(totals, n * channels, channels);
      });
    }
    return totals;
  }

  private addTotals(totals: Float64Array, first: number, channels: number): void {
    for (let c = 0; c < channels; c++) totals[first + c]! += this.module.sumOfChannel(c);
  }

  /** Lays out the module's memory and gives the rows of a strip. */
  private configure(
    { shape, level }: Level,
    { taps, padding, unit, luminance, c1, c2, varianceScale }: WindowAttrs,
    tile: Tile,
    mode: keyof typeof modes,
    weightRow: number,
    sign = 0,
  ): number {
    const [, height, width, channels] = shape;
    const imageColumns = columnsAt(tile, width, level).columns;
    const rowFloats = imageColumns * channels;
    const stripRows = Math.max(1, Math.min(height, Math.floor(stripFloats / rowFloats)));
    const module = this.module;
    const { columns, borderLeft, borderRight } = tile;
    const bytes = module.configure(
      modes[mode],
      channels,
      columns,
      taps[0].length,
      taps[1].length,
      borderLeft,
      borderRight,
      weightRow,
      // A gradient's last rows come all at once.
      Math.max(stripRows, mode === 'gradient' ? taps[0].length : 0),
      stripRows * rowFloats,
      taps.every((axis) => axis.every((tap) => tap === axis[0])),
    );
    module.pyramid?.(level, height, imageColumns);
    const border = borders[padding];
    if (border === undefined) module.zeros();
    else {
      const { before, after } = border;
      module.copies(before.sign, sourceOf(before, 0, columns), after.sign, sourceOf(after, 0, columns));
    }
    const missing = bytes - module.memory.buffer.byteLength;
    if (missing > 0) module.memory.grow(Math.ceil(missing / pageBytes));
    if (this.heap.buffer !== module.memory.buffer) this.heap = new Float32Array(module.memory.buffer);
    module.constants(unit, luminance, c1, c2 / varianceScale, sign);
    taps.forEach((axis, index) => {
      const middle = (axis.length - 1) / 2;
      for (let k = 0; k <= middle; k++) module.setTap(index === 0, k, axis[middle + k]!);
    });
    return stripRows;
  }

  /** Sends some columns of one image through the module, and reports which rows are in the output stage. */
  private pass(
    { x, y }: ImagePair,
    { shape, level }: Level,
    { padding, taps }: WindowAttrs,
    tile: Tile,
    stripRows: number,
    weights: MapWeights,
    output: (firstRow: number, rows: number) => void,
  ): void {
    const module = this.module;
    const [, height, width, channels] = shape;
    const { column, columns } = columnsAt(tile, width, level);
    const part = { stride: width * channels, first: column * channels, length: columns * channels };
    const [rowsOfX, rowsOfY] = [
      { data: x, ...part },
      { data: y, ...part },
    ];
    const rowsOfWeights = typeof weights === 'number' ? undefined : weightRows(weights, tile);
    if (typeof weights === 'number') module.setWeight(weights);
    else module.setWeightFactor(weights.factor);
    const [stageX, stageY, stageWeight] = [module.stageOfX(), module.stageOfY(), module.stageOfWeight()];
    const windowHeight = taps[0].length;
    const border = padding === 'valid' ? 0 : (windowHeight - 1) / 2;
    const levelHeight = Math.ceil(height / 2 ** level);

    let rowsIn = 0; // of the level
    let rowsOut = 0;
    /** Runs what takes in so many rows of the level, with the weights of the rows of the map that these complete. */
    const rowsOfLevel = (count: number, take: () => number): void => {
      rowsIn += count;
      if (rowsOfWeights !== undefined) {
        this.copyIn(rowsOfWeights, rowsOut, Math.max(0, rowsIn - windowHeight + 1) - rowsOut, stageWeight);
      }
      const rows = take();
      if (rows > 0) output(rowsOut, rows);
      rowsOut += rows;
    };
    const imageRows = (first: number, end: number): void => {
      module.seek?.(first);
      for (let row = first; row < end;) {
        const rows = Math.min(stripRows, end - row);
        this.copyIn(rowsOfX, row, rows, stageX);
        this.copyIn(rowsOfY, row, rows, stageY);
        const next = row + rows;
        const complete = next === height ? levelHeight : Math.floor(next / 2 ** level);
        rowsOfLevel(complete - Math.floor(row / 2 ** level), () => module.advance(rows));
        row = next;
      }
    };
    const borderRow = (place: number): void => {
      const row = sourceIndex(place, levelHeight, padding);
      if (row < 0) rowsOfLevel(1, () => module.takeZeros());
      else imageRows(row * 2 ** level, Math.min((row + 1) * 2 ** level, height));
    };
    module.begin();
    for (let k = -border; k < 0; k++) borderRow(k);
    imageRows(0, height);
    for (let k = 0; k < border; k++) borderRow(levelHeight + k);
    const last = module.flush();
    if (last > 0) output(rowsOut, last);
  }

  /** Rows of an array into a stage. */
  private copyIn({ data, stride, first, length }: Rows, row: number, count: number, stage: number): void {
    const to = stage / 4;
    if (length === stride) {
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

/** The columns of the image, of which those of a tile of the level are means. */
function columnsAt(
  { column, columns }: Tile,
  width: number,
  level: number,
): { readonly column: number; readonly columns: number } {
  const first = column * 2 ** level;
  return { column: first, columns: Math.min(columns * 2 ** level, width - first) };
}

/** How many weights a row of a tile has. */
function floatsOf(weights: MapWeights, { mapColumns }: Tile): number {
  return typeof weights === 'number' ? 0 : mapColumns * weights.perPixel;
}

function weightRows(
  { data, stride, first, perPixel }: Exclude<MapWeights, number>,
  { mapColumn, mapColumns }: Tile,
): Rows {
  return { data, stride, first: first + mapColumn * perPixel, length: mapColumns * perPixel };
}

/** Wide images are processed in groups of columns, so that the rows of a window stay in the cache. */
function tilesOf(shape: Shape4D, attrs: Pick<WindowAttrs, 'padding' | 'taps'>): Tile[] {
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
