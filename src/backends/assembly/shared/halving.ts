// Rows of a level of a pyramid from rows of two images, in AssemblyScript: each level is half the size of the one
// before, and its numbers are means of 2 × 2; the last line of an odd size counts twice.

/** Half of a size each time, rounded up. */
export function sizeAt(size: i32, level: i32): i32 {
  return (size + (1 << level) - 1) >> level;
}

/** The share that a row of the image has in its row of the level: a half at each halving, all where it is alone. */
export function rowShare(row: i32, height: i32, level: i32): f64 {
  let share: f64 = 1;
  for (let k = 0; k < level; k++) {
    const size = sizeAt(height, k);
    if ((size & 1) == 0 || row >> k != size - 1) share *= 0.5;
  }
  return share;
}

/** a = share · (x + y) and b = share · (x − y), of float32 rows; so many bytes of float64, in whole pairs. */
export function combine(x: usize, y: usize, a: usize, b: usize, bytes: usize, share: f64): void {
  const factor = f64x2.splat(share);
  for (let i: usize = 0; i < bytes; i += 16) {
    const vx = f64x2.promote_low_f32x4(v128.load64_zero(x + (i >> 1)));
    const vy = f64x2.promote_low_f32x4(v128.load64_zero(y + (i >> 1)));
    v128.store(a + i, f64x2.mul(f64x2.add(vx, vy), factor));
    v128.store(b + i, f64x2.mul(f64x2.sub(vx, vy), factor));
  }
}

/** The same, added to what is there. */
export function accumulate(x: usize, y: usize, a: usize, b: usize, bytes: usize, share: f64): void {
  const factor = f64x2.splat(share);
  for (let i: usize = 0; i < bytes; i += 16) {
    const vx = f64x2.promote_low_f32x4(v128.load64_zero(x + (i >> 1)));
    const vy = f64x2.promote_low_f32x4(v128.load64_zero(y + (i >> 1)));
    v128.store(a + i, f64x2.add(v128.load(a + i), f64x2.mul(f64x2.add(vx, vy), factor)));
    v128.store(b + i, f64x2.add(v128.load(b + i), f64x2.mul(f64x2.sub(vx, vy), factor)));
  }
}

/** A row of so many columns of the image to one of a level ≥ 1; what lies between is written over `from`. */
export function halveColumns(from: usize, to: usize, columns: i32, channels: i32, level: i32): void {
  for (let k = 1; k <= level; k++) {
    halve(from, k == level ? to : from, columns, channels);
    columns = (columns + 1) >> 1;
  }
}

/** Means of two columns, and the last of an odd number as it is; in place as well. */
function halve(from: usize, to: usize, columns: i32, channels: i32): void {
  const half = columns >> 1;
  const whole = (<usize>(half * channels)) << 3;
  const pixel = (<usize>channels) << 3;
  if (channels == 1) halvePairs(from, to, whole);
  else halvePixels(from, to, pixel, whole);
  if (columns & 1) memory.copy(to + whole, from + 2 * whole, pixel);
}

function halvePairs(from: usize, to: usize, bytes: usize): void {
  const half = f64x2.splat(0.5);
  const even = bytes & ~15;
  for (let i: usize = 0; i < even; i += 16) {
    const left = v128.load(from + 2 * i);
    const right = v128.load(from + 2 * i, 16);
    const sum = f64x2.add(v128.shuffle<f64>(left, right, 0, 2), v128.shuffle<f64>(left, right, 1, 3));
    v128.store(to + i, f64x2.mul(sum, half));
  }
  if (even < bytes) {
    store<f64>(to + even, 0.5 * (load<f64>(from + 2 * even) + load<f64>(from + 2 * even, 8)));
  }
}

function halvePixels(from: usize, to: usize, pixel: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += pixel) {
    for (let channel: usize = 0; channel < pixel; channel += 8) {
      const left = from + 2 * i + channel;
      store<f64>(to + i + channel, 0.5 * (load<f64>(left) + load<f64>(left + pixel)));
    }
  }
}
