/**
 * The mean of 1 − SSIM of two images whose rows come in one after the other, in AssemblyScript with SIMD.
 *
 *   rows of x and y → luma → a = x + y and b = x − y in a ring as high as the window → vertical() → horizontal() → sum
 *
 * Four float32 numbers at a time. Both axes of the window take means and variances from differences to the pixel in
 * the middle: no float32 square of a bright pixel cancels against another, a flat window has a variance of exactly 0, and
 * what is lost is a few units in the last place. The variance under the window is the mean of its columns' variances plus
 * the variance of their means. The luma of bytes is kept times 1000, 299 R + 587 G + 114 B, which is a whole number: it
 * is exact, and so are its sums and differences.
 *
 * Rows have fixed capacity, so that their addresses are constants in the code; `bytes` counts whole groups of four
 * numbers, and what lies beyond a row's end is computed and not used.
 */

// Memory: tables, then rows, then what depends on the image: the ring, and the rows that wait to come in.
const VERTICAL_TAPS: usize = 1024; // four copies of each, the middle one first
const HORIZONTAL_TAPS: usize = VERTICAL_TAPS + 129 * 16;
const RING_PAIRS: usize = HORIZONTAL_TAPS + 129 * 16; // addresses of the rows k above and k below the middle
const SOURCES: usize = RING_PAIRS + 129 * 16; // the columns that those of the border copy, −1 for a zero

/** Numbers that a row has room for; not a multiple of a page, so that rows do not share their cache lines. */
const CAPACITY: usize = 32768 + 56;
const ROW: usize = CAPACITY * 4;
const MEAN_A: usize = 16384;
const VARIANCE_A: usize = MEAN_A + ROW;
const MEAN_B: usize = MEAN_A + 2 * ROW;
const VARIANCE_B: usize = MEAN_A + 3 * ROW;
const DYNAMIC: usize = MEAN_A + 4 * ROW;

// Names of one letter, which bundles hold as they are; sumOfDistances.ts says what they are.
export { advance as a, configure as c, setSource as p, setTap as t, stageX as x, stageY as y, total as s };

// What configure() sets:
let isBytes: bool = false; // RGBA, whose luma is taken; else float32 as they are
let channels: i32 = 1;
let halfHeight: i32 = 0;
let halfWidth: i32 = 0;
let columnsLeft: i32 = 0; // of the border
let columnsRight: i32 = 0;
let rawFloats: i32 = 0; // a row of a part of the image's columns
let paddedFloats: i32 = 0; // the same with its borders
let mapFloats: i32 = 0;
let stageX: usize = 0;
let stageY: usize = 0;
let ring: usize = 0;
let half: usize = 0; // of a row of the ring: a, then b
let scale: f32 = 0;
let luminanceTwice: f32 = 0; // 2, or 0 where luminance does not count
let c1Twice: f32 = 0;
let c2Twice: f32 = 0;
let varianceScale: f32 = 0;

let rowsIn: i32 = 0;
let total: f64 = 0;

/** Begins with columns of two images: lays the memory out and gives its size in bytes. */
function configure(
  bytesIn: bool,
  channelCount: i32,
  width: i32,
  windowHeight: i32,
  windowWidth: i32,
  borderLeft: i32,
  borderRight: i32,
  stripRows: i32,
  factor: f32,
  luminance: bool,
  c1: f32,
  c2: f32,
  ofVariance: f32,
): usize {
  isBytes = bytesIn;
  scale = factor;
  luminanceTwice = luminance ? 2 : 0;
  c1Twice = 2 * c1;
  c2Twice = 2 * c2;
  varianceScale = ofVariance;
  rowsIn = 0;
  total = 0;
  channels = channelCount;
  halfHeight = windowHeight >> 1;
  halfWidth = windowWidth >> 1;
  columnsLeft = borderLeft;
  columnsRight = borderRight;
  rawFloats = width * channels;
  paddedFloats = rawFloats + (borderLeft + borderRight) * channels;
  mapFloats = paddedFloats - 2 * halfWidth * channels;
  const slack: usize = 64;
  const stage = ((<usize>(stripRows * rawFloats)) << 2) + slack;
  stageX = DYNAMIC;
  stageY = stageX + stage;
  ring = (stageY + stage) & ~15;
  half = groups(paddedFloats) + slack;
  return ring + 2 * half * <usize>windowHeight + slack;
}

/** Bytes of so many float32 numbers, in whole groups of four. */
function groups(count: i32): usize {
  return (<usize>((count + 3) >> 2)) << 4;
}

/** Tap k of the window along one axis, counted from the middle. */
function setTap(vertical: bool, k: i32, value: f32): void {
  v128.store((vertical ? VERTICAL_TAPS : HORIZONTAL_TAPS) + ((<usize>k) << 4), f32x4.splat(value));
}

/** The column that one of the border copies, counted from the first that came in; −1 for a zero. */
function setSource(k: i32, column: i32): void {
  store<i32>(SOURCES + ((<usize>k) << 2), column);
}

