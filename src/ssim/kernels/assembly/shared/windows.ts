/**
 * SSIM and its gradient in one pass over an image, in AssemblyScript with SIMD.
 *
 * Rows of a = x + y and b = x − y come in at the top, into a ring as high as the window. As soon as the window is
 * full, every new row gives one row of the map:
 *
 *   ring → vertical() → horizontal() → point() → map row, or its part of the sum
 *
 * and with a gradient the partial derivatives of that row go into a second ring, whose transposed window gives
 * one row of the gradient:
 *
 *   partials() → ring → adjointVertical() → adjointHorizontal() → foldColumns() → gradient row
 *
 * Where all taps are equal, the cost is the same for every size (see boxSums.ts), and rows come first:
 *
 *   ring → sumWindowsAndSquares() → uniformMoments() → point() or partials() → sumWindows() → uniformGradient()
 *
 * Pixels are float32 outside and float64 inside, where E[a²] − E[a]² needs neither a pivot nor a second pass;
 * two vectors of two pixels at a time. Rows are NHWC as they are, so horizontal neighbours lie `channels`
 * numbers apart. `bytes` counts float64 numbers and ends on a whole group of four; what lies beyond a row's end
 * is computed and not used. The stages are small functions of their own: V8 keeps their few values in
 * registers, which it does not in one large function.
 */

import { addRows, sumRowsToLast, sumWindows, sumWindowsAndSquares } from './boxSums.ts';
import { copyWeights, meansOfPixels, toFloat32 } from '../../../../backends/assembly/shared/rows.ts';

// Memory: tables, then rows of fixed capacity (their addresses are constants in the code), then what depends
// on the image: the rings, and the rows that wait to come in or go out.
const VERTICAL_TAPS: usize = 1024; // two copies of each, the middle one first
const HORIZONTAL_TAPS: usize = VERTICAL_TAPS + 129 * 16;
const RING_PAIRS: usize = HORIZONTAL_TAPS + 129 * 16; // addresses of the rows k above and k below the middle
const PARTIAL_PAIRS: usize = RING_PAIRS + 129 * 16;
const BORDER_PAIRS: usize = PARTIAL_PAIRS + 129 * 16; // a column of the border, and the one that it copies or −1

/** Numbers that a row has room for; not a multiple of a page, so that rows do not share their cache lines. */
const CAPACITY: usize = 32768 + 56;
const ROW: usize = CAPACITY * 8;

const PADDED_X: usize = 16384;
const PADDED_Y: usize = PADDED_X + ROW;
const MEAN_A: usize = PADDED_X + 2 * ROW;
const SQUARE_A: usize = PADDED_X + 3 * ROW;
const MEAN_B: usize = PADDED_X + 4 * ROW;
const SQUARE_B: usize = PADDED_X + 5 * ROW;
const PARTIALS: usize = MEAN_A; // of a uniform window, four numbers for each of the map
const WINDOW_MEAN_A: usize = PADDED_X + 6 * ROW;
const WINDOW_VARIANCE_A: usize = PADDED_X + 7 * ROW;
const WINDOW_MEAN_B: usize = PADDED_X + 8 * ROW;
const WINDOW_VARIANCE_B: usize = PADDED_X + 9 * ROW;
const DISTANCE: usize = PADDED_X + 10 * ROW;
const WEIGHT: usize = PADDED_X + 11 * ROW;
const SUM_QA: usize = PADDED_X + 12 * ROW;
const SUM_QB: usize = PADDED_X + 13 * ROW;
const SUM_R: usize = PADDED_X + 14 * ROW;
const GRADIENT: usize = PADDED_X + 15 * ROW;
const SUMS: usize = PADDED_X + 16 * ROW; // Σ weight · d of every column
const DYNAMIC: usize = PADDED_X + 17 * ROW;

// What configure() sets. Modes of the output:
const MEAN = 0;
const DISTANCES = 1;
const RESIDUALS = 2;
const GRADIENTS = 3;

