// asc: --shrinkLevel 1
/** SSIM of whole images, in AssemblyScript: see shared/windows.ts. */

import {
  begin,
  configure,
  constants,
  copies,
  flush,
  rawFloats,
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
  takeZeros,
  zeros,
} from './shared/windows.ts';

export {
  begin,
  configure,
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

/** Takes rows of x and y from their stages, one after the other; gives how many rows of the map or gradient went out. */
export function advance(rows: i32): i32 {
  startStrip();
  for (let row = 0; row < rows; row++) {
    const offset = (<usize>(row * rawFloats)) << 2;
    takeRow(stageX + offset, stageY + offset);
  }
  return rowsGone();
}
