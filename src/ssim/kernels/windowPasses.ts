import type { ImagePair, MapWeights } from '../../backends/imagePairs.js';
import { instantiate } from '../../backends/instantiate.js';
import type { Shape4D, WithRespectTo } from '../../backends/pairOnArrays.js';
import { sourceIndex } from '../../filters/paddings.js';
import { mapShape } from './contract.js';
import type { SsimAttrs } from './contract.js';

/** What a module around assembly/shared/windows.ts exports. */
interface WindowModule {
  readonly memory: WebAssembly.Memory;
  /** configure(): lays out its memory for columns of images of one shape; gives the size in bytes. */
  readonly c: (
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
    unit: number,
    luminance: boolean,
    c1: number,
    c2: number,
    signOfB: number,
  ) => number;
  /** setTap() */
  readonly t: (vertical: boolean, k: number, value: number) => void;
  /** setSource(): the column that one of the border copies. */
  readonly e: (k: number, column: number, source: number) => void;
  /** pyramid() and seek(), where rows of levels are made of rows of the image. */
  readonly p?: (level: number, imageHeight: number, imageColumns: number, stageFloats: number) => number;
  readonly r?: (imageRow: number) => void;
  /** begin(): an image, with a weight or the factor of weights. */
  readonly b: (weight: number) => void;
  /** advance(), takeZeros() and flush() give the number of rows in the output stage. */
  readonly a: (rows: number) => number;
  readonly z: () => number;
  readonly f: () => number;
  /** sumOfChannel() */
  readonly s: (channel: number) => number;
  /** Where the stages of x, y, weights and output begin, in bytes. */
  readonly x: Stage;
  readonly y: Stage;
  readonly w: Stage;
  readonly o: Stage;
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

type Stage = WebAssembly.Global<'i32'>;

/** Rows of numbers in an array: which part of each, and how far apart. */
interface Rows {
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
export interface WindowPasses {
  /** Σ weight · d of every channel of every image. */
  sums(
    images: readonly ImagePair[],
    level: Level,
    attrs: WindowAttrs,
    weights: readonly MapWeights[],
  ): Float64Array;
  /** d, or its means over channels: one map after the other. */
  maps(
    images: readonly ImagePair[],
    level: Level,
    attrs: WindowAttrs,
    form: 'distance' | 'residual',
    maps: Float32Array,
  ): void;
  /** The same sums, and their gradients in one of the images: an array for each, of the level's size. */
  gradients(
    images: readonly ImagePair[],
    level: Level,
    attrs: WindowAttrs & WithRespectTo,
    weights: readonly MapWeights[],
    gradients: readonly Float32Array[],
  ): Float64Array;
}

/** Throws where WebAssembly or its SIMD is missing or forbidden. */
export function windowPasses(code: string): WindowPasses {
  const {
    memory,
    c: configure,
    t: setTap,
    e: setSource,
    p: pyramid,
    r: seek,
    b: begin,
    a: advance,
    z: takeZeros,
    f: flush,
    s: sumOfChannel,
    x: stageX,
    y: stageY,
    w: stageWeight,
    o: stageOut,
  } = instantiate<WindowModule>(code);
  let heap = new Float32Array(memory.buffer);

  /** Sends all images through the module, tile by tile, and reports which rows are in the output stage; gives the sums. */
  function pass(
    images: readonly ImagePair[],
    { shape, level }: Level,
    { taps, padding, unit, luminance, c1, c2, varianceScale }: WindowAttrs,
    mode: keyof typeof modes,
    weights: readonly MapWeights[],
    output: (n: number, tile: Tile, firstRow: number, rows: number) => void,
    sign = 0,
  ): Float64Array {
    const [, height, width, channels] = shape;
    const scale = 2 ** level;
    const levelShape = shapeAt({ shape, level });
    const [, levelHeight, levelWidth] = levelShape;
    const windowHeight = taps[0].length;
    const border = padding === 'valid' ? 0 : (windowHeight - 1) / 2;
    const totals = new Float64Array(images.length * channels);

    for (const tile of tilesOf(levelShape, { padding, taps })) {
      // The columns of the image, of which those of the level are means.
      const column = tile.column * scale;
      const columns = Math.min(tile.columns * scale, width - column);
      const rowFloats = columns * channels;
      const stripRows = Math.max(1, Math.min(height, Math.floor(stripFloats / rowFloats)));
      const stageFloats = stripRows * rowFloats;
      const bytes = configure(
        modes[mode],
        channels,
        tile.columns,
        windowHeight,
        taps[1].length,
        tile.borderLeft,
        tile.borderRight,
        typeof weights[0] === 'object' ? tile.mapColumns * weights[0].perPixel : 0,
        // A gradient's last rows come all at once.
        Math.max(stripRows, mode === 'gradient' ? windowHeight : 0),
        stageFloats,
        taps.every((axis) => axis.every((tap) => tap === axis[0])),
        unit,
        luminance,
        c1,
        c2 / varianceScale,
        sign,
      );
      const missing = (pyramid?.(level, height, columns, stageFloats) ?? bytes) - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
      if (heap.buffer !== memory.buffer) heap = new Float32Array(memory.buffer);
      taps.forEach((axis, index) => {
        const middle = (axis.length - 1) / 2;
        for (let k = 0; k <= middle; k++) setTap(index === 0, k, axis[middle + k]!);
      });

      const first = tile.column - tile.borderLeft;
      for (let k = 0; k < tile.borderLeft + tile.borderRight; k++) {
        const place = k < tile.borderLeft ? k : k + tile.columns;
        const source = sourceIndex(first + place, levelWidth, padding);
        setSource(k, place, source < 0 ? -1 : source - first);
      }

      images.forEach(({ x, y }, n) => {
        const part = { stride: width * channels, first: column * channels, length: rowFloats };
        const weight = weights[n]!;
        let rowsIn = 0; // of the level
        let rowsOut = 0;
        /** Runs what takes in so many rows of the level, with the weights of the rows of the map that these complete. */
        const rowsOfLevel = (count: number, take: () => number): void => {
          rowsIn += count;
          if (typeof weight === 'object') {
            const { data, stride, first, perPixel } = weight;
            copyIn(
              data,
              { stride, first: first + tile.mapColumn * perPixel, length: tile.mapColumns * perPixel },
              rowsOut,
              Math.max(0, rowsIn - windowHeight + 1) - rowsOut,
              stageWeight,
            );
          }
          const rows = take();
          if (rows > 0) output(n, tile, rowsOut, rows);
          rowsOut += rows;
        };
        const imageRows = (first: number, end: number): void => {
          seek?.(first);
          for (let row = first; row < end;) {
            const rows = Math.min(stripRows, end - row);
            copyIn(x, part, row, rows, stageX);
            copyIn(y, part, row, rows, stageY);
            const next = row + rows;
            const complete = next === height ? levelHeight : Math.floor(next / scale);
            rowsOfLevel(complete - Math.floor(row / scale), () => advance(rows));
            row = next;
          }
        };
        const borderRow = (place: number): void => {
          const row = sourceIndex(place, levelHeight, padding);
          if (row < 0) rowsOfLevel(1, takeZeros);
          else imageRows(row * scale, Math.min((row + 1) * scale, height));
        };
        begin(typeof weight === 'object' ? weight.factor : weight);
        for (let k = -border; k < 0; k++) borderRow(k);
        imageRows(0, height);
        for (let k = 0; k < border; k++) borderRow(levelHeight + k);
        rowsOfLevel(0, flush);
        for (let c = 0; c < channels; c++) totals[n * channels + c]! += sumOfChannel(c);
      });
    }
    return totals;
  }

  /** Rows of an array into a stage. */
  function copyIn(
    data: Float32Array,
    { stride, first, length }: Rows,
    row: number,
    count: number,
    stage: Stage,
  ): void {
    // Rows that lie one after the other are copied as one.
    const step = length === stride ? count : 1;
    for (let k = 0; k < count; k += step) {
      const from = first + (row + k) * stride;
      heap.set(data.subarray(from, from + step * length), stage.value / 4 + k * length);
    }
  }

  /** Rows of the output stage, from `skipped` on, into an array; the first `added` numbers of each are added to it. */
  function copyOut(
    data: Float32Array,
    { stride, first, length }: Rows,
    row: number,
    count: number,
    skipped = 0,
    added = 0,
  ): void {
    const step = length === stride && added === 0 ? count : 1;
    for (let k = 0; k < count; k += step) {
      const from = stageOut.value / 4 + (skipped + k) * length;
      const to = first + (row + k) * stride;
      for (let j = 0; j < added; j++) data[to + j]! += heap[from + j]!;
      if (added < length) data.set(heap.subarray(from + added, from + step * length), to + added);
    }
  }

  return {
    sums: (images, level, attrs, weights) => pass(images, level, attrs, 'mean', weights, () => undefined),

    maps(images, level, attrs, form, maps) {
      const [, height, width, channels] = mapShape(shapeAt(level), attrs);
      const pixelFloats = form === 'residual' ? 1 : channels;
      const stride = width * pixelFloats;
      const unweighted = images.map(() => 0);
      pass(images, level, attrs, form, unweighted, (n, { mapColumn, mapColumns }, row, count) => {
        const first = n * height * stride + mapColumn * pixelFloats;
        copyOut(maps, { stride, first, length: mapColumns * pixelFloats }, row, count);
      });
    },

    gradients(images, level, attrs, weights, gradients) {
      const { padding, taps, wrt } = attrs;
      const [, height, width, channels] = shapeAt(level);
      const stride = width * channels;
      const border = padding === 'valid' ? 0 : (taps[0].length - 1) / 2;
      // Rows near the top and bottom get what lies on the border as well; columns where tiles meet get from both.
      const shared = (row: number): boolean => border > 0 && (row <= border || row >= height - 1 - border);
      const overlap = (taps[1].length - 1) * channels;
      for (const gradient of gradients) {
        for (let row = 0; row < height; row++) {
          if (shared(row)) gradient.fill(0, row * stride, (row + 1) * stride);
        }
      }
      return pass(
        images,
        level,
        attrs,
        'gradient',
        weights,
        (n, { mapColumn, column, columns }, start, count) => {
          const length = columns * channels;
          const rows = { stride, first: column * channels, length };
          for (let k = 0, together; k < count; k += together) {
            together = 1;
            const row = sourceIndex(start + k - border, height, padding);
            if (row < 0) continue;
            const added = shared(row) ? length : mapColumn === 0 ? 0 : overlap;
            // As many rows as lie together: with a border, the last ones are shared.
            if (added < length) while (k + together < count && !shared(row + together)) together++;
            copyOut(gradients[n]!, rows, row, together, k, added);
          }
        },
        wrt === 'yTrue' ? 1 : -1,
      );
    },
  };
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
    // What the windows see.
    const first = mapColumn - border;
    const beyond = first + mapColumns + windowWidth - 1;
    const column = Math.max(0, first);
    const end = Math.min(width, beyond);
    return {
      mapColumn,
      mapColumns,
      column,
      columns: end - column,
      borderLeft: column - first,
      borderRight: beyond - end,
    };
  });
}
