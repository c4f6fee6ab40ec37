import { instantiate } from '../../backends/instantiate.js';
import { sourceIndex } from '../../filters/paddings.js';
import { windowOf } from '../../filters/window.js';
import { mapSize } from '../distancePlanes.js';
import type { PixelRows } from '../pixelRows.js';
import type { ComparedRows } from '../ssimOptions.js';
import { ssimRowsCode } from './assembly/ssimRowsCode.js';

/** What assembly/ssimRows.ts exports; lengths and addresses are in bytes. */
interface RowsModule {
  readonly memory: WebAssembly.Memory;
  /** From here on memory is not the module's own. */
  readonly f: WebAssembly.Global<'i32'>;
  /** luma(): of a row of RGBA bytes, in its place; times 1000. */
  readonly l: (row: number, length: number) => void;
  /** combine(): x + y and x − y of a row, into the ring. */
  readonly c: (x: number, y: number, to: number, toB: number, length: number, factor: number) => void;
  /** vertical(): moments of the columns of a row of windows. */
  readonly v: (first: number, toB: number, length: number, taps: number, half: number) => void;
  /** horizontal(): of the windows, and from them their sum of distances. */
  readonly h: (
    taps: number,
    half: number,
    step: number,
    length: number,
    luminanceTwice: number,
    c1Twice: number,
    c2Twice: number,
    varianceScale: number,
  ) => number;
}

/** The capacity of the module: numbers in a row, taps from the middle one, and numbers in a ring. */
const mostInRow = 2 ** 15;
const largestWindow = 257;
const mostInRing = 2 ** 20;
/** How many numbers of a row are processed at once: they stay in the cache. */
const tileFloats = 768;
const pageBytes = 2 ** 16;
/** Below it, in images divided by their unit, float32 has too few digits beside it. */
const leastConstant = 1e-7;
/** The luma of bytes is computed as a whole number of thousandths, and the constants of SSIM are in squares of pixels. */
const squareOfThousandths = 1e6;

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
  const { channels } = request.x;
  const [windowHeight, windowWidth] = windowSize as [number, number];
  const mapWidth = mapSize(request).width;
  // A row with periodic padding needs both of its ends.
  const tileWidth =
    padding === 'wrap' ? mapWidth : Math.max(Math.floor(tileFloats / channels), 4 * windowWidth);
  const row = (Math.min(tileWidth, mapWidth) + 2 * windowWidth) * channels;
  if (Math.max(windowHeight, windowWidth) > largestWindow) return undefined;
  if (row > mostInRow || row * windowHeight > mostInRing) return undefined;
  const kernel = moduleHere();
  if (kernel === null) return undefined;
  let sum = 0;
  for (let first = 0; first < mapWidth; first += tileWidth) {
    sum += sumOfTile(kernel, request, first, Math.min(tileWidth, mapWidth - first));
  }
  return sum;
}

/** The same over some columns of the map. */
function sumOfTile(
  kernel: RowsModule,
  { x, y, options }: ComparedRows,
  first: number,
  mapWidth: number,
): number {
  const { unit, alpha, c1, c2, varianceScale, padding } = options;
  const taps = windowOf(options) as [Float64Array, Float64Array];
  const [halfHeight, halfWidth] = taps.map(({ length }) => (length - 1) / 2) as [number, number];
  const [top, left] = padding === 'valid' ? [0, 0] : [halfHeight, halfWidth];
  const { width, height, channels } = x;
  // The columns that windows see, of which some may lie beyond the image.
  const start = first - left;
  const seen = mapWidth + 2 * halfWidth;
  const column = Math.max(0, start);
  const columns = Math.min(width, start + seen) - column;
  const border: (readonly [place: number, source: number])[] = [];
  for (let k = 0; k < seen * channels; k++) {
    const place = start + Math.floor(k / channels);
    const source = sourceIndex(place, width, padding);
    if (source !== place) border.push([k, source < 0 ? -1 : k + (source - place) * channels]);
  }

  const length = 4 * seen * channels;
  // A little more from one row to the next: rows of some sizes would share their cache lines.
  const rowBytes = (length + 79) & ~15;
  const slotBytes = 2 * rowBytes;
  const tapsOfRows = kernel.f.value;
  const tapsOfColumns = tapsOfRows + 1024;
  const stageX = tapsOfColumns + 1024;
  const stageY = stageX + rowBytes;
  // As high as two windows, of which each has its rows side by side; they are moved when it is full.
  const ring = stageY + rowBytes;
  const windowHeight = taps[0].length;
  const end = ring + 2 * windowHeight * slotBytes;
  const missing = end - kernel.memory.buffer.byteLength;
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / pageBytes));
  const { buffer } = kernel.memory;
  const [bytes, floats] = [new Uint8Array(buffer), new Float32Array(buffer)];
  floats.set(taps[0].subarray(halfHeight), tapsOfRows / 4);
  floats.set(taps[1].subarray(halfWidth), tapsOfColumns / 4);

  const isBytes = x.bytes !== undefined && y.bytes !== undefined;
  const square = isBytes ? squareOfThousandths : 1;
  /** A row of the image with its border; zeros for a row before the first. */
  const takeRow = (image: PixelRows, row: number, stage: number): void => {
    const at = stage / 4;
    if (row < 0) {
      floats.fill(0, at, at + seen * channels);
      return;
    }
    const inner = at + (column - start) * channels;
    if (isBytes) {
      const from = (row * width + column) * 4;
      bytes.set(image.bytes!.subarray(from, from + columns * 4), inner * 4);
      kernel.l(inner * 4, columns * 4);
    } else image.read(row, column, columns, floats, inner);
    for (const [place, source] of border) floats[at + place] = source < 0 ? 0 : floats[at + source]!;
  };

  let [sum, slot] = [0, 0];
  for (let row = -top; row < height + top; row++) {
    if (slot === 2 * windowHeight) {
      slot = windowHeight - 1;
      bytes.copyWithin(ring, end - slot * slotBytes, end);
    }
    const source = sourceIndex(row, height, padding);
    takeRow(x, source, stageX);
    takeRow(y, source, stageY);
    kernel.c(stageX, stageY, ring + slot++ * slotBytes, rowBytes, length, 1 / unit);
    if (slot < windowHeight) continue;
    kernel.v(ring + (slot - windowHeight) * slotBytes, rowBytes, length, tapsOfRows, halfHeight);
    sum += kernel.h(
      tapsOfColumns,
      halfWidth,
      4 * channels,
      4 * mapWidth * channels,
      alpha * 2,
      c1 * square * 2,
      c2 * square * 2,
      varianceScale,
    );
  }
  return sum;
}