let mode: i32 = 0;
export let channels: i32 = 0;
let halfHeight: i32 = 0;
let halfWidth: i32 = 0;
let columnsLeft: i32 = 0; // of the border
let borderColumns: i32 = 0; // left and right
export let rawFloats: i32 = 0; // a row of the image, or of a part of its columns
let paddedFloats: i32 = 0; // the same with its borders
let mapFloats: i32 = 0; // a row of the map
let outFloats: i32 = 0; // a row of what goes out
let weightFloats: i32 = 0; // a row of weights, or 0 for one weight everywhere
export let inverseUnit: f64 = 0;
let luminanceTwice: f64 = 0; // 2, or 0 where luminance does not count
let c1Twice: f64 = 0;
let c2Twice: f64 = 0;
let signOfB: f64 = 0; // of the gradient: +1 for x, −1 for y
let weightFactor: f64 = 0;
export let stageX: usize = 0;
export let stageY: usize = 0;
export let stageWeight: usize = 0;
export let stageOut: usize = 0;
let ring: usize = 0;
let ringRow: usize = 0;
let partials: usize = 0;
let partialRow: usize = 0;
// Of windows of equal taps: the rows of a block with their sums along the row, a row of zeros, and the sums of the
// block's rows so far; the same of the partials. Before and behind each row windows reach beyond the border.
let isUniform: bool = false;
let rowSums: usize = 0;
let sumRow: usize = 0;
let overhang: usize = 0;
export let end: usize = 0;

// Of the image at hand:
let rowsIn: i32 = 0;
let rowsOut: i32 = 0; // since the last call
let partialRows: i32 = 0;

/** Bytes of so many float64 numbers, in whole groups of four. */
function groups(count: i32): usize {
  return (<usize>((count + 3) >> 2)) << 5;
}

/**
 * Lays the memory out for columns of images of one shape and gives its size in bytes. Images come in by `stageFloats`
 * numbers at a time, weights and what goes out by `stripRows` rows.
 */
export function configure(
  outputMode: i32,
  channelCount: i32,
  width: i32,
  windowHeight: i32,
  windowWidth: i32,
  borderLeft: i32,
  borderRight: i32,
  weightRow: i32,
  stripRows: i32,
  stageFloats: i32,
  hasEqualTaps: bool,
  unit: f64,
  luminance: bool,
  c1: f64,
  c2: f64,
  sign: f64,
): usize {
  mode = outputMode;
  isUniform = hasEqualTaps;
  inverseUnit = 1 / unit;
  luminanceTwice = luminance ? 2 : 0;
  c1Twice = 2 * c1;
  c2Twice = 2 * c2;
  signOfB = sign;
  channels = channelCount;
  halfHeight = windowHeight >> 1;
  halfWidth = windowWidth >> 1;
  rawFloats = width * channels;
  columnsLeft = borderLeft;
  borderColumns = borderLeft + borderRight;
  paddedFloats = rawFloats + borderColumns * channels;
  mapFloats = paddedFloats - 2 * halfWidth * channels;
  outFloats = mode == GRADIENTS ? rawFloats : mode == RESIDUALS ? mapFloats / channels : mapFloats;
  weightFloats = weightRow;

  const slack: usize = 64;
  stageX = DYNAMIC;
  stageY = stageX + ((<usize>stageFloats) << 2) + slack;
  stageWeight = stageY + ((<usize>stageFloats) << 2) + slack;
  stageOut = stageWeight + ((<usize>(stripRows * weightFloats)) << 2) + slack;
  ring = (stageOut + ((<usize>(stripRows * outFloats)) << 2) + slack) & ~15;
  ringRow = 2 * groups(paddedFloats) + slack;
  const afterRing = ring + ringRow * windowHeight;
  if (isUniform) {
    overhang = (<usize>(2 * halfWidth * channels)) << 5;
    sumRow = 4 * groups(paddedFloats) + 2 * overhang + 3 * slack;
    const blockBytes = sumRow * (windowHeight + 2);
    rowSums = afterRing + overhang;
    partials = afterRing + blockBytes;
    end = partials + (mode == GRADIENTS ? blockBytes : 0) + slack;
  } else {
    partials = afterRing;
    partialRow = mode == GRADIENTS ? 3 * groups(mapFloats) + slack : 0;
    end = partials + partialRow * windowHeight + slack;
  }
  return end;
}

/** Tap k of the window along one axis, counted from the middle. */
export function setTap(vertical: bool, k: i32, value: f64): void {
  v128.store((vertical ? VERTICAL_TAPS : HORIZONTAL_TAPS) + ((<usize>k) << 4), f64x2.splat(value));
}

/** What column k of the border copies, both counted from the padded row's first; −1 for zeros. */
export function setSource(k: i32, column: i32, source: i32): void {
  const pair = BORDER_PAIRS + ((<usize>k) << 3);
  store<i32>(pair, column);
  store<i32>(pair, source, 4);
}

/** Σ weight · d over the map of one channel. */
export function sumOfChannel(channel: i32): f64 {
  let sum: f64 = 0;
  for (let j = channel; j < mapFloats; j += channels) sum += load<f64>(SUMS + ((<usize>j) << 3));
  return sum;
}

