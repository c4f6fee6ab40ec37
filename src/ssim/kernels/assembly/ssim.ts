// asc: --shrinkLevel 1
/** SSIM of whole images, in AssemblyScript: see shared/windows.ts. */

import {
  begin,
  configure,
  flush,
  rawFloats,
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
  takeZeros,
} from './shared/windows.ts';

// Names of one letter, which bundles hold as they are; windowPasses.ts says what they are.
export {
  advance as a,
  begin as b,
  configure as c,
  flush as f,
  setSource as e,
  setTap as t,
  stageOut as o,
  stageWeight as w,
  stageX as x,
  stageY as y,
  sumOfChannel as s,
  takeZeros as z,
};

/** Takes rows of x and y from their stages, one after the other; gives how many rows of the map or gradient went out. */
function advance(rows: i32): i32 {
  startStrip();
  for (let row = 0; row < rows; row++) {
    const offset = (<usize>(row * rawFloats)) << 2;
    takeRow(stageX + offset, stageY + offset);
  }
  return rowsGone();
}
