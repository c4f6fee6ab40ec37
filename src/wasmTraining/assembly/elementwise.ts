// asc: --importMemory
/**
 * What a leaky ReLU, its gradient and that of a bias consist of, in AssemblyScript with SIMD, on the memory of tfjs's wasm
 * backend.
 */

export function leakyRelu(x: usize, y: usize, count: i32, alpha: f32): void {
  const splat = f32x4.splat(alpha);
  const zero = f32x4.splat(0);
  const whole = (<usize>(count & ~3)) << 2;
  let i: usize = 0;
  for (; i < whole; i += 16) {
    const value = v128.load(x + i);
    v128.store(y + i, v128.bitselect(f32x4.mul(value, splat), value, f32x4.lt(value, zero)));
  }
  for (const all = (<usize>count) << 2; i < all; i += 4) {
    const value = load<f32>(x + i);
    store<f32>(y + i, value < 0 ? value * alpha : value);
  }
}

/** One byte for each number: is it greater than the limit? */
export function greater(x: usize, y: usize, count: i32, limit: f32): void {
  const splat = f32x4.splat(limit);
  const one = i8x16.splat(1);
  const whole = <usize>(count & ~15);
  let i: usize = 0;
  for (; i < whole; i += 16) {
    const from = x + 4 * i;
    const low = i16x8.narrow_i32x4_s(f32x4.gt(v128.load(from), splat), f32x4.gt(v128.load(from, 16), splat));
    const high = i16x8.narrow_i32x4_s(
      f32x4.gt(v128.load(from, 32), splat),
      f32x4.gt(v128.load(from, 48), splat),
    );
    v128.store(y + i, v128.and(i8x16.narrow_i16x8_s(low, high), one));
  }
  for (; i < <usize>count; i++) store<u8>(y + i, load<f32>(x + 4 * i) > limit ? 1 : 0);
}

/** Of two numbers the first where the byte is not 0, else the second. */
export function select(condition: usize, first: usize, second: usize, y: usize, count: i32): void {
  const zero = i8x16.splat(0);
  const whole = <usize>(count & ~3);
  let i: usize = 0;
  for (; i < whole; i += 4) {
    const bytes = i8x16.ne(v128.load32_zero(condition + i), zero);
    const mask = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(bytes));
    const at = 4 * i;
    v128.store(y + at, v128.bitselect(v128.load(first + at), v128.load(second + at), mask));
  }
  for (; i < <usize>count; i++) {
    const at = 4 * i;
    store<f32>(y + at, load<f32>((load<u8>(condition + i) != 0 ? first : second) + at));
  }
}

/** Rows that are summed on their own, so that rounding does not add up. */
const block: i32 = 256;

/** The sums of [rows, columns] over the rows. */
export function columnSums(x: usize, y: usize, rows: i32, columns: i32): void {
  const rowBytes = (<usize>columns) << 2;
  memory.fill(y, 0, rowBytes);
  for (let row = 0; row < rows; row += block) {
    const end = x + <usize>min(block, rows - row) * rowBytes;
    let column: usize = 0;
    for (; column + 16 <= rowBytes; column += 16) {
      let sum = f32x4.splat(0);
      for (let at = x; at < end; at += rowBytes) sum = f32x4.add(sum, v128.load(at + column));
      v128.store(y + column, f32x4.add(v128.load(y + column), sum));
    }
    for (; column < rowBytes; column += 4) {
      let sum: f32 = 0;
      for (let at = x; at < end; at += rowBytes) sum += load<f32>(at + column);
      store<f32>(y + column, load<f32>(y + column) + sum);
    }
    x = end;
  }
}