/** Before the first row of each image: the weight of every d of the map, or the factor of the weights that come in. */
export function begin(weight: f64): void {
  weightFactor = weight;
  const splat = f64x2.splat(weight);
  const mapBytes = groups(mapFloats);
  for (let x: usize = 0; x < mapBytes; x += 16) v128.store(x + WEIGHT, splat);
  rowsIn = 0;
  partialRows = 0;
  memory.fill(SUMS, 0, groups(mapFloats));
  if (isUniform) memory.fill(rowSums + sumRow * <usize>(2 * halfHeight + 1), 0, sumRow);
  if (mode == GRADIENTS) {
    memory.fill(partials, 0, end - partials);
    // Zeros left and right of what adjointVertical() writes.
    const bytes = groups(mapFloats + 4 * halfWidth * channels) + 64;
    memory.fill(SUM_QA, 0, bytes);
    memory.fill(SUM_QB, 0, bytes);
    memory.fill(SUM_R, 0, bytes);
  }
}

/** Before rows come in; rowsGone() tells how many they let out. */
export function startStrip(): void {
  rowsOut = 0;
}
export function rowsGone(): i32 {
  return rowsOut;
}

/** The rows of the gradient that lie below the last window's first row. */
export function flush(): i32 {
  rowsOut = 0;
  if (mode != GRADIENTS) return 0;
  const rowBytes = isUniform ? sumRow : partialRow;
  for (let row = 0; row < 2 * halfHeight; row++) {
    memory.fill(partials + rowBytes * <usize>(partialRows % (2 * halfHeight + 1)), 0, rowBytes);
    gradientRow();
  }
  return rowsOut;
}

/** A row is in the ring: with those above, it may fill a window. */
function windowRow(): void {
  if (isUniform) {
    uniformRow();
    return;
  }
  rowsIn++;
  const windowHeight = 2 * halfHeight + 1;
  if (rowsIn < windowHeight) return;
  if (weightFloats > 0) spreadWeights();
  listRows(RING_PAIRS, ring, ringRow, rowsIn, windowHeight);
  vertical(load<usize>(RING_PAIRS), (<usize>halfHeight) << 4, groups(paddedFloats));
  horizontal((<usize>halfWidth) << 4, (<usize>channels) << 3, groups(mapFloats));
  mapRow();
}

/** Mean and variance of a row of windows are there. */
function mapRow(): void {
  const bytes = groups(mapFloats);
  if (mode == GRADIENTS) {
    takePartials();
    return;
  }
  point(bytes);
  if (mode == MEAN) {
    addRow(bytes);
    rowsOut++;
  } else outputRow();
}

/** Their partial derivatives, and with those of the rows above a row of the gradient. */
function takePartials(): void {
  const slot = partialRows % (2 * halfHeight + 1);
  const bytes = groups(mapFloats);
  if (isUniform) {
    partialDerivatives(PARTIALS, bytes);
    // Windows end beyond the last column of the map.
    memory.fill(PARTIALS + ((<usize>mapFloats) << 5), 0, overhang + 96);
    sumWindows(PARTIALS, partials + sumRow * <usize>slot + overhang, mapFloats, channels, 2 * halfWidth);
  } else {
    const row = partials + partialRow * <usize>slot;
    partialDerivatives(row, bytes);
    clearTail(row);
  }
  gradientRow();
}

/** The addresses of a ring's rows, oldest first, as pairs around the middle one: [middle], [above, below] … */
function listRows(table: usize, first: usize, rowBytes: usize, count: i32, height: i32): void {
  const half = height >> 1;
  const middle = count - 1 - half;
  // + height: the ring of partials begins with rows before the first, all zeros.
  store<usize>(table, first + rowBytes * <usize>((middle + height) % height));
  for (let k = 1; k <= half; k++) {
    const pair = table + ((<usize>k) << 4);
    store<usize>(pair, first + rowBytes * <usize>((middle - k + height) % height));
    store<usize>(pair, first + rowBytes * <usize>((middle + k + height) % height), 4);
  }
}

function nextSlot(): usize {
  return ring + ringRow * <usize>(rowsIn % (2 * halfHeight + 1));
}

/** A row of x and of y. */
export function takeRow(x: usize, y: usize): void {
  if (borderColumns == 0) {
    combine(x, y, nextSlot(), groups(paddedFloats));
  } else {
    padColumns(x, PADDED_X, 2);
    padColumns(y, PADDED_Y, 2);
    combine(PADDED_X, PADDED_Y, nextSlot(), groups(paddedFloats));
  }
  windowRow();
}

