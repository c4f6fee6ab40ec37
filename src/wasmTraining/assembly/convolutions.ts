// asc: --importMemory
/**
 * Convolutions and their filter gradients as products of matrices, in AssemblyScript with SIMD, on the memory of tfjs's
 * wasm backend.
 *
 * An image passes through in tiles: `copyPadded()` brings so many of its rows into a scratch, zeros around them, so
 * that all that a filter's row reads of them lies side by side, and a table says where each pixel's begins. Then
 *
 *   correlate():  out[p, k] = Σ_r,m in[p + r, m] · filter[r, m, k]     four pixels by eight columns at a time
 *   gatherTaps(): dW[r, m, k] += Σ_p in[p + r, m] · dy[p, k]           four taps by eight columns at a time
 *
 * where r counts rows of the filter and m the numbers of one of them, columns times channels. Columns k are packed
 * into panels of eight; a last one of up to four is half as wide. Numbers that fill up a panel or the last four pixels
 * are computed and not stored. Sums are float32 within a tile.
 */

/** Numbers of a pixel, and pixels of a row with what is around them. */
let channels: i32 = 0;
let paddedWidth: i32 = 0;
/** Rows of the filter; numbers of one of them. */
let taps: i32 = 0;
let tapFloats: i32 = 0;
/** Columns of the matrices. */
let columns: i32 = 0;

export function configure(ofPixel: i32, width: i32, filterRows: i32, ofFilterRow: i32, ofOutput: i32): void {
  channels = ofPixel;
  paddedWidth = width;
  taps = filterRows;
  tapFloats = ofFilterRow;
  columns = ofOutput;
}

function bytesOf(floats: i32): usize {
  return (<usize>floats) << 2;
}

/** Rows of an image from `top` on, which may begin above it and end below it; likewise its columns from `left` on. */
export function copyPadded(
  from: usize,
  height: i32,
  width: i32,
  top: i32,
  left: i32,
  rows: i32,
  to: usize,
): void {
  const before = max(0, -left);
  const first = max(0, left);
  const inside = max(0, min(width - first, paddedWidth - before));
  const pixel = bytesOf(channels);
  const rowBytes = <usize>paddedWidth * pixel;
  for (let row = top; row < top + rows; row++, to += rowBytes) {
    if (row < 0 || row >= height || inside == 0) {
      memory.fill(to, 0, rowBytes);
      continue;
    }
    memory.fill(to, 0, <usize>before * pixel);
    memory.copy(
      to + <usize>before * pixel,
      from + <usize>(row * width + first) * pixel,
      <usize>inside * pixel,
    );
    const filled = <usize>(before + inside) * pixel;
    memory.fill(to + filled, 0, rowBytes - filled);
  }
}

/** Where the pixels of so many rows begin: [rows, count], the strides counted in rows and columns of the scratch. */
export function placePixels(
  table: usize,
  scratch: usize,
  rows: i32,
  count: i32,
  strideRows: i32,
  strideColumns: i32,
): void {
  const rowBytes = bytesOf(strideRows * paddedWidth * channels);
  const step = bytesOf(strideColumns * channels);
  for (let row = 0; row < rows; row++, scratch += rowBytes) {
    let at = scratch;
    for (let column = 0; column < count; column++, at += step, table += 4) store<u32>(table, <u32>at);
  }
}

/** [rows, columns] → panels [rows, 8], the last [rows, 4] where that suffices, filled up with zeros. */
export function packPanels(from: usize, rows: i32, to: usize): void {
  const rowBytes = bytesOf(columns);
  let column = 0;
  for (; column + 8 <= columns; column += 8) {
    let at = from + bytesOf(column);
    for (let row = 0; row < rows; row++, at += rowBytes, to += 32) {
      v128.store(to, v128.load(at));
      v128.store(to, v128.load(at, 16), 16);
    }
  }
  const rest = columns - column;
  if (rest == 0) return;
  const width = rest > 4 ? 8 : 4;
  let at = from + bytesOf(column);
  for (let row = 0; row < rows; row++, at += rowBytes) {
    for (let k = 0; k < width; k++, to += 4) store<f32>(to, k < rest ? load<f32>(at + bytesOf(k)) : 0);
  }
}

