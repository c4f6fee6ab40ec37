import { instantiate } from '../../backends/instantiate.js';
import { sourceIndex } from '../../filters/paddings.js';
import { windowOf } from '../../filters/window.js';
import type { PixelRows } from '../pixelRows.js';
import type { ComparedRows } from '../ssimOptions.js';
import { ssimRowsCode } from './assembly/ssimRowsCode.js';

/** What assembly/ssimRows.ts exports. */
interface RowsModule {
  readonly memory: WebAssembly.Memory;
  configure(
    isBytes: boolean,
    channels: number,
    width: number,
    windowHeight: number,
    windowWidth: number,
    borderLeft: number,
    borderRight: number,
    stripRows: number,
  ): number;
  constants(scale: number, luminance: boolean, c1: number, c2: number, varianceScale: number): void;
  setTap(vertical: boolean, k: number, value: number): void;
  setSource(k: number, column: number): void;
  stageOfX(): number;
  stageOfY(): number;
  begin(): void;
  advance(rows: number): void;
  sumOfDistances(): number;
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

  const bytes = kernel.configure(
    isBytes,
    channels,
    columns,
    taps[0].length,
    taps[1].length,
    borderLeft,
    borderRight,
    stripRows,
  );
  const missing = bytes - kernel.memory.buffer.byteLength;
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / pageBytes));
  const square = isBytes ? bytesFactor ** 2 : 1;
  kernel.constants(1 / unit, alpha > 0, c1 * square, c2 * square, varianceScale);
  taps.forEach((axis, index) => {
    const middle = (axis.length - 1) / 2;
    for (let k = 0; k <= middle; k++) kernel.setTap(index === 0, k, axis[middle + k]!);
  });
  for (let k = 0; k < borderLeft + borderRight; k++) {
    const place = k < borderLeft ? k - borderLeft : width + k - borderLeft;
    const source = sourceIndex(place, width, padding);
    kernel.setSource(k, source < 0 ? -1 : source - column);
  }

  const copyX = copierOf(kernel, isBytes, x, kernel.stageOfX(), column, columns);
  const copyY = copierOf(kernel, isBytes, y, kernel.stageOfY(), column, columns);
  kernel.begin();
  for (let row = -top!; row < height + top!;) {
    // A strip of the image, or one row of its border.
    const rows = row >= 0 && row < height ? Math.min(stripRows, height - row) : 1;
    const source = sourceIndex(row, height, padding);
    copyX(source, rows);
    copyY(source, rows);
    kernel.advance(rows);
    row += rows;
  }
  return kernel.sumOfDistances();
}

/** Copies rows into a stage; zeros for a row before the first. */
function copierOf(
  { memory }: RowsModule,
  isBytes: boolean,
  { width, channels, read, bytes }: PixelRows,
  stage: number,
  column: number,
  columns: number,
): (row: number, count: number) => void {
  if (isBytes && bytes !== undefined) {
    const heap = new Uint8Array(memory.buffer);
    return (row, count) => {
      if (row < 0) heap.fill(0, stage, stage + count * columns * 4);
      else {
        for (let k = 0; k < count; k++) {
          const from = ((row + k) * width + column) * 4;
          heap.set(bytes.subarray(from, from + columns * 4), stage + k * columns * 4);
        }
      }
    };
  }
  const heap = new Float32Array(memory.buffer);
  const length = columns * channels;
  return (row, count) => {
    const to = stage / 4;
    if (row < 0) heap.fill(0, to, to + count * length);
    else for (let k = 0; k < count; k++) read(row + k, column, columns, heap, to + k * length);
  };
}