/** A row of a and of b, float64 and divided by the unit. */
export function takeSums(a: usize, b: usize): void {
  padColumns(a, PADDED_X, 3);
  padColumns(b, PADDED_Y, 3);
  interleave(PADDED_X, PADDED_Y, nextSlot(), groups(paddedFloats));
  windowRow();
}

/** A row of zeros. */
export function takeZeros(): i32 {
  rowsOut = 0;
  memory.fill(nextSlot(), 0, ringRow);
  windowRow();
  return rowsOut;
}

/** A row of numbers of 2^shift bytes, with its border. */
function padColumns(from: usize, to: usize, shift: usize): void {
  const pixel = (<usize>channels) << shift;
  memory.copy(to + <usize>columnsLeft * pixel, from, (<usize>rawFloats) << shift);
  for (let k = 0; k < borderColumns; k++) {
    const pair = BORDER_PAIRS + ((<usize>k) << 3);
    const source = load<i32>(pair, 4);
    const column = to + <usize>load<i32>(pair) * pixel;
    if (source < 0) memory.fill(column, 0, pixel);
    else memory.copy(column, to + <usize>source * pixel, pixel);
  }
}

/**
 * a = x + y and b = x − y, divided by the data range: two of a, two of b, and so on; for a window of equal taps one of
 * each.
 */
function combine(x: usize, y: usize, slot: usize, bytes: usize): void {
  const scale = f64x2.splat(inverseUnit);
  for (let i: usize = 0; i < bytes; i += 16) {
    const vx = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(x + (i >> 1))), scale);
    const vy = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(y + (i >> 1))), scale);
    const a = f64x2.add(vx, vy);
    const b = f64x2.sub(vx, vy);
    v128.store(slot + 2 * i, isUniform ? v128.shuffle<f64>(a, b, 0, 2) : a);
    v128.store(slot + 2 * i, isUniform ? v128.shuffle<f64>(a, b, 1, 3) : b, 16);
  }
}

/** The same of a and b as they are. */
function interleave(a: usize, b: usize, slot: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const va = v128.load(a + i);
    const vb = v128.load(b + i);
    v128.store(slot + 2 * i, isUniform ? v128.shuffle<f64>(va, vb, 0, 2) : va);
    v128.store(slot + 2 * i, isUniform ? v128.shuffle<f64>(va, vb, 1, 3) : vb, 16);
  }
}

/** Σ t a, Σ t a² and the same of b over each column's window; the outermost taps first. */
function vertical(middle: usize, taps: usize, bytes: usize): void {
  const zero = f64x2.splat(0);
  const centre = v128.load(VERTICAL_TAPS);
  for (let x: usize = 0; x < bytes; x += 16) {
    const at: usize = x << 1;
    let meanA = zero;
    let squareA = zero;
    let meanB = zero;
    let squareB = zero;
    for (let k = taps; k > 0; k -= 16) {
      const above = load<usize>(k + RING_PAIRS) + at;
      const below = load<usize>(k + RING_PAIRS, 4) + at;
      const tap = v128.load(k + VERTICAL_TAPS);
      const a0 = v128.load(above);
      const a1 = v128.load(below);
      meanA = f64x2.add(meanA, f64x2.mul(tap, f64x2.add(a0, a1)));
      squareA = f64x2.add(squareA, f64x2.mul(tap, f64x2.add(f64x2.mul(a0, a0), f64x2.mul(a1, a1))));
      const b0 = v128.load(above, 16);
      const b1 = v128.load(below, 16);
      meanB = f64x2.add(meanB, f64x2.mul(tap, f64x2.add(b0, b1)));
      squareB = f64x2.add(squareB, f64x2.mul(tap, f64x2.add(f64x2.mul(b0, b0), f64x2.mul(b1, b1))));
    }
    const a = v128.load(middle + at);
    const b = v128.load(middle + at, 16);
    const ta = f64x2.mul(centre, a);
    const tb = f64x2.mul(centre, b);
    v128.store(x + MEAN_A, f64x2.add(meanA, ta));
    v128.store(x + SQUARE_A, f64x2.add(squareA, f64x2.mul(ta, a)));
    v128.store(x + MEAN_B, f64x2.add(meanB, tb));
    v128.store(x + SQUARE_B, f64x2.add(squareB, f64x2.mul(tb, b)));
  }
}