/**
 * The outputs of so many pixels, [pixels, columns], into rows of so many bytes. The table has room for three more pixels,
 * `spare` for 4 × 8 numbers.
 */
export function correlate(
  table: usize,
  pixels: i32,
  panels: usize,
  to: usize,
  outBytes: usize,
  spare: usize,
): void {
  const depth = <usize>(taps * tapFloats);
  const last = load<u32>(table + bytesOf(pixels - 1));
  for (let p = pixels; p < pixels + 3; p++) store<u32>(table + bytesOf(p), last);
  for (let column = 0; column < columns; column += 8) {
    const rest = min(8, columns - column);
    const wide = rest > 4;
    const whole = rest == 8 || rest == 4;
    const out = to + bytesOf(column);
    for (let p = 0; p < pixels; p += 4) {
      const at = table + bytesOf(p);
      const place = out + <usize>p * outBytes;
      const direct = whole && p + 4 <= pixels;
      const target = direct ? place : spare;
      const step = direct ? outBytes : 32;
      if (wide) fourByEight(at, panels, target, step);
      else fourByFour(at, panels, target, step);
      if (!direct) copyBlock(place, outBytes, min(4, pixels - p), rest, spare);
    }
    panels += depth << 5;
  }
}

/** Adds a row of numbers to so many, [rows, columns]. */
export function addRow(to: usize, rows: i32, from: usize): void {
  const whole = bytesOf(columns & ~3);
  const all = bytesOf(columns);
  for (let row = 0; row < rows; row++, to += all) {
    let i: usize = 0;
    for (; i < whole; i += 16) v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
    for (; i < all; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i));
  }
}

function copyBlock(to: usize, outBytes: usize, rows: i32, count: i32, spare: usize): void {
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < count; k++) {
      store<f32>(to + <usize>row * outBytes + bytesOf(k), load<f32>(spare + bytesOf(8 * row + k)));
    }
  }
}

function fourByEight(table: usize, b: usize, to: usize, outBytes: usize): void {
  let a0: usize = load<u32>(table);
  let a1: usize = load<u32>(table, 4);
  let a2: usize = load<u32>(table, 8);
  let a3: usize = load<u32>(table, 12);
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  const length = bytesOf(tapFloats);
  const skip = bytesOf(paddedWidth * channels) - length;
  for (let tap = taps; tap > 0; tap--) {
    for (const end = a0 + length; a0 < end; a0 += 4, a1 += 4, a2 += 4, a3 += 4, b += 32) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      let x = v128.load32_splat(a0);
      s00 = f32x4.add(s00, f32x4.mul(x, b0));
      s01 = f32x4.add(s01, f32x4.mul(x, b1));
      x = v128.load32_splat(a1);
      s10 = f32x4.add(s10, f32x4.mul(x, b0));
      s11 = f32x4.add(s11, f32x4.mul(x, b1));
      x = v128.load32_splat(a2);
      s20 = f32x4.add(s20, f32x4.mul(x, b0));
      s21 = f32x4.add(s21, f32x4.mul(x, b1));
      x = v128.load32_splat(a3);
      s30 = f32x4.add(s30, f32x4.mul(x, b0));
      s31 = f32x4.add(s31, f32x4.mul(x, b1));
    }
    a0 += skip;
    a1 += skip;
    a2 += skip;
    a3 += skip;
  }
  v128.store(to, s00);
  v128.store(to, s01, 16);
  to += outBytes;
  v128.store(to, s10);
  v128.store(to, s11, 16);
  to += outBytes;
  v128.store(to, s20);
  v128.store(to, s21, 16);
  to += outBytes;
  v128.store(to, s30);
  v128.store(to, s31, 16);
}

