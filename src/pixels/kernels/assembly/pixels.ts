// asc: --initialMemory 3
/**
 * Distances of pixels and their slopes, in AssemblyScript with SIMD, in float64, a strip of numbers at a time.
 *
 * Five strips lie one after the other in memory: two images, what each number counts, the distances, and the slopes.
 */

const stripBytes: usize = 32768;

/**
 * Σ count · distance over so many numbers, with d = (x − y) · scale, and 0 where the count is 0. `distance`: 0 |d|; 1 d²;
 * 2 √(d² + bound²) − bound; 3 Huber's. Leaves the distances, and count · factor · slope.
 */
export function compare(distance: i32, numbers: i32, scale: f64, bound: f64, factor: f64): f64 {
  const zero = f64x2.splat(0);
  const bounds = f64x2.splat(bound);
  let sum = zero;
  for (let at: usize = 0, end = (<usize>numbers) << 2; at < end; at += 8) {
    const count = two(at + 2 * stripBytes);
    const difference = f64x2.mul(f64x2.sub(two(at), two(at + stripBytes)), f64x2.splat(scale));
    // Count 0 leaves out even a number that is not finite.
    const d = v128.and(difference, f64x2.ne(count, zero));
    let value = f64x2.mul(d, d);
    let slope = f64x2.add(d, d);
    if (distance == 0) {
      value = f64x2.abs(d);
      const sign = v128.or(v128.and(d, f64x2.splat(-0.0)), v128.and(f64x2.ne(d, zero), f64x2.splat(1)));
      slope = v128.bitselect(sign, d, f64x2.eq(d, d));
    } else if (distance == 2) {
      const root = f64x2.sqrt(f64x2.add(value, f64x2.mul(bounds, bounds)));
      // Small differences do not cancel.
      value = f64x2.div(value, f64x2.add(root, bounds));
      slope = f64x2.div(d, root);
    } else if (distance == 3) {
      slope = f64x2.max(f64x2.min(d, bounds), f64x2.neg(bounds));
      value = f64x2.mul(slope, f64x2.sub(d, f64x2.mul(slope, f64x2.splat(0.5))));
    }
    sum = f64x2.add(sum, f64x2.mul(count, value));
    keep(at + 3 * stripBytes, value);
    keep(at + 4 * stripBytes, f64x2.mul(slope, f64x2.mul(count, f64x2.splat(factor))));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** Two numbers of float32. */
function two(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/** Writes two numbers as float32. */
function keep(at: usize, values: v128): void {
  v128.store64_lane(at, f32x4.demote_f64x2_zero(values), 0);
}