/** The same sums along the row, and from them mean and variance under the whole window. */
function horizontal(taps: usize, step: usize, bytes: usize): void {
  const zero = f64x2.splat(0);
  const toMiddle = (taps >> 4) * step;
  const centre = v128.load(HORIZONTAL_TAPS);
  for (let x: usize = 0; x < bytes; x += 16) {
    const middle = x + toMiddle;
    let meanA = zero;
    let squareA = zero;
    let meanB = zero;
    let squareB = zero;
    let left = x;
    let right = middle + toMiddle;
    for (let k = taps; k > 0; k -= 16) {
      const tap = v128.load(k + HORIZONTAL_TAPS);
      const a = f64x2.add(v128.load(left + MEAN_A), v128.load(right + MEAN_A));
      meanA = f64x2.add(meanA, f64x2.mul(tap, a));
      const aa = f64x2.add(v128.load(left + SQUARE_A), v128.load(right + SQUARE_A));
      squareA = f64x2.add(squareA, f64x2.mul(tap, aa));
      const b = f64x2.add(v128.load(left + MEAN_B), v128.load(right + MEAN_B));
      meanB = f64x2.add(meanB, f64x2.mul(tap, b));
      const bb = f64x2.add(v128.load(left + SQUARE_B), v128.load(right + SQUARE_B));
      squareB = f64x2.add(squareB, f64x2.mul(tap, bb));
      left += step;
      right -= step;
    }
    meanA = f64x2.add(meanA, f64x2.mul(centre, v128.load(middle + MEAN_A)));
    squareA = f64x2.add(squareA, f64x2.mul(centre, v128.load(middle + SQUARE_A)));
    meanB = f64x2.add(meanB, f64x2.mul(centre, v128.load(middle + MEAN_B)));
    squareB = f64x2.add(squareB, f64x2.mul(centre, v128.load(middle + SQUARE_B)));
    v128.store(x + WINDOW_MEAN_A, meanA);
    v128.store(x + WINDOW_VARIANCE_A, f64x2.pmax(f64x2.sub(squareA, f64x2.mul(meanA, meanA)), zero));
    v128.store(x + WINDOW_MEAN_B, meanB);
    v128.store(x + WINDOW_VARIANCE_B, f64x2.pmax(f64x2.sub(squareB, f64x2.mul(meanB, meanB)), zero));
  }
}

/** d = p + q − p q, with p = 1 − l and q = 1 − cs, over their common denominator: see contract.ts. */
function point(bytes: usize): void {
  const luminance = f64x2.splat(luminanceTwice);
  const c1 = f64x2.splat(c1Twice);
  const c2 = f64x2.splat(c2Twice);
  for (let x: usize = 0; x < bytes; x += 16) {
    const meanA = v128.load(x + WINDOW_MEAN_A);
    const meanB = v128.load(x + WINDOW_MEAN_B);
    const varianceB = v128.load(x + WINDOW_VARIANCE_B);
    const squareB = f64x2.mul(meanB, meanB);
    const d1 = f64x2.add(f64x2.add(f64x2.mul(meanA, meanA), squareB), c1);
    const d2 = f64x2.add(f64x2.add(v128.load(x + WINDOW_VARIANCE_A), varianceB), c2);
    const n1 = f64x2.mul(squareB, luminance);
    const n2 = f64x2.add(varianceB, varianceB);
    const d = f64x2.add(f64x2.mul(n1, d2), f64x2.mul(n2, f64x2.sub(d1, n1)));
    v128.store(x + DISTANCE, f64x2.div(d, f64x2.mul(d1, d2)));
  }
}

/**
 * Qa, Qb and R of Σ weight · d, as contract.ts derives them, and the sum itself; l and cs are those of the paper times
 * d1 and d2. For a window of equal taps: Qa and Qb of each number of the map, and the two parts of R.
 */