function fourByFour(table: usize, b: usize, to: usize, outBytes: usize): void {
  let a0: usize = load<u32>(table);
  let a1: usize = load<u32>(table, 4);
  let a2: usize = load<u32>(table, 8);
  let a3: usize = load<u32>(table, 12);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  const length = bytesOf(tapFloats);
  const skip = bytesOf(paddedWidth * channels) - length;
  for (let tap = taps; tap > 0; tap--) {
    for (const end = a0 + length; a0 < end; a0 += 4, a1 += 4, a2 += 4, a3 += 4, b += 16) {
      const b0 = v128.load(b);
      s0 = f32x4.add(s0, f32x4.mul(v128.load32_splat(a0), b0));
      s1 = f32x4.add(s1, f32x4.mul(v128.load32_splat(a1), b0));
      s2 = f32x4.add(s2, f32x4.mul(v128.load32_splat(a2), b0));
      s3 = f32x4.add(s3, f32x4.mul(v128.load32_splat(a3), b0));
    }
    a0 += skip;
    a1 += skip;
    a2 += skip;
    a3 += skip;
  }
  v128.store(to, s0);
  v128.store(to + outBytes, s1);
  v128.store(to + 2 * outBytes, s2);
  v128.store(to + 3 * outBytes, s3);
}

/**
 * Adds what so many pixels contribute to [taps, tapFloats, columns]; `panels` are theirs of dy. `spare` has room for
 * 4 × 8 numbers.
 */
export function gatherTaps(table: usize, pixels: i32, panels: usize, to: usize, spare: usize): void {
  const rowBytes = bytesOf(paddedWidth * channels);
  const outBytes = bytesOf(columns);
  const end = table + bytesOf(pixels);
  for (let column = 0; column < columns; column += 8) {
    const rest = min(8, columns - column);
    const wide = rest > 4;
    const whole = rest == 8 || rest == 4;
    let place = to + bytesOf(column);
    for (let tap = 0; tap < taps; tap++) {
      const offset = <usize>tap * rowBytes;
      for (let m = 0; m < tapFloats; m += 4) {
        const rows = min(4, tapFloats - m);
        const direct = whole && rows == 4;
        if (!direct) memory.fill(spare, 0, 128);
        const target = direct ? place : spare;
        const step = direct ? outBytes : 32;
        if (wide) tapsByEight(table, end, offset + bytesOf(m), panels, target, step);
        else tapsByFour(table, end, offset + bytesOf(m), panels, target, step);
        if (!direct) addBlock(place, outBytes, rows, rest, spare);
        place += <usize>rows * outBytes;
      }
    }
    panels += (<usize>pixels) << 5;
  }
}

function addBlock(to: usize, outBytes: usize, rows: i32, count: i32, spare: usize): void {
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < count; k++) {
      const at = to + <usize>row * outBytes + bytesOf(k);
      store<f32>(at, load<f32>(at) + load<f32>(spare + bytesOf(8 * row + k)));
    }
  }
}

function tapsByEight(table: usize, end: usize, offset: usize, b: usize, to: usize, outBytes: usize): void {
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  for (; table < end; table += 4, b += 32) {
    const a = <usize>load<u32>(table) + offset;
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    s00 = f32x4.add(s00, f32x4.mul(x, b0));
    s01 = f32x4.add(s01, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 4);
    s10 = f32x4.add(s10, f32x4.mul(x, b0));
    s11 = f32x4.add(s11, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 8);
    s20 = f32x4.add(s20, f32x4.mul(x, b0));
    s21 = f32x4.add(s21, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 12);
    s30 = f32x4.add(s30, f32x4.mul(x, b0));
    s31 = f32x4.add(s31, f32x4.mul(x, b1));
  }
  addTo(to, s00, s01);
  addTo(to + outBytes, s10, s11);
  addTo(to + 2 * outBytes, s20, s21);
  addTo(to + 3 * outBytes, s30, s31);
}

function addTo(to: usize, low: v128, high: v128): void {
  v128.store(to, f32x4.add(v128.load(to), low));
  v128.store(to, f32x4.add(v128.load(to, 16), high), 16);
}

