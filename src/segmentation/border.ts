import type { ImageSize } from '../checks/arrays.js';
import { checkWhole } from '../checks/options.js';

/** Rows and columns along each edge that do not count; some of the image must be left. */
export function checkBorder(functionName: string, border: unknown, { height, width }: ImageSize): number {
  const checked = checkWhole(`${functionName}: border`, border ?? 0, { least: 0 });
  if (2 * checked >= Math.min(height, width)) {
    throw new RangeError(
      `${functionName}: a border of ${checked} leaves nothing of images of ${height}×${width}; ` +
        `it may be at most ${Math.ceil(Math.min(height, width) / 2) - 1}.`,
    );
  }
  return checked;
}