function partialDerivatives(to: usize, bytes: usize): void {
  const one = f64x2.splat(1);
  const luminance = f64x2.splat(luminanceTwice);
  const sign = f64x2.splat(signOfB);
  const c1 = f64x2.splat(c1Twice);
  const c2 = f64x2.splat(c2Twice);
  for (let x: usize = 0; x < bytes; x += 16) {
    const meanA = v128.load(x + WINDOW_MEAN_A);
    const meanB = v128.load(x + WINDOW_MEAN_B);
    const varianceB = v128.load(x + WINDOW_VARIANCE_B);
    const squareB = f64x2.mul(meanB, meanB);
    const d1 = f64x2.add(f64x2.add(f64x2.mul(meanA, meanA), squareB), c1);
    const d2 = f64x2.add(f64x2.add(v128.load(x + WINDOW_VARIANCE_A), varianceB), c2);
    const inverse = f64x2.div(one, f64x2.mul(d1, d2));
    const n1 = f64x2.mul(squareB, luminance);
    const n2 = f64x2.add(varianceB, varianceB);
    const l = f64x2.sub(d1, n1);
    const cs = f64x2.sub(d2, n2);
    const weight = f64x2.mul(v128.load(x + WEIGHT), inverse);
    const d = f64x2.mul(f64x2.add(f64x2.mul(n1, d2), f64x2.mul(n2, l)), weight);
    v128.store(x + SUMS, f64x2.add(v128.load(x + SUMS), d));

    const factor = f64x2.mul(inverse, weight);
    const ofMeans = f64x2.mul(f64x2.mul(luminance, cs), f64x2.mul(d2, factor));
    const structure = f64x2.mul(f64x2.add(l, l), f64x2.mul(d1, factor));
    const qA = f64x2.neg(f64x2.mul(structure, n2));
    const qB = f64x2.mul(f64x2.mul(structure, f64x2.add(d2, cs)), sign);
    const byMeanB = f64x2.mul(f64x2.mul(f64x2.add(d1, l), ofMeans), sign);
    const rA = f64x2.mul(meanA, f64x2.neg(f64x2.add(qA, f64x2.mul(n1, ofMeans))));
    const rB = f64x2.mul(meanB, f64x2.sub(byMeanB, qB));
    if (isUniform) {
      v128.store(to, v128.shuffle<f64>(qA, qB, 0, 2));
      v128.store(to, v128.shuffle<f64>(rA, rB, 0, 2), 16);
      v128.store(to, v128.shuffle<f64>(qA, qB, 1, 3), 32);
      v128.store(to, v128.shuffle<f64>(rA, rB, 1, 3), 48);
      to += 64;
    } else {
      v128.store(to, qA);
      v128.store(to, qB, 16);
      v128.store(to, f64x2.add(rA, rB), 32);
      to += 48;
    }
  }
}

/** No derivatives beyond the last column of the map. */
function clearTail(row: usize): void {
  const count = (mapFloats + 3) & ~3;
  for (let j = mapFloats; j < count; j++) {
    const to = row + 48 * ((<usize>j) >> 1) + (((<usize>j) & 1) << 3);
    store<f64>(to, 0);
    store<f64>(to, 0, 16);
    store<f64>(to, 0, 32);
  }
}

/** A row's part of Σ weight · d; what lies beyond its end is not read. */
function addRow(bytes: usize): void {
  for (let x: usize = 0; x < bytes; x += 16) {
    const part = f64x2.mul(v128.load(x + WEIGHT), v128.load(x + DISTANCE));
    v128.store(x + SUMS, f64x2.add(v128.load(x + SUMS), part));
  }
}

function nextOutput(): usize {
  const to = stageOut + ((<usize>(rowsOut * outFloats)) << 2);
  rowsOut++;
  return to;
}

function outputRow(): void {
  const to = nextOutput();
  if (mode == RESIDUALS) meansOfPixels(DISTANCE, to, outFloats, channels);
  else toFloat32(DISTANCE, to, mapFloats);
}

/** A row of weights; one number of a pixel holds for every channel. */
function spreadWeights(): void {
  const from = stageWeight + ((<usize>(rowsOut * weightFloats)) << 2);
  copyWeights(from, WEIGHT, weightFloats, mapFloats / weightFloats, weightFactor);
}

/** A row of partials is in their ring. */
function gradientRow(): void {
  if (isUniform) uniformGradientRow();
  else weightedGradientRow();
  partialRows++;
  foldColumns();
  toFloat32(GRADIENT + ((<usize>(columnsLeft * channels)) << 3), nextOutput(), rawFloats);
}

function weightedGradientRow(): void {
  const windowHeight = 2 * halfHeight + 1;
  listRows(PARTIAL_PAIRS, partials, partialRow, partialRows + 1, windowHeight);
  const border = (<usize>(2 * halfWidth * channels)) << 3;
  adjointVertical(load<usize>(PARTIAL_PAIRS), (<usize>halfHeight) << 4, border, groups(mapFloats));
  // The row of the image where the newest row of windows begins; it is the oldest in the ring of a and b.
  const pixels = ring + ringRow * <usize>(partialRows % windowHeight);
  adjointHorizontal(pixels, (<usize>halfWidth) << 4, (<usize>channels) << 3, groups(paddedFloats));
}

