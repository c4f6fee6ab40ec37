/**
 * The steps from rows of two images to a sum of 1 − SSIM, in AssemblyScript with SIMD; sumOfDistances.ts calls them.
 *
 *   rows of x and y → luma() → combine(): a = x + y and b = x − y → vertical() → horizontal() → sum
 *
 * Four float32 numbers at a time. Both axes of the window take means and variances from differences to the pixel in
 * the middle: no float32 square of a bright pixel cancels against another, a flat window has a variance of exactly 0, and
 * what is lost is a few units in the last place. The variance under the window is the mean of its columns' variances plus
 * the variance of their means. The luma of bytes is kept times 1000, 299 R + 587 G + 114 B, which is a whole number: it
 * is exact, and so are its sums and differences.
 *
 * Lengths and addresses are in bytes. Rows are worked on in whole groups of four numbers, and what lies beyond a row's end
 * is computed and not used. Taps of the window are counted from the middle one.
 */

/** Numbers that a row of moments has room for; not a multiple of a page, so that rows do not share their cache lines. */
const CAPACITY: usize = 32768 + 56;
const ROW: usize = CAPACITY * 4;
const MEAN_A: usize = 1024;
const VARIANCE_A: usize = MEAN_A + ROW;
const MEAN_B: usize = MEAN_A + 2 * ROW;
const VARIANCE_B: usize = MEAN_A + 3 * ROW;
/** From here on memory is the caller's. */
const FREE: usize = MEAN_A + 4 * ROW;

// Names of one letter, which bundles hold as they are; sumOfDistances.ts says what they are.
export { FREE as f, luma as l, combine as c, vertical as v, horizontal as h };

/** In the place of each RGBA pixel its 299 R + 587 G + 114 B, as float32; alpha counts 0. */
function luma(row: usize, length: usize): void {
  const shares = i16x8(299, 587, 114, 0, 299, 587, 114, 0);
  for (const end = row + length; row < end; row += 16) {
    const pixels = v128.load(row);
    const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(pixels), shares);
    const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(pixels), shares);
    const even = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
    const odd = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
    v128.store(row, f32x4.convert_i32x4_s(i32x4.add(even, odd)));
  }
}

/** a = x + y and b = x − y, times a factor; b comes `toB` behind a. */
function combine(x: usize, y: usize, to: usize, toB: usize, length: usize, factor: f32): void {
  const scale = f32x4.splat(factor);
  for (let i: usize = 0; i < length; i += 16) {
    const vx = f32x4.mul(v128.load(x + i), scale);
    const vy = f32x4.mul(v128.load(y + i), scale);
    v128.store(to + i, f32x4.add(vx, vy));
    v128.store(to + toB + i, f32x4.sub(vx, vy));
  }
}

/**
 * Mean and variance of a and b under each column's window, of whose rows `first` is the uppermost; they lie 2 · toB
 * apart. The outermost taps come first.
 */
function vertical(first: usize, toB: usize, length: usize, taps: usize, half: usize): void {
  const zero = f32x4.splat(0);
  const step = toB << 1;
  const toMiddle = step * half;
  const outermost = taps + (half << 2);
  for (let x: usize = 0; x < length; x += 16) {
    let above = first + x;
    const middle = above + toMiddle;
    let below = middle + toMiddle;
    const a = v128.load(middle);
    const b = v128.load(middle + toB);
    let meanA = zero;
    let squareA = zero;
    let meanB = zero;
    let squareB = zero;
    for (let k = outermost; k > taps; k -= 4) {
      const tap = v128.load32_splat(k);
      const a0 = f32x4.sub(v128.load(above), a);
      const a1 = f32x4.sub(v128.load(below), a);
      meanA = f32x4.add(meanA, f32x4.mul(tap, f32x4.add(a0, a1)));
      squareA = f32x4.add(squareA, f32x4.mul(tap, f32x4.add(f32x4.mul(a0, a0), f32x4.mul(a1, a1))));
      const b0 = f32x4.sub(v128.load(above + toB), b);
      const b1 = f32x4.sub(v128.load(below + toB), b);
      meanB = f32x4.add(meanB, f32x4.mul(tap, f32x4.add(b0, b1)));
      squareB = f32x4.add(squareB, f32x4.mul(tap, f32x4.add(f32x4.mul(b0, b0), f32x4.mul(b1, b1))));
      above += step;
      below -= step;
    }
    v128.store(x + MEAN_A, f32x4.add(a, meanA));
    v128.store(x + VARIANCE_A, f32x4.sub(squareA, f32x4.mul(meanA, meanA)));
    v128.store(x + MEAN_B, f32x4.add(b, meanB));
    v128.store(x + VARIANCE_B, f32x4.sub(squareB, f32x4.mul(meanB, meanB)));
  }
}

/**
 * The same under the whole window, `step` from one column to the next, and Σ d over the row: d = p + q − p q, with
 * p = 1 − l = 2 μb² / (μa² + μb² + 2 c1), or 0 times that where luminance does not count, and
 * q = 1 − cs = 2 σb² / (σa² + σb² + 2 c2).
 */
function horizontal(
  taps: usize,
  half: usize,
  step: usize,
  length: usize,
  luminanceTwice: f32,
  c1Twice: f32,
  c2Twice: f32,
  varianceScale: f32,
): f64 {
  const zero = f32x4.splat(0);
  const toMiddle = step * half;
  const outermost = taps + (half << 2);
  let sums = f64x2.splat(0);
  for (let x: usize = 0; x < length; x += 16) {
    let left = x;
    const middle = left + toMiddle;
    let right = middle + toMiddle;
    const a = v128.load(middle + MEAN_A);
    const b = v128.load(middle + MEAN_B);
    const centre = v128.load32_splat(taps);
    let meanA = zero;
    let meanB = zero;
    let squareA = f32x4.mul(centre, v128.load(middle + VARIANCE_A));
    let squareB = f32x4.mul(centre, v128.load(middle + VARIANCE_B));
    for (let k = outermost; k > taps; k -= 4) {
      const tap = v128.load32_splat(k);
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
    const ofVariance = f32x4.splat(varianceScale);
    const varianceA = f32x4.mul(f32x4.max(f32x4.sub(squareA, f32x4.mul(meanA, meanA)), zero), ofVariance);
    const varianceB = f32x4.mul(f32x4.max(f32x4.sub(squareB, f32x4.mul(meanB, meanB)), zero), ofVariance);
    meanA = f32x4.add(a, meanA);
    meanB = f32x4.add(b, meanB);
    const ofB = f32x4.mul(meanB, meanB);
    const d1 = f32x4.add(f32x4.add(f32x4.mul(meanA, meanA), ofB), f32x4.splat(c1Twice));
    const d2 = f32x4.add(f32x4.add(varianceA, varianceB), f32x4.splat(c2Twice));
    const p = f32x4.div(f32x4.mul(ofB, f32x4.splat(luminanceTwice)), d1);
    const q = f32x4.div(f32x4.add(varianceB, varianceB), d2);
    const d = f32x4.add(p, f32x4.sub(q, f32x4.mul(p, q)));
    // Nothing of what lies beyond the row's end.
    const counted = v128.and(d, i32x4.lt_s(i32x4(0, 4, 8, 12), i32x4.splat(<i32>(length - x))));
    sums = f64x2.add(sums, f64x2.promote_low_f32x4(counted));
    sums = f64x2.add(sums, f64x2.promote_low_f32x4(v128.shuffle<i32>(counted, counted, 2, 3, 2, 3)));
  }
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}
