// asc: --shrinkLevel 1
/**
 * Gradient magnitude similarity at one level of a pyramid, and its gradient, in one pass over an image, in
 * AssemblyScript with SIMD.
 *
 * Rows of x and y come in at the top. Of each row of the level, the mean of 2^level rows and columns of
 * a = (x + y) / 2 and of b = (x − y) / 2, the horizontal sums and differences of Prewitt's filter go into a ring of
 * three rows. From then on every row gives one row of the map:
 *
 *   combine() → halveColumns() → padColumns() → slopes() → ring → distances() → map row, or its sum
 *
 * and with a gradient the partial derivatives of that row go into a second ring, of which the transposed filter makes
 * one row of the gradient, spread over the columns that a column of the level is the mean of:
 *
 *   partialDerivatives() → transposedSlopes() → ring → gradientRow() → foldColumns() → spreadColumns() → row
 *
 * Pixels are float32 outside and float64 inside. Slopes are left as sums of three lines, not their mean: sums of float32
 * numbers are exact in float64, and so is a slope of 0; magnitudes are three times, squares nine times what they are
 * elsewhere. Rows are NHWC as they are, so horizontal neighbours lie `channels`
 * numbers apart. Two numbers are worked on at a time; the one that may lie beyond a row's end is computed and not
 * used. The stages are small functions of their own: V8 keeps their few values in registers, which it does not in
 * one large function.
 */

import {
  accumulate,
  combine,
  halveColumns,
  rowShare,
  sizeAt,
} from '../../../backends/assembly/shared/halving.ts';
import { copyWeights, meansOfPixels, toFloat32 } from '../../../backends/assembly/shared/rows.ts';

/** Below this squared magnitude a place counts as flat: 1e-12 in gradientMagnitude.ts. */
const FLAT_SQUARE: f64 = 9e-12;
/** Two magnitudes that sum to less than this are not told apart: 1e-7 in gradientMagnitude.ts. */
const LEAST_SUM: f64 = 3e-7;

// What configure() sets. Modes of the output:
const SUM = 0;
const DISTANCES = 1;
const RESIDUALS = 2;
const GRADIENTS = 3;

let mode: i32 = 0;
let channels: i32 = 0;
let height: i32 = 0; // of the image
let level: i32 = 0;
let border: i32 = 0; // 1, or 0 where the filter stays inside
let sourceLeft: i32 = 0; // the column that the one before the first copies; −1 for zeros
let sourceRight: i32 = 0;
let rawFloats: i32 = 0; // a row of the image
let levelFloats: i32 = 0; // a row of the level
let paddedFloats: i32 = 0; // the same with its border
let mapFloats: i32 = 0; // a row of the map
let outFloats: i32 = 0; // a row of what goes out
let weightFloats: i32 = 0; // a row of weights, or 0 for one weight everywhere
let scale: f64 = 0; // of the pixels
let constant: f64 = 0;
let signOfB: f64 = 0; // of the gradient: +1 for x, −1 for y
let weightFactor: f64 = 0; // what a weight is multiplied by

// Where things lie.
let stageX: usize = 0;
let stageY: usize = 0;
let stageWeight: usize = 0;
let stageOut: usize = 0;
let meanA: usize = 0;
let meanB: usize = 0;
let paddedA: usize = 0;
let paddedB: usize = 0;
let ring: usize = 0;
let ringRow: usize = 0;
let partials: usize = 0;
let partialRow: usize = 0;
let distance: usize = 0;
let weight: usize = 0;
let partialV: usize = 0;
let partialH: usize = 0;
let gradient: usize = 0;
let spread: usize = 0;

// Of the image at hand:
let row: i32 = 0; // of the image, the next to come in
let rowsIn: i32 = 0; // of the level, with its border
let rowsOut: i32 = 0; // since the last call
let mapRows: i32 = 0;
let total: f64 = 0;

/** Bytes of so many float64 numbers, in whole pairs. */
function pairs(count: i32): usize {
  return (<usize>((count + 1) >> 1)) << 4;
}

function bytesOf(count: i32): usize {
  return (<usize>count) << 3;
}