/** Σ t of the partials over the windows above and below. */
function adjointVertical(middle: usize, taps: usize, border: usize, bytes: usize): void {
  const zero = f64x2.splat(0);
  const centre = v128.load(VERTICAL_TAPS);
  for (let x: usize = 0; x < bytes; x += 16) {
    const at: usize = 3 * x;
    let qA = zero;
    let qB = zero;
    let r = zero;
    for (let k = taps; k > 0; k -= 16) {
      const above = load<usize>(k + PARTIAL_PAIRS) + at;
      const below = load<usize>(k + PARTIAL_PAIRS, 4) + at;
      const tap = v128.load(k + VERTICAL_TAPS);
      qA = f64x2.add(qA, f64x2.mul(tap, f64x2.add(v128.load(above), v128.load(below))));
      qB = f64x2.add(qB, f64x2.mul(tap, f64x2.add(v128.load(above, 16), v128.load(below, 16))));
      r = f64x2.add(r, f64x2.mul(tap, f64x2.add(v128.load(above, 32), v128.load(below, 32))));
    }
    const to = x + border;
    v128.store(to + SUM_QA, f64x2.add(qA, f64x2.mul(centre, v128.load(middle + at))));
    v128.store(to + SUM_QB, f64x2.add(qB, f64x2.mul(centre, v128.load(middle + at, 16))));
    v128.store(to + SUM_R, f64x2.add(r, f64x2.mul(centre, v128.load(middle + at, 32))));
  }
}

/** Σ t of those over the windows to the left and right, and from them the gradient R + Qa a + Qb b. */
function adjointHorizontal(pixels: usize, taps: usize, step: usize, bytes: usize): void {
  const zero = f64x2.splat(0);
  const scale = f64x2.splat(inverseUnit);
  const centre = v128.load(HORIZONTAL_TAPS);
  const toMiddle = (taps >> 4) * step;
  for (let x: usize = 0; x < bytes; x += 16) {
    const middle = x + toMiddle;
    let left = x;
    let right = middle + toMiddle;
    let qA = zero;
    let qB = zero;
    let r = zero;
    for (let k = taps; k > 0; k -= 16) {
      const tap = v128.load(k + HORIZONTAL_TAPS);
      qA = f64x2.add(qA, f64x2.mul(tap, f64x2.add(v128.load(left + SUM_QA), v128.load(right + SUM_QA))));
      qB = f64x2.add(qB, f64x2.mul(tap, f64x2.add(v128.load(left + SUM_QB), v128.load(right + SUM_QB))));
      r = f64x2.add(r, f64x2.mul(tap, f64x2.add(v128.load(left + SUM_R), v128.load(right + SUM_R))));
      left += step;
      right -= step;
    }
    qA = f64x2.add(qA, f64x2.mul(centre, v128.load(middle + SUM_QA)));
    qB = f64x2.add(qB, f64x2.mul(centre, v128.load(middle + SUM_QB)));
    r = f64x2.add(r, f64x2.mul(centre, v128.load(middle + SUM_R)));
    const pixel = pixels + 2 * x;
    const byA = f64x2.mul(qA, v128.load(pixel));
    const byB = f64x2.mul(qB, v128.load(pixel, 16));
    v128.store(x + GRADIENT, f64x2.mul(f64x2.add(f64x2.add(byA, byB), r), scale));
  }
}

/** What lies on the border is added to the columns that it is a copy of. */
function foldColumns(): void {
  const pixel = (<usize>channels) << 3;
  for (let k = 0; k < borderColumns; k++) {
    const pair = BORDER_PAIRS + ((<usize>k) << 3);
    const source = load<i32>(pair, 4);
    if (source < 0) continue;
    const from = GRADIENT + <usize>load<i32>(pair) * pixel;
    const to = GRADIENT + <usize>source * pixel;
    for (let channel: usize = 0; channel < pixel; channel += 8) {
      store<f64>(to + channel, load<f64>(to + channel) + load<f64>(from + channel));
    }
  }
}

/** A row is in the ring: windows of equal taps. Rows of the block are summed along the row, then from row to row. */
function uniformRow(): void {
  const last = 2 * halfHeight;
  const place = rowsIn % (last + 1);
  const row = rowSums + sumRow * <usize>place;
  const none = rowSums + sumRow * <usize>(last + 1);
  const block = none + sumRow;
  const others = place == 0 ? none : block;
  const bytes = groups(mapFloats);
  sumWindowsAndSquares(ring + ringRow * <usize>place, row, paddedFloats, channels, 2 * halfWidth);
  rowsIn++;
  if (rowsIn <= last) {
    addRows(row, others, block, 4 * bytes);
  } else {
    if (weightFloats > 0) spreadWeights();
    uniformMoments(row, others, block, bytes);
    mapRow();
  }
  if (place == last) sumRowsToLast(rowSums, sumRow, last, 4 * bytes);
}