/** Takes rows of x and y from their stages, one after the other. */
function advance(rows: i32): void {
  const windowHeight = 2 * halfHeight + 1;
  for (let row = 0; row < rows; row++) {
    const offset = (<usize>(row * rawFloats)) << 2;
    takeRow(stageX + offset, stageY + offset, ring + 2 * half * <usize>(rowsIn % windowHeight));
    rowsIn++;
    if (rowsIn < windowHeight) continue;
    listRows(windowHeight);
    vertical(load<usize>(RING_PAIRS), (<usize>halfHeight) << 4, half, groups(paddedFloats));
    total += horizontal((<usize>halfWidth) << 4, (<usize>channels) << 2, mapFloats);
  }
}

/** The addresses of the ring's rows, oldest first, as pairs around the middle one: [middle], [above, below] … */
function listRows(height: i32): void {
  const middle = rowsIn - 1 - halfHeight;
  store<usize>(RING_PAIRS, ring + 2 * half * <usize>(middle % height));
  for (let k = 1; k <= halfHeight; k++) {
    const pair = RING_PAIRS + ((<usize>k) << 4);
    store<usize>(pair, ring + 2 * half * <usize>((middle - k) % height));
    store<usize>(pair, ring + 2 * half * <usize>((middle + k) % height), 4);
  }
}

function takeRow(x: usize, y: usize, slot: usize): void {
  const first = slot + ((<usize>(columnsLeft * channels)) << 2);
  if (isBytes) combineBytes(x, y, first, half, groups(rawFloats));
  else combine(x, y, first, half, groups(rawFloats));
  const columns = paddedFloats / channels;
  for (let k = 0; k < columnsLeft; k++) padColumn(slot, first, k, k);
  for (let k = 0; k < columnsRight; k++) padColumn(slot, first, columns - columnsRight + k, columnsLeft + k);
}

function padColumn(slot: usize, first: usize, column: i32, k: i32): void {
  const source = load<i32>(SOURCES + ((<usize>k) << 2));
  const to = slot + ((<usize>(column * channels)) << 2);
  const from = first + ((<usize>(source * channels)) << 2);
  for (let channel: usize = 0; channel < (<usize>channels) << 2; channel += 4) {
    store<f32>(to + channel, source < 0 ? 0 : load<f32>(from + channel));
    store<f32>(to + half + channel, source < 0 ? 0 : load<f32>(from + half + channel));
  }
}

/** a = x + y and b = x − y of numbers. */
function combine(x: usize, y: usize, slot: usize, toB: usize, bytes: usize): void {
  const factor = f32x4.splat(scale);
  for (let i: usize = 0; i < bytes; i += 16) {
    const vx = f32x4.mul(v128.load(x + i), factor);
    const vy = f32x4.mul(v128.load(y + i), factor);
    v128.store(slot + i, f32x4.add(vx, vy));
    v128.store(slot + toB + i, f32x4.sub(vx, vy));
  }
}

/** The same of the luma of bytes, times 1000. */
function combineBytes(x: usize, y: usize, slot: usize, toB: usize, bytes: usize): void {
  const factor = f32x4.splat(scale);
  for (let i: usize = 0; i < bytes; i += 16) {
    const vx = lumaOf(v128.load(x + i));
    const vy = lumaOf(v128.load(y + i));
    v128.store(slot + i, f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(vx, vy)), factor));
    v128.store(slot + toB + i, f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(vx, vy)), factor));
  }
}

/** 299 R + 587 G + 114 B of four pixels; alpha counts 0. */
function lumaOf(pixels: v128): v128 {
  const shares = i16x8(299, 587, 114, 0, 299, 587, 114, 0);
  const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(pixels), shares);
  const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(pixels), shares);
  return i32x4.add(v128.shuffle<i32>(low, high, 0, 2, 4, 6), v128.shuffle<i32>(low, high, 1, 3, 5, 7));
}

/** Mean and variance of a and b under each column's window; the outermost taps first. */
function vertical(middle: usize, taps: usize, toB: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  for (let x: usize = 0; x < bytes; x += 16) {
    const a = v128.load(middle + x);
    const b = v128.load(middle + toB + x);
    let meanA = zero;
    let squareA = zero;
    let meanB = zero;
    let squareB = zero;
    for (let k = taps; k > 0; k -= 16) {
      const above = load<usize>(k + RING_PAIRS) + x;
      const below = load<usize>(k + RING_PAIRS, 4) + x;
      const tap = v128.load(k + VERTICAL_TAPS);
      const a0 = f32x4.sub(v128.load(above), a);
      const a1 = f32x4.sub(v128.load(below), a);
      meanA = f32x4.add(meanA, f32x4.mul(tap, f32x4.add(a0, a1)));
      squareA = f32x4.add(squareA, f32x4.mul(tap, f32x4.add(f32x4.mul(a0, a0), f32x4.mul(a1, a1))));
      const b0 = f32x4.sub(v128.load(above + toB), b);
      const b1 = f32x4.sub(v128.load(below + toB), b);
      meanB = f32x4.add(meanB, f32x4.mul(tap, f32x4.add(b0, b1)));
      squareB = f32x4.add(squareB, f32x4.mul(tap, f32x4.add(f32x4.mul(b0, b0), f32x4.mul(b1, b1))));
    }
    v128.store(x + MEAN_A, f32x4.add(a, meanA));
    v128.store(x + VARIANCE_A, f32x4.sub(squareA, f32x4.mul(meanA, meanA)));
    v128.store(x + MEAN_B, f32x4.add(b, meanB));
    v128.store(x + VARIANCE_B, f32x4.sub(squareB, f32x4.mul(meanB, meanB)));
  }
}