/** Lays the memory out for images of one shape, at one level, and gives its size in bytes. */
export function configure(
  outputMode: i32,
  channelCount: i32,
  imageHeight: i32,
  imageWidth: i32,
  levelOfPyramid: i32,
  borderWidth: i32,
  copiedLeft: i32,
  copiedRight: i32,
  weightRow: i32,
  stripRows: i32,
): usize {
  mode = outputMode;
  channels = channelCount;
  height = imageHeight;
  level = levelOfPyramid;
  border = borderWidth;
  sourceLeft = copiedLeft;
  sourceRight = copiedRight;
  rawFloats = imageWidth * channels;
  levelFloats = sizeAt(imageWidth, level) * channels;
  paddedFloats = levelFloats + 2 * border * channels;
  mapFloats = paddedFloats - 2 * channels;
  outFloats = mode == GRADIENTS ? rawFloats : mode == RESIDUALS ? mapFloats / channels : mapFloats;
  weightFloats = weightRow;

  const slack: usize = 64;
  // A gradient's last two rows come at once.
  const strip = <usize>max(stripRows, 2);
  stageX = 1024;
  stageY = stageX + ((strip * <usize>rawFloats) << 2) + slack;
  stageWeight = stageY + ((strip * <usize>rawFloats) << 2) + slack;
  stageOut = stageWeight + ((strip * <usize>weightFloats) << 2) + slack;
  meanA = (stageOut + ((strip * <usize>outFloats) << 2) + slack) & ~15;
  meanB = meanA + pairs(rawFloats) + slack;
  // A pyramid's row may be one column of a wide image, with its border.
  paddedA = meanB + pairs(rawFloats) + slack;
  const padded = pairs(paddedFloats + 2 * channels) + slack;
  paddedB = paddedA + padded;
  distance = paddedB + padded;
  weight = distance + padded;
  ring = weight + padded;
  ringRow = 4 * pairs(mapFloats) + slack;
  let end = ring + 3 * ringRow;
  if (mode == GRADIENTS) {
    // Two columns of zeros on both sides of the map's.
    partialV = end;
    partialH = partialV + pairs(mapFloats + 4 * channels) + slack;
    gradient = partialH + pairs(mapFloats + 4 * channels) + slack;
    spread = gradient + max(padded, pairs(rawFloats + channels) + slack);
    partials = spread + pairs(rawFloats + channels) + slack;
    partialRow = 2 * pairs(paddedFloats) + slack;
    end = partials + 3 * partialRow;
  }
  return end + slack;
}

/** The images are divided by `unit`; `c` is the term's. `sign` tells the image of the gradient: +1 for x, −1 for y. */
export function constants(unit: f64, c: f64, sign: f64): void {
  scale = 1 / (2 * unit);
  constant = 9 * c;
  signOfB = sign;
}

/** Every weight that comes in is multiplied by it. */
export function setWeightFactor(factor: f64): void {
  weightFactor = factor;
}

/** The same weight for every number of the map. */
export function setWeight(value: f64): void {
  const splat = f64x2.splat(value);
  const bytes = pairs(mapFloats);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(weight + i, splat);
}

export function stageOfX(): usize {
  return stageX;
}
export function stageOfY(): usize {
  return stageY;
}
export function stageOfWeight(): usize {
  return stageWeight;
}
export function stageOfOutput(): usize {
  return stageOut;
}
/** Σ weight · distance. */
/** See halving.ts: the share of a row of the image in its row of the level. */
export function shareOfRow(imageRow: i32): f64 {
  return rowShare(imageRow, height, level);
}
export function sumOfDistances(): f64 {
  return total;
}

/** Before the first row of each image. */
export function begin(): void {
  rowsIn = 0;
  mapRows = 0;
  total = 0;
  if (mode == GRADIENTS) memory.fill(partialV, 0, partials + 3 * partialRow - partialV);
}

/** The row of the image that comes next. */
export function seek(imageRow: i32): void {
  row = imageRow;
}

/** Takes so many rows of the image from the stages; gives how many rows went out. */
export function take(rows: i32): i32 {
  rowsOut = 0;
  for (let k = 0; k < rows; k++, row++) {
    const offset = (<usize>(k * rawFloats)) << 2;
    if (level == 0) {
      const inside = bytesOf(border * channels);
      combine(stageX + offset, stageY + offset, paddedA + inside, paddedB + inside, pairs(rawFloats), scale);
      nextRow();
      continue;
    }
    const last = (1 << level) - 1;
    const share = scale * rowShare(row, height, level);
    if ((row & last) == 0) combine(stageX + offset, stageY + offset, meanA, meanB, pairs(rawFloats), share);
    else accumulate(stageX + offset, stageY + offset, meanA, meanB, pairs(rawFloats), share);
    if ((row & last) == last || row == height - 1) {
      const inside = bytesOf(border * channels);
      halveColumns(meanA, paddedA + inside, rawFloats / channels, channels, level);
      halveColumns(meanB, paddedB + inside, rawFloats / channels, channels, level);
      nextRow();
    }
  }
  return rowsOut;
}

