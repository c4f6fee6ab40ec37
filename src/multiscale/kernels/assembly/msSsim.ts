// asc: --shrinkLevel 1
/**
 * SSIM of one level of a pyramid, in AssemblyScript. Rows of the image come in at the top: 2^level of them become a row
 * of a = x + y and of b = x − y, whose columns are then halved as often. From there on it is SSIM: see windows.ts. Sum
 * and difference are float64 all the way, so that a difference is as exact at every level as at the first.
 */

import { accumulate, combine, halveColumns, rowShare } from '../../../backends/assembly/shared/halving.ts';
import {
  begin,
  configure as configureWindows,
  constants,
  copies,
  flush,
  inverseUnit,
  rowsGone,
  setTap,
  setWeight,
  setWeightFactor,
  stageOfOutput,
  stageOfWeight,
  stageOfX,
  stageOfY,
  stageX,
  stageY,
  startStrip,
  sumOfChannel,
  takeRow,
  takeSums,
  takeZeros,
  zeros,
} from '../../../ssim/kernels/assembly/shared/windows.ts';

export {
  begin,
  constants,
  copies,
  flush,
  setTap,
  setWeight,
  setWeightFactor,
  stageOfOutput,
  stageOfWeight,
  stageOfX,
  stageOfY,
  sumOfChannel,
  takeZeros,
  zeros,
};

let level: i32 = 0;
let height: i32 = 0; // of the image
let columns: i32 = 0; // of the image, of which those of the level are means
let channels: i32 = 0;
let row: i32 = 0; // of the image, the next to come in
let sumA: usize = 0;
let sumB: usize = 0;

/** As of windows.ts; `width` is that of the level. */
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
): usize {
  const end = configureWindows(
    outputMode,
    channelCount,
    width,
    windowHeight,
    windowWidth,
    borderLeft,
    borderRight,
    weightRow,
    stripRows,
    stageFloats,
    hasEqualTaps,
  );
  channels = channelCount;
  const bytes = ((<usize>stageFloats) << 3) + 64;
  sumA = (end + 15) & ~15;
  sumB = (sumA + bytes + 15) & ~15;
  return sumB + bytes;
}

/** Which level of which image: so many of its columns come in. */
export function pyramid(levelOfPyramid: i32, imageHeight: i32, imageColumns: i32): void {
  level = levelOfPyramid;
  height = imageHeight;
  columns = imageColumns;
}

/** The next row of the image that will come in; the first of a row of the level. */
export function seek(imageRow: i32): void {
  row = imageRow;
}

/** Takes rows of the image from their stages; gives how many rows of the map or gradient went out. */
export function advance(rows: i32): i32 {
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
