import { instantiate } from '../../backends/instantiate.js';
import { sourceIndex } from '../../filters/paddings.js';
import { windowOf } from '../../filters/window.js';
import type { PixelRows } from '../pixelRows.js';
import type { ComparedRows } from '../ssimOptions.js';
import { ssimRowsCode } from './assembly/ssimRowsCode.js';

/** What assembly/ssimRows.ts exports. */
interface RowsModule {
  readonly memory: WebAssembly.Memory;
  /** configure(): begins with columns of two images; gives the size of its memory in bytes. */
  readonly c: (
    isBytes: boolean,
    channels: number,
    width: number,
    windowHeight: number,
    windowWidth: number,
    borderLeft: number,
    borderRight: number,
    stripRows: number,
    scale: number,
    luminance: boolean,
    c1: number,
    c2: number,
    varianceScale: number,
  ) => number;
  /** setTap() */
  readonly t: (vertical: boolean, k: number, value: number) => void;
  /** setSource(): the column that one of the border copies. */
  readonly p: (k: number, column: number) => void;
  /** advance() */
  readonly a: (rows: number) => void;
  /** Where the stages of x and y begin, in bytes. */
  readonly x: WebAssembly.Global<'i32'>;
  readonly y: WebAssembly.Global<'i32'>;
  /** The sum of distances. */
  readonly s: WebAssembly.Global<'f64'>;
}

/** The capacity of the module: numbers in a row, taps from the middle one, and numbers in a ring. */
const mostInRow = 32768;
const largestWindow = 257;
const mostInRing = 1048576;
/** How many numbers of a row are processed at once, and copied at once: they stay in the cache. */
const tileFloats = 768;
const stripFloats = 8192;
const pageBytes = 65536;
/** Below it, in images divided by their unit, float32 has too few digits beside it. */
const leastConstant = 1e-7;
/** The luma of bytes is computed as a whole number of thousandths. */
const bytesFactor = 1000;

/** The module, once it is made; null where WebAssembly or its SIMD is missing or forbidden. */
let module: RowsModule | null | undefined;

function moduleHere(): RowsModule | null {
  if (module === undefined) {
    try {
      module = instantiate<RowsModule>(ssimRowsCode);
    } catch {
      module = null;
    }
  }
  return module;
}

/**
 * Σ (1 − SSIM) over all positions of the window, by the SIMD kernel; undefined where there is none, or it does not support
 * the request. Rows are copied in as they are needed: nothing of the image's size is allocated.
 */
export function sumOfDistances(request: ComparedRows): number | undefined {
  const { alpha, beta, gamma, c1, c2, windowSize, padding } = request.options;
  if (!(alpha === 0 || alpha === 1) || beta !== 1 || gamma !== 1 || Math.min(c1, c2) < leastConstant) {
    return undefined;
  }
  const { width, channels } = request.x;
  const [windowHeight, windowWidth] = windowSize as [number, number];
  const mapWidth = padding === 'valid' ? width - windowWidth + 1 : width;
  // A row with periodic padding needs both of its ends.
  const most = Math.max(Math.floor(tileFloats / channels), 4 * windowWidth);
  const tiles = padding === 'wrap' ? 1 : Math.ceil(mapWidth / most);
  const row = (Math.ceil(mapWidth / tiles) + 2 * windowWidth) * channels;
  if (Math.max(windowHeight, windowWidth) > largestWindow) return undefined;
  if (row > mostInRow || row * windowHeight > mostInRing) return undefined;
  const kernel = moduleHere();
  if (kernel === null) return undefined;
  let sum = 0;
  for (let tile = 0; tile < tiles; tile++) {
    const first = Math.floor((tile * mapWidth) / tiles);
    const end = Math.floor(((tile + 1) * mapWidth) / tiles);
    sum += sumOfTile(kernel, request, first, end);
  }
  return sum;
}

/** The same over some columns of the map. */
function sumOfTile(kernel: RowsModule, { x, y, options }: ComparedRows, first: number, end: number): number {
  const { unit, alpha, c1, c2, varianceScale, padding } = options;
  const taps = windowOf(options) as [Float64Array, Float64Array];
  const [top, left] = padding === 'valid' ? [0, 0] : taps.map(({ length }) => (length - 1) / 2);
  const { width, height, channels } = x;
  const column = Math.max(0, first - left!);
  const beyond = end + taps[1].length - 1 - left!;
  const columns = Math.min(width, beyond) - column;
  const [borderLeft, borderRight] = [column - (first - left!), Math.max(0, beyond - width)];
  const isBytes = x.bytes !== undefined && y.bytes !== undefined;
  const stripRows = Math.max(1, Math.min(height, Math.floor(stripFloats / (columns * channels))));

  const square = isBytes ? bytesFactor ** 2 : 1;
  const { memory, t: setTap, p: setSource, a: advance } = kernel;
  const bytes = kernel.c(
    isBytes,
    channels,
    columns,
    taps[0].length,
    taps[1].length,
    borderLeft,
    borderRight,
    stripRows,
    1 / unit,
    alpha > 0,
    c1 * square,
    c2 * square,
    varianceScale,
  );
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
  taps.forEach((axis, index) => {
    const middle = (axis.length - 1) / 2;
    for (let k = 0; k <= middle; k++) setTap(index === 0, k, axis[middle + k]!);
  });
  for (let k = 0; k < borderLeft + borderRight; k++) {
    const place = k < borderLeft ? k - borderLeft : width + k - borderLeft;
    const source = sourceIndex(place, width, padding);
    setSource(k, source < 0 ? -1 : source - column);
  }

  const copyX = copierOf(memory, isBytes, x, kernel.x.value, column, columns);
  const copyY = copierOf(memory, isBytes, y, kernel.y.value, column, columns);
  for (let row = -top!; row < height + top!;) {
    // A strip of the image, or one row of its border.
    const rows = row >= 0 && row < height ? Math.min(stripRows, height - row) : 1;
    const source = sourceIndex(row, height, padding);
    copyX(source, rows);
    copyY(source, rows);
    advance(rows);
    row += rows;
  }
  return kernel.s.value;
}

/** Copies rows into a stage; zeros for a row before the first. */
function copierOf(
  { buffer }: WebAssembly.Memory,
  isBytes: boolean,
  { width, channels, read, bytes }: PixelRows,
  stage: number,
  column: number,
  columns: number,
): (row: number, count: number) => void {
  const ofBytes = isBytes ? bytes : undefined;
  const length = columns * channels;
  const heap = new Float32Array(buffer, stage);
  const byteHeap = new Uint8Array(buffer, stage);
  return (row, count) => {
    // Four bytes of a pixel, or of a float32 number.
    if (row < 0) byteHeap.fill(0, 0, count * length * 4);
    else {
      for (let k = 0; k < count; k++) {
        if (ofBytes === undefined) read(row + k, column, columns, heap, k * length);
        else {
          const from = ((row + k) * width + column) * 4;
          byteHeap.set(ofBytes.subarray(from, from + columns * 4), k * columns * 4);
        }
      }
    }
  };
}
