// Sums over windows whose taps are all equal, at one cost for every size, in AssemblyScript.
//
// Rows are cut into blocks as long as the window. A window is then the end of one block and the beginning of the next:
//
//   block:   | 0 1 2 3 4 | 5 6 7 8 9 |        sum(2 … 6) = sum to the block's last (2 … 4) + sum from its first (5 … 6)
//   window:       2 3 4    5 6
//
// so each number is added three times, and nothing is ever subtracted: of what a window does not see, it has no trace.
// Columns are summed in the same way, with rows in the place of numbers.
//
// Where four numbers of each place go through two vectors, neighbours lie `step` bytes apart: sums need no shuffles, and
// stay in registers from one place to the next.

/** The sums of so many places that begin at each of them, and of those that begin before the first, as far as they reach. */
export function sumWindows(from: usize, to: usize, places: i32, channels: i32, last: i32): void {
  const step = (<usize>channels) << 5;
  const reach = step * <usize>last;
  const bytes = (<usize>places) << 5;
  memory.fill(to - reach, 0, reach);
  for (let channel: usize = 0; channel < step; channel += 32) {
    for (let x = channel; x < bytes; x += reach + step) sumBlock(from + x, to + x, reach, step);
  }
}

/** The same of two numbers of each place, in one vector, and of their squares. */
export function sumWindowsAndSquares(from: usize, to: usize, places: i32, channels: i32, last: i32): void {
  const step = (<usize>channels) << 4;
  const reach = step * <usize>last;
  const bytes = (<usize>places) << 4;
  memory.fill(to - 2 * reach, 0, 2 * reach);
  for (let channel: usize = 0; channel < step; channel += 16) {
    for (let x = channel; x < bytes; x += reach + step) {
      sumBlockAndSquares(from + x, to + 2 * x, reach, step);
    }
  }
}

/**
 * Sums from a block's first place on, added to the windows that end there, which hold their part of the block before;
 * and from its last place backwards the sums that windows begin with.
 */
function sumBlock(from: usize, to: usize, reach: usize, step: usize): void {
  const end = from + reach;
  let right = end;
  let window = to - reach;
  let start = to + reach;
  let sum0 = f64x2.splat(0);
  let sum1 = f64x2.splat(0);
  let toLast0 = v128.load(right);
  let toLast1 = v128.load(right, 16);
  v128.store(start, toLast0);
  v128.store(start, toLast1, 16);
  for (; from < end; from += step) {
    sum0 = f64x2.add(sum0, v128.load(from));
    sum1 = f64x2.add(sum1, v128.load(from, 16));
    v128.store(window, f64x2.add(v128.load(window), sum0));
    v128.store(window, f64x2.add(v128.load(window, 16), sum1), 16);
    window += step;
    right -= step;
    start -= step;
    toLast0 = f64x2.add(toLast0, v128.load(right));
    toLast1 = f64x2.add(toLast1, v128.load(right, 16));
    v128.store(start, toLast0);
    v128.store(start, toLast1, 16);
  }
}

function sumBlockAndSquares(from: usize, to: usize, reach: usize, step: usize): void {
  const end = from + reach;
  let right = end;
  let window = to - 2 * reach;
  let start = to + 2 * reach;
  let sum = f64x2.splat(0);
  let squares = f64x2.splat(0);
  let toLast = v128.load(right);
  let squaresToLast = f64x2.mul(toLast, toLast);
  v128.store(start, toLast);
  v128.store(start, squaresToLast, 16);
  for (; from < end; from += step) {
    const left = v128.load(from);
    sum = f64x2.add(sum, left);
    squares = f64x2.add(squares, f64x2.mul(left, left));
    v128.store(window, f64x2.add(v128.load(window), sum));
    v128.store(window, f64x2.add(v128.load(window, 16), squares), 16);
    window += 2 * step;
    right -= step;
    start -= 2 * step;
    const other = v128.load(right);
    toLast = f64x2.add(toLast, other);
    squaresToLast = f64x2.add(squaresToLast, f64x2.mul(other, other));
    v128.store(start, toLast);
    v128.store(start, squaresToLast, 16);
  }
}

/** One row and another; so many bytes, in whole groups of 32. */
export function addRows(one: usize, other: usize, to: usize, bytes: usize): void {
  for (let x: usize = 0; x < bytes; x += 32) {
    v128.store(to + x, f64x2.add(v128.load(one + x), v128.load(other + x)));
    v128.store(to + x, f64x2.add(v128.load(one + x, 16), v128.load(other + x, 16)), 16);
  }
}

/** Puts in the place of each row but the first the sum from it to the block's last row, column by column. */
export function sumRowsToLast(rows: usize, rowBytes: usize, last: i32, bytes: usize): void {
  const lastRow = rows + rowBytes * <usize>last;
  for (let x: usize = 0; x < bytes; x += 64) {
    let row = lastRow + x;
    let sum0 = v128.load(row);
    let sum1 = v128.load(row, 16);
    let sum2 = v128.load(row, 32);
    let sum3 = v128.load(row, 48);
    for (let k = last; k > 1; k--) {
      row -= rowBytes;
      sum0 = f64x2.add(sum0, v128.load(row));
      sum1 = f64x2.add(sum1, v128.load(row, 16));
      sum2 = f64x2.add(sum2, v128.load(row, 32));
      sum3 = f64x2.add(sum3, v128.load(row, 48));
      v128.store(row, sum0);
      v128.store(row, sum1, 16);
      v128.store(row, sum2, 32);
      v128.store(row, sum3, 48);
    }
  }
}