/** A row of partials is summed along the row: as uniformRow(), for the windows of which a pixel is part. */
function uniformGradientRow(): void {
  const last = 2 * halfHeight;
  const place = partialRows % (last + 1);
  const row = partials + sumRow * <usize>place;
  const none = partials + sumRow * <usize>(last + 1);
  const block = none + sumRow;
  const bytes = groups(paddedFloats);
  // The row of the image where the newest row of windows begins; it is the oldest in the ring of a and b.
  uniformGradient(row, place == 0 ? none : block, block, ring + ringRow * <usize>place, bytes);
  if (place == last) sumRowsToLast(partials, sumRow, last, 4 * bytes);
}

/**
 * The sums of a block with one row more, at `to`; joined with those of the block before, mean and variance under the
 * whole windows.
 */
function uniformMoments(row: usize, block: usize, to: usize, bytes: usize): void {
  const zero = f64x2.splat(0);
  const share = f64x2.splat(windowShare());
  const nextRow = sumRow;
  for (let x: usize = 0; x < bytes; x += 16) {
    const rest = row + nextRow;
    const own0 = f64x2.add(v128.load(row), v128.load(block));
    const own1 = f64x2.add(v128.load(row, 32), v128.load(block, 32));
    const ownSquares0 = f64x2.add(v128.load(row, 16), v128.load(block, 16));
    const ownSquares1 = f64x2.add(v128.load(row, 48), v128.load(block, 48));
    v128.store(to, own0);
    v128.store(to, ownSquares0, 16);
    v128.store(to, own1, 32);
    v128.store(to, ownSquares1, 48);
    const mean0 = f64x2.mul(f64x2.add(own0, v128.load(rest)), share);
    const mean1 = f64x2.mul(f64x2.add(own1, v128.load(rest, 32)), share);
    const square0 = f64x2.mul(f64x2.add(ownSquares0, v128.load(rest, 16)), share);
    const square1 = f64x2.mul(f64x2.add(ownSquares1, v128.load(rest, 48)), share);
    const variance0 = f64x2.pmax(f64x2.sub(square0, f64x2.mul(mean0, mean0)), zero);
    const variance1 = f64x2.pmax(f64x2.sub(square1, f64x2.mul(mean1, mean1)), zero);
    v128.store(x + WINDOW_MEAN_A, v128.shuffle<f64>(mean0, mean1, 0, 2));
    v128.store(x + WINDOW_MEAN_B, v128.shuffle<f64>(mean0, mean1, 1, 3));
    v128.store(x + WINDOW_VARIANCE_A, v128.shuffle<f64>(variance0, variance1, 0, 2));
    v128.store(x + WINDOW_VARIANCE_B, v128.shuffle<f64>(variance0, variance1, 1, 3));
    row += 64;
    block += 64;
    to += 64;
  }
}

function windowShare(): f64 {
  return 1 / <f64>((2 * halfHeight + 1) * (2 * halfWidth + 1));
}

/** As uniformMoments(), for the partials: the gradient R + Qa a + Qb b from their sums over whole windows. */
function uniformGradient(row: usize, block: usize, to: usize, pixels: usize, bytes: usize): void {
  const scale = f64x2.splat(inverseUnit * windowShare());
  const nextRow = sumRow;
  for (let x: usize = 0; x < bytes; x += 16) {
    const q0 = f64x2.add(v128.load(row), v128.load(block));
    const r0 = f64x2.add(v128.load(row, 16), v128.load(block, 16));
    v128.store(to, q0);
    v128.store(to, r0, 16);
    const q1 = f64x2.add(v128.load(row, 32), v128.load(block, 32));
    const r1 = f64x2.add(v128.load(row, 48), v128.load(block, 48));
    v128.store(to, q1, 32);
    v128.store(to, r1, 48);
    const rest = row + nextRow;
    const byPixel0 = f64x2.mul(f64x2.add(q0, v128.load(rest)), v128.load(pixels));
    const sum0 = f64x2.add(byPixel0, f64x2.add(r0, v128.load(rest, 16)));
    const byPixel1 = f64x2.mul(f64x2.add(q1, v128.load(rest, 32)), v128.load(pixels, 16));
    const sum1 = f64x2.add(byPixel1, f64x2.add(r1, v128.load(rest, 48)));
    const both = f64x2.add(v128.shuffle<f64>(sum0, sum1, 0, 2), v128.shuffle<f64>(sum0, sum1, 1, 3));
    v128.store(x + GRADIENT, f64x2.mul(both, scale));
    row += 64;
    block += 64;
    to += 64;
    pixels += 32;
  }
}