/** One row of the level that is all zeros; gives how many rows went out. */
export function takeZeros(): i32 {
  rowsOut = 0;
  memory.fill(ring + ringRow * <usize>(rowsIn % 3), 0, ringRow);
  countRow();
  return rowsOut;
}

/** The gradient's rows that lie below the last row of the map. */
export function flush(): i32 {
  rowsOut = 0;
  if (mode != GRADIENTS) return 0;
  for (let k = 0; k < 2; k++) {
    memory.fill(partials + partialRow * <usize>(mapRows % 3), 0, partialRow);
    mapRows++;
    outputGradient();
  }
  return rowsOut;
}

function nextRow(): void {
  if (border > 0) {
    padColumns(paddedA);
    padColumns(paddedB);
  }
  slopes(paddedA, paddedB, ring + ringRow * <usize>(rowsIn % 3), bytesOf(channels), pairs(mapFloats));
  countRow();
}

function padColumns(padded: usize): void {
  const pixel = bytesOf(channels);
  padColumn(padded, padded + pixel, sourceLeft, pixel);
  padColumn(padded + pixel + bytesOf(levelFloats), padded + pixel, sourceRight, pixel);
}

function padColumn(to: usize, inside: usize, source: i32, pixel: usize): void {
  if (source < 0) memory.fill(to, 0, pixel);
  else memory.copy(to, inside + <usize>source * pixel, pixel);
}

/**
 * The sum of three columns of a, the difference of the outer two, and the same of b. What the middle one has no part
 * in must see it where it is not finite.
 */
function slopes(a: usize, b: usize, to: usize, pixel: usize, bytes: usize): void {
  const zero = f64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const leftA = v128.load(a + i);
    const rightA = v128.load(a + i + 2 * pixel);
    const leftB = v128.load(b + i);
    const middleB = v128.load(b + i + pixel);
    const rightB = v128.load(b + i + 2 * pixel);
    v128.store(to + 4 * i, f64x2.add(f64x2.add(leftA, rightA), v128.load(a + i + pixel)));
    v128.store(to + 4 * i, f64x2.sub(rightA, leftA), 16);
    v128.store(to + 4 * i, f64x2.add(f64x2.add(leftB, rightB), middleB), 32);
    v128.store(to + 4 * i, f64x2.add(f64x2.sub(rightB, leftB), f64x2.mul(middleB, zero)), 48);
  }
}

/** A row of the level is in the ring: with two before it, it makes a row of the map. */
function countRow(): void {
  rowsIn++;
  if (rowsIn < 3) return;
  const above = ring + ringRow * <usize>(rowsIn % 3);
  const middle = ring + ringRow * <usize>((rowsIn + 1) % 3);
  const below = ring + ringRow * <usize>((rowsIn + 2) % 3);
  if (weightFloats > 0) spreadWeights();
  if (mode == GRADIENTS) {
    const margin = bytesOf(2 * channels);
    partialDerivatives(above, middle, below, margin, pairs(mapFloats));
    if (mapFloats & 1) {
      store<f64>(partialV + margin + bytesOf(mapFloats), 0);
      store<f64>(partialH + margin + bytesOf(mapFloats), 0);
    }
    total += weightedSum();
    const slot = partials + partialRow * <usize>(mapRows % 3);
    transposedSlopes(partialV, partialH, slot, bytesOf(channels), pairs(paddedFloats));
    mapRows++;
    outputGradient();
    return;
  }
  distances(above, middle, below, pairs(mapFloats));
  if (mode == SUM) {
    total += weightedSum();
    rowsOut++;
  } else outputRow();
}

/**
 * d = (m₁ − m₂)² / (m₁² + m₂² + c), with m₁ − m₂ = (m₁² − m₂²) / (m₁ + m₂) and m₁² − m₂² = 4 ∇a · ∇b: exactly 0 for
 * equal images, and precise for nearly equal ones.
 */