/**
 * The same under the whole window, and Σ d over the row: d = p + q − p q, with p = 1 − l = 2 μb² / (μa² + μb² + 2 c1) and
 * q = 1 − cs = 2 σb² / (σa² + σb² + 2 c2).
 */
function horizontal(taps: usize, step: usize, count: i32): f64 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const toMiddle = (taps >> 4) * step;
  const luminance = f32x4.splat(luminanceTwice);
  const ofVariance = f32x4.splat(varianceScale);
  const c1 = f32x4.splat(c1Twice);
  const c2 = f32x4.splat(c2Twice);
  const bytes = groups(count);
  const whole = (<usize>(count >> 2)) << 4;
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let rest: f64 = 0;
  for (let x: usize = 0; x < bytes; x += 16) {
    const middle = x + toMiddle;
    const a = v128.load(middle + MEAN_A);
    const b = v128.load(middle + MEAN_B);
    let meanA = zero;
    let meanB = zero;
    const centre = v128.load(HORIZONTAL_TAPS);
    let squareA = f32x4.mul(centre, v128.load(middle + VARIANCE_A));
    let squareB = f32x4.mul(centre, v128.load(middle + VARIANCE_B));
    let left = x;
    let right = middle + toMiddle;
    for (let k = taps; k > 0; k -= 16) {
      const tap = v128.load(k + HORIZONTAL_TAPS);
      const a0 = f32x4.sub(v128.load(left + MEAN_A), a);
      const a1 = f32x4.sub(v128.load(right + MEAN_A), a);
      meanA = f32x4.add(meanA, f32x4.mul(tap, f32x4.add(a0, a1)));
      const aa0 = f32x4.add(f32x4.mul(a0, a0), v128.load(left + VARIANCE_A));
      const aa1 = f32x4.add(f32x4.mul(a1, a1), v128.load(right + VARIANCE_A));
      squareA = f32x4.add(squareA, f32x4.mul(tap, f32x4.add(aa0, aa1)));
      const b0 = f32x4.sub(v128.load(left + MEAN_B), b);
      const b1 = f32x4.sub(v128.load(right + MEAN_B), b);
      meanB = f32x4.add(meanB, f32x4.mul(tap, f32x4.add(b0, b1)));
      const bb0 = f32x4.add(f32x4.mul(b0, b0), v128.load(left + VARIANCE_B));
      const bb1 = f32x4.add(f32x4.mul(b1, b1), v128.load(right + VARIANCE_B));
      squareB = f32x4.add(squareB, f32x4.mul(tap, f32x4.add(bb0, bb1)));
      left += step;
      right -= step;
    }
    const varianceA = f32x4.mul(f32x4.max(f32x4.sub(squareA, f32x4.mul(meanA, meanA)), zero), ofVariance);
    const varianceB = f32x4.mul(f32x4.max(f32x4.sub(squareB, f32x4.mul(meanB, meanB)), zero), ofVariance);
    meanA = f32x4.add(a, meanA);
    meanB = f32x4.add(b, meanB);
    const ofB = f32x4.mul(meanB, meanB);
    const d1 = f32x4.add(f32x4.add(f32x4.mul(meanA, meanA), ofB), c1);
    const d2 = f32x4.add(f32x4.add(varianceA, varianceB), c2);
    const p = f32x4.div(f32x4.mul(ofB, luminance), d1);
    const q = f32x4.div(f32x4.add(varianceB, varianceB), d2);
    const d = f32x4.add(p, f32x4.mul(q, f32x4.sub(one, p)));
    if (x < whole) {
      low = f64x2.add(low, f64x2.promote_low_f32x4(d));
      high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i32>(d, d, 2, 3, 2, 3)));
    } else {
      rest = <f64>f32x4.extract_lane(d, 0);
      if ((count & 3) > 1) rest += <f64>f32x4.extract_lane(d, 1);
      if ((count & 3) > 2) rest += <f64>f32x4.extract_lane(d, 2);
    }
  }
  const sums = f64x2.add(low, high);
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1) + rest;
}