function tapsByFour(table: usize, end: usize, offset: usize, b: usize, to: usize, outBytes: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (; table < end; table += 4, b += 16) {
    const a = <usize>load<u32>(table) + offset;
    const b0 = v128.load(b);
    s0 = f32x4.add(s0, f32x4.mul(v128.load32_splat(a), b0));
    s1 = f32x4.add(s1, f32x4.mul(v128.load32_splat(a, 4), b0));
    s2 = f32x4.add(s2, f32x4.mul(v128.load32_splat(a, 8), b0));
    s3 = f32x4.add(s3, f32x4.mul(v128.load32_splat(a, 12), b0));
  }
  v128.store(to, f32x4.add(v128.load(to), s0));
  v128.store(to + outBytes, f32x4.add(v128.load(to + outBytes), s1));
  v128.store(to + 2 * outBytes, f32x4.add(v128.load(to + 2 * outBytes), s2));
  v128.store(to + 3 * outBytes, f32x4.add(v128.load(to + 3 * outBytes), s3));
}

/**
 * The filter [rows, filterColumns, inChannels, outChannels] of a gradient with respect to the input, as one of stride 1
 * from outChannels to every remainder of the strides: [taps', columns', outChannels, a, b, inChannels], flipped.
 */
export function regroup(
  from: usize,
  to: usize,
  filterRows: i32,
  filterColumns: i32,
  inChannels: i32,
  outChannels: i32,
  strideRows: i32,
  strideColumns: i32,
): void {
  const tapsAcross = (filterColumns + strideColumns - 1) / strideColumns;
  const tapsDown = (filterRows + strideRows - 1) / strideRows;
  const wide = strideRows * strideColumns * inChannels;
  memory.fill(to, 0, bytesOf(tapsDown * tapsAcross * outChannels * wide));
  for (let r = 0; r < filterRows; r++) {
    const i = tapsDown - 1 - r / strideRows;
    const a = r % strideRows;
    for (let q = 0; q < filterColumns; q++) {
      const j = tapsAcross - 1 - q / strideColumns;
      const b = q % strideColumns;
      let target =
        to + bytesOf((i * tapsAcross + j) * outChannels * wide + (a * strideColumns + b) * inChannels);
      for (let k = 0; k < outChannels; k++, target += bytesOf(wide)) {
        let at = from + bytesOf(k);
        for (let c = 0; c < inChannels; c++, at += bytesOf(outChannels))
          store<f32>(target + bytesOf(c), load<f32>(at));
      }
      from += bytesOf(inChannels * outChannels);
    }
  }
}

/**
 * Rows of [positions, a, b·inChannels], `positions` of them across, into rows of an image: row q·stride + a − skipRows,
 * where that lies in it, from number `skipFloats` on.
 */
export function spreadRows(
  from: usize,
  rows: i32,
  positions: i32,
  strideRows: i32,
  blockFloats: i32,
  firstRow: i32,
  height: i32,
  skipFloats: i32,
  image: usize,
  rowFloats: i32,
): void {
  const block = bytesOf(blockFloats);
  const step = <usize>strideRows * block;
  for (let q = 0; q < rows; q++) {
    for (let a = 0; a < strideRows; a++) {
      const row = firstRow + q * strideRows + a;
      if (row < 0 || row >= height) continue;
      let at = from + <usize>a * block;
      const to = image + bytesOf(row * rowFloats);
      // The row's beginning and end may lie within a block.
      for (let p = 0, number = -skipFloats; p < positions; p++, number += blockFloats, at += step) {
        const before = max(0, -number);
        const length = min(blockFloats, rowFloats - number) - before;
        if (length > 0) copyFloats(at + bytesOf(before), to + bytesOf(number + before), length);
      }
    }
    from += <usize>positions * step;
  }
}

function copyFloats(from: usize, to: usize, count: i32): void {
  const whole = bytesOf(count & ~3);
  const all = bytesOf(count);
  let i: usize = 0;
  for (; i < whole; i += 16) v128.store(to + i, v128.load(from + i));
  for (; i < all; i += 4) store<f32>(to + i, load<f32>(from + i));
}
