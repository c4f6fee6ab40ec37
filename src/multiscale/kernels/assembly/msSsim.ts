// asc: --shrinkLevel 1
/**
 * SSIM of one level of a pyramid, in AssemblyScript. Rows of the image come in at the top: 2^level of them become a row
 * of a = x + y and of b = x − y, whose columns are then halved as often. From there on it is SSIM: see windows.ts. Sum
 * and difference are float64 all the way, so that a difference is as exact at every level as at the first.
 */

import { accumulate, combine, halveColumns, rowShare } from '../../../backends/assembly/shared/halving.ts';
import {
  begin,
  channels,
  configure,
  end,
  flush,
  inverseUnit,
  rowsGone,
  setSource,
  setTap,
  stageOut,
  stageWeight,
  stageX,
  stageY,
  startStrip,
  sumOfChannel,
  takeRow,
  takeSums,
  takeZeros,
} from '../../../ssim/kernels/assembly/shared/windows.ts';

// As ssim.ts has them, and two more.
export {
  advance as a,
  begin as b,
  configure as c,
  flush as f,
  pyramid as p,
  seek as r,
  setSource as e,
  setTap as t,
  stageOut as o,
  stageWeight as w,
  stageX as x,
  stageY as y,
  sumOfChannel as s,
  takeZeros as z,
};

let level: i32 = 0;
let height: i32 = 0; // of the image
let columns: i32 = 0; // of the image, of which those of the level are means
let row: i32 = 0; // of the image, the next to come in
let sumA: usize = 0;
let sumB: usize = 0;

/**
 * After configure(), which lays out a level: of which image it is one, of which so many columns come in. Gives the size of
 * the memory in bytes.
 */
function pyramid(levelOfPyramid: i32, imageHeight: i32, imageColumns: i32, stageFloats: i32): usize {
  level = levelOfPyramid;
  height = imageHeight;
  columns = imageColumns;
  const bytes = ((<usize>stageFloats) << 3) + 64;
  sumA = (end + 15) & ~15;
  sumB = (sumA + bytes + 15) & ~15;
  return sumB + bytes;
}

/** The next row of the image that will come in; the first of a row of the level. */
function seek(imageRow: i32): void {
  row = imageRow;
}

/** Takes rows of the image from their stages; gives how many rows of the map or gradient went out. */
function advance(rows: i32): i32 {
  startStrip();
  const floats = columns * channels;
  const bytes = (<usize>((floats + 1) >> 1)) << 4;
  const last = (1 << level) - 1;
  for (let k = 0; k < rows; k++, row++) {
    const offset = (<usize>(k * floats)) << 2;
    const x = stageX + offset;
    const y = stageY + offset;
    if (level == 0) {
      takeRow(x, y);
      continue;
    }
    const share = inverseUnit * rowShare(row, height, level);
    if ((row & last) == 0) combine(x, y, sumA, sumB, bytes, share);
    else accumulate(x, y, sumA, sumB, bytes, share);
    if ((row & last) == last || row == height - 1) {
      halveColumns(sumA, sumA, columns, channels, level);
      halveColumns(sumB, sumB, columns, channels, level);
      takeSums(sumA, sumB);
    }
  }
  return rowsGone();
}