function distances(above: usize, middle: usize, below: usize, bytes: usize): void {
  const four = f64x2.splat(4);
  const c = f64x2.splat(constant);
  const least = f64x2.splat(LEAST_SUM);
  for (let i: usize = 0; i < bytes; i += 16) {
    const at: usize = i << 2;
    const va = f64x2.sub(v128.load(below + at), v128.load(above + at));
    const ha = f64x2.add(
      f64x2.add(v128.load(above + at, 16), v128.load(below + at, 16)),
      v128.load(middle + at, 16),
    );
    const vb = f64x2.sub(v128.load(below + at, 32), v128.load(above + at, 32));
    const hb = f64x2.add(
      f64x2.add(v128.load(above + at, 48), v128.load(below + at, 48)),
      v128.load(middle + at, 48),
    );
    const vx = f64x2.add(va, vb);
    const hx = f64x2.add(ha, hb);
    const vy = f64x2.sub(va, vb);
    const hy = f64x2.sub(ha, hb);
    const squareX = f64x2.add(f64x2.mul(vx, vx), f64x2.mul(hx, hx));
    const squareY = f64x2.add(f64x2.mul(vy, vy), f64x2.mul(hy, hy));
    const product = f64x2.mul(four, f64x2.add(f64x2.mul(va, vb), f64x2.mul(ha, hb)));
    const sum = f64x2.max(f64x2.add(f64x2.sqrt(squareX), f64x2.sqrt(squareY)), least);
    const gap = f64x2.div(product, sum);
    const all = f64x2.add(f64x2.add(squareX, squareY), c);
    v128.store(distance + i, f64x2.div(f64x2.mul(gap, gap), all));
  }
}

/**
 * The same, and the partial derivatives of Σ weight · d by the two components of ∇x: 2 ∇x ((m₁ − m₂) / m₁ − d) /
 * (m₁² + m₂² + c), or of ∇y: −2 ∇y ((m₁ − m₂) / m₂ + d) / …, where 1 / m is m / (m² + FLAT_SQUARE).
 */
function partialDerivatives(above: usize, middle: usize, below: usize, margin: usize, bytes: usize): void {
  const four = f64x2.splat(4);
  const c = f64x2.splat(constant);
  const least = f64x2.splat(LEAST_SUM);
  const flat = f64x2.splat(FLAT_SQUARE);
  const sign = f64x2.splat(signOfB);
  const ofX = signOfB > 0;
  for (let i: usize = 0; i < bytes; i += 16) {
    const at: usize = i << 2;
    const va = f64x2.sub(v128.load(below + at), v128.load(above + at));
    const ha = f64x2.add(
      f64x2.add(v128.load(above + at, 16), v128.load(below + at, 16)),
      v128.load(middle + at, 16),
    );
    const vb = f64x2.sub(v128.load(below + at, 32), v128.load(above + at, 32));
    const hb = f64x2.add(
      f64x2.add(v128.load(above + at, 48), v128.load(below + at, 48)),
      v128.load(middle + at, 48),
    );
    const vx = f64x2.add(va, vb);
    const hx = f64x2.add(ha, hb);
    const vy = f64x2.sub(va, vb);
    const hy = f64x2.sub(ha, hb);
    const squareX = f64x2.add(f64x2.mul(vx, vx), f64x2.mul(hx, hx));
    const squareY = f64x2.add(f64x2.mul(vy, vy), f64x2.mul(hy, hy));
    const product = f64x2.mul(four, f64x2.add(f64x2.mul(va, vb), f64x2.mul(ha, hb)));
    const lengthX = f64x2.sqrt(squareX);
    const lengthY = f64x2.sqrt(squareY);
    const gap = f64x2.div(product, f64x2.max(f64x2.add(lengthX, lengthY), least));
    const all = f64x2.add(f64x2.add(squareX, squareY), c);
    const d = f64x2.div(f64x2.mul(gap, gap), all);
    v128.store(distance + i, d);

    const length = ofX ? lengthX : lengthY;
    const square = ofX ? squareX : squareY;
    const unit = f64x2.div(f64x2.mul(gap, length), f64x2.add(square, flat));
    const share = f64x2.div(f64x2.mul(v128.load(weight + i), sign), all);
    const slope = f64x2.mul(f64x2.add(share, share), f64x2.sub(unit, f64x2.mul(sign, d)));
    v128.store(partialV + margin + i, f64x2.mul(slope, ofX ? vx : vy));
    v128.store(partialH + margin + i, f64x2.mul(slope, ofX ? hx : hy));
  }
}

/** Σ weight · d over a row; what lies beyond its end does not count. */
function weightedSum(): f64 {
  const whole = (<usize>(mapFloats >> 1)) << 4;
  let sums = f64x2.splat(0);
  for (let i: usize = 0; i < whole; i += 16) {
    sums = f64x2.add(sums, f64x2.mul(v128.load(distance + i), v128.load(weight + i)));
  }
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  if (mapFloats & 1) sum += load<f64>(distance + whole) * load<f64>(weight + whole);
  return sum;
}

/** A row of weights; one number of a pixel holds for all its channels. */
function spreadWeights(): void {
  const from = stageWeight + ((<usize>(rowsOut * weightFloats)) << 2);
  copyWeights(from, weight, weightFloats, mapFloats / weightFloats, weightFactor);
}

function nextOutput(): usize {
  const to = stageOut + ((<usize>(rowsOut * outFloats)) << 2);
  rowsOut++;
  return to;
}

function outputRow(): void {
  const to = nextOutput();
  if (mode == RESIDUALS) meansOfPixels(distance, to, outFloats, channels);
  else toFloat32(distance, to, mapFloats);
}

/** What slopes() transposed makes of the derivatives: each column's from the maps' columns that saw it. */
function transposedSlopes(v: usize, h: usize, to: usize, pixel: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const outer = f64x2.add(v128.load(v + i), v128.load(v + i + 2 * pixel));
    v128.store(to + 2 * i, f64x2.add(outer, v128.load(v + i + pixel)));
    v128.store(to + 2 * i, f64x2.sub(v128.load(h + i), v128.load(h + i + 2 * pixel)), 16);
  }
}

/** The row of the level with which the newest row of the map begins: no later one sees it. */
function outputGradient(): void {
  const newest = partials + partialRow * <usize>((mapRows + 2) % 3);
  const middle = partials + partialRow * <usize>((mapRows + 1) % 3);
  const oldest = partials + partialRow * <usize>(mapRows % 3);
  gradientRow(oldest, middle, newest, 2 * scale, pairs(paddedFloats));
  const inside = gradient + bytesOf(border * channels);
  if (border > 0) {
    foldColumn(gradient, inside, sourceLeft);
    foldColumn(inside + bytesOf(levelFloats), inside, sourceRight);
  }
  toFloat32(level == 0 ? inside : spreadColumns(inside), nextOutput(), rawFloats);
}

function gradientRow(oldest: usize, middle: usize, newest: usize, factor: f64, bytes: usize): void {
  const splat = f64x2.splat(factor);
  for (let i: usize = 0; i < bytes; i += 16) {
    const at: usize = i << 1;
    const v = f64x2.sub(v128.load(oldest + at), v128.load(newest + at));
    const h = f64x2.add(
      f64x2.add(v128.load(oldest + at, 16), v128.load(newest + at, 16)),
      v128.load(middle + at, 16),
    );
    v128.store(gradient + i, f64x2.mul(f64x2.add(v, h), splat));
  }
}

/** What lies on the border is added to the column that it is a copy of. */
function foldColumn(from: usize, inside: usize, source: i32): void {
  if (source < 0) return;
  const to = inside + bytesOf(source * channels);
  for (let channel: usize = 0; channel < bytesOf(channels); channel += 8) {
    store<f64>(to + channel, load<f64>(to + channel) + load<f64>(from + channel));
  }
}

/** halveColumns() transposed; gives where the row is. */
function spreadColumns(from: usize): usize {
  let to = spread;
  for (let k = level - 1; k >= 0; k--) {
    const columns = sizeAt(rawFloats / channels, k);
    spreadPixels(from, to, columns >> 1);
    if (columns & 1) {
      const last = bytesOf((columns >> 1) * channels);
      memory.copy(to + 2 * last, from + last, bytesOf(channels));
    }
    from = to;
    to = to == spread ? gradient : spread;
  }
  return from;
}

/** Half of each of so many columns, twice. */
function spreadPixels(from: usize, to: usize, columns: i32): void {
  if (channels == 1) {
    const half = f64x2.splat(0.5);
    const bytes = bytesOf(columns);
    for (let i: usize = 0; i < bytes; i += 8) {
      v128.store(to + 2 * i, f64x2.mul(v128.load64_splat(from + i), half));
    }
    return;
  }
  const pixel = bytesOf(channels);
  for (let column = 0; column < columns; column++, from += pixel, to += 2 * pixel) {
    for (let channel: usize = 0; channel < pixel; channel += 8) {
      const half = 0.5 * load<f64>(from + channel);
      store<f64>(to + channel, half);
      store<f64>(to + pixel + channel, half);
    }
  }
}
